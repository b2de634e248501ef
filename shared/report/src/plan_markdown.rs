//! A plan for a pull request, as Markdown. Texts that anybody may have written stand in code spans.

use std::fmt::Write;

use crate::amount::{bytes, count, grouped};
use crate::plan_report::{PlanReport, guard_words, image_words};
use crate::plan_setting::{ends, setting_name};
use crate::plan_table::{headline, mode_words, number};
use crate::run_summary::code;

/// Rows of a list before the rest is counted: a comment of a pull request takes 65,536 characters.
///
/// Source: GitHub's REST API, comments of issues, read 2026-11-25.
const ROWS_MAX: usize = 100;
/// Images of one guard that are named.
const KEPT_MAX: usize = 5;

/// What makes a person look first, then what the plan does, what stays, and what was refused.
pub fn plan_markdown(report: &PlanReport<'_>) -> String {
    let plan = report.plan;
    let mut text = String::new();
    let _ = writeln!(text, "## Plan {}\n", code(&plan.hash.to_string()));
    let _ = writeln!(
        text,
        "**{}.** Made {}, holds until {}. Mode {}: {}.\n",
        headline(plan),
        plan.head.made_at.format("%Y-%m-%d %H:%M UTC"),
        plan.head.expires_at.format("%Y-%m-%d %H:%M UTC"),
        plan.head.mode,
        mode_words(plan.head.mode),
    );
    push_tripped(&mut text, report);
    push_images(&mut text, report);
    push_settings(&mut text, report);
    push_kept(&mut text, report);
    push_refused(&mut text, report);
    text
}

fn push_tripped(text: &mut String, report: &PlanReport<'_>) {
    let tripped = &report.plan.head.tripped;
    if tripped.is_empty() {
        return;
    }
    let _ = writeln!(text, "### Look first: {} tripped\n", count(tripped.len(), "soft guard"));
    let lines = tripped.iter().map(|tripped| {
        let place = tripped.repository.as_ref().map_or_else(|| "all".to_owned(), |at| code(&at.to_string()));
        format!("- **{}** in {place}: {}", guard_words(tripped.guard.name()), code(&tripped.detail))
    });
    push_lines(text, lines);
}

fn push_images(text: &mut String, report: &PlanReport<'_>) {
    let by_rule = &report.changes.by_rule;
    if by_rule.is_empty() {
        return;
    }
    text.push_str("| repository | rule | expired | archived | untagged | freed |\n");
    text.push_str("|---|---|--:|--:|--:|--:|\n");
    let lines = by_rule.iter().map(|(repository, rule, sum)| {
        format!(
            "| {} | {} | {} | {} | {} | {} |",
            code(&repository.to_string()),
            code(rule),
            grouped(sum.expired),
            grouped(sum.archived),
            grouped(sum.untagged),
            bytes(sum.bytes_freed),
        )
    });
    push_lines(text, lines);
}

fn push_settings(text: &mut String, report: &PlanReport<'_>) {
    let settings = &report.changes.settings;
    if settings.is_empty() {
        return;
    }
    text.push_str("| repository | setting | from | to | by | because |\n|---|---|---|---|---|---|\n");
    let lines = settings.iter().map(|(repository, action)| {
        let (from, to) = ends(action);
        format!(
            "| {} | {} | {} | {} | {} | {} |",
            code(&repository.to_string()),
            setting_name(action).replace('_', " "),
            code(&from),
            code(&to),
            code(&action.rule),
            code(&action.reason),
        )
    });
    push_lines(text, lines);
}

fn push_kept(text: &mut String, report: &PlanReport<'_>) {
    if report.plan.pending != 0 {
        let images = count(number(report.plan.pending), "image");
        let _ = writeln!(text, "Waiting for a second plan at least 24 hours later: {images}.\n");
    }
    if report.kept.is_empty() {
        return;
    }
    text.push_str("### Kept, whatever rules say\n\n");
    for (guard, images) in report.kept_by_guard() {
        let _ = writeln!(text, "- {} {}", grouped(images.len() as u64), guard_words(guard));
        for kept in images.iter().take(KEPT_MAX) {
            let image = image_words(&kept.repository, kept.digest, &kept.tags);
            let _ = writeln!(text, "  - {}: {}", code(&image), code(&kept.detail));
        }
        if let Some(more @ 1..) = images.len().checked_sub(KEPT_MAX) {
            let _ = writeln!(text, "  - and {} more", grouped(more as u64));
        }
    }
    text.push('\n');
}

fn push_refused(text: &mut String, report: &PlanReport<'_>) {
    let refused = &report.plan.refused;
    if refused.is_empty() {
        return;
    }
    let _ = writeln!(text, "### Refused: {}\n", count(refused.len(), "repository"));
    let lines = refused
        .iter()
        .map(|refusal| format!("- {}: {}", code(&refusal.repository.to_string()), code(&refusal.reason)));
    push_lines(text, lines);
}

fn push_lines(text: &mut String, lines: impl ExactSizeIterator<Item = String>) {
    let all = lines.len();
    for line in lines.take(ROWS_MAX) {
        text.push_str(&line);
        text.push('\n');
    }
    if let Some(more @ 1..) = all.checked_sub(ROWS_MAX) {
        let _ = writeln!(text, "\nand {} more", grouped(more as u64));
    }
    text.push('\n');
}
