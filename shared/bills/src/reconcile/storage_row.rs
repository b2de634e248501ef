//! Storage of one repository, or of a registry as a whole, in one month: billed beside computed.

use demurrage_core::RegistryKind;
use demurrage_core::cost::{GbMonths, PriceList, Region, Usd};
use rust_decimal::Decimal;

use super::byte_hours::{Computed, Unseen, Window};
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
    /// How much less and more it may be, as no inventory saw some of the hours.
    unseen: (GbMonths, GbMonths),
    mounted: GbMonths,
}

impl InClass {
    fn of(computed: &Computed, class: Class, window: Window) -> Self {
        let (byte_hours, step, unseen) = match class {
            Class::Standard => {
                (computed.stored_byte_hours, computed.stored_step_byte_hours, computed.stored_unseen)
            }
            Class::Archive => {
                (computed.archived_byte_hours, computed.archived_step_byte_hours, computed.archived_unseen)
            }
        };
        let Unseen { less_byte_hours, more_byte_hours } = unseen;
        Self {
            amount: window.gb_months(byte_hours),
            step: window.gb_months(step),
            unseen: (window.gb_months(less_byte_hours), window.gb_months(more_byte_hours)),
            mounted: window.gb_months(computed.mounted_byte_hours),
        }
    }
}

/// The differences of price, and that of the amount with its causes.
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
    let of_amount = if is_within(of_amount, rounding) {
        [Difference { cause: Cause::Rounding, usd: of_amount }, NO_PART]
    } else if of_amount < Usd::ZERO && !against.is_whole {
        // Nobody knows of which repositories the rows are: nothing else is sure, not even that one is not billed.
        [Difference { cause: Cause::RowsNotRead, usd: of_amount }, NO_PART]
    } else if listed.lines == 0 {
        [Difference { cause: Cause::NotBilled, usd: of_amount }, NO_PART]
    } else {
        let may_be = MayBe { price, rounding };
        let unseen = may_be.unseen(of_amount, in_class);
        let rest = of_amount - unseen;
        let cause = may_be.cause(rest, computed, in_class);
        [Difference { cause: Cause::NoInventoryThen, usd: unseen }, Difference { cause, usd: rest }]
    };
    for part in of_amount.into_iter().filter(|part| part.usd != Usd::ZERO) {
        match parts.iter_mut().find(|known| known.cause == part.cause) {
            Some(known) => known.usd += part.usd,
            None => parts.push(part),
        }
    }
    parts
}

const NO_PART: Difference = Difference { cause: Cause::Rounding, usd: Usd::ZERO };

/// How much each cause may come to, in dollars.
struct MayBe {
    price: Decimal,
    rounding: Usd,
}

impl MayBe {
    fn at_most(&self, gb_months: GbMonths) -> Usd {
        Usd::of(gb_months, self.price) + self.rounding
    }

    /// What of a difference may be of hours that no inventory saw: no more than these can have held.
    fn unseen(&self, of_amount: Usd, in_class: &InClass) -> Usd {
        let (less, more) = in_class.unseen;
        let bound = |gb_months: GbMonths| {
            if gb_months == GbMonths::ZERO { Usd::ZERO } else { self.at_most(gb_months) }
        };
        of_amount.max(-bound(less)).min(bound(more))
    }

    /// The cause of all that the hours which no inventory saw leave.
    fn cause(&self, rest: Usd, computed: &Computed, in_class: &InClass) -> Cause {
        if is_within(rest, self.at_most(in_class.step)) {
            Cause::ChangedBetween
        } else if !computed.basis.is_exact {
            Cause::Inexact
        } else if rest < Usd::ZERO && is_within(rest, self.at_most(in_class.mounted)) {
            Cause::MountedBlobs
        } else {
            Cause::Unknown
        }
    }
}
