//! The comparison of two policies for programs.

use chrono::{DateTime, Utc};
use demurrage_core::Repository;
use demurrage_core::lifecycle::{Action, Certainty, Change, Decision, Policy};
use serde_json::{Value, json};

use crate::known_use::KnownUse;
use crate::listing_name::{insert_listing, listing_name};
use crate::sentence::reason_sentence;

/// A repository and what a new policy changes in it.
#[derive(Debug, Clone)]
pub struct ChangedRepository<'a> {
    /// The repository.
    pub repository: &'a Repository,
    /// The old policy; `None`: there was none.
    pub old: Option<Policy>,
    /// The new policy; `None`: there will be none.
    pub new: Option<Policy>,
    /// When.
    pub now: DateTime<Utc>,
    /// Every image whose fate changes.
    pub changes: Vec<Change>,
    /// For each change what it depends on, where that was asked for.
    pub certainties: Option<Vec<Certainty>>,
    /// What is known to be in use, where that was asked for.
    pub in_use: Option<KnownUse<'a>>,
}

impl ChangedRepository<'_> {
    /// How many of the images that fare worse are in use, or are or may be parts of such ones; nothing where nobody said
    /// what is in use.
    pub fn worse_in_use(&self) -> Option<usize> {
        let worse = self.changes.iter().filter(|change| change.is_worse());
        Some(self.in_use.as_ref()?.count(worse.map(|change| change.image)))
    }
}

/// Every change, as one array with an object for each repository that has any, or of which not all images are
/// known: `listing` says that there may be more. `inUse` says by what an image is in use, where that was asked for.
pub fn compare_json(repositories: &[ChangedRepository<'_>]) -> Value {
    let is_shown = |changed: &&ChangedRepository<'_>| {
        !changed.changes.is_empty() || listing_name(&changed.repository.listing).is_some()
    };
    repositories.iter().filter(is_shown).map(repository_json).collect()
}

fn repository_json(changed: &ChangedRepository<'_>) -> Value {
    let images = &changed.repository.images;
    let rows = changed.changes.iter().enumerate().filter_map(|(number, change)| {
        let image = images.get(change.image as usize)?;
        let mut row = json!({
            "image_digest": image.digest.to_string(),
            "image_tags": image.tags.iter().map(demurrage_core::Tag::as_str).collect::<Vec<_>>(),
            "worse": change.is_worse(),
            "old": fate(changed, changed.old.as_ref(), &change.old),
            "new": fate(changed, changed.new.as_ref(), &change.new),
        });
        let certainty = changed.certainties.as_ref().and_then(|all| all.get(number));
        if let (Some(certainty), Some(object)) = (certainty, row.as_object_mut()) {
            object.insert("depends_on".to_owned(), certainty.names().into());
        }
        let known = changed.in_use.as_ref().and_then(|known| known.row(images, change.image));
        if let (Some(known), Some(object)) = (known, row.as_object_mut()) {
            object.insert("in_use".to_owned(), json!(known));
        }
        Some(row)
    });
    let mut document = json!({
        "registry_id": changed.repository.registry_id,
        "repository_name": changed.repository.name,
        "changes": rows.collect::<Vec<_>>(),
    });
    insert_listing(&mut document, &changed.repository.listing);
    document
}

fn fate(changed: &ChangedRepository<'_>, policy: Option<&Policy>, decision: &Decision) -> Value {
    let Some(policy) = policy else {
        return json!({"action": null, "sentence": "no policy"});
    };
    let rule = decision.rule.and_then(|place| policy.rules().get(place));
    json!({
        "action": decision.outcome.action().map(Action::as_api),
        "rule_priority": rule.map(|rule| rule.priority),
        "reason": decision.reason.name(),
        "sentence": reason_sentence(policy, &changed.repository.images, decision, changed.now),
    })
}
