//! Pulls for people: where each figure is from, and from when on a replica is cheaper; and what was counted.

use std::collections::BTreeSet;

use demurrage_core::cost::{Basis, BreakEven, Gigabytes, PullSource};

use super::shares::registry_name;
use super::{CountedPulls, NetworkHours, PullRow};
use crate::amount::{count, grouped};
use crate::dollars::{UNKNOWN, dollars, hundredths};
use crate::table;

/// A row for each repository and target. GB and dollars have two decimals; programs get all ten.
pub(super) fn pull_table(pulls: &[PullRow], width: Option<u16>) -> String {
    let headers = ["pulls of", "from", "to", "pulls a\nmonth", "GB", "USD", "basis", "a replica is\ncheaper"];
    let mut rows = table::table(&headers);
    for pull in pulls {
        rows.add_row(vec![
            pull.name.clone().unwrap_or_else(|| "(the whole registry)".to_owned()),
            pull.region.clone(),
            pull.to.to_string(),
            match (pull.pulls_per_month, pull.source) {
                (Some(pulls), _) => grouped(pulls),
                (None, PullSource::CloudWatch) => UNKNOWN.to_owned(),
                (None, PullSource::Bill | PullSource::Assumption) => "—".to_owned(),
            },
            marked_figure(pull, gigabytes(pull.gigabytes)),
            marked_figure(pull, dollars(pull.transfer)),
            basis(pull.source).to_owned(),
            match pull.replica {
                None => "—".to_owned(),
                Some(BreakEven::From(pulls)) => from_pulls(pulls, pull.is_exact),
                Some(BreakEven::Never) => "never".to_owned(),
                Some(BreakEven::Unknown) => UNKNOWN.to_owned(),
            },
        ]);
    }
    table::fitted(rows, &[0, 1, 2, 6, 7], width)
}

/// A figure with a `~` where it follows from bytes that are not exact; a bill's does not.
fn marked_figure(pull: &PullRow, figure: String) -> String {
    let is_exact = pull.is_exact || pull.source.basis() != Basis::Assumed || figure == UNKNOWN;
    if is_exact { figure } else { format!("~{figure}") }
}

fn from_pulls(pulls: u64, is_exact: bool) -> String {
    let mark = if is_exact { "" } else { "~" };
    let what = if pulls == 1 { "pull" } else { "pulls" };
    format!("from {mark}{} {what}", grouped(pulls))
}

/// What a figure rests on: where pulls go is assumed, also where they were counted.
const fn basis(source: PullSource) -> &'static str {
    match source {
        PullSource::Bill | PullSource::Assumption => source.basis().name(),
        PullSource::CloudWatch => "assumed (counted)",
    }
}

/// What gateways and endpoints of a region cost by the hour: one sentence, without a full stop.
pub(super) fn hours_sentence(hours: &NetworkHours) -> String {
    let cost = match hours.cost {
        Some(_) => format!("{} USD a month", dollars(hours.cost)),
        None => "no price is known".to_owned(),
    };
    format!(
        "within {}: {} hours of NAT gateways and {} of endpoints a month, for all repositories together: {cost} (assumed)",
        registry_name(hours.account.as_deref(), &hours.region),
        grouped(hours.nat_gateway_hours),
        grouped(hours.endpoint_hours)
    )
}

/// What `CloudWatch` has counted of a registry, and what becomes of it: one sentence, without a full stop.
pub(super) fn counted_sentence(counted: &CountedPulls, rows: &[PullRow]) -> String {
    let is_of = |row: &&PullRow| {
        row.source == PullSource::CloudWatch
            && row.account.as_ref() == Some(&counted.account)
            && row.region == counted.region
    };
    let assumed: BTreeSet<&str> = rows.iter().filter(is_of).filter_map(|row| row.name.as_deref()).collect();
    let names = || counted.repositories.iter();
    let uncounted = names().filter(|(_, pulls)| pulls.is_none()).count();
    let is_open = |(name, pulls): &&(String, Option<u64>)| pulls.is_some() && !assumed.contains(&**name);
    let fate = match (assumed.len(), names().filter(is_open).count()) {
        (0, _) => "where they went is not known, so they are priced as nothing until `--assumptions` says it"
            .to_owned(),
        (_, 0) => "where they went is assumed".to_owned(),
        (_, open) => format!(
            "where they went is assumed, but not known of {}: those are priced as nothing",
            count(open, "repository")
        ),
    };
    let not_counted = match uncounted {
        0 => String::new(),
        number => format!(" ({number} more not counted)"),
    };
    format!(
        "CloudWatch counted {} of {}{not_counted} in {} {}: {fate}",
        count(usize::try_from(counted.sum()).unwrap_or(usize::MAX), "pull"),
        count(counted.repositories.len() - uncounted, "repository"),
        registry_name(Some(&counted.account), &counted.region),
        counted.window,
    )
}

impl CountedPulls {
    /// All pulls that were counted.
    pub(super) fn sum(&self) -> u128 {
        self.repositories.iter().filter_map(|(_, pulls)| *pulls).map(u128::from).sum()
    }
}

fn gigabytes(amount: Option<Gigabytes>) -> String {
    amount.map_or_else(|| UNKNOWN.to_owned(), |amount| hundredths(&amount.to_string()))
}
