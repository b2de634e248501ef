//! Sums over the lines of bills: what is kept of them.
//!
//! Memory grows with the number of repositories and rate codes and not with the number of lines. Beyond
//! [`BillSums::KEYS_MAX`] different sums, or [`BillSums::TEXT_BYTES_MAX`] of the texts in them, new ones are summed by
//! month, service, kind of line and currency alone, so that no file can take more; how many lines that were is counted.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use demurrage_core::RegistryKind;
use rust_decimal::Decimal;

use crate::{BillLine, LineType, Month, RepositoryArn, UsageKind, UsageType};

/// What the lines of one sum have in common.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct SumKey {
    /// The month.
    pub month: Month,
    /// Which of the two services.
    pub service: RegistryKind,
    /// What they charge for, or give back.
    pub line_type: LineType,
    /// The account that used it, where the bill says so.
    pub account: Option<String>,
    /// What was used, and where.
    pub usage: UsageType,
    /// What used it.
    pub resource: Resource,
    /// The rate code, where the bill says so: tiers of one price stay apart.
    pub rate_code: Option<String>,
    /// The currency.
    pub currency: String,
}

/// The one currency that keeps its name beyond the limit.
const USD: &str = "USD";

impl SumKey {
    /// The key of lines beyond the limit: few enough, whatever stands in a file. Dollars are never mixed with others.
    fn beyond_limit(self) -> Self {
        Self {
            account: None,
            usage: UsageType { region: None, kind: UsageKind::Other(String::new()) },
            resource: Resource::BeyondLimit,
            rate_code: None,
            currency: if self.currency == USD { self.currency } else { "others".to_owned() },
            ..self
        }
    }

    fn text_bytes(&self) -> usize {
        let usage = match &self.usage.kind {
            UsageKind::Other(text) => text.len(),
            UsageKind::Storage
            | UsageKind::ArchiveStorage
            | UsageKind::Retrieval
            | UsageKind::InterRegionOut { .. }
            | UsageKind::In { .. }
            | UsageKind::InternetOut
            | UsageKind::Regional => 0,
        };
        let resource = match &self.resource {
            Resource::Repository(arn) => arn.account.len() + arn.region.len() + arn.name.len(),
            Resource::NotNamed | Resource::BeyondLimit => 0,
        };
        let texts = [&self.account, &self.rate_code].into_iter().flatten().map(String::len);
        texts.sum::<usize>() + usage + resource + self.currency.len()
    }
}

/// What a line says of the repository.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Resource {
    /// It names it.
    Repository(RepositoryArn),
    /// It names none.
    NotNamed,
    /// It names one beyond those that are kept apart.
    BeyondLimit,
}

/// A sum of lines.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sum {
    /// How many lines.
    pub lines: u64,
    /// How much was used, in GB-months or GB.
    pub amount: Decimal,
    /// What it costs.
    pub cost: Decimal,
    /// What it costs by the public price list; nothing where a line does not say so.
    pub list_cost: Option<Decimal>,
    /// When the first usage began.
    pub from: DateTime<Utc>,
    /// When the last usage ended.
    pub until: DateTime<Utc>,
}

/// The sums of one or several bills.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BillSums {
    sums: BTreeMap<SumKey, Sum>,
    keys_max: usize,
    text_bytes_max: usize,
    text_bytes: usize,
    beyond_limit_lines: u64,
    unread_rows: u64,
}

impl Default for BillSums {
    fn default() -> Self {
        Self {
            sums: BTreeMap::new(),
            keys_max: Self::KEYS_MAX,
            text_bytes_max: Self::TEXT_BYTES_MAX,
            text_bytes: 0,
            beyond_limit_lines: 0,
            unread_rows: 0,
        }
    }
}

impl BillSums {
    /// How many sums keep what their lines are about: about 200 MiB of memory beside their texts.
    pub const KEYS_MAX: usize = 500_000;

    /// How many bytes the texts in them may have together: 256 for each, where there are as many as there may be.
    pub const TEXT_BYTES_MAX: usize = 128 << 20;

    /// Adds a line.
    ///
    /// # Errors
    /// When a sum would be beyond 28 digits, which no bill reaches; the line is not in the sums then.
    pub fn add(&mut self, line: BillLine) -> Result<(), SumOverflow> {
        let resource = line.repository.map_or(Resource::NotNamed, Resource::Repository);
        let mut key = SumKey {
            month: line.month,
            service: line.service,
            line_type: line.line_type,
            account: line.account,
            usage: line.usage,
            resource,
            rate_code: line.rate_code,
            currency: line.currency,
        };
        let is_full = self.keys_max <= self.sums.len() || self.text_bytes_max <= self.text_bytes;
        let is_beyond = is_full && !self.sums.contains_key(&key);
        if is_beyond {
            key = key.beyond_limit();
        }
        let added = Sum {
            lines: 1,
            amount: line.amount,
            cost: line.cost,
            list_cost: line.list_cost,
            from: line.start,
            until: line.end,
        };
        if let Some(sum) = self.sums.get_mut(&key) {
            *sum = sum.with(&added).ok_or(SumOverflow)?;
        } else {
            self.text_bytes = self.text_bytes.saturating_add(key.text_bytes());
            self.sums.insert(key, added);
        }
        self.beyond_limit_lines += u64::from(is_beyond);
        Ok(())
    }

