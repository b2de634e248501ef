//! What went from repositories between two inventories, for programs.

use demurrage_core::instant;
use demurrage_core::lifecycle::{Cause, Gone, Outcome};
use serde_json::{Value, json};

use crate::gone_table::{GoneRepository, cause_sentence, setting_names};

/// An array with an object for each repository from which something went.
pub fn gone_json(repositories: &[GoneRepository]) -> Value {
    repositories
        .iter()
        .map(|repository| {
            json!({
                "registryId": repository.registry_id,
                "region": repository.region,
                "repositoryName": repository.name,
                "since": instant::format(repository.since),
                "until": instant::format(repository.until),
                "repositoryIsGone": repository.is_gone,
                "images": repository.gone.iter().map(image).collect::<Vec<_>>(),
            })
        })
        .collect()
}

fn image(gone: &Gone) -> Value {
    json!({
        "imageDigest": gone.image.digest.to_string(),
        "imageTags": gone.image.tags.iter().map(demurrage_core::Tag::as_str).collect::<Vec<_>>(),
        "imagePushedAt": gone.image.pushed_at.map(instant::format),
        "what": if gone.outcome == Outcome::Expire { "DELETED" } else { "ARCHIVED" },
        "explained": gone.cause.is_some(),
        "cause": gone.cause.as_ref().map(cause),
        "sentence": cause_sentence(gone.cause.as_ref()),
    })
}

fn cause(cause: &Cause) -> Value {
    json!({
        "rulePriority": cause.priority,
        "run": cause.round,
        "subject": cause.subject.map(|digest| digest.to_string()),
        "settings": setting_names(cause.switches),
    })
}
