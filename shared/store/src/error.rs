//! What can go wrong with a store.

use std::fmt::Display;
use std::io;
use std::path::PathBuf;

/// Why a store cannot be read or written. Nothing that was stored before is changed by a failure.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// The file system or the bucket refused.
    #[error("cannot {what} `{}`: {source}", path.display())]
    Io {
        /// What was tried, as a verb: `read`.
        what: &'static str,
        /// On which file or folder.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// A newer version of this program wrote it.
    #[error(
        "`{}` has format version {found}, and this program reads up to {known}: use a newer demurrage",
        path.display()
    )]
    Newer {
        /// The file.
        path: PathBuf,
        /// Its version.
        found: u64,
        /// The newest version that this program knows.
        known: u64,
    },
    /// The file is not what was written.
    #[error("`{}` is damaged: {cause}; restore the file, or move its folder out of the store", path.display())]
    Corrupt {
        /// The file.
        path: PathBuf,
        /// How that shows.
        cause: String,
    },
    /// Something was written, or asked for, in another order than that of names and digests.
    #[error("out of order in `{}`: {cause}", path.display())]
    Order {
        /// The inventory, or the store that it was meant for.
        path: PathBuf,
        /// What came when it could not.
        cause: String,
    },
    /// A name that cannot be one of a folder or an object of the store.
    #[error("`{name}` cannot be a name in the store `{store}`")]
    Name {
        /// The name.
        name: String,
        /// The store.
        store: String,
    },
    /// Somebody else put something where only one may.
    #[error("`{}` was written by somebody else: two must not be at work on one journal", path.display())]
    Taken {
        /// The object.
        path: PathBuf,
    },
    /// There is no such inventory.
    #[error("the store `{store}` holds no inventory `{wanted}`")]
    NoSuch {
        /// What was asked for.
        wanted: String,
        /// The store.
        store: String,
    },
}

impl StoreError {
    pub(crate) fn io(what: &'static str, path: impl Into<PathBuf>) -> impl FnOnce(io::Error) -> Self {
        let path = path.into();
        move |source| Self::Io { what, path, source }
    }

    pub(crate) fn corrupt(path: impl Into<PathBuf>, cause: impl Display) -> Self {
        Self::Corrupt { path: path.into(), cause: format!("{cause}") }
    }

    pub(crate) fn order(path: impl Into<PathBuf>, cause: impl Display) -> Self {
        Self::Order { path: path.into(), cause: format!("{cause}") }
    }
}
