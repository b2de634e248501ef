//! What went from a repository between two inventories, and which rule explains it.
//!
//! ECR runs attached policies by itself and tells only `CloudTrail`. Two inventories show what is gone; the
//! policy, run again over what was there, shows what it would have taken. What is left over was taken by
//! somebody else, or by a behaviour of ECR that is not understood.

mod verdict;

use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, Utc};

pub use self::verdict::{AttachedPolicy, Cause, Unexplained, Untold, Verdict};
use super::{Outcome, Policy, Relations, Switch, Switches, settle};
use crate::{Digest, Image, ImageStatus, Tag};

/// Runs of a policy after which nothing new is expected: children go a run after their index, and so on.
const ROUNDS_MAX: u32 = 8;

/// An image that is not any more what it was.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Gone {
    /// The image as the earlier inventory has it.
    pub image: Image,
    /// Whether it was deleted or archived.
    pub outcome: Outcome,
    /// Whether a rule explains it.
    pub verdict: Verdict,
}

/// What is gone or archived between two listings of a repository, by digest, with the rule that takes it.
///
/// `policies` is what is known of the policy at each of the two times. Each is run until nothing changes, at
/// `now`, the time of the later listing, over everything that is in either: an image that was pushed in
/// between pushes others beyond a count. A tag that stands at another image now is taken to have moved first.
///
/// Only the settings `asked` for explain. Others are tried on what is left over, and named where they take it
/// and nothing that still stands as it was: settings that would have taken more are refuted by that.
pub fn gone(
    earlier: &[Image],
    later: &[Image],
    policies: &[AttachedPolicy],
    now: DateTime<Utc>,
    asked: Switches,
) -> Vec<Gone> {
    let mut gone = missing(earlier, later, &left_over(policies));
    if gone.is_empty() {
        return gone;
    }
    let runs = Runs::over(earlier, later, policies, now);
    explain(&mut gone, &runs, asked);
    name_the_orphans(&mut gone, earlier, later, policies);
    let mut others = Switches::all();
    others.sort_by_key(|switches| changed(asked, *switches).len());
    for switches in others.into_iter().filter(|switches| *switches != asked) {
        if !gone.iter().any(is_open) {
            break;
        }
        name_the_rule(&mut gone, &runs, asked, switches);
    }
    gone
}

/// Says of what a rule takes under the settings that were asked for that it is explained, or cannot be told.
fn explain(gone: &mut [Gone], runs: &Runs<'_>, asked: Switches) {
    for run in runs.under(asked) {
        for gone in gone.iter_mut().filter(|gone| !matches!(gone.verdict, Verdict::Explained(_))) {
            let Some(taken) = runs.taking(&run, gone) else { continue };
            gone.verdict = if runs.is_certain(taken) {
                Verdict::Explained(taken.cause.clone())
            } else {
                Verdict::CannotBeTold(Untold::UnreadIndexes(runs.unread_indexes))
            };
        }
    }
}

/// Says of referrers whose subject was in neither listing that they went for that.
///
/// Source: ECR user guide, "Image signing", read 2026-11-23: lifecycle policies remove referrers within 24 hours
/// after their subject is deleted. So between two listings only the second half of that may be seen.
fn name_the_orphans(gone: &mut [Gone], earlier: &[Image], later: &[Image], policies: &[AttachedPolicy]) {
    if !policies.iter().any(|policy| policy.known().is_some()) {
        return;
    }
    let seen: BTreeSet<Digest> = earlier.iter().chain(later).map(|image| image.digest).collect();
    for gone in gone.iter_mut().filter(|gone| is_open(gone) && gone.outcome == Outcome::Expire) {
        if let Some(subject) = gone.image.subject.filter(|subject| !seen.contains(subject)) {
            gone.verdict = Verdict::SubjectGone(subject);
        }
    }
}

