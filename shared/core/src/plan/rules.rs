//! What a team says about plans.

use chrono::TimeDelta;

use super::{GuardRules, OtherReaders, SoftLimits};

/// What a team says about plans.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PlanRules {
    /// What it adds to the hard guards.
    pub guards: GuardRules,
    /// The limits of the soft guards.
    pub limits: SoftLimits,
    /// Inventories that are older are refused.
    pub inventory_max_age: TimeDelta,
    /// Whether what other accounts use has to have been read, where they may pull.
    pub other_readers: OtherReaders,
}

impl Default for PlanRules {
    fn default() -> Self {
        Self {
            guards: GuardRules::default(),
            limits: SoftLimits::default(),
            inventory_max_age: TimeDelta::hours(24),
            other_readers: OtherReaders::default(),
        }
    }
}
