//! Costs for people: the largest first, a line that sums up, and below it what there is to say of whole registries.
//!
//! Figures that are not exact carry a `~`.

use std::cmp::Reverse;
use std::fmt::Write;

use demurrage_core::cost::Usd;

use super::pull_table::{counted_sentence, hours_sentence, pull_table};
use super::registry_sentences::registry_sentences;
use super::shares::{Share, registry_name, shares, whole};
use super::{CostBy, CostReport, PolicyEffect, RepositoryCost, StorageSum};
use crate::amount::{count, grouped, large_bytes};
use crate::dollars::{UNKNOWN, dollars};
use crate::{image_name, table};

/// A report as a table that is no wider than so many characters, where that is possible.
pub fn cost_table(report: &CostReport<'_>, by: &CostBy, width: Option<u16>) -> String {
    let mut text = match by {
        CostBy::Repository => repositories(report, width),
        CostBy::Image => images(report, width),
        CostBy::Rule => rules(report, width),
        CostBy::Region => together(report, by, "account and region", width),
        CostBy::Tag(key) => together(report, by, key, width),
        CostBy::Pulls => String::new(),
    };
    if !matches!(by, CostBy::Image | CostBy::Pulls) {
        text.push_str(&policies(report));
    }
    let pulls = report.pulls.as_deref();
    if let Some(pulls) = pulls {
        if *by != CostBy::Pulls {
            text.push('\n');
        }
        text.push_str(&pull_table(pulls, width));
    }
    for hours in &report.network_hours {
        let _ = writeln!(text, "\n  {}", hours_sentence(hours));
    }
    for counted in &report.counted_pulls {
        let _ = writeln!(text, "\n  {}", counted_sentence(counted, pulls.unwrap_or_default()));
    }
    for registry in &report.registries {
        let _ = write!(text, "\n{}\n", registry.name());
        for sentence in registry_sentences(registry) {
            let _ = writeln!(text, "  {sentence}");
        }
    }
    text
}

/// What the policies free together, by their next run and in the end: `sweep` and `preview` speak of the next run
/// alone.
fn policies(report: &CostReport<'_>) -> String {
    let Some(all) = whole(report) else { return String::new() };
    let (Some(next_run_bytes), Some(settled_bytes)) = (all.next_run_freed_bytes, all.settled_freed_bytes)
    else {
        let repositories = count(usize::try_from(all.policies_unknown).unwrap_or(usize::MAX), "repository");
        return format!(
            "\n  what the policies free together is unknown: of {repositories} not the policy or not all images were read\n"
        );
    };
    if all.policies == 0 {
        return String::new();
    }
    let freed = |bytes: u128, usd: Option<Usd>| {
        let saved = match usd {
            Some(_) => format!("{} USD a month", marked_dollars(all.is_exact, usd)),
            None => "no price is known".to_owned(),
        };
        format!("{} ({saved})", marked_bytes(all.is_exact, bytes))
    };
    format!(
        "\n  next run of the policies: frees {}\n  in the end, run until nothing changes: {}\n",
        freed(next_run_bytes, all.next_run_freed),
        freed(settled_bytes, all.settled_freed)
    )
}

/// From this width on there is room for what follows from the other columns.
const WIDE: u16 = 116;

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

    /// What policies free: by the next run and in the end where there is room for bytes, and what the end saves.
    fn freed<T>(&self, next_run: T, settled: T, usd: T) -> Vec<T> {
        if self.is_wide { vec![next_run, settled, usd] } else { vec![usd] }
    }

    fn freed_headers(&self) -> Vec<&'static str> {
        let saves = if self.is_wide { "in the end\nsaves" } else { "in the\nend\nsaves" };
        self.freed("next run\nfrees", "in the end\nfrees", saves)
    }

    fn freed_cells(
        &self,
        next_run_bytes: Option<u128>,
        settled_bytes: Option<u128>,
        settled: Option<Usd>,
        is_exact: bool,
    ) -> Vec<String> {
        let bytes =
            |bytes: Option<u128>| bytes.map_or(UNKNOWN.to_owned(), |bytes| marked_bytes(is_exact, bytes));
        self.freed(bytes(next_run_bytes), bytes(settled_bytes), marked_dollars(is_exact, settled))
    }

    fn freed_by(&self, share: &Share) -> Vec<String> {
        self.freed_cells(
            share.next_run_freed_bytes,
            share.settled_freed_bytes,
            share.settled_freed,
            share.is_exact,
        )
    }

    fn cells(&self, sum: &StorageSum, is_exact: bool) -> Vec<String> {
        let mut cells = vec![
            grouped(sum.images),
            marked_bytes(sum.is_size_sum_exact, sum.image_size_sum_bytes),
            marked_bytes(is_exact, sum.stored_bytes),
        ];
        if self.with_archive {
            cells.push(marked_bytes(is_exact, sum.archived_bytes));
        }
        if self.is_wide {
            cells.push(marked(is_exact, ratio(sum.image_size_sum_bytes, sum.all_bytes())));
        }
        cells.push(marked_dollars(is_exact, sum.storage));
        cells
    }
}

/// A figure, with a `~` where it is not exact.
fn marked(is_exact: bool, figure: String) -> String {
    if is_exact || figure == NO_FIGURE { figure } else { format!("~{figure}") }
}

