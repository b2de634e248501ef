//! A policy run again and again at one time, until a run changes nothing.
//!
//! What one run takes lets the next one take more: the children of an index that went are ordinary images
//! after it. In each run referrers go, or are archived, with their subjects. Leaves out what time does to
//! ages in between, and what is pushed.

use chrono::{DateTime, Utc};
use rustc_hash::FxHashMap;

use super::relations::positions;
use super::{Action, Limit, Policy, Referrers, Relations, Rule, StorageClass, Switches, evaluate};
use crate::{Child, Descriptor, Image, ImageStatus, Manifest};

/// An image that one of the runs changes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Acted {
    /// Its place in the list of images before the first run.
    pub image: u32,
    /// What happens to it.
    pub action: Action,
    /// The place, among the rules of the policy, of the rule that acts on it, or on the image that it follows.
    pub rule: usize,
    /// Its subject, where no rule acts on it but on the subject, or on the subject's own: by its place in the
    /// list of images before the first run.
    pub subject: Option<u32>,
}

/// The runs of a policy over the images of a repository, all at `now`, as long as they change something.
///
/// An item is one run: what it changes, in the order of `images`; never empty. A referrer follows its subject
/// (under `referrers = follow`), and its own referrers follow it; one that is archived already is not changed
/// by archiving. Each run expires an image or archives one that was not, so the runs come to an end.
///
/// `relations` are those of `images`. Only a run after the first copies images, and those without their blobs.
pub const fn settle<'a>(
    policy: &'a Policy,
    images: &'a [Image],
    relations: &'a Relations,
    now: DateTime<Utc>,
    switches: Switches,
) -> Runs<'a> {
    Runs { policy, now, switches, stage: Stage::First { images, relations } }
}

/// The runs of [`settle`].
#[derive(Debug)]
pub struct Runs<'a> {
    policy: &'a Policy,
    now: DateTime<Utc>,
    switches: Switches,
    stage: Stage<'a>,
}

#[derive(Debug)]
enum Stage<'a> {
    /// Nothing ran.
    First { images: &'a [Image], relations: &'a Relations },
    /// The first run came to this.
    Second { images: &'a [Image], acted_on: Vec<Acted>, is_settled: bool },
    /// What is left after the runs so far.
    Later(Left),
    /// The last run changed nothing.
    Settled,
}

/// The images that are left, and the place of each in the list before the first run.
#[derive(Debug)]
struct Left {
    images: Vec<Image>,
    places: Vec<u32>,
}

impl Iterator for Runs<'_> {
    type Item = Vec<Acted>;

    fn next(&mut self) -> Option<Vec<Acted>> {
        let run = |images: &[Image], relations: &Relations| {
            run(self.policy, images, relations, self.now, self.switches)
        };
        let (acted_on, stage) = match std::mem::replace(&mut self.stage, Stage::Settled) {
            Stage::First { images, relations } => {
                let acted_on = run(images, relations);
                let is_settled = is_settled_by_one_run(self.policy, relations);
                (acted_on.clone(), Stage::Second { images, acted_on, is_settled })
            }
            Stage::Second { images, acted_on, is_settled: false } => {
                later(Left::after_first(images, &acted_on, self.now), self.now, run)
            }
            Stage::Later(left) => later(left, self.now, run),
            Stage::Second { is_settled: true, .. } | Stage::Settled => return None,
        };
        if acted_on.is_empty() {
            return None;
        }
        self.stage = stage;
        Some(acted_on)
    }
}

/// Whether a second run at the same time can change nothing, whatever the first one did.
///
/// Where no index names an image that is there, no image comes into a pool that was in none before: images leave
/// pools, and ranks only get smaller. Ages stay as they are. What was archived has the age 0 in the archive class.
fn is_settled_by_one_run(policy: &Policy, relations: &Relations) -> bool {
    let by_transition = |rule: &Rule| matches!(rule.limit, Limit::SinceImageTransitioned(_));
    let mut of_archive = policy.rules().iter().filter(|rule| rule.storage_class == StorageClass::Archive);
    !relations.has_children() && of_archive.all(by_transition)
}

/// A run over what is left, in the places of the list before the first run, and what is left then.
fn later<'a>(
    mut left: Left,
    now: DateTime<Utc>,
    run: impl Fn(&[Image], &Relations) -> Vec<Acted>,
) -> (Vec<Acted>, Stage<'a>) {
    let here = run(&left.images, &Relations::of(&left.images));
    let acted_on = here.iter().filter_map(|acted| left.before_first(*acted)).collect();
    left.go_on(&here, now);
    (acted_on, Stage::Later(left))
}

