//! Lines of usage that nothing explains.

use demurrage_core::RegistryKind;
use rust_decimal::Decimal;

use crate::UsageType;

/// Lines that cannot be compared with anything.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LeftOver {
    /// Which of the two services.
    pub service: RegistryKind,
    /// The account, where the bill says so.
    pub account: Option<String>,
    /// What was used, and where.
    pub usage: UsageType,
    /// Why nothing explains them.
    pub why: Why,
    /// How many lines.
    pub lines: u64,
    /// How much was used, in the unit of the bill.
    pub amount: Decimal,
    /// What is billed, in US dollars.
    pub cost: Decimal,
}

/// Why nothing explains a line.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Why {
    /// The usage type is not one that is known.
    UnknownUsage,
    /// Neither the line nor its repository names a region that is known.
    UnknownRegion,
    /// It names no repository, and others of the registry do.
    NoRepository,
    /// There were more repositories than are kept apart.
    BeyondLimit,
}

impl Why {
    /// The name in reports.
    pub const fn name(self) -> &'static str {
        match self {
            Self::UnknownUsage => "unknown-usage-type",
            Self::UnknownRegion => "unknown-region",
            Self::NoRepository => "names-no-repository",
            Self::BeyondLimit => "too-many-repositories",
        }
    }
}
