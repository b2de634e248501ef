//! A restoration, for programs.

use demurrage_core::Tag;
use demurrage_core::journal::PushedOut;
use demurrage_core::lifecycle::Outcome;
use serde_json::{Value, json};

use crate::restore_report::{RestoreReport, RestoredImage, RestoredRepository};
use crate::restore_sentence::{pushed_out_sentence, way_sentence};

/// An object with the repositories, and in them each image.
pub fn restore_json(report: &RestoreReport) -> Value {
    json!({
        "journal": report.journal,
        "done": report.is_done,
        "repositories": report.repositories.iter().map(repository).collect::<Vec<_>>(),
    })
}

fn repository(repository: &RestoredRepository) -> Value {
    json!({
        "registry_id": repository.repository.account,
        "region": repository.repository.region,
        "repository_name": repository.repository.name,
        "refused": repository.refused,
        "images": repository.images.iter().map(image).collect::<Vec<_>>(),
        "pushed_out": repository.pushed_out.iter().map(pushed_out).collect::<Vec<_>>(),
        "notes": repository.notes,
    })
}

fn image(image: &RestoredImage) -> Value {
    let restoration = &image.restoration;
    let outcome = image.outcome.as_ref();
    json!({
        "image_digest": restoration.digest.to_string(),
        "way": restoration.way.name(),
        "sentence": way_sentence(restoration),
        "image_tags": tags(&restoration.tags),
        "tags_before": tags(&image.had_tags),
        "tags_elsewhere": restoration
            .tags_elsewhere
            .iter()
            .map(|(tag, digest)| json!({ "image_tag": tag.as_str(), "image_digest": digest.to_string() }))
            .collect::<Vec<_>>(),
        "is_back": outcome.map(|outcome| outcome.is_back),
        "tags_put": outcome.map(|outcome| tags(&outcome.tags)),
        "failures": outcome.map(|outcome| &outcome.failures),
    })
}

fn pushed_out(out: &PushedOut) -> Value {
    json!({
        "image_digest": out.digest.to_string(),
        "image_tags": tags(&out.tags),
        "action": match out.outcome {
            Outcome::Keep => "KEEP",
            Outcome::Archive => "ARCHIVE",
            Outcome::Expire => "EXPIRE",
        },
        "rule_priority": out.rule,
        "comes_back": out.comes_back,
        "sentence": pushed_out_sentence(out),
    })
}

fn tags(tags: &[Tag]) -> Vec<&str> {
    tags.iter().map(Tag::as_str).collect()
}
