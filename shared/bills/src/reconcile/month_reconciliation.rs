//! One month of a bill beside the inventories of the same month.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, Utc};
use demurrage_core::RegistryKind;
use demurrage_core::cost::{GbMonths, PriceList, Region, Usd};
use rust_decimal::Decimal;

use super::byte_hours::{Computed, Window, byte_hours};
use super::cause::Cause;
use super::explained::Explained;
use super::history::RegistryHistory;
use super::left_over::LeftOver;
use super::sorted_lines::SortedLines;
use super::storage_row::{Against, Class, StorageKey, StorageRow};
use super::transfer_row::TransferRow;
use crate::{BillSums, LineType, Month};

/// One month of a bill.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MonthReconciliation {
    /// The month.
    pub month: Month,
    /// When the first billed hour of storage began.
    pub from: DateTime<Utc>,
    /// When the last billed hour of storage ended: before the end of the month where the bill is not final.
    pub until: DateTime<Utc>,
    /// Storage, in the order of service, account, region, repository and class.
    pub storage: Vec<StorageRow>,
    /// Transfer and retrieval, in the same order.
    pub transfers: Vec<TransferRow>,
    /// Lines of usage that nothing explains.
    pub left_over: Vec<LeftOver>,
    /// Lines that are not compared: no usage, or in another currency.
    pub others: Vec<OtherLines>,
    /// Registries of which there are inventories, and no line of storage.
    pub unbilled: Vec<Unbilled>,
}

/// Lines that are not compared.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OtherLines {
    /// What they charge for, or give back.
    pub line_type: LineType,
    /// The currency of the cost.
    pub currency: String,
    /// How many lines.
    pub lines: u64,
    /// What is billed, or below 0 given back.
    pub cost: Decimal,
}

/// A registry without a line of storage. The bill may be that of other accounts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Unbilled {
    /// Which of the two services.
    pub kind: RegistryKind,
    /// The account, where the inventories know it.
    pub account: Option<String>,
    /// The code of the region.
    pub region: String,
    /// Computed, both classes together.
    pub gb_months: GbMonths,
}

/// Compares what is billed with what inventories and prices say, month by month, or for one month alone.
pub fn reconcile(
    sums: &BillSums,
    histories: &[RegistryHistory],
    prices: &PriceList,
    only: Option<Month>,
) -> Vec<MonthReconciliation> {
    let months: BTreeSet<Month> = sums.iter().map(|(key, _)| key.month).collect();
    let wanted = months.into_iter().filter(|month| only.is_none_or(|only| only == *month));
    wanted.map(|month| of_month(month, sums, histories, prices)).collect()
}

fn of_month(
    month: Month,
    sums: &BillSums,
    histories: &[RegistryHistory],
    prices: &PriceList,
) -> MonthReconciliation {
    let lines = SortedLines::of(sums.iter().filter(|(key, _)| key.month == month));
    let window = lines.window(month);
    let left_over = lines.left_over();
    let against = Against { prices, is_whole: sums.unread_rows() == 0 };
    let histories = Histories::of(histories);
    let (mut storage, unbilled) = not_billed(&lines, &histories, window, against);
    storage.extend(lines.storage.into_iter().map(|(key, by_rate)| {
        let computed = computed(&key, &histories, window);
        StorageRow::of(key, &by_rate, computed, window, against)
    }));
    storage.sort_by(|a, b| order(a).cmp(&order(b)));
    let transfers =
        lines.transfers.into_iter().map(|(key, by_rate)| TransferRow::of(key, &by_rate, prices)).collect();
    let others = lines.others.into_iter().map(|((line_type, currency), costs)| OtherLines {
        line_type,
        currency,
        lines: costs.lines,
        cost: costs.cost,
    });
    MonthReconciliation {
        month,
        from: window.from,
        until: window.until,
        storage,
        transfers,
        left_over,
        others: others.collect(),
        unbilled,
    }
}

type Order<'a> = (RegistryKind, Option<&'a str>, Region, Option<&'a str>, Class);

fn order(row: &StorageRow) -> Order<'_> {
    (row.service, row.account.as_deref(), row.region, row.repository.as_deref(), row.class)
}

/// Histories by where they are of: a bill has thousands of keys for hundreds of registries.
struct Histories<'a> {
    all: &'a [RegistryHistory],
    /// By service and region, the places of those that are there.
    places: BTreeMap<(RegistryKind, &'a str), Vec<usize>>,
    /// By service, region and account, the place of the first that may be meant. Those of unknown accounts may be of
    /// any, so they are looked for among all of the region.
    firsts: BTreeMap<(RegistryKind, &'a str, &'a str), usize>,
}

