//! Who is newer than whom among the images that meet a clause.

use std::cmp::Reverse;
use std::collections::BTreeMap;

use chrono::{DateTime, Utc};

use super::judge::{Answer, Seen, conditions_answer};
use super::scene::Scene;
use super::{Clause, Newest};
use crate::{Digest, Image, ImageStatus, Tag};

/// The images that meet the conditions of a clause for certain, by group, from newest to oldest.
#[derive(Debug)]
pub(super) struct NewestRanks {
    groups: BTreeMap<Option<Box<str>>, Vec<Newness>>,
}

/// How new an image is: the smaller, the newer.
type Newness = (Reverse<DateTime<Utc>>, Digest);

//= docs/SEMANTICS.md#order-restored
//= docs/SEMANTICS.md#order-ties
fn newness(image: &Image) -> Option<Newness> {
    let pushed_at = image.pushed_at?;
    Some((Reverse(image.activated_at.unwrap_or(pushed_at)), image.digest))
}

impl NewestRanks {
    /// The ranks of a clause, where it asks for the newest.
    ///
    /// What is archived, what hangs on another image, and what may or may not meet the conditions take no place from others.
    pub(super) fn of(scene: &Scene<'_>, clause: &Clause) -> Option<Self> {
        let newest = clause.newest.as_ref()?;
        let mut groups: BTreeMap<Option<Box<str>>, Vec<Newness>> = BTreeMap::new();
        for place in scene.places().filter(|&place| scene.units.is_counted(place)) {
            let Some(image) = scene.image(place).filter(|image| image.status == ImageStatus::Active) else {
                continue;
            };
            let Some(newness) = newness(image) else { continue };
            for tag in tags_or_none(&scene.units.own_tags(place)) {
                if conditions_answer(scene, clause, place, tag) == Answer::Met
                    && let Ok(group) = group_of(newest, tag)
                {
                    groups.entry(group).or_default().push(newness);
                }
            }
        }
        for images in groups.values_mut() {
            images.sort_unstable();
            images.dedup();
        }
        Some(Self { groups })
    }

    /// Whether an image is one of the newest, by one of its tags, and its place among them.
    pub(super) fn judge(
        &self,
        scene: &Scene<'_>,
        newest: &Newest,
        image: u32,
        tag: Option<&Tag>,
    ) -> (Answer, Seen) {
        let Ok(group) = group_of(newest, tag) else { return (Answer::NotMet, Seen::NoGroup) };
        let Some(own) = scene.image(image).and_then(newness) else {
            return (Answer::Unknown, Seen::UnknownTime);
        };
        let newer = self.groups.get(&group).map_or(0, |images| images.partition_point(|other| *other < own));
        let rank = u64::try_from(newer).unwrap_or(u64::MAX).saturating_add(1);
        let answer = if rank <= u64::from(newest.count) { Answer::Met } else { Answer::NotMet };
        (answer, Seen::Rank(rank))
    }
}

/// A tag is in no group.
struct NoGroup;

/// The group of a tag; nothing where all images are one.
fn group_of(newest: &Newest, tag: Option<&Tag>) -> Result<Option<Box<str>>, NoGroup> {
    let Some(regex) = &newest.group else { return Ok(None) };
    let tag = tag.ok_or(NoGroup)?;
    regex.group(tag.as_str()).map(|group| Some(group.into())).ok_or(NoGroup)
}

/// Each of the tags, or that there is none, once.
pub(super) fn tags_or_none<'t>(tags: &[&'t Tag]) -> Vec<Option<&'t Tag>> {
    if tags.is_empty() { vec![None] } else { tags.iter().map(|&tag| Some(tag)).collect() }
}
