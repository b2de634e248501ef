//! Why the ledger could not be read or written.

use crate::{CallError, CallErrorKind};

/// Why the ledger could not be read or written. What was written before a failure is whole, and stays.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum LedgerError {
    /// A call failed after its retries.
    #[error("the table `{table}` cannot be used: {call}")]
    Call {
        /// The table.
        table: String,
        /// What failed.
        call: CallError,
    },
    /// Others wrote about the same tags all the time, so that nothing could be decided about them.
    #[error(
        "others kept writing about `{item}` of `{repository}` in the table `{table}`: given up after {tries} tries"
    )]
    Contended {
        /// The table.
        table: String,
        /// The repository's ARN.
        repository: String,
        /// One of the items.
        item: String,
        /// How often it was tried.
        tries: u32,
    },
    /// An item is not what was written.
    #[error("`{item}` of `{repository}` in the table `{table}` is damaged: {cause}")]
    Damaged {
        /// The table.
        table: String,
        /// The repository's ARN.
        repository: String,
        /// The item.
        item: String,
        /// How that shows.
        cause: String,
    },
    /// A newer version of this program wrote an item.
    #[error(
        "`{item}` of `{repository}` in the table `{table}` has format version {found}, and this program reads up to \
         {known}: use a newer demurrage"
    )]
    Newer {
        /// The table.
        table: String,
        /// The repository's ARN.
        repository: String,
        /// The item.
        item: String,
        /// Its version.
        found: u64,
        /// The newest version that this program knows.
        known: u64,
    },
    /// A registry gave something for a tag that cannot be one, and that the ledger has no place for.
    #[error("the ledger cannot hold the tag of `{repository}`: {cause}")]
    Tag {
        /// The repository's ARN.
        repository: String,
        /// Why it is none.
        cause: String,
    },
}

impl LedgerError {
    /// What kind of failure of a call it is; of what is no failure of a call, nothing.
    pub const fn kind(&self) -> Option<CallErrorKind> {
        match self {
            Self::Call { call, .. } => Some(call.kind),
            Self::Contended { .. } | Self::Damaged { .. } | Self::Newer { .. } | Self::Tag { .. } => None,
        }
    }

    /// Whether the same may well succeed later.
    pub const fn may_pass(&self) -> bool {
        match self {
            Self::Call { call, .. } => match call.kind {
                CallErrorKind::Throttled | CallErrorKind::Unreachable | CallErrorKind::Server => true,
                CallErrorKind::NotFound
                | CallErrorKind::Denied
                | CallErrorKind::Credentials
                | CallErrorKind::Refused => false,
            },
            Self::Contended { .. } => true,
            Self::Damaged { .. } | Self::Newer { .. } | Self::Tag { .. } => false,
        }
    }

    /// How to mend it.
    pub fn help(&self) -> String {
        match self {
            Self::Call { table, call } => match call.kind {
                CallErrorKind::NotFound => {
                    format!(
                        "there is no table `{table}` in this account and region: look at the name, and at AWS_REGION"
                    )
                }
                CallErrorKind::Denied => format!("{} on the table `{table}`", call.help()),
                CallErrorKind::Throttled => {
                    format!("give the table `{table}` more capacity, or bill it on demand, and try again")
                }
                CallErrorKind::Credentials
                | CallErrorKind::Unreachable
                | CallErrorKind::Server
                | CallErrorKind::Refused => call.help(),
            },
            Self::Contended { .. } => "try again".to_owned(),
            Self::Damaged { .. } => "restore the item, or the table to a time before".to_owned(),
            Self::Newer { .. } | Self::Tag { .. } => String::new(),
        }
    }
}
