//! Why a run ends early, made of what went wrong.

use demurrage_core::apply::{Halt, HaltKind};
use demurrage_store::{PlanError, StoreError};

use super::table_lease::TableLeaseError;
use crate::CallError;

pub(super) fn halt(kind: HaltKind, detail: impl Into<String>) -> Halt {
    Halt { kind, detail: detail.into() }
}

/// A call failed that should not.
pub(super) fn by_call(error: &CallError) -> Halt {
    halt(HaltKind::CallFailed, error.to_string())
}

/// The plan is not what it was a moment ago, or cannot be read.
pub(super) fn by_plan(error: &PlanError) -> Halt {
    let kind = match error {
        PlanError::Store(_) => HaltKind::Store,
        PlanError::NoSuch { .. }
        | PlanError::Ambiguous { .. }
        | PlanError::Missing { .. }
        | PlanError::Text { .. }
        | PlanError::Changed { .. } => HaltKind::Suspicious,
    };
    halt(kind, error.to_string())
}

/// The store refused; a number of the journal that is taken means that somebody else is at work.
#[expect(clippy::needless_pass_by_value, reason = "it is what `map_err` hands over")]
pub(super) fn by_store(error: StoreError) -> Halt {
    let kind = match &error {
        StoreError::Taken { .. } => HaltKind::LeaseLost,
        _ => HaltKind::Store,
    };
    halt(kind, error.to_string())
}

/// The lease is gone, or nobody knows.
pub(super) fn by_lease(error: &TableLeaseError) -> Halt {
    halt(HaltKind::LeaseLost, error.to_string())
}