impl Left {
    /// What is left after the first run.
    fn after_first(images: &[Image], acted_on: &[Acted], now: DateTime<Utc>) -> Self {
        let mut left = Self { images: Vec::new(), places: Vec::new() };
        let mut acted_on = acted_on.iter().peekable();
        for (place, image) in positions(images) {
            let action = acted_on.next_if(|acted| acted.image == place).map(|acted| acted.action);
            if action == Some(Action::Expire) {
                continue;
            }
            let mut image = without_blobs(image);
            if action == Some(Action::Archive) {
                archive(&mut image, now);
            }
            left.images.push(image);
            left.places.push(place);
        }
        left
    }

    /// The same in the places of the list before the first run.
    fn before_first(&self, acted: Acted) -> Option<Acted> {
        let place = |here: u32| self.places.get(here as usize).copied();
        Some(Acted { image: place(acted.image)?, subject: acted.subject.and_then(place), ..acted })
    }

    /// Takes out what expires, and archives what is archived.
    fn go_on(&mut self, acted_on: &[Acted], now: DateTime<Utc>) {
        let mut stays = vec![true; self.images.len()];
        for acted in acted_on {
            let at = acted.image as usize;
            if let (Some(stays), Some(image)) = (stays.get_mut(at), self.images.get_mut(at)) {
                match acted.action {
                    Action::Expire => *stays = false,
                    Action::Archive => archive(image, now),
                }
            }
        }
        let mut stay = stays.iter();
        self.images.retain(|_| stay.next() == Some(&true));
        let mut stay = stays.iter();
        self.places.retain(|_| stay.next() == Some(&true));
    }
}

fn archive(image: &mut Image, now: DateTime<Utc>) {
    image.status = ImageStatus::Archived;
    image.archived_at = Some(now);
}

/// What an evaluation looks at: everything but the layers, which are most of an image.
pub(crate) fn without_blobs(image: &Image) -> Image {
    let child = |child: &Child| Child {
        descriptor: Descriptor {
            digest: child.descriptor.digest,
            media_type: String::new(),
            size_bytes: child.descriptor.size_bytes,
        },
        platform: None,
        attests: None,
    };
    let manifest = image.manifest.as_ref().map(|manifest| {
        let children = manifest.children.iter().map(child).collect();
        Box::new(Manifest { children, ..Manifest::new(manifest.kind.clone()) })
    });
    Image {
        digest: image.digest,
        tags: image.tags.clone(),
        pushed_at: image.pushed_at,
        last_pulled_at: image.last_pulled_at,
        archived_at: image.archived_at,
        activated_at: image.activated_at,
        status: image.status,
        size_bytes: image.size_bytes,
        manifest_media_type: image.manifest_media_type.clone(),
        artifact_media_type: None,
        subject: image.subject,
        scan: None,
        manifest,
    }
}

/// One run: what rules act on, and what follows it.
fn run(
    policy: &Policy,
    images: &[Image],
    relations: &Relations,
    now: DateTime<Utc>,
    switches: Switches,
) -> Vec<Acted> {
    let decisions = evaluate(policy, images, relations, now, switches);
    let mut acted_on: Vec<Acted> = (0..u32::MAX)
        .zip(&decisions)
        .filter_map(|(image, decision)| {
            let action = decision.outcome.action()?;
            Some(Acted { image, action, rule: decision.rule?, subject: None })
        })
        .collect();
    if switches.referrers == Referrers::Follow && !acted_on.is_empty() {
        follow(images, relations, &mut acted_on);
    }
    // Archiving what is archived is no change.
    let archived =
        |acted: &Acted| images.get(acted.image as usize).is_some_and(|i| i.status == ImageStatus::Archived);
    acted_on.retain(|acted| acted.action == Action::Expire || !archived(acted));
    acted_on
}

/// Adds the referrers of what is acted on, and theirs. None is there yet: a rule selects no referrer while its
/// subject is there, and a referrer has one subject.
fn follow(images: &[Image], relations: &Relations, acted_on: &mut Vec<Acted>) {
    let mut referrers: FxHashMap<u32, Vec<u32>> = FxHashMap::default();
    for (image, _) in positions(images) {
        if let Some(subject) = relations.subject(image) {
            referrers.entry(subject).or_default().push(image);
        }
    }
    if referrers.is_empty() {
        return;
    }
    let mut next = 0;
    while let Some(&acted) = acted_on.get(next) {
        let its = referrers.get(&acted.image).into_iter().flatten();
        acted_on.extend(its.map(|&image| Acted { image, subject: Some(acted.image), ..acted }));
        next += 1;
    }
    acted_on.sort_unstable_by_key(|acted| acted.image);
}
