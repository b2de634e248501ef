//! Why a call of a function failed.

use serde::{Deserialize, Serialize};

use crate::Failure;

/// The last failure of one call. A later attempt may have worked: then its own document is there, too.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct FailedDocument {
    /// Which call.
    pub invocation: String,
    /// Why.
    pub failure: Failure,
}
