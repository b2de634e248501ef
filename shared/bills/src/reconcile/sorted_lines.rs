//! The sums of one month, each where it belongs: storage, transfer, money alone, or nowhere.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, Utc};
use demurrage_core::RegistryKind;
use demurrage_core::cost::Region;
use rust_decimal::Decimal;

use super::byte_hours::Window;
use super::left_over::{LeftOver, Why};
use super::prices_of::ByRate;
use super::storage_row::{Class, StorageKey};
use super::transfer_row::TransferKey;
use crate::{LineType, Month, RepositoryArn, Resource, Sum, SumKey, UsageKind, UsageType};

/// The one currency that is computed.
const USD: &str = "USD";

/// How many kinds of lines that nothing explains are kept apart: more nobody reads. Others are added up without what
/// they are about.
const LEFT_OVER_MAX: usize = 1_000;

/// Where ECR Public is: its API and its bill.
const PUBLIC_REGION: &str = "us-east-1";

/// The sums of one month.
#[derive(Debug, Default)]
pub(crate) struct SortedLines {
    pub(crate) storage: BTreeMap<StorageKey, ByRate>,
    pub(crate) transfers: BTreeMap<TransferKey, ByRate>,
    left_over: BTreeMap<LeftOverKey, Costs>,
    /// Lines and costs of money alone, and of other currencies.
    pub(crate) others: BTreeMap<(LineType, String), Costs>,
    hours: Option<(DateTime<Utc>, DateTime<Utc>)>,
}

/// What lines have in common that nothing explains.
type LeftOverKey = (RegistryKind, Option<String>, UsageType, Why);

/// Lines, how much was used, and what it costs.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Costs {
    pub(crate) lines: u64,
    pub(crate) amount: Decimal,
    pub(crate) cost: Decimal,
}

impl Costs {
    fn add(&mut self, sum: &Sum) {
        self.lines = self.lines.saturating_add(sum.lines);
        self.amount = self.amount.saturating_add(sum.amount);
        self.cost = self.cost.saturating_add(sum.cost);
    }
}

impl SortedLines {
    /// Those of these sums.
    pub(crate) fn of<'a>(sums: impl Iterator<Item = (&'a SumKey, &'a Sum)>) -> Self {
        let mut lines = Self::default();
        for (key, sum) in sums {
            if key.line_type == LineType::Usage && key.currency == USD {
                lines.usage(key, sum);
            } else {
                lines.others.entry((key.line_type, key.currency.clone())).or_default().add(sum);
            }
        }
        lines.move_unnamed();
        lines
    }

    /// The hours that are billed for storage, of any repository; the whole month where the lines name none.
    pub(crate) fn window(&self, month: Month) -> Window {
        let (from, until) = self.hours.unwrap_or((month.start(), month.end()));
        let from = from.clamp(month.start(), month.end());
        if until <= from {
            return Window { month, from: month.start(), until: month.end() };
        }
        Window { month, from, until: until.min(month.end()) }
    }

    fn usage(&mut self, key: &SumKey, sum: &Sum) {
        let arn = match &key.resource {
            Resource::Repository(arn) => Some(arn),
            Resource::NotNamed => None,
            Resource::BeyondLimit => return self.leave(key, sum, Why::BeyondLimit),
        };
        let class = match &key.usage.kind {
            UsageKind::Storage => Some(Class::Standard),
            UsageKind::ArchiveStorage => Some(Class::Archive),
            UsageKind::Retrieval
            | UsageKind::InterRegionOut { .. }
            | UsageKind::In { .. }
            | UsageKind::InternetOut
            | UsageKind::Regional => None,
            UsageKind::Other(_) => return self.leave(key, sum, Why::UnknownUsage),
        };
        let Some(region) = region(key, arn) else { return self.leave(key, sum, Why::UnknownRegion) };
        let account = arn.map(|arn| arn.account.clone()).or_else(|| key.account.clone());
        let (service, repository) = (key.service, arn.map(|arn| arn.name.clone()));
        let by_rate = if let Some(class) = class {
            let (from, until) = self.hours.unwrap_or((sum.from, sum.until));
            self.hours = Some((from.min(sum.from), until.max(sum.until)));
            self.storage.entry(StorageKey { service, account, region, repository, class }).or_default()
        } else {
            let kind = key.usage.kind.clone();
            self.transfers.entry(TransferKey { service, account, region, kind, repository }).or_default()
        };
        add(by_rate, key.rate_code.clone(), sum);
    }

    /// The lines that nothing explains, in the order of service, account, usage and reason.
    pub(crate) fn left_over(&self) -> Vec<LeftOver> {
        let all = self.left_over.iter().map(|((service, account, usage, why), costs)| LeftOver {
            service: *service,
            account: account.clone(),
            usage: usage.clone(),
            why: *why,
            lines: costs.lines,
            amount: costs.amount,
            cost: costs.cost,
        });
        all.collect()
    }

    fn leave(&mut self, key: &SumKey, sum: &Sum, why: Why) {
        let left = (key.service, key.account.clone(), key.usage.clone(), why);
        self.add_left(left, sum);
    }

    fn add_left(&mut self, left: LeftOverKey, sum: &Sum) {
        let is_kept = self.left_over.len() < LEFT_OVER_MAX || self.left_over.contains_key(&left);
        let left = if is_kept {
            left
        } else {
            let (service, _, _, why) = left;
            (service, None, UsageType { region: None, kind: UsageKind::Other(String::new()) }, why)
        };
        self.left_over.entry(left).or_default().add(sum);
    }

    /// Lines without repositories are about a whole registry only where no line names one of its repositories.
    fn move_unnamed(&mut self) {
        let place = |key: &StorageKey| (key.service, key.region, key.class);
        let named = self.storage.keys().filter(|key| key.repository.is_some());
        let accounts: BTreeSet<_> = named.map(|key| (place(key), key.account.clone())).collect();
        let places: BTreeSet<_> = accounts.iter().map(|(place, _)| *place).collect();
        let is_named = |key: &StorageKey| match key.account {
            Some(_) => accounts.contains(&(place(key), key.account.clone())),
            None => places.contains(&place(key)),
        };
        let unnamed = self.storage.keys().filter(|key| key.repository.is_none() && is_named(key));
        for key in unnamed.cloned().collect::<Vec<_>>() {
            let usage = UsageType { region: Some(key.region), kind: key.class.usage() };
            for sum in self.storage.remove(&key).into_iter().flat_map(BTreeMap::into_values) {
                let left = (key.service, key.account.clone(), usage.clone(), Why::NoRepository);
                self.add_left(left, &sum);
            }
        }
    }
}

/// The region of storage is that of the repository, that of transfer the one on whose side it is billed.
fn region(key: &SumKey, arn: Option<&RepositoryArn>) -> Option<Region> {
    if key.service == RegistryKind::Public {
        return key.usage.region.or_else(|| Region::parse(PUBLIC_REGION).ok());
    }
    key.usage.region.or_else(|| Region::parse(&arn?.region).ok())
}

fn add(by_rate: &mut ByRate, rate_code: Option<String>, sum: &Sum) {
    match by_rate.get_mut(&rate_code) {
        // Sums that do not fit 28 digits were refused when they were made.
        Some(before) => {
            if let Some(both) = before.with(sum) {
                *before = both;
            }
        }
        None => {
            by_rate.insert(rate_code, sum.clone());
        }
    }
}
