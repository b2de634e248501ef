//! What becomes of an image that a journal says was taken, in one sentence.

use std::fmt::Write;

use demurrage_core::Tag;
use demurrage_core::journal::{Obstacle, PushedOut, Restoration, Way};
use demurrage_core::lifecycle::Outcome;

/// Whether and how an image comes back.
pub fn way_sentence(restoration: &Restoration) -> String {
    let mut text = match &restoration.way {
        Way::Put => "it can be pushed again".to_owned(),
        Way::Tags => "it is there".to_owned(),
        Way::Activate => "it comes back from the archive class, which takes up to 20 minutes".to_owned(),
        Way::Nothing => "nothing of it is gone".to_owned(),
        Way::Impossible(obstacle) => format!("not possible: {}", obstacle_sentence(obstacle)),
    };
    if !restoration.tags.is_empty() {
        let _ = write!(text, "; gets {}", names(&restoration.tags));
    }
    for (tag, digest) in &restoration.tags_elsewhere {
        let _ = write!(text, "; `{tag}` stays on {}", digest.short());
    }
    text
}

const fn is_or_are(number: u32) -> &'static str {
    if number == 1 { "is" } else { "are" }
}

/// Why an image cannot come back.
pub fn obstacle_sentence(obstacle: &Obstacle) -> String {
    match obstacle {
        Obstacle::NoManifest => "its manifest was not saved".to_owned(),
        Obstacle::Manifest { cause } => cause.clone(),
        Obstacle::Blobs { missing, archived: 0, of } => {
            format!("{missing} of its {of} blobs {} gone", is_or_are(*missing))
        }
        Obstacle::Blobs { missing: 0, archived, of } => {
            format!("{archived} of its {of} blobs {} archived", is_or_are(*archived))
        }
        Obstacle::Blobs { missing, archived, of } => {
            format!("of its {of} blobs {missing} are gone and {archived} archived")
        }
        Obstacle::Child(digest) => {
            format!("its child {} is not there and cannot come back", digest.short())
        }
    }
}

/// What the attached lifecycle policy would do to an image because others come back.
pub fn pushed_out_sentence(out: &PushedOut) -> String {
    let name = if out.tags.is_empty() { "untagged".to_owned() } else { names(&out.tags) };
    let what = match out.outcome {
        Outcome::Keep => "keep",
        Outcome::Archive => "archive",
        Outcome::Expire => "delete",
    };
    let rule = out.rule.map_or_else(String::new, |rule| format!(" by its rule {rule}"));
    let which = if out.comes_back { "which comes back, " } else { "" };
    format!(
        "the attached lifecycle policy would then {what} {} ({name}), {which}at its next run{rule}",
        out.digest.short()
    )
}

fn names(tags: &[Tag]) -> String {
    let names: Vec<String> = tags.iter().map(|tag| format!("`{tag}`")).collect();
    names.join(", ")
}
