//! The ledger of a repository as fixtures of audits write it: what was said of its tags, and how its setting was seen.

use std::collections::BTreeMap;

use chrono::{DateTime, TimeDelta, Utc};
use demurrage_core::Tag;
use demurrage_core::ledger::{
    Extent, ListingWindow, MutabilityHistory, Observation, RepositoryLedger, Said, TagListing,
};
use serde::Deserialize;

use super::fixture::GivenMutability;
use super::images::digest;

/// A ledger.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct GivenLedger {
    /// The settings of tag mutability that were seen.
    #[serde(default)]
    mutability: Vec<Seen>,
    /// What was said of tags, in the order in which it came in.
    #[serde(default)]
    tags: Vec<Told>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Seen {
    days_ago: i64,
    setting: GivenMutability,
}

/// One thing that was said.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Told {
    days_ago: i64,
    /// An event: a tag was put on an image.
    pushed: Option<(String, String)>,
    /// An event: a tag was taken from an image.
    deleted: Option<(String, String)>,
    /// An event without a tag: an image was deleted.
    image_deleted: Option<String>,
    /// A complete listing: the tags, each with its image.
    listed: Option<BTreeMap<String, String>>,
}

impl GivenLedger {
    pub(super) fn ledger(&self, now: DateTime<Utc>) -> RepositoryLedger {
        let before = |days| now - TimeDelta::days(days);
        let mut mutability = MutabilityHistory::default();
        for seen in &self.mutability {
            mutability.learn(before(seen.days_ago), &seen.setting.setting());
        }
        let mut ledger = RepositoryLedger::restore(BTreeMap::new(), BTreeMap::new(), mutability, None);
        for told in &self.tags {
            told.teach(&mut ledger, before(told.days_ago));
        }
        ledger
    }
}

impl Told {
    fn teach(&self, ledger: &mut RepositoryLedger, at: DateTime<Utc>) {
        let mut said = |(tag, id): &(String, String), said: fn(_) -> Said| {
            ledger.learn(&Tag::as_given(tag), Observation { at, said: said(digest(id)) });
        };
        if let Some(pushed) = &self.pushed {
            said(pushed, Said::Pushed);
        }
        if let Some(deleted) = &self.deleted {
            said(deleted, Said::Deleted);
        }
        if let Some(id) = &self.image_deleted {
            ledger.learn_deletion(digest(id), at);
        }
        if let Some(listed) = &self.listed {
            let tags = listed.iter().map(|(tag, id)| (Tag::as_given(tag), [digest(id)].into())).collect();
            let window = ListingWindow::new(at, at, TimeDelta::zero());
            ledger.learn_listing(&TagListing { window, extent: Extent::Complete, tags });
        }
    }
}