fn marked_bytes(is_exact: bool, bytes: u128) -> String {
    marked(is_exact, large_bytes(bytes))
}

/// What is unknown is no figure, and carries no mark.
fn marked_dollars(is_exact: bool, usd: Option<Usd>) -> String {
    marked(is_exact || usd.is_none(), dollars(usd))
}

/// What stands where there is no figure.
const NO_FIGURE: &str = "—";

/// How many times one is the other: `3.42`; a dash where there is nothing.
fn ratio(one: u128, other: u128) -> String {
    let hundredths = one.checked_mul(200).and_then(|one| one.checked_add(other)?.checked_div(2 * other));
    match hundredths {
        Some(hundredths) => format!("{}.{:02}", hundredths / 100, hundredths % 100),
        None => NO_FIGURE.to_owned(),
    }
}

fn repositories(report: &CostReport<'_>, width: Option<u16>) -> String {
    let columns = StorageColumns::of(report, width);
    let mut headers = vec!["repository"];
    headers.extend(columns.headers());
    headers.extend(columns.freed_headers());
    let mut rows = table::table(&headers);
    let with_registry = has_several_registries(report);
    for repository in largest_first(&report.repositories) {
        let mut row = vec![name(repository, with_registry)];
        row.extend(columns.cells(&repository.sum, repository.is_exact));
        row.extend(match &repository.lifecycle {
            PolicyEffect::Known(savings) => columns.freed_cells(
                Some(savings.next_run_freed_bytes),
                Some(savings.settled_freed_bytes),
                savings.settled_freed,
                repository.is_exact,
            ),
            PolicyEffect::Unknown(_) => columns.freed_cells(None, None, None, repository.is_exact),
            PolicyEffect::NoPolicy => {
                columns.freed(NO_FIGURE, NO_FIGURE, NO_FIGURE).into_iter().map(str::to_owned).collect()
            }
        });
        rows.add_row(row);
    }
    let all = whole(report);
    let unread = match report.unread.len() {
        0 => String::new(),
        number => format!(", {number} not read"),
    };
    let mut row = vec![format!("{} in all{unread}", count(report.repositories.len(), "repository"))];
    row.extend(columns.cells(&report.total, report.is_exact()));
    row.extend(match &all {
        Some(all) => columns.freed_by(all),
        None => columns.freed(NO_FIGURE, NO_FIGURE, NO_FIGURE).into_iter().map(str::to_owned).collect(),
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
                marked_bytes(repository.is_exact, cost.exclusive_bytes),
                marked_bytes(repository.is_exact, cost.shared_bytes),
                marked_dollars(repository.is_exact, cost.exclusive),
            ]);
        }
    }
    let own = report.repositories.iter().flat_map(|repository| &repository.images);
    rows.add_row(vec![
        format!("{} in all", count(usize::try_from(report.total.images).unwrap_or(usize::MAX), "image")),
        String::new(),
        String::new(),
        marked_bytes(report.total.is_size_sum_exact, report.total.image_size_sum_bytes),
        marked_bytes(report.is_exact(), own.map(|cost| cost.exclusive_bytes).fold(0, u128::saturating_add)),
        String::new(),
        String::new(),
    ]);
    table::fitted(rows, &[0, 1, 2], width)
}

fn rules(report: &CostReport<'_>, width: Option<u16>) -> String {
    let mut rows = table::table(&["repository", "rule", "in the end\nfrees", "what it does"]);
    let with_registry = has_several_registries(report);
    let mut all = 0_u128;
    let mut freed: Vec<_> = report.repositories.iter().filter(|it| it.lifecycle.known().is_some()).collect();
    let settled = |repository: &RepositoryCost<'_>| {
        repository.lifecycle.known().map_or(0, |savings| savings.settled_freed_bytes)
    };
    freed.sort_by_key(|repository| Reverse(settled(repository)));
    for repository in freed {
        for rule in repository.lifecycle.known().into_iter().flat_map(|savings| &savings.by_rule) {
            all = all.saturating_add(rule.freed_bytes);
            rows.add_row(vec![
                name(repository, with_registry),
                rule.priority.to_string(),
                marked_bytes(repository.is_exact, rule.freed_bytes),
                rule.sentence.clone(),
            ]);
        }
    }
    let mut with_policy = report.repositories.iter().filter(|it| it.lifecycle.known().is_some());
    let is_exact = report.unread.is_empty() && with_policy.all(|it| it.is_exact);
    let is_unknown = report.repositories.iter().any(|it| matches!(it.lifecycle, PolicyEffect::Unknown(_)));
    let all = if is_unknown { UNKNOWN.to_owned() } else { marked_bytes(is_exact, all) };
    rows.add_row(vec!["in all".to_owned(), String::new(), all, String::new()]);
    table::fitted(rows, &[0, 3], width)
}

fn together(report: &CostReport<'_>, by: &CostBy, what: &str, width: Option<u16>) -> String {
    let columns = StorageColumns::of(report, width);
    let mut headers = vec![what, "repo-\nsitories"];
    headers.extend(columns.headers());
    headers.extend(columns.freed_headers());
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
    let unread = match share.repositories_unread {
        0 => String::new(),
        number => format!(" ({number} not read)"),
    };
    let mut row = vec![name, format!("{}{unread}", grouped(share.repositories))];
    row.extend(columns.cells(&share.sum, share.is_exact));
    row.extend(columns.freed_by(share));
    row
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
