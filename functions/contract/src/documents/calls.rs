//! What was asked of AWS.

use serde::{Deserialize, Serialize};

/// What happened to the requests of one operation.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Calls {
    /// The operation.
    pub operation: String,
    /// Requests that went out, retries among them.
    pub sent: u64,
    /// How many of them were throttled.
    pub throttled: u64,
    /// How many of them failed otherwise.
    pub failed: u64,
}
