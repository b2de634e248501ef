//! Costs for people: the largest first, a line that sums up, and below it what there is to say of whole registries.
//!
//! Figures that are not exact carry a `~`.

use std::cmp::Reverse;
use std::fmt::Write;

use demurrage_core::cost::BreakEven;

use super::shares::{Share, registry_name, shares};
use super::{CostBy, CostReport, PullRow, RepositoryCost, StorageSum};
use crate::amount::{count, grouped, large_bytes};
use crate::dollars::dollars;
use crate::{image_name, table};

/// A report as a table that is no wider than so many characters, where that is possible.
pub fn cost_table(report: &CostReport<'_>, by: &CostBy, width: Option<u16>) -> String {
    let mut text = match by {
        CostBy::Repository => repositories(report, width),
        CostBy::Image => images(report, width),
        CostBy::Rule => rules(report, width),
        CostBy::Region => together(report, by, "account and region", width),
        CostBy::Tag(key) => together(report, by, key, width),
    };
    if let Some(pulls) = &report.pulls {
        text.push('\n');
        text.push_str(&pull_rows(pulls, width));
    }
    for registry in &report.registries {
        let _ = write!(text, "\n{}\n", registry.name);
        for sentence in &registry.sentences {
            let _ = writeln!(text, "  {sentence}");
        }
    }
    text
}

/// From this width on there is room for what follows from the other columns.
const WIDE: u16 = 100;

/// Columns of what is stored, and how to fill them: the archive only where something is in it.
struct StorageColumns {
    with_archive: bool,
    is_wide: bool,
}

impl StorageColumns {
    fn of(report: &CostReport<'_>, width: Option<u16>) -> Self {
        Self {
            with_archive: report.total.archived_bytes != 0,
            is_wide: width.is_none_or(|width| WIDE <= width),
        }
    }

    fn headers(&self) -> Vec<&'static str> {
        let mut headers = vec!["images", "image\nsizes", "stored"];
        if self.with_archive {
            headers.push("archived");
        }
        if self.is_wide {
            headers.push("sizes /\nstored");
        }
        headers.push("USD a\nmonth");
        headers
    }

    /// What policies free, in bytes where there is room, and in dollars.
    fn freed<T>(&self, bytes: T, usd: T) -> Vec<T> {
        if self.is_wide { vec![bytes, usd] } else { vec![usd] }
    }

    fn cells(&self, sum: &StorageSum, is_exact: bool) -> Vec<String> {
        let mark = if is_exact { "" } else { "~" };
        let mut cells = vec![
            grouped(sum.images),
            large_bytes(sum.image_size_sum_bytes),
            format!("{mark}{}", large_bytes(sum.stored_bytes)),
        ];
        if self.with_archive {
            cells.push(format!("{mark}{}", large_bytes(sum.archived_bytes)));
        }
        if self.is_wide {
            cells.push(ratio(sum.image_size_sum_bytes, sum.all_bytes()));
        }
        cells.push(if sum.storage.is_some() {
            format!("{mark}{}", dollars(sum.storage))
        } else {
            dollars(None)
        });
        cells
    }
}

/// How many times one is the other: `3.42`; a dash where there is nothing.
fn ratio(one: u128, other: u128) -> String {
    let hundredths = one.checked_mul(200).and_then(|one| one.checked_add(other)?.checked_div(2 * other));
    match hundredths {
        Some(hundredths) => format!("{}.{:02}", hundredths / 100, hundredths % 100),
        None => "—".to_owned(),
    }
}

fn repositories(report: &CostReport<'_>, width: Option<u16>) -> String {
    let columns = StorageColumns::of(report, width);
    let mut headers = vec!["repository"];
    headers.extend(columns.headers());
    headers.extend(columns.freed("policy\nfrees", "policy\nsaves"));
    let mut rows = table::table(&headers);
    let with_registry = has_several_registries(report);
    for repository in largest_first(&report.repositories) {
        let mut row = vec![name(repository, with_registry)];
        row.extend(columns.cells(&repository.sum, repository.is_exact));
        row.extend(match &repository.lifecycle {
            Some(savings) => {
                columns.freed(large_bytes(savings.settled_freed_bytes), dollars(savings.settled_freed))
            }
            None => columns.freed("—".to_owned(), "—".to_owned()),
        });
        rows.add_row(row);
    }
    let all = shares(report, &CostBy::Region).into_iter().reduce(|sum, share| sum.and(&share));
    let mut row = vec![format!("{} in all", count(report.repositories.len(), "repository"))];
    row.extend(columns.cells(&report.total, all.as_ref().is_none_or(|all| all.is_exact)));
    row.extend(match &all {
        Some(all) => columns.freed(large_bytes(all.settled_freed_bytes), dollars(all.settled_freed)),
        None => columns.freed("—".to_owned(), "—".to_owned()),
    });
    rows.add_row(row);
    table::fitted(rows, &[0], width)
}

