//! What failures of the AWS edge are to the state machine.

use demurrage_aws::apply::TableLeaseError;
use demurrage_aws::collect::CollectError;
use demurrage_aws::ledger::LedgerError;
use demurrage_aws::{CallError, CallErrorKind, SessionError};
use demurrage_contract::{Failure, FailureKind};
use demurrage_store::PlanError;

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

/// The failure that it is where a plan cannot be had.
pub fn of_plan(error: &PlanError) -> Failure {
    let kind = match error {
        PlanError::NoSuch { .. } | PlanError::Ambiguous { .. } => FailureKind::BadInput,
        PlanError::Store(_) => FailureKind::Unavailable,
        PlanError::Missing { .. } | PlanError::Text { .. } | PlanError::Changed { .. } => {
            FailureKind::Damaged
        }
    };
    Failure::new(kind, format!("{error}; {}", error.help()))
}

/// The failure that it is where the lease of a plan is not had.
pub fn of_lease(error: &TableLeaseError) -> Failure {
    let kind = match error {
        TableLeaseError::Call { call, .. } => of_kind(call.kind),
        // Whoever has it may go on, or leave it: later it may be had.
        TableLeaseError::Held { .. } | TableLeaseError::Lost { .. } => FailureKind::Unavailable,
        TableLeaseError::Damaged { .. } => FailureKind::Damaged,
    };
    Failure::new(kind, error.to_string())
}
