//! What an entry of a journal tells of each image and setting: what happened to it, by which rule, and why.

use chrono::{DateTime, Utc};

use super::{Call, Dropped, Entry, ImageId, Outcome, SavedImage};
use crate::plan::RepositoryAddress;
use crate::{Digest, Tag};

/// What happened.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Happening {
    /// The image was deleted.
    Deleted,
    /// Tags were taken off.
    Untagged,
    /// The image moved to the archive class.
    Archived,
    /// The image was brought back from the archive class.
    Activated,
    /// The image was put back.
    Restored,
    /// A tag was put back.
    Tagged,
    /// A setting changed.
    Setting,
    /// It was to happen and did not: something changed since the plan.
    Dropped,
    /// It was tried and did not work.
    Failed,
    /// The call may have been made, and nobody has looked since.
    Unknown,
}

impl Happening {
    /// The name, such as `deleted`.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Deleted => "deleted",
            Self::Untagged => "untagged",
            Self::Archived => "archived",
            Self::Activated => "activated",
            Self::Restored => "restored",
            Self::Tagged => "tagged",
            Self::Setting => "setting",
            Self::Dropped => "dropped",
            Self::Failed => "failed",
            Self::Unknown => "unknown",
        }
    }
}

/// One line of a history.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HistoryRow {
    /// When: of the outcome, or of the intent where there is none.
    pub at: DateTime<Utc>,
    /// The repository.
    pub repository: RepositoryAddress,
    /// What happened.
    pub happening: Happening,
    /// The operation of ECR; nothing where no call was made.
    pub operation: Option<&'static str>,
    /// The image; nothing where a setting is meant.
    pub digest: Option<Digest>,
    /// The tags that it is about: of an image that went all of them.
    pub tags: Vec<Tag>,
    /// The rule, or what it was restored from.
    pub rule: Option<String>,
    /// Why, in one sentence without a full stop.
    pub reason: String,
    /// What went wrong, or was found out later, or what the setting is now.
    pub detail: Option<String>,
}

/// What an entry tells.
pub fn history_of(entry: &Entry) -> Vec<HistoryRow> {
    match &entry.intent.call {
        Call::Delete { ids } => {
            let rows = entry.intent.images.iter();
            rows.flat_map(|image| deletion(entry, image, ids)).collect()
        }
        Call::Archive { .. } => of_images(entry, Happening::Archived),
        Call::Activate { .. } => of_images(entry, Happening::Activated),
        Call::PutImage { tag: None, .. } => of_images(entry, Happening::Restored),
        Call::PutImage { tag: Some(tag), .. } => {
            let mut rows = of_images(entry, Happening::Tagged);
            for row in &mut rows {
                row.tags = vec![tag.clone()];
            }
            rows
        }
        Call::TagMutability { from, to, rule, reason } => {
            let change = format!("tag mutability: `{}` to `{}`", from.mode, to.mode);
            vec![of_setting(entry, rule, reason, &change)]
        }
        Call::LifecyclePolicy { from, rule, reason, .. } => {
            let change = match from {
                Some(_) => "the lifecycle policy was replaced",
                None => "a lifecycle policy was attached",
            };
            vec![of_setting(entry, rule, reason, change)]
        }
        Call::ScanOnPush { from, to, rule, reason } => {
            let said = |on: &bool| if *on { "on" } else { "off" };
            let from = from.as_ref().map_or("unknown", said);
            vec![of_setting(entry, rule, reason, &format!("scan on push: {from} to {}", said(to)))]
        }
    }
}

/// What an image that was left alone tells.
pub fn history_of_dropped(dropped: &Dropped) -> HistoryRow {
    HistoryRow {
        at: dropped.at,
        repository: dropped.repository.clone(),
        happening: Happening::Dropped,
        operation: None,
        digest: Some(dropped.digest),
        tags: Vec::new(),
        rule: None,
        reason: dropped.why.clone(),
        detail: None,
    }
}

