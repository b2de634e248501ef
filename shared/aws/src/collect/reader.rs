//! Reading one repository: settings, images, and the manifests that nobody has read before.

use demurrage_core::{Digest, Repository};
use tokio::sync::oneshot;
use tokio::task::JoinSet;

use super::in_flight::{Listed, Reading};
use super::progress::Progress;
use super::room::Place;
use super::{images, manifests, repositories};
use crate::{CallError, Ecr};

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
    mut place: Place,
    into: Reading,
) {
    let listed = list(&ecr, &mut repository, &mut place, &progress).await;
    let wanted = match reading {
        Manifests::Read => manifests::wanted(&repository.images, &known),
        Manifests::Withheld => Vec::new(),
    };
    drop(known);
    let name = repository.name.clone();
    let batches: Vec<Vec<Digest>> = manifests::batches(&wanted).collect();
    let listed = listed.map(|()| Listed { repository, wanted, place });
    let ends = listed.is_err();
    if into.listed.send(listed).is_err() || ends {
        return;
    }
    // Each batch is a task of its own, and the room for what it brings is taken before it begins: a call that is
    // under way waits for nothing but the network, and so gives its turn back.
    let mut calls = JoinSet::new();
    for batch in batches {
        let Ok(room) = into.batches.reserve().await else { return };
        let (answer, coming) = oneshot::channel();
        let (ecr, name, progress) = (ecr.clone(), name.clone(), progress.clone());
        calls.spawn(async move {
            // Where nobody waits any more, the run is over.
            let _ = answer.send(manifests::read(&ecr, &name, &batch, &progress).await);
        });
        room.send(coming);
        while calls.try_join_next().is_some() {}
    }
    while calls.join_next().await.is_some() {}
}

async fn list(
    ecr: &Ecr,
    repository: &mut Repository,
    place: &mut Place,
    progress: &Progress,
) -> Result<(), CallError> {
    repositories::read_settings(ecr, repository).await?;
    images::list(ecr, repository, Some(place), progress).await
}
