//! What was asked, counted.

use std::collections::BTreeMap;

/// What is counted by: account, region and operation.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct CallKey {
    /// The account of the caller.
    pub account: String,
    /// The region that was asked; `public` for ECR Public.
    pub region: String,
    /// The operation, as `DescribeImages`.
    pub operation: String,
}

/// How often something was asked.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct CallCount {
    /// All calls, whatever became of them.
    pub calls: u64,
    /// Those of them that were throttled.
    pub throttled: u64,
    /// Those of them that failed otherwise: refused, or by an injected fault.
    pub failed: u64,
}

/// The counts since the start or the last reset.
pub type Calls = BTreeMap<CallKey, CallCount>;