/// A row of an image, to which something happened.
fn row(entry: &Entry, image: &SavedImage, happening: Happening) -> HistoryRow {
    let outcome = entry.outcome.as_ref();
    HistoryRow {
        at: outcome.map_or(entry.intent.at, |outcome| outcome.at),
        repository: entry.intent.repository.clone(),
        happening,
        operation: Some(entry.intent.call.operation()),
        digest: Some(image.digest),
        tags: image.tags.clone(),
        rule: Some(image.rule.clone()),
        reason: image.reason.clone(),
        detail: outcome.and_then(|outcome| outcome.error.clone()),
    }
}

/// The rows of one image of a deletion: what was done to it, and each id that was not done.
fn deletion(entry: &Entry, image: &SavedImage, ids: &[ImageId]) -> Vec<HistoryRow> {
    let is_of_it = |id: &ImageId| match (&id.digest, &id.tag) {
        (Some(digest), _) => *digest == image.digest,
        (None, Some(tag)) => image.tags.contains(tag),
        (None, None) => false,
    };
    let Some(outcome) = &entry.outcome else { return vec![row(entry, image, Happening::Unknown)] };
    let mut rows = Vec::new();
    let done: Vec<&ImageId> = outcome.done.iter().filter(|id| is_of_it(id)).collect();
    if !done.is_empty() {
        let took_all = done.iter().any(|id| id.tag.is_none())
            || image.tags.iter().all(|tag| done.iter().any(|id| id.tag.as_ref() == Some(tag)));
        let mut taken = row(entry, image, if took_all { Happening::Deleted } else { Happening::Untagged });
        if !took_all {
            taken.tags = done.iter().filter_map(|id| id.tag.clone()).collect();
        }
        rows.push(taken);
    }
    for failure in outcome.failures.iter().filter(|failure| is_of_it(&failure.id)) {
        let mut failed = row(entry, image, Happening::Failed);
        if let Some(tag) = &failure.id.tag {
            failed.tags = vec![tag.clone()];
        }
        failed.detail = Some(format!("{}: {}", failure.code, failure.reason));
        rows.push(failed);
    }
    if rows.is_empty() && ids.iter().any(is_of_it) {
        rows.push(row(entry, image, Happening::Failed));
    }
    rows
}

/// The rows of a call about one image.
fn of_images(entry: &Entry, happening: Happening) -> Vec<HistoryRow> {
    let happened = happening_of(entry.outcome.as_ref(), happening, |outcome| !outcome.done.is_empty());
    let failure = entry.outcome.as_ref().and_then(|outcome| outcome.failures.first());
    let mut rows: Vec<HistoryRow> =
        entry.intent.images.iter().map(|image| row(entry, image, happened)).collect();
    if let Some(failure) = failure {
        let detail = format!("{}: {}", failure.code, failure.reason);
        for row in &mut rows {
            row.detail = Some(detail.clone());
        }
    }
    rows
}

fn of_setting(entry: &Entry, rule: &str, reason: &str, change: &str) -> HistoryRow {
    let outcome = entry.outcome.as_ref();
    let error = outcome.and_then(|outcome| outcome.error.as_ref());
    HistoryRow {
        at: outcome.map_or(entry.intent.at, |outcome| outcome.at),
        repository: entry.intent.repository.clone(),
        happening: happening_of(outcome, Happening::Setting, Outcome::is_clean),
        operation: Some(entry.intent.call.operation()),
        digest: None,
        tags: Vec::new(),
        rule: Some(rule.to_owned()),
        reason: reason.to_owned(),
        detail: Some(error.map_or_else(|| change.to_owned(), |error| format!("{change}; {error}"))),
    }
}

fn happening_of(outcome: Option<&Outcome>, done: Happening, is_done: impl Fn(&Outcome) -> bool) -> Happening {
    match outcome {
        None => Happening::Unknown,
        Some(outcome) if is_done(outcome) => done,
        Some(_) => Happening::Failed,
    }
}

#[cfg(test)]
mod tests {
    use super::{Happening, HistoryRow, history_of};
    use crate::journal::{Call, Entry, IdFailure, ImageId, Intent, Outcome, SavedImage};
    use crate::plan::RepositoryAddress;
    use crate::{Digest, ImageStatus, Tag, TagMutability, instant};

