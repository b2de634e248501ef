//! Costs for spreadsheets: exact bytes, dollars with ten decimals, `unknown` where a price is not known.

use demurrage_core::Tag;
use demurrage_core::cost::{BreakEven, PullSource};

use super::shares::{ShareKey, shares, sum_of};
use super::{CostBy, CostReport, PolicyEffect, PricesUsed, PullRow, RepositoryCost, StorageSum};
use crate::csv_text::line;
use crate::dollars::{UNKNOWN, exact};

/// One line for each row of a report, below a line of names; no line sums up.
pub fn cost_csv(report: &CostReport<'_>, by: &CostBy) -> String {
    match by {
        CostBy::Repository => repositories(report),
        CostBy::Image => images(report),
        CostBy::Rule => rules(report),
        CostBy::Region | CostBy::Tag(_) => together(report, by),
        CostBy::Pulls => pulls(report.pulls.as_deref().unwrap_or_default(), &report.prices),
    }
}

/// Whether the bytes of the row, and so its dollars, are exact: `true` or `false`.
const IS_EXACT: &str = "is_exact";

/// The cells under `prices_date` and `prices_source`: a file goes where nobody sees what else was said.
pub(crate) fn price_cells(prices: &PricesUsed) -> [String; 2] {
    [prices.date.to_string(), prices.source.clone()]
}

const SUM: [&str; 5] =
    ["images", "image_size_sum_bytes", "stored_bytes", "archived_bytes", "storage_usd_per_month"];

fn sum_cells(sum: &StorageSum) -> [String; 5] {
    [
        sum.images.to_string(),
        sum.image_size_sum_bytes.to_string(),
        sum.stored_bytes.to_string(),
        sum.archived_bytes.to_string(),
        exact(sum.storage),
    ]
}

fn place_cells(repository: &RepositoryCost<'_>) -> [String; 3] {
    let account = repository.account.clone().unwrap_or_default();
    [account, repository.region.clone(), repository.name.clone()]
}

fn repositories(report: &CostReport<'_>) -> String {
    let mut text = line(["account", "region", "name"].into_iter().chain(SUM).chain([
        "images_without_manifest",
        "next_run_freed_bytes",
        "settled_freed_bytes",
        "settled_freed_usd_per_month",
        "replication_low_usd_per_month",
        "replication_high_usd_per_month",
        "prices_date",
        "prices_source",
        IS_EXACT,
    ]));
    for repository in &report.repositories {
        let mut cells: Vec<String> = place_cells(repository).into();
        cells.extend(sum_cells(&repository.sum));
        cells.push(repository.images_without_manifest.to_string());
        // Without a policy there is nothing to say, which is not the same as nothing freed.
        cells.extend(match &repository.lifecycle {
            PolicyEffect::Known(savings) => [
                savings.next_run_freed_bytes.to_string(),
                savings.settled_freed_bytes.to_string(),
                exact(savings.settled_freed),
            ],
            PolicyEffect::NoPolicy => [const { String::new() }; 3],
            PolicyEffect::Unknown(_) => [UNKNOWN; 3].map(str::to_owned),
        });
        let nothing = StorageSum::nothing().storage;
        let sums = repository.replication.as_ref().map(|replication| {
            replication
                .iter()
                .fold((nothing, nothing), |(low, high), to| (sum_of(low, to.low), sum_of(high, to.high)))
        });
        let (low, high) = sums.unwrap_or_default();
        cells.extend([exact(low), exact(high)]);
        cells.extend(price_cells(&report.prices));
        cells.push(repository.is_exact.to_string());
        text.push_str(&line(cells));
    }
    text
}

fn images(report: &CostReport<'_>) -> String {
    let mut text = line([
        "account",
        "region",
        "name",
        "image_digest",
        "image_tags",
        "image_status",
        "image_size_bytes",
        "exclusive_bytes",
        "shared_bytes",
        "exclusive_usd_per_month",
        "prices_date",
        "prices_source",
        IS_EXACT,
    ]);
    for repository in &report.repositories {
        for cost in &repository.images {
            let tags: Vec<&str> = cost.image.tags.iter().map(Tag::as_str).collect();
            let mut cells: Vec<String> = place_cells(repository).into();
            cells.extend([
                cost.image.digest.to_string(),
                tags.join(" "),
                cost.image.status.as_api().to_owned(),
                cost.image.size_bytes.map_or_else(String::new, |bytes| bytes.to_string()),
                cost.exclusive_bytes.to_string(),
                cost.shared_bytes.to_string(),
                exact(cost.exclusive),
            ]);
            cells.extend(price_cells(&report.prices));
            cells.push(repository.is_exact.to_string());
            text.push_str(&line(cells));
        }
    }
    text
}

