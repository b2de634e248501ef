//! A share of a private registry: some of its repositories into a part of an inventory, within a time limit.
//!
//! Whoever calls it has a time after which it is ended from outside, and hands over before: to another call, for
//! the repositories that are left, and to the next inventory, for the manifests that are left.

use demurrage_core::Repository;
use demurrage_store::{InventoryEntry, Part, Store};
use tokio::task::block_in_place;
use tokio::time::Instant;

use super::reader::{self, Terms};
use super::until::Times;
use super::{CollectError, Extent, Progress, Stop, Unread, memory, recording, registry};
use crate::calls;
use crate::{CallLine, Ecr, Exclusion, Session, exclusions};

/// What is to be collected, and until when.
#[derive(Debug, Clone)]
pub struct Share<'a> {
    /// The inventory that the part is of.
    pub inventory: &'a str,
    /// The part, which must not be there yet.
    pub part: &'a str,
    /// The repositories as [`super::survey()`] described them, in the order of their names.
    pub repositories: Vec<Repository>,
    /// Inventories of this registry from which known manifests are taken, the oldest first.
    pub earlier: Vec<InventoryEntry>,
    /// What is read beyond the listings.
    pub extent: Extent,
    /// How long it may take.
    pub time: Time,
}

/// How long a share may take. What is to be ended in time should have some seconds left after `list_until`: the
/// files of the part are then finished, and put into the store.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Time {
    /// After it no further repository is begun; the first always is.
    pub begin_until: Instant,
    /// After it no further batch of manifests is begun.
    pub read_until: Instant,
    /// After it no answer is waited for: what has not come is missing, and said to be. Nothing is begun after it,
    /// whatever the other two say.
    pub list_until: Instant,
}

/// What came of a share.
#[derive(Debug)]
pub struct CollectedShare {
    /// The part in the store. Readers see it once an inventory names it.
    pub part: Part,
    /// How many repositories of the share are in it, from the first on. The others are for another call.
    pub done: usize,
    /// Repositories in it whose images are not all there.
    pub repositories_unread: u64,
    /// Repositories that were deleted since the survey: recorded as failed, and no problem.
    pub repositories_gone: u64,
    /// Images in it whose manifests are not known.
    pub unread: Unread,
    /// Whether the pulls of the session's principal are recorded.
    pub exclusion: Exclusion,
    /// What could not be read, one sentence each.
    pub problems: Vec<String>,
    /// What this share asked of AWS. Where the client makes other calls at the same time, those count, too.
    pub calls: Vec<CallLine>,
}

/// Collects a share of the private registry of the session's account in one region.
///
/// Whether reading leaves a trace is asked here, as only the principal that reads can tell. What cannot be read
/// of one repository, or not in time, is recorded there and in [`CollectedShare::problems`], and the rest is read.
///
/// # Errors
/// When credentials are gone, the store refuses, repositories are out of order, or `stop` was asked. Readers of
/// the store see nothing of the part then.
pub async fn collect_share(
    session: &Session,
    ecr: &Ecr,
    store: &Store,
    share: Share<'_>,
    progress: &Progress,
    stop: &Stop,
) -> Result<CollectedShare, CollectError> {
    let before = ecr.watch().tallies();
    let times = Times::from(share.time);
    let mut unanswered = Vec::new();
    let asked = async {
        let listed = times.list.call("ListPullTimeUpdateExclusions", exclusions::list(ecr)).await;
        registry::excluded(session, listed, &mut unanswered)
    };
    let (exclusion, _) = stop.unless_asked(asked).await?;
    let mut problems: Vec<String> = unanswered.iter().map(ToString::to_string).collect();

    progress.repositories_are(share.repositories.len());
    let Share { repositories, earlier, extent, .. } = share;
    let memory = block_in_place(|| {
        memory::of_inventories(store, &earlier, &repositories, extent.scan_findings, &mut problems)
    });
    let writer = block_in_place(|| store.begin_part(share.inventory, share.part))?;
    let manifests = reader::Manifests::of(&exclusion, extent.pull_times);
    let (scan_findings, progress) = (extent.scan_findings, progress.clone());
    let terms = Terms { ecr: ecr.clone(), manifests, scan_findings, times, progress };
    let (writer, totals) = reader::read_all(terms, repositories, memory, writer, stop).await?;
    let part = recording::finish(move || writer.finish()).await?;

    let needs = totals.needs(scan_findings);
    problems.extend(totals.problems);
    Ok(CollectedShare {
        part,
        done: usize::try_from(totals.repositories).unwrap_or(usize::MAX),
        repositories_unread: totals.repositories_unread,
        repositories_gone: totals.gone.len() as u64,
        unread: totals.unread,
        exclusion,
        problems,
        calls: calls::share(&needs, &calls::since(&before, &ecr.watch().tallies())),
    })
}
