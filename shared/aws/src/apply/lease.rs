//! The right to be the only one who applies a plan.

use demurrage_store::{FolderLease, LeaseError as FolderLeaseError, Store};

use super::table_lease::{TableLease, TableLeaseError};

/// The right to be the only one who applies a plan: a lock on a file for a store in a folder, an item of a table for one in
/// a bucket.
#[derive(Debug)]
pub enum Lease {
    /// A lock, which the operating system lets go of when this process ends.
    Folder(FolderLease),
    /// An item that has to be renewed.
    Table(TableLease),
}

/// Why there is no lease.
#[derive(Debug, thiserror::Error)]
pub enum LeaseError {
    /// That of a folder.
    #[error(transparent)]
    Folder(#[from] FolderLeaseError),
    /// That of a table.
    #[error(transparent)]
    Table(#[from] TableLeaseError),
}

impl Lease {
    /// Takes the lease of the plan of this hash in a folder.
    ///
    /// # Errors
    /// When somebody else has it, or the store is in a bucket.
    pub fn of_folder(store: &Store, plan: &str) -> Result<Self, LeaseError> {
        let holder = format!("process {}", std::process::id());
        Ok(Self::Folder(FolderLease::take(store, plan, &holder)?))
    }

    /// Makes sure that it is held still.
    ///
    /// # Errors
    /// When it is not, or nobody knows.
    pub(super) async fn keep(&mut self) -> Result<(), TableLeaseError> {
        match self {
            Self::Folder(_) => Ok(()),
            Self::Table(lease) => lease.keep().await,
        }
    }

    /// Lets it go, for the next one not to wait.
    pub(super) async fn release(self) {
        match self {
            Self::Folder(_) => {}
            Self::Table(lease) => lease.release().await,
        }
    }
}