fn rules(report: &CostReport<'_>) -> String {
    let mut text = line(["account", "region", "name", "rule_priority", "rule", "freed_bytes", IS_EXACT]);
    for repository in &report.repositories {
        for rule in repository.lifecycle.known().into_iter().flat_map(|savings| &savings.by_rule) {
            let mut cells: Vec<String> = place_cells(repository).into();
            cells.extend([
                rule.priority.to_string(),
                rule.sentence.clone(),
                rule.freed_bytes.to_string(),
                repository.is_exact.to_string(),
            ]);
            text.push_str(&line(cells));
        }
    }
    text
}

/// Pulls; `name` is empty for what a bill has of a whole registry, `pulls_per_month` for what a bill has.
fn pulls(pulls: &[PullRow], prices: &PricesUsed) -> String {
    let mut text = line([
        "account",
        "region",
        "name",
        "to",
        "pulls_per_month",
        "image_bytes",
        "gigabytes_per_month",
        "transfer_usd_per_month",
        "basis",
        "pulls_from",
        "pull_rate",
        "replica_is_cheaper",
        "replica_from_pulls_per_month",
        "prices_date",
        "prices_source",
        IS_EXACT,
    ]);
    for pull in pulls {
        let figure = |number: Option<String>| number.unwrap_or_default();
        let pulls_per_month = match (pull.pulls_per_month, pull.source) {
            (None, PullSource::CloudWatch) => UNKNOWN.to_owned(),
            (pulls, _) => figure(pulls.map(|pulls| pulls.to_string())),
        };
        let (is_cheaper, from) = match pull.replica {
            None => ("", String::new()),
            Some(BreakEven::From(pulls)) => ("from", pulls.to_string()),
            Some(BreakEven::Never) => ("never", String::new()),
            Some(BreakEven::Unknown) => (UNKNOWN, String::new()),
        };
        let [date, source] = price_cells(prices);
        text.push_str(&line([
            figure(pull.account.clone()),
            pull.region.clone(),
            figure(pull.name.clone()),
            pull.to.to_string(),
            pulls_per_month,
            figure(pull.image_bytes.map(|bytes| bytes.to_string())),
            pull.gigabytes.map_or_else(|| UNKNOWN.to_owned(), |gigabytes| gigabytes.to_string()),
            exact(pull.transfer),
            pull.source.basis().name().to_owned(),
            pull.source.name().to_owned(),
            pull.rate.name().to_owned(),
            is_cheaper.to_owned(),
            from,
            date,
            source,
            pull.is_exact.to_string(),
        ]));
    }
    text
}

fn together(report: &CostReport<'_>, by: &CostBy) -> String {
    let keys: &[&str] = match by {
        CostBy::Tag(key) => &[key],
        CostBy::Repository | CostBy::Image | CostBy::Rule | CostBy::Region | CostBy::Pulls => {
            &["account", "region"]
        }
    };
    let mut text =
        line(keys.iter().copied().chain(["repositories", "repositories_unread"]).chain(SUM).chain([
            "images_without_manifest",
            "settled_freed_bytes",
            "settled_freed_usd_per_month",
            "prices_date",
            "prices_source",
            IS_EXACT,
        ]));
    for share in shares(report, by) {
        let mut cells = match &share.key {
            ShareKey::Registry(account, region) => vec![account.clone().unwrap_or_default(), region.clone()],
            key @ (ShareKey::Tag(_) | ShareKey::WithoutTag | ShareKey::TagsNotRead) => vec![key.text()],
        };
        cells.extend([share.repositories.to_string(), share.repositories_unread.to_string()]);
        cells.extend(sum_cells(&share.sum));
        cells.extend([
            share.images_without_manifest.to_string(),
            share.settled_freed_bytes.map_or_else(|| UNKNOWN.to_owned(), |bytes| bytes.to_string()),
            exact(share.settled_freed),
        ]);
        cells.extend(price_cells(&report.prices));
        cells.push(share.is_exact.to_string());
        text.push_str(&line(cells));
    }
    text
}
