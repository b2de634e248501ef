//! Storage of one repository, or of a registry as a whole, in one month: billed beside computed.

use demurrage_core::RegistryKind;
use demurrage_core::cost::{GbMonths, PriceList, Region, Usd};
use rust_decimal::Decimal;

use super::byte_hours::{Computed, Window};
use super::cause::{Cause, Difference};
use super::explained::Explained;
use super::prices_of::{ByRate, Listed, is_within, listed, tiers, tolerance};
use crate::UsageKind;

/// A storage class, as it is billed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Class {
    /// The standard class.
    Standard,
    /// The archive class.
    Archive,
}

impl Class {
    /// The name in reports.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Standard => "standard",
            Self::Archive => "archive",
        }
    }

    pub(crate) const fn usage(self) -> UsageKind {
        match self {
            Self::Standard => UsageKind::Storage,
            Self::Archive => UsageKind::ArchiveStorage,
        }
    }
}

/// Whose storage it is.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct StorageKey {
    pub(crate) service: RegistryKind,
    pub(crate) account: Option<String>,
    pub(crate) region: Region,
    /// Nothing: all of the registry, as the bill names no repositories.
    pub(crate) repository: Option<String>,
    pub(crate) class: Class,
}

/// What a row is compared with, beside inventories.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Against<'a> {
    pub(crate) prices: &'a PriceList,
    /// Whether every row of the bill was read.
    pub(crate) is_whole: bool,
}

/// Storage in one month.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StorageRow {
    /// Which of the two services.
    pub service: RegistryKind,
    /// The account, where the bill says so.
    pub account: Option<String>,
    /// The region.
    pub region: Region,
    /// The repository; nothing where the bill names none, and the row is about the whole registry.
    pub repository: Option<String>,
    /// The storage class.
    pub class: Class,
    /// How many lines are billed.
    pub lines: u64,
    /// Billed.
    pub billed_gb_months: Decimal,
    /// Billed.
    pub billed_usd: Usd,
    /// Computed; nothing where no inventory has it.
    pub computed_gb_months: Option<GbMonths>,
    /// Computed: these GB-months by the price list; nothing where there is no price either.
    pub computed_usd: Option<Usd>,
    /// What was computed, before it became GB-months.
    pub computed: Option<Computed>,
    /// What is billed minus what was computed, by cause; the parts add up to it. Where nothing was computed, all
    /// of what is billed.
    pub differences: Vec<Difference>,
}

impl StorageRow {
    /// How much of it is explained.
    pub fn explained(&self) -> Explained {
        let unexplained = self.differences.iter().filter(|part| !part.cause.is_explained());
        Explained::of(self.billed_usd, unexplained.map(|part| part.usd.max(-part.usd)).sum())
    }

    /// What is billed and computed for one class of one repository or registry.
    ///
    /// `missing` says why, where nothing was computed.
    pub(crate) fn of(
        key: StorageKey,
        by_rate: &ByRate,
        computed: Result<Computed, Cause>,
        window: Window,
        against: Against<'_>,
    ) -> Self {
        let tiers = tiers(against.prices, key.service, key.region, &key.class.usage());
        let listed = listed(&tiers, by_rate);
        let in_class = computed.ok().map(|computed| InClass::of(&computed, key.class, window));
        let computed_usd = in_class.as_ref().zip(listed.price).map(|(it, price)| Usd::of(it.amount, price));
        let mut row = Self {
            service: key.service,
            account: key.account,
            region: key.region,
            repository: key.repository,
            class: key.class,
            lines: listed.lines,
            billed_gb_months: listed.amount,
            billed_usd: listed.billed,
            computed_gb_months: in_class.as_ref().map(|it| it.amount),
            computed_usd,
            computed: computed.ok(),
            differences: Vec::new(),
        };
        row.differences = match (computed, in_class) {
            (Err(missing), _) => vec![Difference { cause: missing, usd: row.billed_usd }],
            (Ok(computed), Some(in_class)) => {
                differences(&listed, computed_usd, &computed, &in_class, against)
            }
            (Ok(_), None) => Vec::new(),
        };
        row.differences.retain(|part| part.usd != Usd::ZERO);
        row
    }
}

/// The computed figures of one class.
struct InClass {
    amount: GbMonths,
    /// By how much it may be wrong, as nobody knows when something changed.
    step: GbMonths,
    mounted: GbMonths,
}

impl InClass {
    fn of(computed: &Computed, class: Class, window: Window) -> Self {
        let (byte_hours, step) = match class {
            Class::Standard => (computed.stored_byte_hours, computed.stored_step_byte_hours),
            Class::Archive => (computed.archived_byte_hours, computed.archived_step_byte_hours),
        };
        Self {
            amount: window.gb_months(byte_hours),
            step: window.gb_months(step),
            mounted: window.gb_months(computed.mounted_byte_hours),
        }
    }
}

/// The differences of price, and that of the amount with its cause.
fn differences(
    listed: &Listed,
    computed_usd: Option<Usd>,
    computed: &Computed,
    in_class: &InClass,
    against: Against<'_>,
) -> Vec<Difference> {
    let mut parts = listed.differences.clone();
    let (Some(listed_usd), Some(computed_usd), Some(price)) = (listed.usd, computed_usd, listed.price) else {
        return parts;
    };
    let of_amount = listed_usd - computed_usd;
    let rounding = tolerance(listed.lines, price);
    let may_be = |gb_months: GbMonths| Usd::of(gb_months, price) + rounding;
    let basis = computed.basis;
    let cause = if is_within(of_amount, rounding) {
        Cause::Rounding
    } else if of_amount < Usd::ZERO && !against.is_whole {
        // Nobody knows of which repositories the rows are: nothing else is sure, not even that one is not billed.
        Cause::RowsNotRead
    } else if listed.lines == 0 {
        Cause::NotBilled
    } else if basis.observed_hours < basis.hours {
        Cause::NoInventoryThen
    } else if is_within(of_amount, may_be(in_class.step)) {
        Cause::ChangedBetween
    } else if !basis.is_exact {
        Cause::Inexact
    } else if of_amount < Usd::ZERO && is_within(of_amount, may_be(in_class.mounted)) {
        Cause::MountedBlobs
    } else {
        Cause::Unknown
    };
    match parts.iter_mut().find(|part| part.cause == cause) {
        Some(part) => part.usd += of_amount,
        None => parts.push(Difference { cause, usd: of_amount }),
    }
    parts
}