impl<'a> Histories<'a> {
    fn of(all: &'a [RegistryHistory]) -> Self {
        let mut places: BTreeMap<_, Vec<usize>> = BTreeMap::new();
        let mut firsts = BTreeMap::new();
        for (place, history) in all.iter().enumerate() {
            let region = history.region.as_str();
            places.entry((history.kind, region)).or_default().push(place);
            if let Some(account) = history.account.as_deref() {
                firsts.entry((history.kind, region, account)).or_insert(place);
            }
        }
        for history_places in places.values_mut() {
            // Of those of known accounts only the first is ever looked for by its region alone.
            let mut has_known = false;
            history_places.retain(|&place| {
                let is_known = all.get(place).is_some_and(|history| history.account.is_some());
                let stays = !is_known || !has_known;
                has_known |= is_known;
                stays
            });
        }
        Self { all, places, firsts }
    }

    /// The place of the first history that may be that of this registry.
    fn place_of(&self, key: &StorageKey) -> Option<usize> {
        let region = key.region.code();
        let in_region = self.places.get(&(key.service, region)).into_iter().flatten().copied();
        let may_be = |place: &usize| {
            let history = self.all.get(*place);
            history.is_some_and(|history| history.is_of(key.service, key.account.as_deref(), region))
        };
        let of_account = key
            .account
            .as_deref()
            .and_then(|account| self.firsts.get(&(key.service, region, account)).copied());
        in_region.filter(may_be).min().into_iter().chain(of_account).min()
    }
}

/// What inventories say, or why they say nothing.
fn computed(key: &StorageKey, histories: &Histories<'_>, window: Window) -> Result<Computed, Cause> {
    let place = histories.place_of(key).ok_or(Cause::NoInventory)?;
    let history = histories.all.get(place).ok_or(Cause::NoInventory)?;
    match &key.repository {
        Some(name) => {
            let repository = history.repository(name).ok_or(Cause::NotInInventories)?;
            Ok(byte_hours(repository, window))
        }
        None => Ok(all_of(history, window)),
    }
}

fn all_of(history: &RegistryHistory, window: Window) -> Computed {
    let each = history.repositories().map(|(_, repository)| byte_hours(repository, window));
    each.fold(Computed::nothing(window.hours()), Computed::and)
}

/// Repositories that store something, and have no line though their registry has; and registries without any.
fn not_billed(
    lines: &SortedLines,
    histories: &Histories<'_>,
    window: Window,
    against: Against<'_>,
) -> (Vec<StorageRow>, Vec<Unbilled>) {
    let (mut rows, mut unbilled) = (Vec::new(), Vec::new());
    let mut by_history: BTreeMap<usize, Vec<&StorageKey>> = BTreeMap::new();
    for key in lines.storage.keys() {
        if let Some(place) = histories.place_of(key) {
            by_history.entry(place).or_default().push(key);
        }
    }
    for (place, history) in histories.all.iter().enumerate() {
        let keys = by_history.remove(&place).unwrap_or_default();
        let billed: BTreeSet<(&str, Class)> =
            keys.iter().filter_map(|key| Some((key.repository.as_deref()?, key.class))).collect();
        let Some(&registry) = keys.last() else {
            let all = all_of(history, window);
            let gb_months = window.gb_months(all.stored_byte_hours.saturating_add(all.archived_byte_hours));
            if gb_months != GbMonths::ZERO {
                let (account, region) = (history.account.clone(), history.region.clone());
                unbilled.push(Unbilled { kind: history.kind, account, region, gb_months });
            }
            continue;
        };
        if billed.is_empty() {
            continue;
        }
        for (name, repository) in history.repositories() {
            let computed = byte_hours(repository, window);
            for class in [Class::Standard, Class::Archive] {
                if billed.contains(&(name, class)) {
                    continue;
                }
                let key = StorageKey { repository: Some(name.to_owned()), class, ..registry.clone() };
                let row = StorageRow::of(key, &BTreeMap::new(), Ok(computed), window, against);
                let is_something = row.differences.iter().any(|part| part.cause != Cause::Rounding);
                rows.extend(is_something.then_some(row));
            }
        }
    }
    (rows, unbilled)
}

impl MonthReconciliation {
    /// How much of the storage is explained. Lines that nothing explains count as billed.
    pub fn explained(&self) -> Explained {
        let rows = self.storage.iter().map(StorageRow::explained);
        let left_over = self.left_over.iter().map(|left| {
            let billed = Usd::of_decimal(left.cost);
            Explained::of(billed, billed.max(-billed))
        });
        rows.chain(left_over).sum()
    }

    /// The differences of storage by cause.
    pub fn by_cause(&self) -> BTreeMap<Cause, Usd> {
        let mut by_cause = BTreeMap::new();
        for part in self.storage.iter().flat_map(|row| &row.differences) {
            *by_cause.entry(part.cause).or_default() += part.usd;
        }
        by_cause
    }

    /// Whether something calls for a look: a difference of no known cause, another price, a line that nothing
    /// explains.
    pub fn has_findings(&self) -> bool {
        let storage = self.storage.iter().flat_map(|row| &row.differences);
        let transfers = self.transfers.iter().flat_map(|row| &row.differences);
        let is_finding = |cause| matches!(cause, Cause::Unknown | Cause::PriceDiffers | Cause::NotBilled);
        !self.left_over.is_empty() || storage.chain(transfers).any(|part| is_finding(part.cause))
    }
}
