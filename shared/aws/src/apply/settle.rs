//! What became of a call that nobody has an answer of: found out in the registry.

use demurrage_core::apply::Halt;
use demurrage_core::journal::{Call, ImageId, Outcome};
use demurrage_core::plan::RepositoryAddress;
use demurrage_core::{Digest, Image, ImageStatus};
use tokio::task::block_in_place;

use super::halt::{by_call, by_store};
use super::run::Run;
use super::settings::{current, is_same, wanted_of};
use crate::Ecr;
use crate::collect::re_read_named;

/// Looks what became of a call, and writes it down as its outcome. `why` says why nobody knew.
///
/// Of what is not there any more it is taken that the call took it away: nobody can tell that from somebody else who did it
/// in the same moment.
pub(super) async fn settle(
    run: &mut Run<'_>,
    ecr: &Ecr,
    number: u64,
    address: &RepositoryAddress,
    call: &Call,
    why: &str,
) -> Result<Outcome, Halt> {
    let (done, found) = match call {
        Call::Delete { ids } => {
            let done = gone(ecr, &address.name, ids).await?;
            let found = format!("found done: {} of {}", done.len(), ids.len());
            (done, found)
        }
        Call::Archive { digest } => {
            let images = named(ecr, &address.name, &[*digest]).await?;
            let is_archived = images.iter().any(|image| image.status == ImageStatus::Archived);
            let id = ImageId { digest: Some(*digest), tag: None };
            (if is_archived { vec![id] } else { Vec::new() }, found(is_archived).to_owned())
        }
        Call::TagMutability { .. } | Call::LifecyclePolicy { .. } | Call::ScanOnPush { .. } => {
            let is_so = match wanted_of(call) {
                Some(setting) => {
                    let now = current(ecr, &address.name, &setting).await.map_err(|error| by_call(&error))?;
                    now.is_some_and(|now| is_same(&now, &setting))
                }
                None => false,
            };
            (Vec::new(), found(is_so).to_owned())
        }
        Call::Activate { .. } | Call::PutImage { .. } => (Vec::new(), "it is no call of a plan".to_owned()),
    };
    let error = Some(format!("{why}; {found}"));
    let outcome = Outcome { number, at: run.now(), done, failures: Vec::new(), error };
    block_in_place(|| run.journal.conclude(&outcome)).map_err(by_store)?;
    Ok(outcome)
}

const fn found(is_done: bool) -> &'static str {
    if is_done { "found done" } else { "found not done" }
}

/// Settles everything that an earlier attempt left open, as far as it is of this session's account.
pub(super) async fn settle_open(run: &mut Run<'_>) -> Result<(), Halt> {
    let open: Vec<(u64, RepositoryAddress, Call)> = run
        .journal
        .open_entries()
        .map(|entry| (entry.intent.number, entry.intent.repository.clone(), entry.intent.call.clone()))
        .collect();
    for (number, address, call) in open {
        if run.not_ours(&address).await?.is_none() {
            let ecr = run.ecr(&address)?;
            settle(run, &ecr, number, &address, &call, "an earlier attempt ended here").await?;
        }
    }
    Ok(())
}

/// Those of the ids that are not there: an image, or the tag on it.
async fn gone(ecr: &Ecr, name: &str, ids: &[ImageId]) -> Result<Vec<ImageId>, Halt> {
    let mut digests: Vec<Digest> = ids.iter().filter_map(|id| id.digest).collect();
    digests.sort_unstable();
    digests.dedup();
    let images = named(ecr, name, &digests).await?;
    let is_there = |id: &ImageId| {
        let image = images.iter().find(|image| Some(image.digest) == id.digest);
        image.is_some_and(|image| id.tag.as_ref().is_none_or(|tag| image.tags.contains(tag)))
    };
    Ok(ids.iter().filter(|id| !is_there(id)).cloned().collect())
}

/// These images; of a repository that is gone, none.
async fn named(ecr: &Ecr, name: &str, digests: &[Digest]) -> Result<Vec<Image>, Halt> {
    match re_read_named(ecr, name, digests).await {
        Ok(found) => Ok(found.into_values().collect()),
        Err(error) if error.is("RepositoryNotFoundException") => Ok(Vec::new()),
        Err(error) => Err(by_call(&error)),
    }
}
