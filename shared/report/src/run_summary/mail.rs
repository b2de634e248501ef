//! The summary of a run as a mail: short, and in plain text.

use std::fmt::Write;

use super::lines::{Limit, many, push_lines};
use super::untrusted::plain;
use super::{
    RegistrySummary, RunAbout, RunPlan, RunStatus, RunSummary, audits, costs, over_all, unread, whole,
};
use crate::amount::{bytes, days, grouped};

/// Longest subject, in characters.
///
/// Source: SNS API reference, "Publish", read 2026-11-24: "less than 100 characters long".
const SUBJECT_CHARS_MAX: usize = 99;
/// Characters of the deployment's name that a subject has.
const DEPLOYMENT_CHARS_MAX: usize = 32;

/// How much is written of each list. Altogether less than 64 KiB: longer mails are not read.
const UNREAD: Limit = Limit { bytes: 10 * 1024, lines: 30 };
const PLAN: Limit = Limit { bytes: 3 * 1024, lines: 20 };
const REGISTRIES: Limit = Limit { bytes: 8 * 1024, lines: 40 };
const COSTS: Limit = Limit { bytes: 5 * 1024, lines: 20 };
const WHOLE: Limit = Limit { bytes: 6 * 1024, lines: 10 };
const AUDITS: Limit = Limit { bytes: 7 * 1024, lines: 20 };
const WORST: Limit = Limit { bytes: 7 * 1024, lines: 20 };
const GOING_NEXT: Limit = Limit { bytes: 7 * 1024, lines: 20 };
const FINDINGS: Limit = Limit { bytes: 7 * 1024, lines: 20 };

/// What a notice says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RunMail {
    /// Visible ASCII without the end of a line, at most 99 characters.
    pub subject: String,
    /// Plain text of at most 64 KiB.
    pub text: String,
}

/// A notice about a run.
pub fn run_summary_mail(summary: &RunSummary) -> RunMail {
    let mut text = format!(
        "Run {} of {}: {}\nStarted {}, took {}.\n{}\n",
        plain(&summary.run),
        plain(&summary.deployment),
        summary.status(),
        summary.started_at.format("%Y-%m-%d %H:%M:%S UTC"),
        days(summary.started_at, summary.ended_at),
        over_all::totals(summary),
    );
    push_list(
        &mut text,
        "NOT READ, and missing in the figures below",
        UNREAD,
        unread::sentences(summary, plain),
    );
    push_plan(&mut text, summary);
    push_list(
        &mut text,
        "REGISTRIES",
        REGISTRIES,
        summary.registries.iter().map(|registry| registry_sentence(summary.about, registry)).collect(),
    );
    let priced = costs::sentences(summary, plain);
    let is_priced = !priced.is_empty();
    push_list(&mut text, "COSTS", COSTS, priced);
    if is_priced {
        let _ = writeln!(text, "  {}", summary.prices.sentence(plain));
    }
    push_list(&mut text, "REGISTRIES AS A WHOLE", WHOLE, whole::sentences(summary, plain));
    push_list(&mut text, "AUDITS", AUDITS, audits::sentences(summary));
    push_list(&mut text, "WORST FINDINGS OF THE AUDITS", WORST, worst(summary));
    push_list(&mut text, "GOES NEXT", GOING_NEXT, going_next(summary));
    push_list(&mut text, "FINDINGS", FINDINGS, findings(summary));
    RunMail { subject: subject(summary), text }
}

/// The plan, and the command that somebody has to enter for it: that is ours, and stands as it is.
fn push_plan(text: &mut String, summary: &RunSummary) {
    let Some(plan) = &summary.plan else { return };
    let heading = format!("PLAN {}", plain(&plan.hash));
    push_list(text, &heading, PLAN, plan.sentences(plain));
    if let Some(command) = plan.approval() {
        let _ = writeln!(text, "\n  {command}");
    }
}

