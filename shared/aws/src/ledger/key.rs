//! Where items lie in the table.
//!
//! Everything of a repository has its ARN for a partition. In it, in the order of the sort keys:
//!
//! - `!#DIGEST#TAG`: that something once put the tag on the image,
//! - `!TAG#TIME#WORD#DIGEST`: what was said about a tag, an observation that was kept; the key says all of it,
//! - `#deleted#DIGEST`: when events without a tag said that an image was deleted,
//! - `#inventory`: the last complete listing that was reconciled,
//! - `#mutability#TIME`: the setting of tag mutability from then on,
//! - `TAG`: the head of a tag.
//!
//! No tag starts with `!` or holds `#`, so that the heads lie together, and reading them costs the same however long the
//! history is. What came of an event or of the reconciling of an inventory lies in partitions of its own, `event/ID`
//! and `run/RUN/ARN`, and expires.

use chrono::{DateTime, SecondsFormat, Utc};
use demurrage_core::ledger::{Observation, Said};
use demurrage_core::{Digest, Tag};

/// The key of the last listing that was reconciled.
pub(super) const INVENTORY: &str = "#inventory";
/// Before and after every sort key that there is.
pub(super) const FIRST: &str = "!";
pub(super) const LAST: &str = "~";
/// Before what a repository has beside the histories of its tags.
pub(super) const FIRST_BESIDE_HISTORY: &str = "#";

const TAG_OF: &str = "!#";
const DELETED: &str = "#deleted#";
const MUTABILITY: &str = "#mutability#";

/// The key of an item.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Key {
    /// The partition: mostly the repository's ARN.
    pub(super) repository: String,
    /// The sort key.
    pub(super) item: String,
}

impl Key {
    pub(super) fn new(repository: &str, item: impl Into<String>) -> Self {
        Self { repository: repository.to_owned(), item: item.into() }
    }
}

/// What an item of a repository is, by its sort key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Kind {
    TagOf(Digest, Tag),
    Observation(Tag),
    Deleted(Digest),
    Inventory,
    Mutability,
    Head(Tag),
}

impl Kind {
    /// What this sort key is of; nothing where it is of nothing that is known.
    pub(super) fn of(item: &str) -> Option<Self> {
        if let Some(rest) = item.strip_prefix(TAG_OF) {
            let (digest, tag) = rest.split_once('#')?;
            return Some(Self::TagOf(digest.parse().ok()?, tag.parse().ok()?));
        }
        if let Some(rest) = item.strip_prefix(FIRST) {
            return rest.split_once('#')?.0.parse().ok().map(Self::Observation);
        }
        if let Some(digest) = item.strip_prefix(DELETED) {
            return digest.parse().ok().map(Self::Deleted);
        }
        if item.starts_with(MUTABILITY) {
            return Some(Self::Mutability);
        }
        if item == INVENTORY { Some(Self::Inventory) } else { item.parse().ok().map(Self::Head) }
    }
}

/// The sort key of an observation of a tag. Two that differ have different ones.
pub(super) fn observation(tag: &Tag, seen: &Observation) -> String {
    let mut key = format!("{}#{}", up_to(tag, seen.at), seen.said.word());
    if let Some(digest) = seen.said.digest() {
        key.push('#');
        key.push_str(&digest.to_string());
    }
    match seen.said {
        Said::Listed { until, .. } | Said::NotListed { until } => {
            key.push('#');
            key.push_str(&time(until));
        }
        Said::Pushed(_) | Said::Deleted(_) | Said::DigestDeleted(_) => {}
    }
    key
}

/// Before all observations of a tag, and after them.
pub(super) fn observations(tag: &Tag) -> [String; 2] {
    [format!("{FIRST}{tag}#"), format!("{FIRST}{tag}#{LAST}")]
}

/// Before all observations of a tag at this time; with [`LAST`] behind it, after them.
pub(super) fn up_to(tag: &Tag, at: DateTime<Utc>) -> String {
    format!("{FIRST}{tag}#{}", time(at))
}

/// The sort key of a tag that was put on an image.
pub(super) fn tag_of(digest: Digest, tag: &Tag) -> String {
    format!("{TAG_OF}{digest}#{tag}")
}

/// Before all tags that were ever put on an image, and after them.
pub(super) fn tags_of(digest: Digest) -> [String; 2] {
    [format!("{TAG_OF}{digest}#"), format!("{TAG_OF}{digest}#{LAST}")]
}

/// The sort key of the times at which an image was deleted.
pub(super) fn deleted(digest: Digest) -> String {
    format!("{DELETED}{digest}")
}

/// The sort key of a setting of tag mutability.
pub(super) fn mutability(at: DateTime<Utc>) -> String {
    format!("{MUTABILITY}{}", time(at))
}

/// The partition of what came of an event.
pub(super) fn event(id: &str) -> String {
    format!("event/{id}")
}

/// The partition of what came of reconciling a repository with what a run listed.
pub(super) fn run(run: &str, repository: &str) -> String {
    format!("run/{run}/{repository}")
}

/// A whole second: as text it orders as times do.
fn time(time: DateTime<Utc>) -> String {
    time.to_rfc3339_opts(SecondsFormat::Secs, true)
}

#[cfg(test)]
mod tests {
    use demurrage_core::ledger::{Observation, Said};
    use demurrage_core::{Digest, Tag, instant};

    use super::{
        FIRST_BESIDE_HISTORY, INVENTORY, Kind, LAST, deleted, mutability, observation, observations, tag_of,
    };

    fn tag(text: &str) -> Tag {
        text.parse().unwrap()
    }

    #[test]
    fn every_key_says_what_it_is_of_and_the_heads_lie_together() {
        let at = instant::parse("2026-11-24T01:02:03Z").unwrap();
        let digest = Digest::from_bytes([7; 32]);
        let seen = Observation { at, said: Said::Pushed(digest) };
        let text = observation(&tag("v1.2"), &seen);
        assert_eq!(text, format!("!v1.2#2026-11-24T01:02:03Z#pushed#{digest}"));
        assert_eq!(Kind::of(&text), Some(Kind::Observation(tag("v1.2"))));
        assert_eq!(Kind::of(&tag_of(digest, &tag("v1"))), Some(Kind::TagOf(digest, tag("v1"))));
        assert_eq!(Kind::of(&deleted(digest)), Some(Kind::Deleted(digest)));
        assert_eq!(Kind::of(INVENTORY), Some(Kind::Inventory));
        assert_eq!(Kind::of(&mutability(at)), Some(Kind::Mutability));
        for head in ["0", "_", "latest", "zz", "v1.2"] {
            assert_eq!(Kind::of(head), Some(Kind::Head(tag(head))));
            assert!("$" < head && head < LAST);
        }
        assert_eq!(Kind::of("#novel"), None);
        for beside in [deleted(digest), INVENTORY.to_owned(), mutability(at)] {
            assert!(FIRST_BESIDE_HISTORY < &*beside && &*beside < "$");
        }
        assert!(&*text < FIRST_BESIDE_HISTORY);
    }

    #[test]
    fn the_observations_of_a_tag_are_not_those_of_a_longer_one() {
        let at = instant::parse("2026-11-24T01:02:03Z").unwrap();
        let seen = Observation { at, said: Said::NotListed { until: at } };
        let [first, last] = observations(&tag("v1"));
        for (other, is_in) in [("v1", true), ("v1.0", false), ("v1-0", false), ("v10", false), ("v", false)] {
            let key = observation(&tag(other), &seen);
            assert_eq!(first <= key && key <= last, is_in, "{other}");
        }
    }
}
