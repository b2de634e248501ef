//! Why nothing was done, in the words of the service.

use demurrage_aws::apply::ApplyError;
use demurrage_contract::{Failure, FailureKind};
use demurrage_serve::of_plan;

/// Why a plan was not begun.
pub(crate) fn of_apply(error: ApplyError) -> Failure {
    match error {
        ApplyError::NotApplicable(why) => bad(format!("{why}: {}", why.help())),
        ApplyError::Plan(error) => of_plan(&error),
        ApplyError::Store(error) => error.into(),
        ApplyError::Finished { .. } | ApplyError::OtherAccount { .. } => bad(error.to_string()),
    }
}

/// What was asked cannot be done.
pub(crate) fn bad(message: String) -> Failure {
    Failure::new(FailureKind::BadInput, message)
}
