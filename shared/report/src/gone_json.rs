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
        "leftOut": left_out.iter().map(left_out_json).collect::<Vec<_>>(),
    })
}

fn repository(repository: &GoneRepository) -> Value {
    json!({
        "registryId": repository.registry_id,
        "region": repository.region,
        "repositoryName": repository.name,
        "since": instant::format(repository.since),
        "until": instant::format(repository.until),
        "repositoryIsGone": repository.is_gone,
        "images": repository.gone.iter().map(image).collect::<Vec<_>>(),
    })
}

fn left_out_json(left_out: &LeftOut) -> Value {
    json!({
        "registryId": left_out.registry_id,
        "region": left_out.region,
        "repositoryName": left_out.name,
        "reason": left_out.reason,
    })
}

fn image(gone: &Gone) -> Value {
    json!({
        "imageDigest": gone.image.digest.to_string(),
        "imageTags": gone.image.tags.iter().map(demurrage_core::Tag::as_str).collect::<Vec<_>>(),
        "imagePushedAt": gone.image.pushed_at.map(instant::format),
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
        "rulePriority": cause.priority,
        "run": cause.round,
        "subject": cause.subject.map(|digest| digest.to_string()),
        "settings": setting_names(cause, changed),
    })
}
