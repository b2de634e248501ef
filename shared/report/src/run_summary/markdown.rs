//! The summary of a run as Markdown: what was not read first, then what was.

use std::fmt::Write;

use super::lines::{Limit, push_lines};
use super::untrusted::code;
use super::{RegistrySummary, RunAbout, RunSummary, audits, over_all, unread, whole};
use crate::amount::{bytes, days, grouped};
use crate::dollars::dollars;
use crate::large_bytes;

/// How much is written of each list. Altogether less than 256 KiB, which a notice of SNS may have.
const UNREAD: Limit = Limit { bytes: 36 * 1024, lines: 200 };
const PLAN: Limit = Limit { bytes: 8 * 1024, lines: 20 };
const WHOLE: Limit = Limit { bytes: 12 * 1024, lines: 100 };
const REGISTRIES: Limit = Limit { bytes: 24 * 1024, lines: 200 };
const AUDITS: Limit = Limit { bytes: 12 * 1024, lines: 200 };
const WORST: Limit = Limit { bytes: 32 * 1024, lines: 100 };
const NOT_EVALUATED: Limit = Limit { bytes: 12 * 1024, lines: 50 };
const COSTS: Limit = Limit { bytes: 16 * 1024, lines: 200 };
const GOING_NEXT: Limit = Limit { bytes: 32 * 1024, lines: 100 };
const LINT: Limit = Limit { bytes: 16 * 1024, lines: 100 };
const FINDINGS: Limit = Limit { bytes: 32 * 1024, lines: 100 };
const CALLS: Limit = Limit { bytes: 16 * 1024, lines: 100 };

/// A document of at most 256 KiB. Texts that anybody may have written stand in code spans, in which they cannot
/// become anything else.
pub fn run_summary_markdown(summary: &RunSummary) -> String {
    let mut text = format!(
        "# Run {} of {}: {}\n\nStarted {}, took {}. {}\n",
        code(&summary.run),
        code(&summary.deployment),
        summary.status(),
        summary.started_at.format("%Y-%m-%d %H:%M:%S UTC"),
        days(summary.started_at, summary.ended_at),
        over_all::totals(summary),
    );
    push_unread(&mut text, summary);
    push_plan(&mut text, summary);
    push_registries(&mut text, summary);
    push_costs(&mut text, summary);
    push_whole(&mut text, summary);
    push_audits(&mut text, summary);
    push_worst(&mut text, summary);
    push_not_evaluated(&mut text, summary);
    push_going_next(&mut text, summary);
    push_lint(&mut text, summary);
    push_findings(&mut text, summary);
    push_calls(&mut text, summary);
    text
}

fn push_unread(text: &mut String, summary: &RunSummary) {
    let sentences = unread::sentences(summary, code);
    if sentences.is_empty() {
        return;
    }
    text.push_str("\n## Not read\n\nThe figures below lack it.\n\n");
    push_lines(text, UNREAD, sentences.into_iter().map(|sentence| format!("- {sentence}")));
}

/// The plan, and the command that somebody has to enter for it.
fn push_plan(text: &mut String, summary: &RunSummary) {
    let Some(plan) = &summary.plan else { return };
    let _ = writeln!(text, "\n## Plan {}\n", code(&plan.hash));
    push_lines(text, PLAN, plan.sentences(code).into_iter().map(|sentence| format!("- {sentence}")));
    if let Some(command) = plan.approval() {
        let _ = writeln!(text, "\nTo approve it:\n\n    {command}");
    }
}

fn push_whole(text: &mut String, summary: &RunSummary) {
    let sentences = whole::sentences(summary, code);
    if sentences.is_empty() {
        return;
    }
    text.push_str(
        "\n## Registries as a whole\n\nWhich of the two sizes is billed where a registry mounts blobs is not known.\n\n",
    );
    push_lines(text, WHOLE, sentences.into_iter().map(|sentence| format!("- {sentence}")));
}

fn push_registries(text: &mut String, summary: &RunSummary) {
    if summary.about == RunAbout::Settings {
        let row = |registry: &RegistrySummary| {
            vec![code(&registry.account), code(&registry.region), grouped(registry.repositories)]
        };
        let headers = ["account", "region", "repositories"];
        return push_table(text, "Registries", &headers, 2, REGISTRIES, summary.registries.iter().map(row));
    }
    let headers = [
        "account",
        "region",
        "repositories",
        "not read",
        "images",
        "naive size",
        "with policy",
        "effective",
        "rejected",
        "expire next",
        "archive next",
    ];
    let row = |registry: &RegistrySummary| {
        let mut cells = vec![code(&registry.account), code(&registry.region)];
        cells.extend([registry.repositories, registry.repositories_unread, registry.images].map(grouped));
        cells.push(bytes(registry.naive_stored_bytes));
        let policies = [registry.with_policy, registry.with_effective_policy, registry.rejected_policies];
        cells.extend(policies.map(grouped));
        cells.extend([registry.expiring_next, registry.archiving_next].map(grouped));
        cells
    };
    push_table(text, "Registries", &headers, 2, REGISTRIES, summary.registries.iter().map(row));
}

