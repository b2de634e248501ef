//! What one observation of a tag changes: the one decision of the ledger.
//!
//! Assumes that the caller gives what is stored about the tag as [`Stored`] says, and writes the change as a whole or
//! not at all, the head only over the version that was given. Leaves out how anything is stored.

use chrono::{DateTime, Utc};

use super::lesson::lesson;
use super::standing::{Step, steps};
use super::tag_fact::facts;
use super::{Change, Head, Held, Learnt, Lesson, ListingWindow, Observation, Said, Standing};

/// What is stored and bears on an observation of a tag.
#[derive(Debug, Clone, Copy)]
pub struct Stored<'a> {
    /// The head of the tag. None: nothing was ever kept of it.
    pub head: Option<&'a Head>,
    /// Of an observation that begins after `head.latest`: nothing. Of any other, what is kept of the tag around it, in
    /// order: all of it, or as much as [`TagHistory::around`](super::TagHistory::around) takes of all of it.
    pub around: &'a [Observation],
    /// The window of the last complete listing of the repository that was reconciled.
    pub reconciled: Option<ListingWindow>,
    /// Of an observation that puts the tag on an image: when events without a tag said that the image was deleted, of
    /// those times the one that is `at`, and the first after it. More does no harm.
    pub digest_deleted_at: &'a [DateTime<Utc>],
}

/// What an observation changes.
///
/// The result depends on what is stored, and not on the order in which that came in, as long as no event comes in
/// later than two listings.
pub fn decide(stored: &Stored<'_>, observation: Observation) -> Change {
    decide_each(stored, &[observation])
}

/// What observations change that are of the same time: an event, or what one listing has of the tag.
pub(super) fn decide_each(stored: &Stored<'_>, seen: &[Observation]) -> Change {
    let nothing = |what| Change { transitions: Vec::new(), head: None, what };
    let Some(first) = seen.first() else { return nothing(Lesson::Unconcerned) };
    let scene = Scene::of(stored, first);
    let mut added: Vec<Observation> = seen.iter().filter(|one| !scene.kept.contains(one)).copied().collect();
    if added.is_empty() {
        return nothing(Lesson::Known);
    }
    match first.learnt() {
        Learnt::Inventory if scene.is_overtaken(first) => return nothing(Lesson::Overtaken),
        Learnt::Inventory if scene.agrees(seen) => return nothing(Lesson::SeenAgain),
        Learnt::Deletion if !scene.concerns(&[], first) => return nothing(Lesson::Unconcerned),
        Learnt::Event | Learnt::Inventory | Learnt::Deletion => {}
    }
    for at in stored.digest_deleted_at {
        added.extend(scene.deletion_after(&added, *at));
    }
    added.extend(scene.last_sighting(&added));
    added.sort_unstable();

    let before = scene.steps(&[]);
    let after = scene.steps(&added);
    let head = scene.head(&before, &after, &added);
    let missed =
        after.iter().find(|step| step.standing.seen_at == first.at).and_then(|step| step.missed.as_ref());
    let what = lesson(stored.head, head.as_ref(), first, missed);
    Change { transitions: added, head, what }
}

/// An observation's surroundings.
struct Scene<'a> {
    head: Option<&'a Head>,
    /// How things stand before `kept`: the head, where the observation is newer than all that is kept.
    base: Option<&'a Standing>,
    kept: Vec<Observation>,
    /// The latest listing that agreed with what the ledger had for its time.
    checked: Option<ListingWindow>,
}

impl<'a> Scene<'a> {
    fn of(stored: &Stored<'a>, first: &Observation) -> Self {
        let newer_than = stored.head.filter(|head| head.latest < first.at);
        let mut kept = if newer_than.is_some() { Vec::new() } else { stored.around.to_vec() };
        kept.sort_unstable();
        let reconciled =
            stored.reconciled.filter(|window| stored.head.is_none_or(|head| head.latest < window.from));
        let checked = reconciled.max(stored.head.and_then(|head| head.checked));
        Self { head: stored.head, base: newer_than.map(|head| &head.standing), kept, checked }
    }

    /// The steps with these added.
    fn steps(&self, added: &[Observation]) -> Vec<Step> {
        steps(self.base, &self.with(added))
    }

    fn with(&self, added: &[Observation]) -> Vec<Observation> {
        let mut all = [self.kept.as_slice(), added].concat();
        all.sort_unstable();
        all
    }

    /// Whether a listing may be older than what is known already.
    fn is_overtaken(&self, listing: &Observation) -> bool {
        self.head.is_some_and(|head| listing.at <= head.latest)
            || self.checked.is_some_and(|checked| listing.at <= checked.until)
    }

    /// Whether a listing has the tag where it is known to be.
    fn agrees(&self, listed: &[Observation]) -> bool {
        let [listed] = listed else { return false };
        match self.head {
            Some(head) => head.held().is_sure() && head.held().may_be(listed.value()),
            None => listed.value().is_none(),
        }
    }

