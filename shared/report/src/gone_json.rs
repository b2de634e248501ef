//! What went from repositories between two inventories, for programs.

use demurrage_core::instant;
use demurrage_core::lifecycle::{Cause, Gone, Outcome, Switch, Verdict};
use serde_json::{Value, json};

use crate::gone_table::{GoneRepository, setting_names, verdict_sentence};
use crate::left_out::LeftOut;

/// An object with the repositories from which something went, and those of which nobody can tell.
pub fn gone_json(repositories: &[GoneRepository], left_out: &[LeftOut]) -> Value {
    json!({
        "repositories": repositories.iter().map(repository).collect::<Vec<_>>(),
        "left_out": left_out.iter().map(left_out_json).collect::<Vec<_>>(),
    })
}

fn repository(repository: &GoneRepository) -> Value {
    json!({
        "registry_id": repository.registry_id,
        "region": repository.region,
        "repository_name": repository.name,
        "since": instant::format(repository.since),
        "until": instant::format(repository.until),
        "repository_is_gone": repository.is_gone,
        "images": repository.gone.iter().map(image).collect::<Vec<_>>(),
    })
}

fn left_out_json(left_out: &LeftOut) -> Value {
    json!({
        "registry_id": left_out.registry_id,
        "region": left_out.region,
        "repository_name": left_out.name,
        "reason": left_out.reason,
    })
}

fn image(gone: &Gone) -> Value {
    json!({
        "image_digest": gone.image.digest.to_string(),
        "image_tags": gone.image.tags.iter().map(demurrage_core::Tag::as_str).collect::<Vec<_>>(),
        "image_pushed_at": gone.image.pushed_at.map(instant::format),
        "what": if gone.outcome == Outcome::Expire { "DELETED" } else { "ARCHIVED" },
        "verdict": match &gone.verdict {
            Verdict::Explained(_) => "EXPLAINED",
            Verdict::SubjectGone(_) => "SUBJECT_GONE",
            Verdict::OnlyUnder { .. } => "ONLY_UNDER_OTHER_SETTINGS",
            Verdict::CannotBeTold(_) => "CANNOT_BE_TOLD",
            Verdict::Unexplained(_) => "UNEXPLAINED",
        },
        "cause": match &gone.verdict {
            Verdict::Explained(found) => cause(found, &[]),
            Verdict::OnlyUnder { cause: found, changed } => cause(found, changed),
            Verdict::SubjectGone(_) | Verdict::CannotBeTold(_) | Verdict::Unexplained(_) => Value::Null,
        },
        "sentence": verdict_sentence(&gone.verdict),
    })
}

/// `settings`: those that are not the ones that were asked for.
fn cause(cause: &Cause, changed: &[Switch]) -> Value {
    json!({
        "rule_priority": cause.priority,
        "run": cause.round,
        "subject": cause.subject.map(|digest| digest.to_string()),
        "settings": setting_names(cause, changed),
    })
}
