//! When an image was deleted by events that name no tag, as an item.

use std::collections::BTreeSet;

use aws_sdk_dynamodb::types::AttributeValue;
use chrono::{DateTime, Utc};
use demurrage_core::{Digest, instant};

use super::attributes::{Attributes, expiry, item, number, time};
use super::key::{self, Key};
use super::table::Item;

/// The times at which an image was deleted.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(super) struct Deletions {
    /// How often it was written; 0 where it was not yet.
    pub(super) version: u64,
    pub(super) times: BTreeSet<DateTime<Utc>>,
}

impl Deletions {
    /// Those at this time and after it.
    pub(super) fn from(&self, from: DateTime<Utc>) -> Vec<DateTime<Utc>> {
        self.times.range(from..).copied().collect()
    }
}

/// The item, the next version of it.
pub(super) fn write(repository: &str, digest: Digest, deletions: &Deletions, until: DateTime<Utc>) -> Item {
    let mut item = item(&Key::new(repository, key::deleted(digest)));
    item.insert("version".to_owned(), number(deletions.version.saturating_add(1)));
    let times = deletions.times.iter().map(|&at| time(at)).collect();
    item.insert("times".to_owned(), AttributeValue::L(times));
    item.insert("expires_at".to_owned(), expiry(until));
    item
}

/// What was written.
pub(super) fn read(attributes: Attributes<'_>) -> Result<Deletions, String> {
    let read = |value: &AttributeValue| value.as_s().ok().and_then(|text| instant::parse(text));
    let times: Option<BTreeSet<_>> = attributes.list("times")?.iter().map(read).collect();
    Ok(Deletions {
        version: attributes.number("version")?,
        times: times.ok_or("`times` has what is no time")?,
    })
}
