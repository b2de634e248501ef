//! A ledger at a server, events and inventories for it, and what it comes to.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, TimeDelta, Utc};
use demurrage_core::ledger::{
    EcrAction, EcrEvent, EventImage, EventRepository, Head, ImageAction, Learnt, ListingWindow,
    MutabilityHistory, Observation, RepositoryLedger, TagFact,
};
use demurrage_core::{Digest, Fact, Image, Repository, Tag, TagMutability, instant};

use super::server::{Server, TABLE};
use crate::ledger::TagLedger;

pub(super) const REGION: &str = "ap-northeast-2";
pub(super) const ARN: &str = "arn:aws:ecr:ap-northeast-2:123456789012:repository/team/app";

pub(super) async fn ledger(server: &Server) -> TagLedger {
    TagLedger::open_at(REGION, &server.at(), TABLE).await
}

/// So many seconds after the beginning of the tests' time.
pub(super) fn second(seconds: i64) -> DateTime<Utc> {
    instant::parse("2026-11-24T00:00:00Z").unwrap() + TimeDelta::seconds(seconds)
}

pub(super) fn digest(byte: u8) -> Digest {
    Digest::from_bytes([byte; 32])
}

pub(super) fn tag(text: &str) -> Tag {
    text.parse().unwrap()
}

fn event(id: &str, seconds: i64, byte: u8, tag: Option<&str>, action: ImageAction) -> EcrEvent {
    let repository = EventRepository {
        account: "123456789012".to_owned(),
        region: REGION.to_owned(),
        name: "team/app".to_owned(),
    };
    let image = EventImage { repository, digest: digest(byte), tag: tag.map(self::tag) };
    EcrEvent { id: id.to_owned(), at: second(seconds), what: EcrAction::Image { image, action } }
}

/// A tag was put on an image.
pub(super) fn pushed(id: &str, seconds: i64, tag: &str, byte: u8) -> EcrEvent {
    event(id, seconds, byte, Some(tag), ImageAction::Push)
}

/// A tag was taken from an image.
pub(super) fn deleted(id: &str, seconds: i64, tag: &str, byte: u8) -> EcrEvent {
    event(id, seconds, byte, Some(tag), ImageAction::Delete)
}

/// An image was deleted, and no tag is named.
pub(super) fn image_deleted(id: &str, seconds: i64, byte: u8) -> EcrEvent {
    event(id, seconds, byte, None, ImageAction::Delete)
}

/// A listing that has these tags on these images.
pub(super) fn repository<'t>(tags: impl IntoIterator<Item = (&'t str, u8)>) -> Repository {
    let mut images: BTreeMap<u8, Image> = BTreeMap::new();
    for (text, byte) in tags {
        images.entry(byte).or_insert_with(|| Image::new(digest(byte))).tags.push(Tag::as_given(text));
    }
    let mut repository = Repository::new("team/app");
    repository.images = images.into_values().collect();
    repository
}

pub(super) fn with_mode(mut repository: Repository, mode: &str) -> Repository {
    let setting = TagMutability { mode: mode.to_owned(), exclusion_filters: Vec::new() };
    repository.tag_mutability = Fact::Present(setting);
    repository
}

pub(super) fn window(from: i64, until: i64) -> ListingWindow {
    ListingWindow { from: second(from), until: second(until) }
}

/// What a ledger comes to: how often a head was written, and what it was told of the image before, depends on what came
/// in first.
#[derive(Debug, PartialEq)]
pub(super) struct View {
    tags: BTreeMap<Tag, TagView>,
    deletions: BTreeMap<Digest, BTreeSet<DateTime<Utc>>>,
    mutability: MutabilityHistory,
    reconciled: Option<ListingWindow>,
}

#[derive(Debug, PartialEq)]
struct TagView {
    head: Option<Head>,
    /// What was observed.
    observations: Vec<Observation>,
    /// What that comes to. Conclusions that change nothing may be kept or not: it depends on what came in first.
    facts: Vec<TagFact>,
}

pub(super) fn view(ledger: &RepositoryLedger) -> View {
    let tags = ledger.tags().iter().map(|(tag, record)| {
        let head = record.head.clone().map(|head| Head { version: 0, was: None, ..head });
        let observed = record.history.observations().filter(|seen| seen.learnt() != Learnt::Deletion);
        let (observations, facts) = (observed.copied().collect(), record.history.facts());
        (tag.clone(), TagView { head, observations, facts })
    });
    View {
        tags: tags.collect(),
        deletions: ledger.deletions().clone(),
        mutability: ledger.mutability().clone(),
        reconciled: ledger.reconciled(),
    }
}
