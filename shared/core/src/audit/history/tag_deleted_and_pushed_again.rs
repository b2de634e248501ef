//! A tag that had to mean the same build for good, was deleted, and was pushed with another.

use super::changes::{TagChange, Way, broken, when, with_changes};
use super::promised::{promised, without_findings};
use crate::Tag;
use crate::audit::counted::counted;
use crate::audit::{Area, Audit, Confidence, Flaw, Outcome, RepositoryUnder, Severity};

pub(super) static AUDIT: Audit = Audit {
    id: "tag-deleted-and-pushed-again",
    area: Area::History,
    title: "A tag was deleted and pushed again with another build",
    why: "`IMMUTABLE` stops a push over a tag that is there, and nothing else: whoever may delete the tag can push it anew. \
          The promise is broken, and the setting looks as if it were kept.",
    help: "Take `ecr:BatchDeleteImage` from those who push; find out who did it, by CloudTrail's `BatchDeleteImage` and \
           `PutImage`.",
    severity: Severity::High,
    controls: &[],
};

pub(super) fn check(under: &RepositoryUnder<'_>) -> Outcome {
    let promised = match promised(under) {
        Ok(found) => found,
        Err(outcome) => return outcome,
    };
    let replaced = broken(under, &promised, Way::Replaced);
    if replaced.is_empty() {
        return without_findings(promised.ledger);
    }
    Outcome::of(
        replaced.iter().filter_map(|(tag, changes)| flaw(tag, changes, promised.confidence)).collect(),
    )
}

fn flaw(tag: &Tag, changes: &[TagChange], confidence_max: Confidence) -> Option<Flaw> {
    let last = changes.last()?;
    let is_sure = changes.iter().any(|change| change.is_sure);
    let confidence = if is_sure { confidence_max } else { Confidence::Likely };
    let times = match changes.len() {
        1 => "pushed again with another image".to_owned(),
        many => format!("pushed again with other images {}, the last", counted(many, "time")),
    };
    let message = format!("`{tag}` was deleted and {times} {}", when(last.began));
    let flaw = Flaw::new(AUDIT.severity, confidence, message).with("tag", tag.as_str());
    Some(with_changes(flaw, changes))
}