/// Says of what is still open that a rule takes it under these settings, unless what stands refutes them.
fn name_the_rule(gone: &mut [Gone], runs: &Runs<'_>, asked: Switches, switches: Switches) {
    for run in runs.under(switches).filter(|run| !runs.is_refuted(run)) {
        for gone in gone.iter_mut().filter(|gone| is_open(gone)) {
            let Some(taken) = runs.taking(&run, gone).filter(|taken| runs.is_certain(taken)) else {
                continue;
            };
            gone.verdict =
                Verdict::OnlyUnder { cause: taken.cause.clone(), changed: changed(asked, switches) };
        }
    }
}

/// Whether other settings may still name a rule for it.
const fn is_open(gone: &Gone) -> bool {
    matches!(gone.verdict, Verdict::Unexplained(_))
}

/// What is to be said where no policy that is known explains that an image went.
fn left_over(policies: &[AttachedPolicy]) -> Verdict {
    let has = |wanted: fn(&AttachedPolicy) -> bool| policies.iter().any(wanted);
    if has(|policy| matches!(policy, AttachedPolicy::NotRead)) {
        return Verdict::CannotBeTold(Untold::PolicyNotRead);
    }
    if has(|policy| matches!(policy, AttachedPolicy::NotAccepted)) {
        return Verdict::CannotBeTold(Untold::PolicyNotAccepted);
    }
    Verdict::Unexplained(if has(|policy| policy.known().is_some()) {
        Unexplained::NoRule
    } else {
        Unexplained::NoPolicy
    })
}

fn changed(asked: Switches, switches: Switches) -> Vec<Switch> {
    let differs = |switch: &Switch| switches.value_name(*switch) != asked.value_name(*switch);
    Switch::ALL.into_iter().filter(differs).collect()
}

fn missing(earlier: &[Image], later: &[Image], left_over: &Verdict) -> Vec<Gone> {
    let now: BTreeMap<Digest, ImageStatus> = later.iter().map(|image| (image.digest, image.status)).collect();
    let mut gone: Vec<Gone> = earlier
        .iter()
        .filter_map(|image| {
            let outcome = match now.get(&image.digest) {
                None => Outcome::Expire,
                Some(ImageStatus::Archived) if image.status == ImageStatus::Active => Outcome::Archive,
                Some(_) => return None,
            };
            Some(Gone { image: image.clone(), outcome, verdict: left_over.clone() })
        })
        .collect();
    gone.sort_by_key(|gone| gone.image.digest);
    gone
}

/// What the policies of both times take, and what tells whether they did.
struct Runs<'a> {
    policies: Vec<&'a Policy>,
    scenes: [Vec<Image>; 2],
    now: DateTime<Utc>,
    /// What stands in the later listing as it was in the earlier one.
    standing: BTreeSet<Digest>,
    /// What is in the later listing and not archived.
    live: BTreeSet<Digest>,
    /// Children of indexes that stand: no rule takes them.
    held: BTreeSet<Digest>,
    /// How many indexes have children that are in neither listing's manifests.
    unread_indexes: usize,
}

/// What one policy takes when it is run again and again: by digest.
type Run = BTreeMap<Digest, Taken>;

#[derive(Debug, Clone)]
struct Taken {
    outcome: Outcome,
    cause: Cause,
    /// Whether the rule counts images, so that it depends on the others.
    is_by_count: bool,
}

impl<'a> Runs<'a> {
    fn over(earlier: &[Image], later: &[Image], policies: &'a [AttachedPolicy], now: DateTime<Utc>) -> Self {
        let scenes = [scene(earlier, later, TagsOf::Now), scene(earlier, later, TagsOf::Before)];
        let was: BTreeMap<Digest, ImageStatus> =
            earlier.iter().map(|image| (image.digest, image.status)).collect();
        let stands = |image: &&Image| was.get(&image.digest) == Some(&image.status);
        let live: BTreeSet<Digest> = later
            .iter()
            .filter(|image| image.status != ImageStatus::Archived)
            .map(|image| image.digest)
            .collect();
        let [scene, _] = &scenes;
        let mut policies: Vec<&Policy> = policies.iter().filter_map(AttachedPolicy::known).collect();
        policies.dedup_by(|one, other| one.rules() == other.rules());
        Self {
            policies,
            now,
            standing: later.iter().filter(stands).map(|image| image.digest).collect(),
            held: scene
                .iter()
                .filter(|image| live.contains(&image.digest))
                .flat_map(Image::children)
                .collect(),
            unread_indexes: scene.iter().filter(|image| image.has_unknown_children()).count(),
            live,
            scenes,
        }
    }

