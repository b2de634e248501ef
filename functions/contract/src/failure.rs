//! Why a function gives no output: what the state machine tells apart.

use std::io::ErrorKind;

use demurrage_store::StoreError;
use serde::{Deserialize, Serialize};

/// The error by which an execution ends that read and reported, but not everything.
pub const PARTIAL: &str = "Demurrage.Partial";

/// A failure, as the state machine sees it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, thiserror::Error)]
#[error("{message}")]
pub struct Failure {
    /// What kind it is.
    pub kind: FailureKind,
    /// What is wrong, where, and how to mend it.
    pub message: String,
}

/// The kinds of failure.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum FailureKind {
    /// AWS wants fewer calls, and still did after all attempts. Later it may work.
    Throttled,
    /// Something did not answer, or failed by itself. It may work at once.
    Unavailable,
    /// AWS refuses: a permission is missing, or the credentials are not accepted.
    Refused,
    /// The input, or a setting of the function, cannot be right.
    BadInput,
    /// It does not fit the function's memory or disk.
    TooLarge,
    /// What lies in the store is not what was written.
    Damaged,
    /// A defect of this program.
    Broken,
}

impl FailureKind {
    /// All of them.
    pub const ALL: [Self; 7] = [
        Self::Throttled,
        Self::Unavailable,
        Self::Refused,
        Self::BadInput,
        Self::TooLarge,
        Self::Damaged,
        Self::Broken,
    ];

    /// The name of the error in the state machine.
    pub const fn error_type(self) -> &'static str {
        match self {
            Self::Throttled => "Demurrage.Throttled",
            Self::Unavailable => "Demurrage.Unavailable",
            Self::Refused => "Demurrage.Refused",
            Self::BadInput => "Demurrage.BadInput",
            Self::TooLarge => "Demurrage.TooLarge",
            Self::Damaged => "Demurrage.Damaged",
            Self::Broken => "Demurrage.Broken",
        }
    }

    /// Whether the same call may work later.
    pub const fn is_retried(self) -> bool {
        match self {
            Self::Throttled | Self::Unavailable => true,
            Self::Refused | Self::BadInput | Self::TooLarge | Self::Damaged | Self::Broken => false,
        }
    }
}

impl Failure {
    /// A failure of this kind.
    pub fn new(kind: FailureKind, message: impl Into<String>) -> Self {
        Self { kind, message: message.into() }
    }
}

impl From<StoreError> for Failure {
    fn from(error: StoreError) -> Self {
        let kind = match &error {
            StoreError::Io { source, .. } => match source.kind() {
                ErrorKind::PermissionDenied => FailureKind::Refused,
                ErrorKind::StorageFull | ErrorKind::FileTooLarge | ErrorKind::QuotaExceeded => {
                    FailureKind::TooLarge
                }
                ErrorKind::NotFound => FailureKind::Damaged,
                _ => FailureKind::Unavailable,
            },
            StoreError::Newer { .. } | StoreError::Corrupt { .. } | StoreError::NoSuch { .. } => {
                FailureKind::Damaged
            }
            StoreError::Name { .. } => FailureKind::BadInput,
            StoreError::Order { .. } | StoreError::Taken { .. } => FailureKind::Broken,
        };
        Self::new(kind, error.to_string())
    }
}
