//! A tag that had to mean the same build for good, and came to mean another.

use super::changes::{TagChange, Way, broken, when, with_changes};
use super::promised::{promised, without_findings};
use crate::Tag;
use crate::audit::counted::counted;
use crate::audit::{Area, Audit, Confidence, Flaw, Outcome, RepositoryUnder, Severity};

pub(super) static AUDIT: Audit = Audit {
    id: "tag-moved",
    area: Area::History,
    title: "A tag moved that had to mean the same build for good",
    why: "What was tested, signed or approved under this tag is not what is pulled by it since. Nodes that start later run \
          another build than those before.",
    help: "Find out who pushed it, by CloudTrail's `PutImage`; tag the old digest again under a name of its own where it is \
           needed, deploy by digest, and set `IMMUTABLE`.",
    severity: Severity::High,
    controls: &[],
};

pub(super) fn check(under: &RepositoryUnder<'_>) -> Outcome {
    let promised = match promised(under) {
        Ok(found) => found,
        Err(outcome) => return outcome,
    };
    let moved = broken(under, &promised, Way::Moved);
    if moved.is_empty() {
        return without_findings(promised.ledger);
    }
    Outcome::of(moved.iter().filter_map(|(tag, changes)| flaw(tag, changes, promised.confidence)).collect())
}

fn flaw(tag: &Tag, changes: &[TagChange], confidence_max: Confidence) -> Option<Flaw> {
    let last = changes.last()?;
    let is_sure = changes.iter().any(|change| change.is_sure);
    let confidence = if is_sure { confidence_max } else { Confidence::Likely };
    let times = match changes.len() {
        1 if 1 < last.to.len() => format!("was on {} images in one moment,", last.to.len()),
        1 => "moved".to_owned(),
        many => format!("moved {}, the last", counted(many, "time")),
    };
    let message = format!("`{tag}` {times} {}", when(last.began));
    let flaw = Flaw::new(AUDIT.severity, confidence, message).with("tag", tag.as_str());
    Some(with_changes(flaw, changes))
}
