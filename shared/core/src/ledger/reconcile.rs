//! What a listing of a repository changes: the heads become what it has, as far as it is certainly newer.
//!
//! Assumes that every head of the repository is given, and that listings come in the order of their times. Leaves out
//! what is newer than the listing, or may be: the next one tells.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};

use super::decide::decide_each;
use super::{Change, Extent, Head, Lesson, ListingWindow, Observation, Said, Stored, TagListing};
use crate::{Digest, Tag};

/// What a listing changes: the tags that it has something to write for, in their order.
///
/// `reconciled` is the window of the last complete listing before it; one that begins before that ended teaches
/// nothing. `deleted_at` says when, at the given time and first after it, events without a tag said that an image was
/// deleted. After a complete listing the caller keeps its window as the one that was reconciled, also where nothing
/// changes: that it saw what was known is written nowhere else.
pub fn reconcile(
    heads: &BTreeMap<Tag, Head>,
    listing: &TagListing,
    reconciled: Option<ListingWindow>,
    deleted_at: impl Fn(&Digest, DateTime<Utc>) -> Vec<DateTime<Utc>>,
) -> Vec<(Tag, Change)> {
    let window = listing.window;
    if reconciled.is_some_and(|last| window.from <= last.until) {
        return Vec::new();
    }
    let said = |said| Observation { at: window.from, said };
    let mut changes = Vec::new();
    for (tag, digests) in &listing.tags {
        let seen: Vec<_> =
            digests.iter().map(|&digest| said(Said::Listed { digest, until: window.until })).collect();
        let deleted_at = match digests.first() {
            Some(digest) if digests.len() == 1 => deleted_at(digest, window.from),
            Some(_) | None => Vec::new(),
        };
        let head = heads.get(tag);
        let stored = Stored { head, around: &[], reconciled, digest_deleted_at: &deleted_at };
        let mut change = decide_each(&stored, &seen);
        if change.what == Lesson::SeenAgain && listing.extent == Extent::Partial {
            change.head = head.map(|head| checked(head, window));
        }
        changes.push((tag.clone(), change));
    }
    if listing.extent == Extent::Complete {
        for (tag, head) in heads.iter().filter(|(tag, _)| !listing.tags.contains_key(*tag)) {
            let stored = Stored { head: Some(head), around: &[], reconciled, digest_deleted_at: &[] };
            let change = decide_each(&stored, &[said(Said::NotListed { until: window.until })]);
            changes.push((tag.clone(), change));
        }
    }
    changes.retain(|(_, change)| !change.is_empty());
    changes.sort_by(|(one, _), (next, _)| one.cmp(next));
    changes
}

/// The head, seen again by a listing that is not one of the whole repository.
fn checked(head: &Head, window: ListingWindow) -> Head {
    Head { checked: Some(window), version: head.version.saturating_add(1), ..head.clone() }
}
