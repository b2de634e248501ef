//! What a plan wants of one repository, and how far that is.

use std::collections::{BTreeMap, BTreeSet};

use demurrage_core::apply::{BATCH_IDS, LeftAction};
use demurrage_core::journal::{Call, Dropped, Entry, ImageId};
use demurrage_core::plan::{Action, ActionKind, ImageAction, RepositoryPlan};
use demurrage_core::{Digest, Image, Manifest, Tag};

use super::prepare::Prepared;

/// How far an action is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Fate {
    /// It is to be done.
    Pending,
    /// It was done, by whomever.
    Done,
    /// It is left, for this reason.
    Left(String),
}

/// The work on the images of one repository.
#[derive(Debug)]
pub(super) struct Work<'a> {
    pub(super) plan: &'a RepositoryPlan,
    pub(super) actions: Vec<&'a ImageAction>,
    pub(super) fates: Vec<Fate>,
    places: BTreeMap<Digest, usize>,
    /// What the journal says, kept in step.
    pub(super) past: Past,
    /// The images that there were when this run came to it, without manifests.
    pub(super) before: Option<Vec<Image>>,
    /// Manifests that were read before.
    pub(super) manifests: BTreeMap<Digest, Box<Manifest>>,
    /// Whether this run changed anything.
    pub(super) has_written: bool,
    /// Settings that were left.
    pub(super) settings_left: Vec<LeftAction>,
    /// Settings that are as they should be, by whether this plan made them so.
    pub(super) settings_done: u64,
    pub(super) settings_already: u64,
}

impl<'a> Work<'a> {
    pub(super) fn new(plan: &'a RepositoryPlan) -> Self {
        let actions: Vec<&ImageAction> = plan.actions.iter().filter_map(Action::image).collect();
        let fates = vec![Fate::Pending; actions.len()];
        let places = actions.iter().enumerate().map(|(place, action)| (action.digest, place)).collect();
        Self {
            plan,
            actions,
            fates,
            places,
            past: Past::default(),
            before: None,
            manifests: BTreeMap::new(),
            has_written: false,
            settings_left: Vec::new(),
            settings_done: 0,
            settings_already: 0,
        }
    }

    /// Keeps the manifests of a repository that is read anew: they never change.
    pub(super) fn keep_manifests(&mut self, prepared: Prepared) {
        let images = prepared.repository.images.into_iter();
        self.manifests.extend(images.filter_map(|image| Some((image.digest, image.manifest?))));
    }

    /// The images that the plan deletes.
    pub(super) fn goes(&self) -> BTreeSet<Digest> {
        let expires = self.actions.iter().filter(|action| action.kind == ActionKind::Expire);
        expires.map(|action| action.digest).collect()
    }

    /// The place of the action on an image.
    pub(super) fn place_of(&self, digest: &Digest) -> Option<usize> {
        self.places.get(digest).copied()
    }

    pub(super) fn is_pending(&self, place: usize) -> bool {
        self.fates.get(place) == Some(&Fate::Pending)
    }

    pub(super) fn set(&mut self, place: usize, fate: Fate) {
        if let Some(held) = self.fates.get_mut(place) {
            *held = fate;
        }
    }
}

/// What a journal says of one repository.
#[derive(Debug, Default)]
pub(super) struct Past {
    /// Tags that were taken off, by image.
    pub(super) taken_off: BTreeMap<Digest, BTreeSet<Tag>>,
    /// Images of which something was done.
    pub(super) touched: BTreeSet<Digest>,
    /// Whether a call on a setting was made.
    pub(super) settings: Vec<Call>,
}

impl Past {
    pub(super) fn of(entries: &[Entry], plan: &RepositoryPlan) -> Self {
        let mut past = Self::default();
        for entry in entries.iter().filter(|entry| entry.intent.repository == plan.repository) {
            let Some(outcome) = &entry.outcome else { continue };
            past.add(&outcome.done);
            match &entry.intent.call {
                Call::TagMutability { .. } | Call::LifecyclePolicy { .. } | Call::ScanOnPush { .. } => {
                    past.settings.push(entry.intent.call.clone());
                }
                Call::Delete { .. }
                | Call::Archive { .. }
                | Call::Activate { .. }
                | Call::PutImage { .. } => {}
            }
        }
        past
    }

    /// This was done.
    pub(super) fn add(&mut self, done: &[ImageId]) {
        for ImageId { digest, tag } in done {
            let Some(digest) = digest else { continue };
            self.touched.insert(*digest);
            if let Some(tag) = tag {
                self.taken_off.entry(*digest).or_default().insert(tag.clone());
            }
        }
    }

    /// The tags that were taken off an image.
    pub(super) fn taken_off(&self, digest: &Digest) -> BTreeSet<Tag> {
        self.taken_off.get(digest).cloned().unwrap_or_default()
    }
}

/// The ids of a call, in as many calls as they need.
pub(super) fn calls_of(ids: &[ImageId]) -> impl Iterator<Item = &[ImageId]> {
    ids.chunks(BATCH_IDS)
}

/// What a journal says of images that are left.
pub(super) fn dropped(
    at: chrono::DateTime<chrono::Utc>,
    work: &Work<'_>,
    left: &[(usize, String)],
) -> Vec<Dropped> {
    let repository = &work.plan.repository;
    let one = |(place, why): &(usize, String)| {
        let digest = work.actions.get(*place)?.digest;
        Some(Dropped { at, repository: repository.clone(), digest, why: why.clone() })
    };
    left.iter().filter_map(one).collect()
}
