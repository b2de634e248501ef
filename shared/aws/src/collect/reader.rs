//! Reading one repository: settings, images, and the manifests that nobody has read before.

use demurrage_core::{Digest, Repository};
use futures::StreamExt;

use super::in_flight::{Listed, Reading};
use super::progress::Progress;
use super::{images, manifests, repositories};
use crate::{CallError, Ecr};

/// Batches of manifests of one repository that are under way at a time; the pace bounds all of them.
const BATCHES_AT_ONCE: usize = 4;

/// Whether manifests may be read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Manifests {
    /// They may.
    Read,
    /// Reading would be taken for use.
    Withheld,
}

/// Reads a repository and sends what it finds. `known` are the digests of known manifests, in order.
pub(super) async fn read(
    ecr: Ecr,
    mut repository: Repository,
    known: Vec<Digest>,
    reading: Manifests,
    progress: Progress,
    into: Reading,
) {
    let listed = list(&ecr, &mut repository, &progress).await;
    let wanted = match reading {
        Manifests::Read => manifests::wanted(&repository.images, &known),
        Manifests::Withheld => Vec::new(),
    };
    drop(known);
    let name = repository.name.clone();
    let batches: Vec<Vec<Digest>> = manifests::batches(&wanted).collect();
    let listed = listed.map(|()| Listed { repository, wanted });
    let ends = listed.is_err();
    if into.listed.send(listed).is_err() || ends {
        return;
    }
    let reads = batches.into_iter().map(|batch| {
        let (ecr, name, progress) = (&ecr, &name, &progress);
        async move { manifests::read(ecr, name, &batch, progress).await }
    });
    let mut reads = std::pin::pin!(futures::stream::iter(reads).buffered(BATCHES_AT_ONCE));
    while let Some(batch) = reads.next().await {
        let ends = batch.is_err();
        if into.batches.send(batch).await.is_err() || ends {
            return;
        }
    }
}

async fn list(ecr: &Ecr, repository: &mut Repository, progress: &Progress) -> Result<(), CallError> {
    repositories::read_settings(ecr, repository).await?;
    images::list(ecr, repository, progress).await
}
