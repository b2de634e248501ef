//! What failures of the AWS edge are to the state machine.

use demurrage_aws::collect::CollectError;
use demurrage_aws::ledger::LedgerError;
use demurrage_aws::{CallError, CallErrorKind, SessionError};
use demurrage_contract::{Failure, FailureKind};

/// The failure that a failed call is.
pub fn of_call(error: &CallError) -> Failure {
    let kind = of_kind(error.kind);
    // What helps on a desk is of no use where there is none.
    let help = if error.kind == CallErrorKind::Denied { error.help() } else { String::new() };
    let message = if help.is_empty() { error.to_string() } else { format!("{error}; {help}") };
    Failure::new(kind, message)
}

const fn of_kind(kind: CallErrorKind) -> FailureKind {
    match kind {
        CallErrorKind::Throttled => FailureKind::Throttled,
        CallErrorKind::Unreachable | CallErrorKind::Server => FailureKind::Unavailable,
        CallErrorKind::Denied
        | CallErrorKind::Credentials
        | CallErrorKind::NotFound
        | CallErrorKind::Refused => FailureKind::Refused,
    }
}

/// The failure that a session is which could not be opened.
pub fn of_session(error: &SessionError) -> Failure {
    match error {
        SessionError::Call(call) | SessionError::Role { call, .. } => of_call(call),
        SessionError::Nobody => Failure::new(FailureKind::Refused, error.to_string()),
    }
}

/// The failure that a collection is which ended without a result.
pub fn of_collection(error: CollectError) -> Failure {
    match error {
        CollectError::Call(call) => of_call(&call),
        CollectError::Store(error) => error.into(),
        error @ (CollectError::Interrupted | CollectError::Broken) => {
            Failure::new(FailureKind::Broken, error.to_string())
        }
    }
}

/// The failure that it is where the tag ledger could not be read or written.
pub fn of_ledger(error: &LedgerError) -> Failure {
    let kind = match (error, error.kind()) {
        (_, Some(kind)) => of_kind(kind),
        (LedgerError::Contended { .. }, None) => FailureKind::Unavailable,
        (LedgerError::Damaged { .. } | LedgerError::Newer { .. } | LedgerError::Tag { .. }, None) => {
            FailureKind::Damaged
        }
        (LedgerError::Call { .. }, None) => FailureKind::Broken,
    };
    let help = error.help();
    let message = if help.is_empty() { error.to_string() } else { format!("{error}; {help}") };
    Failure::new(kind, message)
}
