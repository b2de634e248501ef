//! Whether an image is still as a plan had it.

use std::collections::BTreeSet;

use chrono::{DateTime, SubsecRound, Utc};

use super::Change;
use crate::plan::{ActionKind, ImageAction};
use crate::{Image, ImageStatus, Tag};

/// How an image stands to what a plan wants of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Standing {
    /// It is as it was: the action may go on.
    Same,
    /// Nothing is left to do.
    Already,
    /// It is not as it was: it stays.
    Changed(Change),
}

/// How an image stands to an action; nothing: it is not there. `taken_off` are tags that were taken off it by this plan,
/// as its journal says.
///
/// Times are compared to the second: not every reader of a registry has more.
pub fn standing(action: &ImageAction, image: Option<&Image>, taken_off: &BTreeSet<Tag>) -> Standing {
    let Some(image) = image else { return Standing::Already };
    if let Some(done) = is_done(action, image) {
        return done;
    }
    let change = pushed_again(action, image)
        .or_else(|| changed_tags(action, image, taken_off))
        .or_else(|| pulled(action, image))
        .or_else(|| changed_status(image));
    change.map_or(Standing::Same, Standing::Changed)
}

fn is_done(action: &ImageAction, image: &Image) -> Option<Standing> {
    let is_done = match action.kind {
        ActionKind::Expire => false,
        ActionKind::Archive => image.status == ImageStatus::Archived,
        ActionKind::Untag => !action.tags.iter().any(|tag| image.tags.contains(tag)),
    };
    is_done.then_some(Standing::Already)
}

fn second(time: Option<DateTime<Utc>>) -> Option<DateTime<Utc>> {
    time.map(|time| time.trunc_subsecs(0))
}

fn pushed_again(action: &ImageAction, image: &Image) -> Option<Change> {
    let is_other = second(action.pushed_at) != second(image.pushed_at);
    is_other.then_some(Change::PushedAgain { at: image.pushed_at })
}

fn pulled(action: &ImageAction, image: &Image) -> Option<Change> {
    let is_other = second(action.last_pulled_at) != second(image.last_pulled_at);
    is_other.then_some(Change::Pulled { at: image.last_pulled_at })
}

const fn changed_status(image: &Image) -> Option<Change> {
    match image.status {
        ImageStatus::Active | ImageStatus::Archived => None,
        ImageStatus::Activating | ImageStatus::Unrecognised => Some(Change::Status(image.status)),
    }
}

fn changed_tags(action: &ImageAction, image: &Image, taken_off: &BTreeSet<Tag>) -> Option<Change> {
    let planned: BTreeSet<&Tag> = action.tags.iter().collect();
    let now: BTreeSet<&Tag> = image.tags.iter().collect();
    let came_back = now.iter().filter(|tag| taken_off.contains(**tag));
    // An image keeps what stays of its tags where only some are taken off: the plan does not know those.
    let new = now.iter().filter(|tag| action.kind != ActionKind::Untag && !planned.contains(**tag));
    let added: BTreeSet<&Tag> = came_back.chain(new).copied().collect();
    let gone: Vec<Tag> = planned
        .iter()
        .filter(|tag| !now.contains(**tag) && !taken_off.contains(**tag))
        .map(|tag| (*tag).clone())
        .collect();
    if !added.is_empty() || !gone.is_empty() {
        return Some(Change::Tags { added: added.into_iter().cloned().collect(), gone });
    }
    let keeps_one = now.iter().any(|tag| !planned.contains(*tag));
    (action.kind == ActionKind::Untag && !keeps_one).then_some(Change::LastTag)
}

#[cfg(test)]
pub(super) mod tests {
    use std::collections::BTreeSet;

    use super::{Standing, standing};
    use crate::apply::Change;
    use crate::plan::{ActionKind, ImageAction, Stage};
    use crate::{Digest, Image, ImageStatus, Tag, instant};

    pub(in crate::apply) fn tags(names: &[&str]) -> Vec<Tag> {
        names.iter().map(|name| Tag::as_given(name)).collect()
    }

    pub(in crate::apply) fn action(kind: ActionKind, names: &[&str]) -> ImageAction {
        let digest = Digest::from_bytes([1; 32]);
        ImageAction {
            digest,
            kind,
            stage: Stage::Image,
            tags: tags(names),
            pushed_at: instant::parse("2026-10-01T00:00:00.25Z"),
            last_pulled_at: None,
            parents: Vec::new(),
            subject: None,
            unit: digest,
            rule: String::new(),
            reason: String::new(),
            not_in_use: String::new(),
            bytes_freed: 0,
        }
    }

