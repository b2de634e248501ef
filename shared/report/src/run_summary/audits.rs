//! What the audits of a registry came to, and how a summary tells it.

use std::cmp::Reverse;
use std::collections::BTreeMap;

use demurrage_core::audit::Severity;
use serde_json::{Value, json};

use super::lines::many;
use super::untrusted::plain;
use super::{RegistrySummary, RunSummary};
use crate::amount::grouped;

/// What the audits of a registry found.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct RegistryAudits {
    /// Repositories that were audited.
    pub repositories: u64,
    /// Whether that is all of them.
    pub is_whole: bool,
    /// Repositories of which a tag moved against the promise, or whose setting lets one.
    pub promises_broken: u64,
    /// Tags that moved against the promise since the run before.
    pub tags_moved: u64,
    /// Quotas that are near, by the findings that nobody accepts.
    pub quotas_near: u64,
    /// Images that are in use, or part of one that is; nothing where nobody read what is in use.
    pub images_in_use: Option<u64>,
    /// Images in use that an attached policy is about to act on, and nobody accepts it.
    pub images_in_use_going: u64,
    /// Repositories of which nobody knows whether there are any.
    pub in_use_unknown: u64,
    /// Critical findings that nobody accepts.
    pub critical: u64,
    /// High ones.
    pub high: u64,
    /// Medium ones.
    pub medium: u64,
    /// Low ones.
    pub low: u64,
    /// Ones that are only worth knowing.
    pub informational: u64,
    /// Findings that somebody accepts.
    pub accepted: u64,
    /// Findings of repositories that have too many of them, which are counted and not written down.
    pub findings_left_out: u64,
    /// How often an audit could not answer.
    pub unevaluated: u64,
    /// Why not, the most frequent reasons first.
    pub not_evaluated: Vec<UnevaluatedCount>,
    /// The worst findings that nobody accepts.
    pub worst: Vec<WorstFinding>,
    /// Where all of it is written down, in the folder of the run.
    pub documents: Vec<String>,
}

/// How often an audit could not answer for one reason.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UnevaluatedCount {
    /// The id of the audit.
    pub audit: String,
    /// Why, as a fragment; empty where there are too many reasons.
    pub reason: String,
    /// How often.
    pub times: u64,
}

/// A finding of an audit.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WorstFinding {
    /// The repository; none: the registry itself.
    pub repository: Option<String>,
    /// The id of the audit.
    pub audit: String,
    /// How bad it is.
    pub severity: Severity,
    /// What is so, as a fragment.
    pub message: String,
    /// Who owns the repository.
    pub owner: Option<String>,
}

impl RegistryAudits {
    /// How many images in use an attached policy is about to act on; nothing where none is known, and not all is.
    pub fn known_in_use_going(&self) -> Option<u64> {
        let is_known = self.is_whole && self.in_use_unknown == 0;
        Some(self.images_in_use_going).filter(|&going| is_known || going != 0)
    }
}

/// For programs.
pub(super) fn json(audits: &RegistryAudits) -> Value {
    let worst = audits.worst.iter().map(|line| {
        json!({
            "repositoryName": line.repository,
            "audit": line.audit,
            "severity": line.severity.name(),
            "message": line.message,
            "owner": line.owner,
        })
    });
    let not_evaluated = audits
        .not_evaluated
        .iter()
        .map(|line| json!({ "audit": line.audit, "reason": line.reason, "times": line.times }));
    json!({
        "repositories": audits.repositories,
        "isWhole": audits.is_whole,
        "promisesBroken": audits.promises_broken,
        "tagsMoved": audits.tags_moved,
        "quotasNear": audits.quotas_near,
        "imagesInUse": audits.images_in_use,
        "imagesInUseGoing": audits.known_in_use_going(),
        "findings": {
            "critical": audits.critical,
            "high": audits.high,
            "medium": audits.medium,
            "low": audits.low,
            "informational": audits.informational,
        },
        "accepted": audits.accepted,
        "findingsLeftOut": audits.findings_left_out,
        "unevaluated": audits.unevaluated,
        "notEvaluated": not_evaluated.collect::<Vec<_>>(),
        "worst": worst.collect::<Vec<_>>(),
        "documents": audits.documents,
    })
}

/// One sentence for each registry that was audited.
pub(super) fn sentences(summary: &RunSummary) -> Vec<String> {
    let sentence = |registry: &RegistrySummary| {
        let audits = registry.audits.as_ref()?;
        let part = if audits.is_whole { "" } else { " of those that could be audited" };
        Some(format!(
            "{} {}: promise broken in {}{part}; {} moved since the run before; in use: {}; findings: {} critical, {} high, {} medium, {} low; not evaluated: {}; all of it: {}",
            plain(&registry.account),
            plain(&registry.region),
            many(audits.promises_broken, "repository"),
            many(audits.tags_moved, "tag"),
            in_use(audits),
            grouped(audits.critical),
            grouped(audits.high),
            grouped(audits.medium),
            grouped(audits.low),
            grouped(audits.unevaluated),
            audits.documents.iter().map(|name| plain(name)).collect::<Vec<_>>().join(" "),
        ))
    };
    summary.registries.iter().filter_map(sentence).collect()
}

/// What is in use, and what of it goes.
fn in_use(audits: &RegistryAudits) -> String {
    let Some(images) = audits.images_in_use else { return "unknown".to_owned() };
    let going = audits.known_in_use_going().map_or_else(|| "an unknown number".to_owned(), grouped);
    format!("{}, of which attached policies take {going} within 14 days", many(images, "image"))
}

/// The worst findings of all registries, the worst first.
pub(super) fn worst(summary: &RunSummary) -> Vec<(&RegistrySummary, &WorstFinding)> {
    let mut lines: Vec<_> = summary
        .registries
        .iter()
        .flat_map(|registry| registry.audits.iter().map(move |audits| (registry, audits)))
        .flat_map(|(registry, audits)| audits.worst.iter().map(move |line| (registry, line)))
        .collect();
    lines.sort_by_key(|(registry, line)| {
        let place = (&registry.account, &registry.region, &line.repository);
        (Reverse(line.severity), place, &line.audit, &line.message)
    });
    lines
}

/// How often audits could not answer in all registries, by audit and reason; the most frequent first.
pub(super) fn not_evaluated(summary: &RunSummary) -> Vec<(&str, &str, u64)> {
    let mut counts: BTreeMap<(&str, &str), u64> = BTreeMap::new();
    let lines = summary.registries.iter().filter_map(|registry| registry.audits.as_ref());
    for line in lines.flat_map(|audits| &audits.not_evaluated) {
        let count = counts.entry((&line.audit, &line.reason)).or_default();
        *count = count.saturating_add(line.times);
    }
    let mut lines: Vec<_> =
        counts.into_iter().map(|((audit, reason), times)| (audit, reason, times)).collect();
    lines.sort_by_key(|&(audit, reason, times)| (Reverse(times), audit, reason));
    lines
}
