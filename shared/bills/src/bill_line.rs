//! A line of a bill about ECR.

use chrono::{DateTime, Utc};
use demurrage_core::RegistryKind;
use rust_decimal::Decimal;

use crate::{LineType, Month, RepositoryArn, UsageType};

/// One line, as it was read.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct BillLine {
    /// Which of the two services it is of.
    pub service: RegistryKind,
    /// What it charges for, or gives back.
    pub line_type: LineType,
    /// The month in which its usage began.
    pub month: Month,
    /// When the usage began.
    pub start: DateTime<Utc>,
    /// When it ended; where the bill does not say so, when it began.
    pub end: DateTime<Utc>,
    /// What was used, and where.
    pub usage: UsageType,
    /// The account that used it, where the bill says so.
    pub account: Option<String>,
    /// The repository, where resources are included.
    pub repository: Option<RepositoryArn>,
    /// How much, in GB-months or GB as the kind of usage has it; 0 for lines of money alone.
    pub amount: Decimal,
    /// What it costs before credits (`line_item_unblended_cost`, `BilledCost`).
    pub cost: Decimal,
    /// What it costs by the public price list, where the bill says so.
    pub list_cost: Option<Decimal>,
    /// The rate code of the price list, which differs between the tiers of one price.
    pub rate_code: Option<String>,
    /// The currency; `USD` where the bill does not say so.
    pub currency: String,
}