    pub(in crate::apply) fn image(names: &[&str]) -> Image {
        let mut image = Image::new(Digest::from_bytes([1; 32]));
        image.tags = tags(names);
        image.pushed_at = instant::parse("2026-10-01T00:00:00Z");
        image
    }

    fn of(kind: ActionKind, planned: &[&str], now: &[&str], taken_off: &[&str]) -> Standing {
        let taken_off: BTreeSet<Tag> = tags(taken_off).into_iter().collect();
        standing(&action(kind, planned), Some(&image(now)), &taken_off)
    }

    fn changed(added: &[&str], gone: &[&str]) -> Standing {
        Standing::Changed(Change::Tags { added: tags(added), gone: tags(gone) })
    }

    #[test]
    fn a_tag_that_came_moved_or_went_keeps_an_image() {
        assert_eq!(of(ActionKind::Expire, &["1", "2"], &["2", "1"], &[]), Standing::Same);
        assert_eq!(of(ActionKind::Expire, &["1"], &["1", "3"], &[]), changed(&["3"], &[]));
        assert_eq!(of(ActionKind::Expire, &["1", "2"], &["1"], &[]), changed(&[], &["2"]));
        assert_eq!(of(ActionKind::Expire, &[], &["1"], &[]), changed(&["1"], &[]));
        assert_eq!(of(ActionKind::Archive, &["1"], &[], &[]), changed(&[], &["1"]));
    }

    #[test]
    fn what_the_plan_itself_took_off_is_missing_rightly_and_what_came_back_is_new() {
        assert_eq!(of(ActionKind::Expire, &["1", "2"], &["2"], &["1"]), Standing::Same);
        assert_eq!(of(ActionKind::Expire, &["1", "2"], &["1", "2"], &["1"]), changed(&["1"], &[]));
        assert_eq!(of(ActionKind::Untag, &["1", "2"], &["1", "2", "3"], &["1"]), changed(&["1"], &[]));
    }

    #[test]
    fn tags_are_taken_off_while_another_one_stays() {
        assert_eq!(of(ActionKind::Untag, &["1"], &["1", "2"], &[]), Standing::Same);
        assert_eq!(of(ActionKind::Untag, &["1"], &["2"], &[]), Standing::Already);
        assert_eq!(of(ActionKind::Untag, &["1"], &["1"], &[]), Standing::Changed(Change::LastTag));
        assert_eq!(of(ActionKind::Untag, &["1", "2"], &["1", "3"], &[]), changed(&[], &["2"]));
    }

    #[test]
    fn a_push_or_a_pull_since_keeps_an_image_and_less_than_a_second_is_none() {
        let planned = action(ActionKind::Expire, &["1"]);
        let mut now = image(&["1"]);
        assert_eq!(standing(&planned, Some(&now), &BTreeSet::new()), Standing::Same);
        now.last_pulled_at = instant::parse("2026-11-01T00:00:00Z");
        let pulled = Change::Pulled { at: now.last_pulled_at };
        assert_eq!(standing(&planned, Some(&now), &BTreeSet::new()), Standing::Changed(pulled));
        now.pushed_at = instant::parse("2026-10-01T00:00:01Z");
        let pushed = Change::PushedAgain { at: now.pushed_at };
        assert_eq!(standing(&planned, Some(&now), &BTreeSet::new()), Standing::Changed(pushed));
    }

    #[test]
    fn what_is_gone_or_archived_already_needs_nothing() {
        assert_eq!(standing(&action(ActionKind::Expire, &["1"]), None, &BTreeSet::new()), Standing::Already);
        let mut archived = image(&["1"]);
        archived.status = ImageStatus::Archived;
        let of = |kind| standing(&action(kind, &["1"]), Some(&archived), &BTreeSet::new());
        assert_eq!(of(ActionKind::Archive), Standing::Already);
        assert_eq!(of(ActionKind::Expire), Standing::Same);
        archived.status = ImageStatus::Activating;
        let activating = standing(&action(ActionKind::Expire, &["1"]), Some(&archived), &BTreeSet::new());
        assert_eq!(activating, Standing::Changed(Change::Status(ImageStatus::Activating)));
    }
}