    /// Whether the deletion of an image changes anything for the tag, with these added. A listing that may have been
    /// read before it or after it is no reason that it does not: an event may yet take its place.
    fn concerns(&self, added: &[Observation], deletion: &Observation) -> bool {
        let is_changed = |mut others: Vec<Observation>| {
            let without = steps(self.base, &others);
            others.push(*deletion);
            others.sort_unstable();
            without != steps(self.base, &others)
        };
        let all = self.with(added);
        let is_surely_in_order = |other: &&Observation| {
            other.learnt() != Learnt::Inventory || other.until() < deletion.at || deletion.at < other.at
        };
        let sure = all.iter().filter(is_surely_in_order).copied().collect();
        is_changed(sure) || is_changed(all)
    }

    /// The deletion at this time, where it became known before the tag was known to be on the image.
    fn deletion_after(&self, added: &[Observation], at: DateTime<Utc>) -> Option<Observation> {
        let put = added.iter().find(|one| one.value().is_some() && one.at <= at)?;
        let deletion = Observation { at, said: Said::DigestDeleted(put.value()?) };
        let is_moved_between = self.kept.iter().any(|other| {
            other.learnt() != Learnt::Deletion && put.at < other.at && other.at < at && other.until() < at
        });
        let is_news = !is_moved_between && !self.kept.contains(&deletion) && self.concerns(added, &deletion);
        is_news.then_some(deletion)
    }

    /// What the last listing saw and nobody wrote down, because it was no change then, where it tells more now: what
    /// came in is older than the listing and would hide it, or something unseen happened after it.
    fn last_sighting(&self, added: &[Observation]) -> Option<Observation> {
        let checked = self.checked?;
        let first = added.first()?.at;
        let is_between =
            |other: &Observation| checked.from <= other.at && (other.at < first || checked.holds(other.at));
        if self.kept.iter().any(|other| other.learnt() != Learnt::Deletion && is_between(other))
            || self.base.is_some_and(|base| checked.from <= base.seen_at)
        {
            return None;
        }
        let before = self.steps(&[]);
        let last =
            before.iter().rev().map(|step| &step.standing).find(|standing| standing.seen_at < checked.from);
        let held = last.or(self.base).map_or(&Held::Gone, |standing| &standing.held);
        let said = match held {
            Held::Image(digest) => Said::Listed { digest: *digest, until: checked.until },
            Held::Gone => Said::NotListed { until: checked.until },
            Held::OneOf(_) => return None,
        };
        let sighting = Observation { at: checked.from, said };
        let told = |steps: Vec<Step>| {
            let proofs: Vec<_> =
                steps.iter().filter(|step| step.is_new).map(|step| step.standing.proven_at).collect();
            (facts(self.base, steps), proofs)
        };
        let without = told(self.steps(added));
        let with = told(self.steps(&[added, &[sighting]].concat()));
        (with != without).then_some(sighting)
    }

    /// The head to write, where it changes.
    fn head(&self, before: &[Step], after: &[Step], added: &[Observation]) -> Option<Head> {
        let latest = added.iter().map(Observation::until).max()?;
        let standing = self.standing(before, after)?;
        let deleted = added.iter().find_map(|one| match one.said {
            Said::Deleted(digest) if one.at == standing.seen_at => Some(digest),
            Said::Deleted(_)
            | Said::Pushed(_)
            | Said::Listed { .. }
            | Said::NotListed { .. }
            | Said::DigestDeleted(_) => None,
        });
        let Some(head) = self.head else {
            return Some(Head { standing, was: deleted, latest, checked: self.checked, version: 1 });
        };
        let was = if standing.held == head.standing.held { head.was } else { head.last_image() };
        let head_after = Head {
            standing,
            was: deleted.or(was),
            latest: latest.max(head.latest),
            checked: self.checked,
            version: head.version.saturating_add(1),
        };
        (head_after.standing != head.standing).then_some(head_after)
    }

    /// How things stand now.
    fn standing(&self, before: &[Step], after: &[Step]) -> Option<Standing> {
        let last_after = after.last().map(|step| &step.standing);
        let Some(head) = self.head else { return last_after.cloned() };
        let current = &head.standing;
        if self.base.is_some() {
            return Some(last_after.unwrap_or(current).clone());
        }
        let (Some(last_before), Some(last_after)) = (before.last().map(|step| &step.standing), last_after)
        else {
            return Some(current.clone());
        };
        // What is kept around the observation may start in the midst of a fact: then the head knows more of it.
        let starts_earlier = begins_with_the_first(before, after);
        if last_before.seen_at == current.seen_at {
            return Some(if starts_earlier {
                with_beginning(last_after, current)
            } else {
                last_after.clone()
            });
        }
        let is_in_the_current_fact = current.held.is_sure()
            && current.held == last_before.held
            && current.since.by() <= last_before.seen_until;
        let is_told_more = is_in_the_current_fact && !starts_earlier;
        Some(if is_told_more { with_beginning(current, last_after) } else { current.clone() })
    }
}

/// Whether the last fact, before and after, is the one that the first observation is in, which is as it was.
fn begins_with_the_first(before: &[Step], after: &[Step]) -> bool {
    let is_one_fact = |steps: &[Step]| steps.iter().skip(1).all(|step| !step.is_new);
    before.first() == after.first() && is_one_fact(before) && is_one_fact(after)
}

/// How things stand, with the beginning as the other one has it.
fn with_beginning(standing: &Standing, beginning: &Standing) -> Standing {
    Standing { since: beginning.since, learnt: beginning.learnt, ..standing.clone() }
}