    /// The sums, in the order of their keys.
    pub fn iter(&self) -> impl Iterator<Item = (&SumKey, &Sum)> {
        self.sums.iter()
    }

    /// How many lines were summed without what they are about.
    pub const fn beyond_limit_lines(&self) -> u64 {
        self.beyond_limit_lines
    }

    /// How many rows of the same bills could not be read, so that the sums may be too small.
    pub const fn unread_rows(&self) -> u64 {
        self.unread_rows
    }

    /// Says that rows could not be read.
    pub const fn add_unread(&mut self, rows: u64) {
        self.unread_rows = self.unread_rows.saturating_add(rows);
    }

    /// Whether there was no line about ECR.
    pub fn is_empty(&self) -> bool {
        self.sums.is_empty()
    }
}

impl Sum {
    /// This sum and another one together; nothing where that is beyond 28 digits.
    pub fn with(&self, other: &Self) -> Option<Self> {
        Some(Self {
            lines: self.lines.checked_add(other.lines)?,
            amount: self.amount.checked_add(other.amount)?,
            cost: self.cost.checked_add(other.cost)?,
            list_cost: match (self.list_cost, other.list_cost) {
                (Some(one), Some(other)) => Some(one.checked_add(other)?),
                (None, _) | (_, None) => None,
            },
            from: self.from.min(other.from),
            until: self.until.max(other.until),
        })
    }
}

/// A sum beyond 28 digits.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("makes a sum of more than 28 digits")]
pub struct SumOverflow;

#[cfg(test)]
mod tests {
    use demurrage_core::{RegistryKind, instant};
    use rust_decimal::Decimal;

    use super::{BillSums, Resource, SumOverflow};
    use crate::{BillLine, LineType, Month, RepositoryArn, UsageType};

    fn line(name: &str, cost: &str) -> BillLine {
        let start = instant::parse("2024-09-26T01:00:00Z").unwrap();
        BillLine {
            service: RegistryKind::Private,
            line_type: LineType::Usage,
            month: Month::of(start).unwrap(),
            start,
            end: instant::parse("2024-09-26T02:00:00Z").unwrap(),
            usage: UsageType::parse("EU-TimedStorage-ByteHrs", None),
            account: Some("123456789012".to_owned()),
            repository: RepositoryArn::parse(&format!(
                "arn:aws:ecr:eu-west-1:123456789012:repository/{name}"
            )),
            amount: Decimal::ONE,
            cost: Decimal::from_str_exact(cost).unwrap(),
            list_cost: None,
            rate_code: Some("SKU.TERM.RATE".to_owned()),
            currency: "USD".to_owned(),
        }
    }

    #[test]
    fn lines_of_one_repository_and_rate_are_one_sum() {
        let mut sums = BillSums::default();
        sums.add(line("a", "0.0000529762")).unwrap();
        sums.add(line("a", "0.0000529762")).unwrap();
        sums.add(BillLine { rate_code: Some("SKU.TERM.OTHER".to_owned()), ..line("a", "0.1") }).unwrap();
        let costs: Vec<_> = sums.iter().map(|(_, sum)| (sum.lines, sum.cost.to_string())).collect();
        assert_eq!(costs, [(1, "0.1".to_owned()), (2, "0.0001059524".to_owned())]);
    }

    #[test]
    fn beyond_the_limit_names_are_lost_and_no_money_is() {
        let mut sums = BillSums { keys_max: 2, ..BillSums::default() };
        for name in ["a", "b", "c", "d", "a"] {
            sums.add(line(name, "0.25")).unwrap();
        }
        let total: Decimal = sums.iter().map(|(_, sum)| sum.cost).sum();
        assert_eq!(total, Decimal::from_str_exact("1.25").unwrap());
        assert_eq!(sums.beyond_limit_lines(), 2);
        assert_eq!(sums.iter().filter(|(key, _)| key.resource == Resource::BeyondLimit).count(), 1);
    }

    #[test]
    fn beyond_the_limit_no_text_of_a_file_makes_another_sum() {
        for limits in [(2, usize::MAX), (usize::MAX, 100)] {
            let (keys_max, text_bytes_max) = limits;
            let mut sums = BillSums { keys_max, text_bytes_max, ..BillSums::default() };
            for number in 0..100 {
                let usage = UsageType::parse(&format!("EU-New{number}"), None);
                let currency = if number % 2 == 0 { "USD".to_owned() } else { format!("X{number}") };
                let account = Some(format!("account {number}"));
                sums.add(BillLine { usage, account, currency, ..line("a", "1") }).unwrap();
            }
            assert_eq!(sums.iter().count(), 4, "two that fit, dollars and others: {limits:?}");
            assert_eq!(sums.beyond_limit_lines(), 98);
            let dollars = sums.iter().filter(|(key, _)| key.currency == "USD");
            assert_eq!(dollars.map(|(_, sum)| sum.cost).sum::<Decimal>(), Decimal::from(50));
        }
    }

    #[test]
    fn a_sum_that_would_not_fit_leaves_the_line_out() {
        let mut sums = BillSums::default();
        sums.add(line("a", "79228162514264337593543950335")).unwrap();
        assert_eq!(sums.add(line("a", "1")), Err(SumOverflow));
        assert_eq!(sums.iter().next().unwrap().1.lines, 1);
    }
}
