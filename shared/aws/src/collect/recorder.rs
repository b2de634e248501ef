//! Recording repositories in the order of their names, each image with its manifest.
//!
//! It blocks, on channels and on the store, and so runs on a thread of its own.

use std::collections::VecDeque;

use demurrage_core::{Digest, Image, ImageStatus, Listing, Manifest, Repository};
use demurrage_store::RowsWriter;
use tokio::sync::mpsc;

use super::in_flight::{ComingBatch, InFlight, Listed};
use super::manifests::Batch;
use super::memory::Recalled;
use super::progress::Progress;
use super::room::Room;
use super::{CollectError, ScanFindings, listing};
use crate::calls::{Needs, pages};

/// What was recorded, in numbers.
#[derive(Debug, Default)]
pub(super) struct Totals {
    pub(super) repositories: u64,
    pub(super) image_pages: u64,
    /// Batches of manifests that were asked for.
    pub(super) manifest_batches: u64,
    /// Calls that were made about scans.
    pub(super) scan_calls: u64,
    /// Repositories whose images are not all there, although they are.
    pub(super) repositories_unread: u64,
    pub(super) unread: Unread,
    /// What went wrong, with the name of the repository.
    pub(super) problems: Vec<String>,
    /// The same, of repositories that were deleted meanwhile: nothing of them is missing that is still there.
    pub(super) gone: Vec<String>,
}

impl Totals {
    /// What the formula of calls needs.
    pub(super) fn needs(&self, scan_findings: ScanFindings) -> Needs {
        Needs {
            repositories: self.repositories,
            image_pages: self.image_pages,
            manifest_batches: self.manifest_batches,
            scan_calls: match scan_findings {
                ScanFindings::AsListed => None,
                ScanFindings::OfTheNewest => Some(self.scan_calls),
            },
            ..Needs::default()
        }
    }
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
pub(super) fn record<W: AsMut<RowsWriter>>(
    mut writer: W,
    mut recalled: Recalled,
    mut coming: mpsc::Receiver<InFlight>,
    room: &Room,
    progress: &Progress,
) -> Result<(W, Totals), CollectError> {
    let mut totals = Totals::default();
    while let Some(repository) = coming.blocking_recv() {
        let listed = repository.listed.blocking_recv().map_err(|_| CollectError::Interrupted)??;
        let Listed { repository: found, wanted, asked, place, is_late } = listed;
        let mut manifests = Manifests::coming(repository.batches, wanted, asked.index);
        // Who goes on with the rest has time for it. The first one had all there was.
        if is_late && totals.repositories != 0 {
            break;
        }
        let into = writer.as_mut();
        let images = record_one(into, &mut recalled, found, &mut manifests, &mut totals)?;
        totals.scan_calls += asked.calls;
        progress.repository_recorded(images);
        room.recorded(&place);
    }
    Ok((writer, totals))
}

fn record_one(
    writer: &mut RowsWriter,
    recalled: &mut Recalled,
    mut repository: Repository,
    manifests: &mut Manifests,
    totals: &mut Totals,
) -> Result<usize, CollectError> {
    let images = std::mem::take(&mut repository.images);
    let count = images.len();
    for mut image in images {
        let manifest = if manifests.is_wanted(image.digest) {
            manifests.of(image.digest, &mut repository)?
        } else {
            recalled.manifest(&repository.name, image.digest, &mut totals.problems).map(Box::new)
        };
        attach(&mut image, manifest, &mut totals.unread);
        writer.image(&repository.name, &image)?;
    }
    repository.notes.extend(late_note(manifests.late));
    totals.repositories += 1;
    totals.image_pages += pages(count);
    totals.manifest_batches += manifests.batches;
    if listing::is_gone(&repository) {
        totals.gone.extend(problems(&repository));
    } else {
        totals.repositories_unread += u64::from(repository.listing != Listing::Complete);
        totals.problems.extend(problems(&repository));
    }
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

/// That manifests did not come in time: once for a repository, however many batches it is.
fn late_note(manifests: usize) -> Option<String> {
    let what = match manifests {
        0 => return None,
        1 => "1 manifest was".to_owned(),
        _ => format!("{manifests} manifests were"),
    };
    Some(format!("{what} not read: the time was up; the next run goes on"))
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
    /// The digests that come in batches, from the next one on.
    wanted: VecDeque<Digest>,
    /// What was read before the batches: the manifest of one image.
    ahead: Option<Batch>,
    read: VecDeque<(Digest, Box<Manifest>)>,
    /// The greatest digest that was answered for.
    upto: Option<Digest>,
    /// Whether no more come, as the time was up.
    is_over: bool,
    /// Batches that were asked for.
    batches: u64,
    /// Manifests that did not come in time.
    late: usize,
}

impl Manifests {
    fn coming(coming: mpsc::Receiver<ComingBatch>, wanted: Vec<Digest>, ahead: Option<Batch>) -> Self {
        let (wanted, read) = (wanted.into(), VecDeque::new());
        Self { coming, wanted, ahead, read, upto: None, is_over: false, batches: 0, late: 0 }
    }

    /// Whether the manifest of this image was asked for; digests come in ascending order.
    fn is_wanted(&mut self, digest: Digest) -> bool {
        self.ahead.as_ref().is_some_and(|ahead| ahead.last == digest)
            || self.wanted.pop_front_if(|next| *next == digest).is_some()
    }

    /// The manifest of an image that was asked for; digests are asked in ascending order.
    fn of(
        &mut self,
        digest: Digest,
        repository: &mut Repository,
    ) -> Result<Option<Box<Manifest>>, CollectError> {
        if let Some(ahead) = self.ahead.take_if(|ahead| ahead.last == digest) {
            self.batches += 1;
            self.late += ahead.late;
            repository.notes.extend(ahead.notes);
            return Ok(ahead.manifests.into_iter().next().map(|(_, manifest)| manifest));
        }
        while self.upto.is_none_or(|upto| upto < digest) {
            if self.is_over {
                self.late += 1;
                return Ok(None);
            }
            let asked = match self.coming.blocking_recv().ok_or(CollectError::Interrupted)? {
                ComingBatch::Asked(asked) => asked,
                ComingBatch::TimeIsUp => {
                    self.is_over = true;
                    continue;
                }
            };
            let batch = asked.blocking_recv().map_err(|_| CollectError::Interrupted)??;
            self.batches += 1;
            self.late += batch.late;
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
