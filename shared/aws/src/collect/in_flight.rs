//! Repositories that are being read while earlier ones are recorded.
//!
//! A task reads each repository; its answers come through channels, so that what is recorded next is what
//! comes next by name, and so that a task which is far ahead waits.

use demurrage_core::{Digest, Repository};
use tokio::sync::{mpsc, oneshot};

use super::manifests::Batch;
use crate::CallError;

/// Batches of manifests that may be read ahead of the recording.
pub(super) const BATCHES_AHEAD: usize = 8;

/// A repository whose images are listed.
#[derive(Debug)]
pub(super) struct Listed {
    /// Its images are in the order of their digests, and have no manifests.
    pub(super) repository: Repository,
    /// The digests whose manifests come in batches, in ascending order.
    pub(super) wanted: Vec<Digest>,
}

/// The receiving end of a repository that is being read.
#[derive(Debug)]
pub(super) struct InFlight {
    pub(super) listed: oneshot::Receiver<Result<Listed, CallError>>,
    pub(super) batches: mpsc::Receiver<Result<Batch, CallError>>,
}

/// The sending end.
#[derive(Debug)]
pub(super) struct Reading {
    pub(super) listed: oneshot::Sender<Result<Listed, CallError>>,
    pub(super) batches: mpsc::Sender<Result<Batch, CallError>>,
}

/// Both ends.
pub(super) fn in_flight() -> (Reading, InFlight) {
    let (listed_in, listed) = oneshot::channel();
    let (batches_in, batches) = mpsc::channel(BATCHES_AHEAD);
    (Reading { listed: listed_in, batches: batches_in }, InFlight { listed, batches })
}