    fn image(byte: u8, tags: &[&str]) -> SavedImage {
        SavedImage {
            digest: Digest::from_bytes([byte; 32]),
            tags: tags.iter().map(|tag| Tag::as_given(tag)).collect(),
            manifest: None,
            media_type: None,
            pushed_at: None,
            last_pulled_at: None,
            size_bytes: None,
            parents: Vec::new(),
            subject: None,
            status: ImageStatus::Active,
            rule: "rule 1".to_owned(),
            reason: "old".to_owned(),
        }
    }

    fn id(byte: u8, tag: Option<&str>) -> ImageId {
        ImageId { digest: Some(Digest::from_bytes([byte; 32])), tag: tag.map(Tag::as_given) }
    }

    fn rows(call: Call, images: Vec<SavedImage>, outcome: Option<Outcome>) -> Vec<HistoryRow> {
        let at = instant::parse("2026-11-25").unwrap();
        let repository = RepositoryAddress { account: None, region: String::new(), name: "app".to_owned() };
        let plan = String::new();
        let intent = Intent { number: 1, plan: plan.clone(), writer: plan, at, repository, call, images };
        history_of(&Entry { intent, outcome })
    }

    fn outcome(done: Vec<ImageId>, failures: Vec<IdFailure>, error: Option<&str>) -> Outcome {
        let at = instant::parse("2026-11-26").unwrap();
        Outcome { number: 1, at, done, failures, error: error.map(str::to_owned) }
    }

    #[test]
    fn a_deletion_tells_of_each_image_what_went_and_what_did_not() {
        let images = vec![image(1, &["a", "b"]), image(2, &["c", "d"]), image(3, &[]), image(4, &["e"])];
        let ids = vec![
            id(1, Some("a")),
            id(1, Some("b")),
            id(2, Some("c")),
            id(2, Some("d")),
            id(3, None),
            id(4, Some("e")),
        ];
        let failed =
            IdFailure { id: id(2, Some("d")), code: "Moved".to_owned(), reason: "elsewhere".to_owned() };
        let done = vec![id(1, Some("a")), id(1, Some("b")), id(2, Some("c")), id(3, None)];
        let rows = rows(Call::Delete { ids }, images, Some(outcome(done, vec![failed], None)));
        let told: Vec<_> = rows
            .iter()
            .map(|row| {
                let tags: Vec<&str> = row.tags.iter().map(Tag::as_str).collect();
                (row.happening, tags.join(" "), row.detail.clone())
            })
            .collect();
        let moved = Some("Moved: elsewhere".to_owned());
        assert_eq!(
            told,
            [
                (Happening::Deleted, "a b".to_owned(), None),
                (Happening::Untagged, "c".to_owned(), None),
                (Happening::Failed, "d".to_owned(), moved),
                (Happening::Deleted, String::new(), None),
                (Happening::Failed, "e".to_owned(), None),
            ]
        );
    }

    #[test]
    fn without_an_outcome_nobody_knows_and_a_setting_that_failed_says_so() {
        let unknown = rows(Call::Delete { ids: vec![id(1, None)] }, vec![image(1, &[])], None);
        assert_eq!(unknown[0].happening, Happening::Unknown);
        let mutability = |mode: &str| TagMutability { mode: mode.to_owned(), exclusion_filters: Vec::new() };
        let call = Call::TagMutability {
            from: mutability("MUTABLE"),
            to: mutability("IMMUTABLE"),
            rule: "tags-mutable".to_owned(),
            reason: "tags move".to_owned(),
        };
        let done = rows(call.clone(), Vec::new(), Some(outcome(Vec::new(), Vec::new(), None)));
        assert_eq!(done[0].happening, Happening::Setting);
        let failed = rows(call, Vec::new(), Some(outcome(Vec::new(), Vec::new(), Some("denied"))));
        assert_eq!(failed[0].happening, Happening::Failed);
        let detail = failed[0].detail.as_deref();
        assert_eq!(detail, Some("tag mutability: `MUTABLE` to `IMMUTABLE`; denied"));
    }
}
