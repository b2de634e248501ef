//! Repositories that are being read while earlier ones are recorded.
//!
//! A task reads each repository; its answers come through channels, so that what is recorded next is what
//! comes next by name, and so that a task which is far ahead waits.

use demurrage_core::{Digest, Repository};
use tokio::sync::{mpsc, oneshot};

use super::manifests::Batch;
use super::room::Place;
use super::scans::Asked;
use crate::CallError;

/// Batches of manifests of one repository that may be read ahead of the recording.
const BATCHES_AHEAD: usize = 8;

/// What comes of the next batch.
#[derive(Debug)]
pub(super) enum ComingBatch {
    /// It is being read, or has been.
    Asked(oneshot::Receiver<Result<Batch, CallError>>),
    /// The time to begin it was over; none comes after it.
    TimeIsUp,
}

/// A repository whose images are listed.
#[derive(Debug)]
pub(super) struct Listed {
    /// Its images are in the order of their digests, and have no manifests.
    pub(super) repository: Repository,
    /// The digests whose manifests come in batches, in ascending order.
    pub(super) wanted: Vec<Digest>,
    /// What came of asking about scans.
    pub(super) asked: Asked,
    /// What its images take of the room.
    pub(super) place: Place,
    /// Whether images are missing because the time was up.
    pub(super) is_late: bool,
}

/// The receiving end of a repository that is being read.
#[derive(Debug)]
pub(super) struct InFlight {
    pub(super) listed: oneshot::Receiver<Result<Listed, CallError>>,
    /// In the order of their digests.
    pub(super) batches: mpsc::Receiver<ComingBatch>,
}

/// The sending end.
#[derive(Debug)]
pub(super) struct Reading {
    pub(super) listed: oneshot::Sender<Result<Listed, CallError>>,
    pub(super) batches: mpsc::Sender<ComingBatch>,
}

/// Both ends.
pub(super) fn in_flight() -> (Reading, InFlight) {
    let (listed_in, listed) = oneshot::channel();
    let (batches_in, batches) = mpsc::channel(BATCHES_AHEAD);
    (Reading { listed: listed_in, batches: batches_in }, InFlight { listed, batches })
}
