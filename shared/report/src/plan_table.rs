//! A plan for people.

use std::collections::BTreeMap;
use std::fmt::Write;

use demurrage_core::plan::{KeptImage, Mode, Plan, Refusal, RepositoryAddress};

use crate::amount::{bytes, count, grouped};
use crate::dollars::size_and_dollars;
use crate::image_name::visible;
use crate::plan_report::{PlanReport, RuleSum, guard_words, image_words, registry_words};
use crate::plan_setting::{ends, setting_name};
use crate::table;
use crate::wrapped::wrapped;

/// Of what a guard keeps, and of repositories that were refused for one reason, so many are named.
const NAMED_MAX: usize = 3;

/// A plan: what makes a person look first, then what it does, what stays, and what was refused.
pub fn plan_table(report: &PlanReport<'_>, width: Option<u16>) -> String {
    let head = &report.plan.head;
    let mut text = String::new();
    let _ = writeln!(text, "plan {}", report.plan.hash);
    let _ = writeln!(
        text,
        "made {}, holds until {}\nmode {}: {}",
        head.made_at.format("%Y-%m-%d %H:%M UTC"),
        head.expires_at.format("%Y-%m-%d %H:%M UTC"),
        head.mode,
        mode_words(head.mode),
    );
    if let Some(registry) = report.registry() {
        let _ = writeln!(text, "in {}", visible(&registry_words(registry)));
    }
    let _ = writeln!(text, "\n{}\n", headline(report.plan));
    push_tripped(&mut text, report, width);
    push_images(&mut text, report, width);
    push_settings(&mut text, report, width);
    push_kept(&mut text, report, width);
    push_refused(&mut text, report, width);
    text
}

/// What a plan comes to, and of how much it says nothing.
pub(crate) fn headline(plan: &Plan) -> String {
    let refused = match plan.refused.len() {
        0 => String::new(),
        refused => format!("{} refused", count(refused, "repository")),
    };
    if plan.actions() == 0 {
        return if refused.is_empty() {
            "nothing to do".to_owned()
        } else {
            format!("nothing is planned: {refused}")
        };
    }
    let mut text = format!(
        "{} in {}: frees {}",
        count(number(plan.actions()), "action"),
        count(number(plan.repositories()), "repository"),
        size_and_dollars(plan.bytes_freed().into(), plan.usd_per_month),
    );
    if !refused.is_empty() {
        let _ = write!(text, "; {refused}");
    }
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

fn push_tripped(text: &mut String, report: &PlanReport<'_>, width: Option<u16>) {
    let tripped = &report.plan.head.tripped;
    if tripped.is_empty() {
        return;
    }
    let _ = writeln!(text, "LOOK FIRST: {} tripped", count(tripped.len(), "soft guard"));
    for tripped in tripped {
        let place = tripped.repository.as_ref().map_or_else(|| "all".to_owned(), shown);
        let line = format!("{} in {place}: {}", guard_words(tripped.guard.name()), visible(&tripped.detail));
        text.push_str(&wrapped(&line, width));
    }
    text.push('\n');
}

fn push_images(text: &mut String, report: &PlanReport<'_>, width: Option<u16>) {
    let by_rule = &report.changes.by_rule;
    if by_rule.is_empty() {
        return;
    }
    let all = report.changes.sum();
    let mut rows = table::table(&[&["repository", "rule"][..], &columns(&all)].concat());
    for (repository, rule, sum) in by_rule {
        rows.add_row(row(place(report, repository), visible(rule), sum, &all));
    }
    if 1 < by_rule.len() {
        rows.add_row(row("all".to_owned(), String::new(), &all, &all));
    }
    text.push_str(&table::fitted(rows, &[0, 1], width));
    text.push('\n');
}

/// The columns that are about anything.
fn columns(all: &RuleSum) -> Vec<&'static str> {
    let named = [("expired", all.expired), ("archived", all.archived), ("untagged", all.untagged)];
    named.into_iter().filter(|(_, number)| *number != 0).map(|(name, _)| name).chain(["freed"]).collect()
}

fn row(repository: String, rule: String, sum: &RuleSum, all: &RuleSum) -> Vec<String> {
    let numbers = [(sum.expired, all.expired), (sum.archived, all.archived), (sum.untagged, all.untagged)];
    let shown = numbers.into_iter().filter(|(_, all)| *all != 0).map(|(number, _)| grouped(number));
    [repository, rule].into_iter().chain(shown).chain([bytes(sum.bytes_freed)]).collect()
}

fn push_settings(text: &mut String, report: &PlanReport<'_>, width: Option<u16>) {
    let settings = &report.changes.settings;
    if settings.is_empty() {
        return;
    }
    let mut rows = table::table(&["repository", "setting", "from", "to", "by"]);
    for (repository, action) in settings {
        let (from, to) = ends(action);
        let setting = setting_name(action).replace('_', " ");
        rows.add_row([place(report, repository), setting, from, to, visible(&action.rule)]);
    }
    text.push_str(&table::fitted(rows, &[0, 1, 2, 3, 4], width));
    text.push('\n');
}

/// A repository: by its name alone, where all are in one registry.
fn place(report: &PlanReport<'_>, address: &RepositoryAddress) -> String {
    if report.registry().is_some() { visible(&address.name) } else { shown(address) }
}

fn push_kept(text: &mut String, report: &PlanReport<'_>, width: Option<u16>) {
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
        let line = format!("{} {}: {}", grouped(images.len() as u64), guard_words(guard), named(&images));
        text.push_str(&wrapped(&line, width));
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
fn push_refused(text: &mut String, report: &PlanReport<'_>, width: Option<u16>) {
    if report.plan.refused.is_empty() {
        return;
    }
    text.push_str("refused:\n");
    for (reason, repositories) in by_reason(&report.plan.refused) {
        let named: Vec<String> =
            repositories.iter().take(NAMED_MAX).map(|address| place(report, address)).collect();
        let more = match repositories.len().saturating_sub(NAMED_MAX) {
            0 => String::new(),
            more => format!(" and {} more", grouped(more as u64)),
        };
        text.push_str(&wrapped(&format!("{}{more}: {}", named.join(", "), visible(reason)), width));
    }
}

/// Which repositories were refused, by the reasons.
pub(crate) fn by_reason(refused: &[Refusal]) -> BTreeMap<&str, Vec<&RepositoryAddress>> {
    let mut reasons: BTreeMap<&str, Vec<&RepositoryAddress>> = BTreeMap::new();
    for refusal in refused {
        reasons.entry(&refusal.reason).or_default().push(&refusal.repository);
    }
    reasons
}

pub(crate) fn shown(address: &RepositoryAddress) -> String {
    visible(&address.to_string())
}

pub(crate) fn number(number: u64) -> usize {
    usize::try_from(number).unwrap_or(usize::MAX)
}