fn images(report: &CostReport<'_>, width: Option<u16>) -> String {
    let mut rows =
        table::table(&["repository", "image", "tags", "size", "its own", "shared", "USD a\nmonth"]);
    let with_registry = has_several_registries(report);
    for repository in largest_first(&report.repositories) {
        let mut costs: Vec<_> = repository.images.iter().collect();
        costs.sort_by_key(|cost| (Reverse(cost.exclusive_bytes), cost.image.digest));
        for cost in costs {
            rows.add_row(vec![
                name(repository, with_registry),
                cost.image.digest.short(),
                image_name::tags(cost.image),
                cost.image.size_bytes.map_or_else(|| "unknown".to_owned(), crate::bytes),
                large_bytes(cost.exclusive_bytes),
                large_bytes(cost.shared_bytes),
                dollars(cost.exclusive),
            ]);
        }
    }
    let own = report.repositories.iter().flat_map(|repository| &repository.images);
    rows.add_row(vec![
        format!("{} in all", count(usize::try_from(report.total.images).unwrap_or(usize::MAX), "image")),
        String::new(),
        String::new(),
        large_bytes(report.total.image_size_sum_bytes),
        large_bytes(own.map(|cost| cost.exclusive_bytes).fold(0, u128::saturating_add)),
        String::new(),
        String::new(),
    ]);
    table::fitted(rows, &[0, 1, 2], width)
}

fn rules(report: &CostReport<'_>, width: Option<u16>) -> String {
    let mut rows = table::table(&["repository", "rule", "frees", "what it does"]);
    let with_registry = has_several_registries(report);
    let mut all = 0_u128;
    let mut freed: Vec<_> = report.repositories.iter().filter(|it| it.lifecycle.is_some()).collect();
    let settled = |repository: &RepositoryCost<'_>| {
        repository.lifecycle.as_ref().map_or(0, |savings| savings.settled_freed_bytes)
    };
    freed.sort_by_key(|repository| Reverse(settled(repository)));
    for repository in freed {
        for rule in repository.lifecycle.iter().flat_map(|savings| &savings.by_rule) {
            all = all.saturating_add(rule.freed_bytes);
            rows.add_row(vec![
                name(repository, with_registry),
                rule.priority.to_string(),
                large_bytes(rule.freed_bytes),
                rule.sentence.clone(),
            ]);
        }
    }
    rows.add_row(vec!["in all".to_owned(), String::new(), large_bytes(all), String::new()]);
    table::fitted(rows, &[0, 3], width)
}

fn together(report: &CostReport<'_>, by: &CostBy, what: &str, width: Option<u16>) -> String {
    let columns = StorageColumns::of(report, width);
    let mut headers = vec![what, "repo-\nsitories"];
    headers.extend(columns.headers());
    headers.extend(columns.freed("policies\nfree", "policies\nsave"));
    let mut rows = table::table(&headers);
    let mut all = shares(report, by);
    all.sort_by_key(|share| Reverse(share.sum.all_bytes()));
    for share in &all {
        rows.add_row(share_row(&columns, image_name::visible(&share.key.text()), share));
    }
    if let Some(sum) = all.into_iter().reduce(|sum, share| sum.and(&share)) {
        rows.add_row(share_row(&columns, "in all".to_owned(), &sum));
    }
    table::fitted(rows, &[0], width)
}

fn share_row(columns: &StorageColumns, name: String, share: &Share) -> Vec<String> {
    let mut row = vec![name, grouped(share.repositories)];
    row.extend(columns.cells(&share.sum, share.is_exact));
    row.extend(columns.freed(large_bytes(share.settled_freed_bytes), dollars(share.settled_freed)));
    row
}

fn pull_rows(pulls: &[PullRow], width: Option<u16>) -> String {
    let headers = ["pulls of", "from", "to", "pulls a\nmonth", "GB", "USD", "basis", "a replica is\ncheaper"];
    let mut rows = table::table(&headers);
    for pull in pulls {
        rows.add_row(vec![
            pull.name.clone(),
            pull.region.clone(),
            pull.to.to_string(),
            pull.pulls_per_month.map_or_else(|| "—".to_owned(), grouped),
            pull.gigabytes.map_or_else(|| "unknown".to_owned(), |gigabytes| format!("{gigabytes}")),
            dollars(pull.transfer),
            pull.basis.name().to_owned(),
            match pull.replica {
                None => "—".to_owned(),
                Some(BreakEven::From(pulls)) => format!("from {} pulls", grouped(pulls)),
                Some(BreakEven::Never) => "never".to_owned(),
                Some(BreakEven::Unknown) => "unknown".to_owned(),
            },
        ]);
    }
    table::fitted(rows, &[0, 1, 2, 6, 7], width)
}

fn largest_first<'r, 'a>(repositories: &'r [RepositoryCost<'a>]) -> Vec<&'r RepositoryCost<'a>> {
    let mut sorted: Vec<_> = repositories.iter().collect();
    sorted.sort_by_key(|repository| Reverse(repository.sum.all_bytes()));
    sorted
}

fn has_several_registries(report: &CostReport<'_>) -> bool {
    let mut places = report.repositories.iter().map(|repository| (&repository.account, &repository.region));
    let first = places.next();
    places.any(|place| Some(place) != first)
}

fn name(repository: &RepositoryCost<'_>, with_registry: bool) -> String {
    if with_registry {
        let registry = registry_name(repository.account.as_deref(), &repository.region);
        format!("{} ({registry})", repository.name)
    } else {
        repository.name.clone()
    }
}

#[cfg(test)]
mod tests;
