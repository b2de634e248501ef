//! The images that tags were on when what uses them was deployed.

use chrono::{DateTime, TimeDelta, Utc};
use rustc_hash::FxHashMap;

use super::Use;
use crate::ledger::{Held, RepositoryLedger, TagAt};
use crate::{Digest, Tag};

/// How long after something was deployed its image may be pulled: machines have to start first, and an attempt that fails
/// is made again.
const PULL_TIME: TimeDelta = TimeDelta::hours(1);

/// For each image the uses whose tag was on it when they began, by their places.
pub(super) fn tags_then<'a>(
    uses: impl Iterator<Item = (u32, &'a Use)>,
    ledger: &RepositoryLedger,
) -> FxHashMap<Digest, Vec<u32>> {
    let mut then: FxHashMap<Digest, Vec<u32>> = FxHashMap::default();
    for (place, used) in uses {
        let (Some(tag), Some(since)) = (&used.reference.tag, used.since) else { continue };
        for digest in images_then(ledger, tag, since) {
            then.entry(digest).or_default().push(place);
        }
    }
    then
}

/// The images that something may have pulled by this tag that was deployed at this time, each once.
///
/// Where it is not known what the tag was on, or it is known that it was on none, it is every image that it was on later:
/// one of them was pulled, or nothing runs.
fn images_then(ledger: &RepositoryLedger, tag: &Tag, since: DateTime<Utc>) -> Vec<Digest> {
    let until = match ledger.digest_at(tag, since) {
        TagAt::Image(_) | TagAt::OneOf(_) | TagAt::Gap { .. } => since + PULL_TIME,
        TagAt::Absent | TagAt::PresumedAbsent | TagAt::Unknown => DateTime::<Utc>::MAX_UTC,
    };
    let facts = ledger.history(tag).map_or_else(Vec::new, |history| history.facts_between(since, until));
    let mut images: Vec<Digest> =
        facts.iter().map(|fact| &fact.held).flat_map(Held::values).flatten().collect();
    images.sort_unstable();
    images.dedup();
    images
}

#[cfg(test)]
mod tests;
