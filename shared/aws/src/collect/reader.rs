//! Reading repositories: settings, images, and the manifests that nobody has read before.

use demurrage_core::{Digest, Listing, Repository};
use demurrage_store::RowsWriter;
use tokio::sync::oneshot;
use tokio::task::{JoinSet, block_in_place};

use super::in_flight::{ComingBatch, Listed, Reading};
use super::memory::Memory;
use super::recorder::Totals;
use super::recording::Recording;
use super::room::Place;
use super::scans::{Asked, Turn};
use super::until::Times;
use super::{CollectError, Progress, PullTimes, ScanFindings, Stop, images, manifests, repositories, scans};
use crate::{CallError, Ecr, Exclusion};

/// Whether manifests may be read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Manifests {
    /// They may.
    Read,
    /// Reading would be taken for use.
    Withheld,
}

impl Manifests {
    /// What is right for a principal whose reading leaves a trace, or does not.
    pub(super) fn of(exclusion: &Exclusion, pull_times: PullTimes) -> Self {
        let may_read = exclusion.leaves_no_trace() || pull_times == PullTimes::MayBeFalsified;
        if may_read { Self::Read } else { Self::Withheld }
    }
}

/// On which terms repositories are read. Clones share the client's pace and the counters.
#[derive(Debug, Clone)]
pub(super) struct Terms {
    pub(super) ecr: Ecr,
    pub(super) manifests: Manifests,
    pub(super) scan_findings: ScanFindings,
    pub(super) times: Times,
    pub(super) progress: Progress,
}

/// Reads repositories, in the order of their names, and records what is found; as many of them, from the first on,
/// as were begun in time.
///
/// # Errors
/// When credentials are gone, the store refuses, or `stop` was asked.
pub(super) async fn read_all<W>(
    terms: Terms,
    repositories: Vec<Repository>,
    memory: Memory,
    writer: W,
    stop: &Stop,
) -> Result<(W, Totals), CollectError>
where
    W: AsMut<RowsWriter> + Send + 'static,
{
    let Memory { mut known, recalled, of_the_newest } = memory;
    let recording = Recording::begin(writer, recalled, &terms.progress);
    let (first, mut newest) = oneshot::channel();
    // It is received below, by the first repository.
    let _ = first.send(of_the_newest);
    let feed = async |recording: &mut Recording<W>| {
        for repository in repositories {
            let Some(turn) = recording.turn(terms.times.begin).await else { break };
            let digests = block_in_place(|| known.repository(&repository.name));
            let (sending, place) = recording.hand_on(turn);
            let (next, after) = oneshot::channel();
            let scans = Turn { coming: std::mem::replace(&mut newest, after), next };
            recording.tasks.spawn(read(terms.clone(), repository, digests, scans, place, sending));
        }
        Ok(())
    };
    let (writer, mut totals) = recording.run(feed, stop).await?;
    totals.problems.append(&mut known.damaged);
    Ok((writer, totals))
}

/// Reads a repository and sends what it finds. `known` are the digests of known manifests, in order.
async fn read(
    terms: Terms,
    mut repository: Repository,
    known: Vec<Digest>,
    scans: Turn,
    mut place: Place,
    into: Reading,
) {
    let listed = list(&terms, &mut repository, &mut place).await;
    let mut wanted = match terms.manifests {
        Manifests::Read => manifests::wanted(&repository.images, &known),
        Manifests::Withheld => Vec::new(),
    };
    drop(known);
    let name = repository.name.clone();
    let is_late = terms.times.list.is_over() && repository.listing != Listing::Complete;
    let asked = match (listed, terms.scan_findings) {
        (Ok(()), ScanFindings::OfTheNewest) => scans::ask(&terms, &mut repository, &mut wanted, scans).await,
        (listed, _) => listed.map(|()| Asked::default()),
    };
    let batches: Vec<Vec<Digest>> = manifests::batches(&wanted).collect();
    let listed = asked.map(|asked| Listed { repository, wanted, asked, place, is_late });
    let ends = listed.is_err();
    if into.listed.send(listed).is_err() || ends {
        return;
    }
    // Each batch is a task of its own, and the room for what it brings is taken before it begins: a call that is
    // under way waits for nothing but the network, and so gives its turn back.
    let mut calls = JoinSet::new();
    for batch in batches {
        let Ok(room) = into.batches.reserve().await else { return };
        if terms.times.read.is_over() {
            room.send(ComingBatch::TimeIsUp);
            break;
        }
        let (answer, coming) = oneshot::channel();
        let (terms, name) = (terms.clone(), name.clone());
        calls.spawn(async move {
            // Where nobody waits any more, the run is over.
            let _ = answer.send(manifests::read(&terms, &name, &batch).await);
        });
        room.send(ComingBatch::Asked(coming));
        while calls.try_join_next().is_some() {}
    }
    while calls.join_next().await.is_some() {}
}

async fn list(terms: &Terms, repository: &mut Repository, place: &mut Place) -> Result<(), CallError> {
    let Terms { ecr, times, progress, .. } = terms;
    repositories::read_settings(ecr, times.list, repository).await?;
    images::list(ecr, times.list, repository, Some(place), progress).await
}