    /// Each policy over each scene, the likelier scene first.
    fn under(&self, switches: Switches) -> impl Iterator<Item = Run> + '_ {
        self.scenes.iter().flat_map(move |scene| {
            self.policies.iter().map(move |policy| taken(policy, scene, self.now, switches))
        })
    }

    /// What takes an image in this run, where it did not take it although its index or subject stands.
    fn taking<'r>(&self, run: &'r Run, gone: &Gone) -> Option<&'r Taken> {
        let taken = run.get(&gone.image.digest)?;
        let has_subject_left = taken.cause.subject.is_some_and(|subject| self.live.contains(&subject));
        let is_possible = !has_subject_left && !self.held.contains(&gone.image.digest);
        (taken.outcome == gone.outcome && is_possible).then_some(taken)
    }

    /// Whether unknown children leave it as it is: a count is another without them, an age is not.
    const fn is_certain(&self, taken: &Taken) -> bool {
        self.unread_indexes == 0 || !taken.is_by_count
    }

    /// Whether it takes what stands as it was.
    fn is_refuted(&self, run: &Run) -> bool {
        run.keys().any(|digest| self.standing.contains(digest))
    }
}

/// Which tags an image is taken to have had when the policy ran.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum TagsOf {
    /// Those of the earlier listing.
    Before,
    /// Those of the later listing, and of an image that is gone those that stand nowhere else now.
    Now,
}

/// Everything that is in either listing, as it was before a policy took anything.
fn scene(earlier: &[Image], later: &[Image], tags: TagsOf) -> Vec<Image> {
    let later_by_digest: BTreeMap<Digest, &Image> = later.iter().map(|image| (image.digest, image)).collect();
    let tags_now: BTreeSet<&Tag> = later.iter().flat_map(|image| &image.tags).collect();
    let mut images: Vec<Image> = earlier
        .iter()
        .map(|image| {
            let mut image = image.clone();
            let now = later_by_digest.get(&image.digest);
            if let (None, Some(now)) = (&image.manifest, now) {
                // A manifest does not change: read later, it says what the image was before.
                image.manifest.clone_from(&now.manifest);
                image.subject = image.subject.or(now.subject);
            }
            if tags == TagsOf::Now {
                match now {
                    Some(now) => image.tags.clone_from(&now.tags),
                    None => image.tags.retain(|tag| !tags_now.contains(tag)),
                }
            }
            image
        })
        .collect();
    let known: BTreeSet<Digest> = earlier.iter().map(|image| image.digest).collect();
    images.extend(later.iter().filter(|image| !known.contains(&image.digest)).cloned());
    images
}

/// What a policy takes when it is run again and again: by digest, with the run and the rule.
fn taken(policy: &Policy, scene: &[Image], now: DateTime<Utc>, switches: Switches) -> Run {
    let relations = Relations::of(scene);
    let digest = |place: u32| scene.get(place as usize).map(|image| image.digest);
    let mut taken = Run::new();
    for (round, acted_on) in (1..=ROUNDS_MAX).zip(settle(policy, scene, &relations, now, switches)) {
        for acted in acted_on {
            let (Some(image), Some(rule)) = (digest(acted.image), policy.rules().get(acted.rule)) else {
                continue;
            };
            let subject = acted.subject.and_then(digest);
            let cause = Cause { priority: rule.priority, round, subject, switches };
            let is_by_count = rule.limit.is_count();
            // An image that is archived and then expires is explained by what took it last.
            taken.insert(image, Taken { outcome: acted.action.into(), cause, is_by_count });
        }
    }
    taken
}

#[cfg(test)]
mod tests;
