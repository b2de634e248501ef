//! A plan for people.

use std::collections::BTreeMap;
use std::fmt::Write;

use demurrage_core::plan::{KeptImage, Mode, Refusal, RepositoryAddress};

use crate::amount::{bytes, count, grouped};
use crate::dollars::size_and_dollars;
use crate::image_name::visible;
use crate::plan_report::{PlanReport, RuleSum, guard_words, image_words};
use crate::table;

/// Of what a guard keeps, and of repositories that were refused for one reason, so many are named.
const NAMED_MAX: usize = 3;

/// A plan: what makes a person look first, then what it does, what stays, and what was refused.
pub fn plan_table(report: &PlanReport<'_>, width: Option<u16>) -> String {
    let head = &report.plan.head;
    let mut text = String::new();
    let _ = writeln!(text, "plan {}", report.plan.hash);
    let _ = writeln!(
        text,
        "made {}, holds until {}, mode {}: {}\n",
        head.made_at.format("%Y-%m-%d %H:%M UTC"),
        head.expires_at.format("%Y-%m-%d %H:%M UTC"),
        head.mode,
        mode_words(head.mode),
    );
    push_tripped(&mut text, report);
    push_actions(&mut text, report, width);
    push_kept(&mut text, report);
    push_refused(&mut text, &report.plan.refused);
    text
}

/// What may be done with a plan of this mode.
pub(crate) const fn mode_words(mode: Mode) -> &'static str {
    match mode {
        Mode::Observe => "it is looked at, and never applied",
        Mode::Approve => "it is applied when somebody says so, by its hash",
        Mode::Enforce => "it is applied by itself, unless a soft guard tripped",
    }
}

fn push_tripped(text: &mut String, report: &PlanReport<'_>) {
    let tripped = &report.plan.head.tripped;
    if tripped.is_empty() {
        return;
    }
    let _ = writeln!(text, "LOOK FIRST: {} tripped", count(tripped.len(), "soft guard"));
    for tripped in tripped {
        let place = tripped.repository.as_ref().map_or_else(|| "all".to_owned(), shown);
        let _ = writeln!(
            text,
            "  {} in {place}: {}",
            guard_words(tripped.guard.name()),
            visible(&tripped.detail)
        );
    }
    text.push('\n');
}

fn push_actions(text: &mut String, report: &PlanReport<'_>, width: Option<u16>) {
    if report.repositories.is_empty() {
        text.push_str("nothing to do\n\n");
        return;
    }
    let mut rows =
        table::table(&["repository", "rule", "expired", "archived", "untagged", "settings", "freed"]);
    let mut all = RuleSum::default();
    for (repository, rule, sum) in report.by_rule() {
        rows.add_row(row(shown(&repository.repository), visible(rule), &sum));
        all.add_sum(&sum);
    }
    rows.add_row(row("all".to_owned(), String::new(), &all));
    text.push_str(&table::fitted(rows, &[0, 1], width));
    let _ = writeln!(
        text,
        "\n{} in {}: {}\n",
        count(number(report.plan.actions()), "action"),
        count(number(report.plan.repositories()), "repository"),
        size_and_dollars(report.plan.bytes_freed().into(), report.plan.usd_per_month),
    );
}

fn row(repository: String, rule: String, sum: &RuleSum) -> Vec<String> {
    let numbers = [sum.expired, sum.archived, sum.untagged, sum.settings].map(grouped);
    [repository, rule].into_iter().chain(numbers).chain([bytes(sum.bytes_freed)]).collect()
}

fn push_kept(text: &mut String, report: &PlanReport<'_>) {
    if report.plan.pending != 0 {
        let _ = writeln!(
            text,
            "{}: no plan that is at least 24 hours older chose them as they are",
            waiting(report.plan.pending)
        );
    }
    let guards = report.kept_by_guard();
    if !guards.is_empty() {
        text.push_str("kept, whatever rules say:\n");
    }
    for (guard, images) in guards {
        let _ =
            writeln!(text, "  {} {}: {}", grouped(images.len() as u64), guard_words(guard), named(&images));
    }
    if report.plan.pending != 0 || !report.kept.is_empty() {
        text.push('\n');
    }
}

fn waiting(pending: u64) -> String {
    let waits = if pending == 1 { "waits" } else { "wait" };
    format!("{} {waits}", count(number(pending), "image"))
}

/// The first of these images, with what the guard saw.
fn named(images: &[&KeptImage]) -> String {
    let one = |kept: &&KeptImage| {
        let image = image_words(&kept.repository, kept.digest, &kept.tags);
        visible(&format!("{image} ({})", kept.detail))
    };
    let named: Vec<String> = images.iter().take(NAMED_MAX).map(one).collect();
    match images.len().saturating_sub(NAMED_MAX) {
        0 => named.join("; "),
        more => format!("{}; and {} more", named.join("; "), grouped(more as u64)),
    }
}

/// The repositories that were refused, by the reasons.
fn push_refused(text: &mut String, refused: &[Refusal]) {
    if refused.is_empty() {
        return;
    }
    let mut reasons: BTreeMap<&str, Vec<&RepositoryAddress>> = BTreeMap::new();
    for refusal in refused {
        reasons.entry(&refusal.reason).or_default().push(&refusal.repository);
    }
    let _ = writeln!(text, "refused: {}", count(refused.len(), "repository"));
    for (reason, repositories) in reasons {
        let named: Vec<String> = repositories.iter().take(NAMED_MAX).map(|address| shown(address)).collect();
        let more = match repositories.len().saturating_sub(NAMED_MAX) {
            0 => String::new(),
            more => format!(" and {} more", grouped(more as u64)),
        };
        let _ = writeln!(text, "  {}{more}: {}", named.join(", "), visible(reason));
    }
}

pub(crate) fn shown(address: &RepositoryAddress) -> String {
    visible(&address.to_string())
}

pub(crate) fn number(number: u64) -> usize {
    usize::try_from(number).unwrap_or(usize::MAX)
}