fn push_list(text: &mut String, heading: &str, limit: Limit, sentences: Vec<String>) {
    if sentences.is_empty() {
        return;
    }
    let _ = writeln!(text, "\n{heading}");
    push_lines(text, limit, sentences.into_iter().map(|sentence| format!("  {sentence}")));
}

fn registry_sentence(about: RunAbout, registry: &RegistrySummary) -> String {
    if about == RunAbout::Settings {
        let repositories = many(registry.repositories, "repository");
        return format!("{} {}: {repositories}", plain(&registry.account), plain(&registry.region));
    }
    format!(
        "{} {}: {}, {}, {} if no layer were shared; {} of {} lifecycle policies effective; expires {}, archives {}",
        plain(&registry.account),
        plain(&registry.region),
        many(registry.repositories, "repository"),
        many(registry.images, "image"),
        bytes(registry.naive_stored_bytes),
        grouped(registry.with_effective_policy),
        grouped(registry.with_policy),
        grouped(registry.expiring_next),
        grouped(registry.archiving_next),
    )
}

fn worst(summary: &RunSummary) -> Vec<String> {
    let sentence = |(registry, line): (&RegistrySummary, &super::WorstFinding)| {
        let owner = line.owner.as_deref().map(|owner| format!(", of {}", plain(owner)));
        format!(
            "{}[{}] {} ({} {}{}): {}",
            line.severity.name(),
            plain(&line.audit),
            line.repository.as_deref().map_or_else(|| "the registry".to_owned(), plain),
            plain(&registry.account),
            plain(&registry.region),
            owner.unwrap_or_default(),
            plain(&line.message),
        )
    };
    audits::worst(summary).into_iter().map(sentence).collect()
}

fn going_next(summary: &RunSummary) -> Vec<String> {
    let sentence = |(registry, line): (&RegistrySummary, &super::GoingNext)| {
        format!(
            "{} ({} {}): expires {}, archives {}",
            plain(&line.repository),
            plain(&registry.account),
            plain(&registry.region),
            grouped(line.expiring),
            grouped(line.archiving),
        )
    };
    over_all::going_next(summary).into_iter().map(sentence).collect()
}

fn findings(summary: &RunSummary) -> Vec<String> {
    let sentence = |(registry, line): (&RegistrySummary, &super::RepositoryFinding)| {
        format!(
            "{}[{}] {} ({} {}): {}",
            line.severity.name(),
            plain(&line.id),
            plain(&line.repository),
            plain(&registry.account),
            plain(&registry.region),
            plain(&line.message),
        )
    };
    over_all::findings(summary).into_iter().map(sentence).collect()
}

/// What is most worth knowing, in one line.
fn subject(summary: &RunSummary) -> String {
    let what = match summary.status() {
        RunStatus::Complete if summary.plan.as_ref().is_some_and(RunPlan::waits) => {
            let images = summary.plan.as_ref().map_or(0, |plan| plan.images);
            format!("a plan for {} waits for approval", many(images, "image"))
        }
        RunStatus::Complete if summary.about == RunAbout::Settings => {
            let repositories = over_all::sum(summary, |registry| registry.repositories);
            format!("settings of {}", many(repositories, "repository"))
        }
        RunStatus::Complete => {
            let expiring = over_all::sum(summary, |registry| registry.expiring_next);
            let verb = if expiring == 1 { "expires" } else { "expire" };
            format!("{} {verb} next", many(expiring, "image"))
        }
        RunStatus::Partial => {
            let unread = over_all::sum(summary, |registry| registry.repositories_unread);
            format!("{}, {} not read whole", many(summary.failures(), "failure"), many(unread, "repository"))
        }
    };
    let ascii = |c: char| if c == ' ' || c.is_ascii_graphic() { c } else { '?' };
    let deployment: String = summary.deployment.chars().take(DEPLOYMENT_CHARS_MAX).map(ascii).collect();
    let subject = format!("Demurrage {}: {}, {what}", deployment.trim(), summary.status());
    subject.chars().take(SUBJECT_CHARS_MAX).collect()
}
