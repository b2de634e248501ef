//! Recording repositories in the order of their names, each image with its manifest.
//!
//! It blocks, on channels and on the store, and so runs on a thread of its own.

use std::collections::VecDeque;

use demurrage_core::{Digest, Image, ImageStatus, Listing, Manifest, Repository};
use demurrage_store::InventoryWriter;
use tokio::sync::mpsc;

use super::CollectError;
use super::in_flight::{ComingBatch, InFlight, Listed};
use super::memory::Recalled;
use super::progress::Progress;
use super::room::Room;
use crate::calls::{BATCH_IMAGES, pages};

/// What was recorded, in numbers.
#[derive(Debug, Default)]
pub(super) struct Totals {
    pub(super) repositories: u64,
    pub(super) image_pages: u64,
    pub(super) manifest_batches: u64,
    pub(super) unread: Unread,
    /// What went wrong, with the name of the repository.
    pub(super) problems: Vec<String>,
}

/// Images whose manifests are not known, and what is therefore not known of them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Unread {
    /// Images that could be pulled.
    pub active: u64,
    /// Images in the archive class, or on their way back: they cannot be pulled.
    pub archived: u64,
    /// Indexes among both: which images are their children is not known.
    pub indexes: u64,
}

/// Records everything that comes.
///
/// # Errors
/// When the store refuses, credentials are gone, or the run was interrupted.
pub(super) fn record(
    mut writer: InventoryWriter,
    mut recalled: Recalled,
    mut coming: mpsc::Receiver<InFlight>,
    room: &Room,
    progress: &Progress,
) -> Result<(InventoryWriter, Totals), CollectError> {
    let mut totals = Totals::default();
    while let Some(repository) = coming.blocking_recv() {
        let listed = repository.listed.blocking_recv().map_err(|_| CollectError::Interrupted)??;
        let mut manifests = Manifests { coming: repository.batches, read: VecDeque::new(), upto: None };
        let Listed { repository, wanted, place } = listed;
        let images =
            record_one(&mut writer, &mut recalled, repository, &wanted, &mut manifests, &mut totals)?;
        progress.repository_recorded(images);
        room.recorded(&place);
    }
    Ok((writer, totals))
}

fn record_one(
    writer: &mut InventoryWriter,
    recalled: &mut Recalled,
    mut repository: Repository,
    wanted: &[Digest],
    manifests: &mut Manifests,
    totals: &mut Totals,
) -> Result<usize, CollectError> {
    let images = std::mem::take(&mut repository.images);
    let count = images.len();
    let mut wanted_ahead = wanted.iter().peekable();
    for mut image in images {
        let manifest = if wanted_ahead.next_if_eq(&&image.digest).is_some() {
            manifests.of(image.digest, &mut repository)?
        } else {
            recalled.manifest(&repository.name, image.digest)?.map(Box::new)
        };
        attach(&mut image, manifest, &mut totals.unread);
        writer.image(&repository.name, &image)?;
    }
    totals.repositories += 1;
    totals.image_pages += pages(count);
    totals.manifest_batches += wanted.len().div_ceil(BATCH_IMAGES) as u64;
    totals.problems.extend(problems(&repository));
    writer.repository(&repository)?;
    Ok(count)
}

fn attach(image: &mut Image, manifest: Option<Box<Manifest>>, unread: &mut Unread) {
    if let Some(manifest) = manifest {
        image.subject = image.subject.or(manifest.subject);
        image.manifest = Some(manifest);
        return;
    }
    unread.indexes += u64::from(image.is_index());
    match image.status {
        ImageStatus::Active => unread.active += 1,
        ImageStatus::Archived | ImageStatus::Activating | ImageStatus::Unrecognised => unread.archived += 1,
    }
}

/// What went wrong with a repository, each with its name.
fn problems(repository: &Repository) -> Vec<String> {
    let listing = match &repository.listing {
        Listing::Complete => None,
        Listing::CutOff => Some("some of its images are missing".to_owned()),
        Listing::Failed(cause) => Some(cause.clone()),
    };
    let all = listing.into_iter().chain(repository.notes.iter().cloned());
    all.map(|problem| format!("{}: {problem}", repository.name)).collect()
}

/// The manifests of one repository, as they come.
#[derive(Debug)]
struct Manifests {
    coming: mpsc::Receiver<ComingBatch>,
    read: VecDeque<(Digest, Box<Manifest>)>,
    /// The greatest digest that was answered for.
    upto: Option<Digest>,
}

impl Manifests {
    /// The manifest of an image that was asked for; digests are asked in ascending order.
    fn of(
        &mut self,
        digest: Digest,
        repository: &mut Repository,
    ) -> Result<Option<Box<Manifest>>, CollectError> {
        while self.upto.is_none_or(|upto| upto < digest) {
            let coming = self.coming.blocking_recv().ok_or(CollectError::Interrupted)?;
            let batch = coming.blocking_recv().map_err(|_| CollectError::Interrupted)??;
            self.upto = Some(batch.last);
            self.read.extend(batch.manifests);
            repository.notes.extend(batch.notes);
        }
        while let Some((next, _)) = self.read.front() {
            if digest < *next {
                break;
            }
            let found = self.read.pop_front();
            if let Some((_, manifest)) = found.filter(|(found, _)| *found == digest) {
                return Ok(Some(manifest));
            }
        }
        Ok(None)
    }
}