fn push_costs(text: &mut String, summary: &RunSummary) {
    let headers = [
        "account",
        "region",
        "stored",
        "archived",
        "USD a month",
        "policies free",
        "and save, USD a month",
        "replication, USD a month",
        "not exact",
    ];
    let rows = summary.registries.iter().filter_map(|registry| {
        let costs = registry.costs?;
        Some(vec![
            code(&registry.account),
            code(&registry.region),
            large_bytes(costs.stored_bytes),
            large_bytes(costs.archived_bytes),
            dollars(costs.storage),
            costs.freed(),
            dollars(costs.reclaimable),
            costs.replication(),
            grouped(costs.repositories_inexact),
        ])
    });
    push_table(text, "Costs", &headers, 2, COSTS, rows);
    if summary.registries.iter().any(|registry| registry.costs.is_some()) {
        let _ = writeln!(text, "\n{}", summary.prices.sentence(code));
    }
}

fn push_audits(text: &mut String, summary: &RunSummary) {
    let headers = [
        "account",
        "region",
        "all of it",
        "audited",
        "promise broken",
        "tags moved",
        "critical",
        "high",
        "medium",
        "low",
        "accepted",
        "not evaluated",
    ];
    let rows = summary.registries.iter().filter_map(|registry| {
        let audits = registry.audits.as_ref()?;
        let documents: Vec<String> = audits.documents.iter().map(|name| code(name)).collect();
        let mut cells = vec![code(&registry.account), code(&registry.region), documents.join(" ")];
        let part = if audits.is_whole { "" } else { ", not all" };
        cells.push(format!("{}{part}", grouped(audits.repositories)));
        let figures = [
            audits.promises_broken,
            audits.tags_moved,
            audits.critical,
            audits.high,
            audits.medium,
            audits.low,
            audits.accepted,
            audits.unevaluated,
        ];
        cells.extend(figures.map(grouped));
        Some(cells)
    });
    push_table(text, "Audits", &headers, 3, AUDITS, rows);
}

fn push_worst(text: &mut String, summary: &RunSummary) {
    let headers = ["account", "region", "repository", "severity", "audit", "owner", "what is so"];
    let rows = audits::worst(summary).into_iter().map(|(registry, line)| {
        vec![
            code(&registry.account),
            code(&registry.region),
            line.repository.as_deref().map_or_else(|| "the registry".to_owned(), code),
            line.severity.name().to_owned(),
            code(&line.audit),
            line.owner.as_deref().map_or_else(|| "not known".to_owned(), code),
            code(&line.message),
        ]
    });
    push_table(text, "The worst findings of the audits", &headers, headers.len(), WORST, rows);
}

fn push_not_evaluated(text: &mut String, summary: &RunSummary) {
    let rows = audits::not_evaluated(summary)
        .into_iter()
        .map(|(audit, reason, times)| vec![code(audit), code(reason), grouped(times)]);
    push_table(text, "Not evaluated", &["audit", "why", "times"], 2, NOT_EVALUATED, rows);
}

fn push_going_next(text: &mut String, summary: &RunSummary) {
    let headers = ["account", "region", "repository", "expire", "archive"];
    let rows = over_all::going_next(summary).into_iter().map(|(registry, line)| {
        let names = [&registry.account, &registry.region, &line.repository].map(|name| code(name));
        [names.to_vec(), [line.expiring, line.archiving].map(grouped).to_vec()].concat()
    });
    push_table(text, "What goes next", &headers, 3, GOING_NEXT, rows);
}

fn push_lint(text: &mut String, summary: &RunSummary) {
    let rows = over_all::lint(summary).into_iter().map(|((severity, id), repositories)| {
        vec![severity.0.name().to_owned(), code(id), grouped(repositories)]
    });
    push_table(text, "Findings about policies", &["severity", "finding", "repositories"], 2, LINT, rows);
}

fn push_findings(text: &mut String, summary: &RunSummary) {
    let headers = ["account", "region", "repository", "severity", "finding", "what is so"];
    let rows = over_all::findings(summary).into_iter().map(|(registry, line)| {
        let names = [&registry.account, &registry.region, &line.repository].map(|name| code(name));
        let finding = vec![line.severity.name().to_owned(), code(&line.id), code(&line.message)];
        [names.to_vec(), finding].concat()
    });
    push_table(text, "The gravest findings", &headers, headers.len(), FINDINGS, rows);
}

fn push_calls(text: &mut String, summary: &RunSummary) {
    let rows = over_all::calls(summary).into_iter().map(|line| {
        let numbers = [line.sent, line.throttled, line.failed].map(grouped);
        [vec![code(&line.operation)], numbers.to_vec()].concat()
    });
    push_table(text, "Requests to ECR", &["operation", "sent", "throttled", "failed"], 1, CALLS, rows);
}

/// A table below a heading, whose first columns are texts and whose others are numbers; nothing where it has no rows.
fn push_table(
    text: &mut String,
    heading: &str,
    headers: &[&str],
    text_columns: usize,
    limit: Limit,
    rows: impl Iterator<Item = Vec<String>>,
) {
    let mut rows = rows.map(|cells| format!("| {} |", cells.join(" | "))).peekable();
    if rows.peek().is_none() {
        return;
    }
    let line = |column: usize| if column < text_columns { "---" } else { "---:" };
    let lines: Vec<&str> = (0..headers.len()).map(line).collect();
    let _ = writeln!(text, "\n## {heading}\n\n| {} |\n| {} |", headers.join(" | "), lines.join(" | "));
    push_lines(text, limit, rows);
}
