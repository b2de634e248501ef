//! How the registries of a run are divided into shares, agreed upon once; and the shares, written down from it.
//!
//! Two calls at the same time may have read other registries. What the first has laid out holds for both, so that numbers
//! of shares never mean two things.

use std::collections::BTreeSet;
use std::ops::Range;
use std::sync::Arc;

use chrono::{DateTime, Utc};
use demurrage_contract::documents::{
    DescribedRepository, RegistryDocument, ShareDocument, UnreadRegistry, names,
};
use demurrage_contract::{Failure, FailureKind, RunId};
use demurrage_serve::{Call, sized};
use demurrage_store::{Documents, Store};
use serde::{Deserialize, Serialize};
use tokio::task::{JoinSet, block_in_place};

use crate::plan;
use crate::settings::Settings;
use crate::surveying::Place;

/// What a repository takes while shares are made, at most: names of 256 characters, an ARN and a key.
const REPOSITORY_BYTES: u64 = 3 * 1024;
/// Lists of repositories that are held at a time.
const AT_A_TIME: usize = 8;
/// Percent of the time after which no other registry is written down.
const BEGIN_PERCENT: u32 = 80;

/// The registries of a run.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Layout {
    /// Those that are read, in the order of account and region.
    pub(crate) registries: Vec<LaidOut>,
    /// Those that could not be listed, in this order, too.
    pub(crate) unread: Vec<UnreadRegistry>,
}

/// A registry in shares.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct LaidOut {
    pub(crate) account: String,
    pub(crate) region: String,
    /// Where each share ends: the number of the first repository that is not in it any more.
    pub(crate) ends: Vec<u32>,
}

impl LaidOut {
    /// The repositories of a share.
    fn range(&self, number: usize) -> Option<Range<usize>> {
        let end = *self.ends.get(number)? as usize;
        let begin =
            number.checked_sub(1).and_then(|before| self.ends.get(before)).map_or(0, |&end| end as usize);
        Some(begin..end)
    }
}

/// Lays the registries out that were surveyed at these places; without an aim of images there are no shares.
pub(crate) fn agree(
    documents: &Documents,
    places: &[Place],
    settings: Option<&Settings>,
    call: &Call,
) -> Result<Layout, Failure> {
    if let Some(found) = documents.read(names::LAYOUT)? {
        return Ok(found);
    }
    let mut layout = Layout { registries: Vec::new(), unread: Vec::new() };
    for places in places.chunks(AT_A_TIME) {
        let name = |place: &Place| names::registry(&place.account, &place.region);
        let registries: Vec<Option<RegistryDocument>> =
            documents.read_all(&places.iter().map(name).collect::<Vec<_>>())?;
        let repositories =
            registries.iter().flatten().map(|registry| u64::from(registry.repositories)).sum::<u64>();
        sized("the list of repositories", repositories * REPOSITORY_BYTES, call.memory_bytes)?;
        for (place, registry) in places.iter().zip(registries) {
            let (account, region) = (place.account.clone(), place.region.clone());
            if registry.is_none() {
                let name = names::unread_registry(&account, &region);
                layout.unread.push(documents.read(&name)?.ok_or_else(|| missing(&name))?);
                continue;
            }
            let ends = match settings {
                Some(settings) => ends(&repositories_of(documents, &account, &region)?, settings),
                None => Vec::new(),
            };
            layout.registries.push(LaidOut { account, region, ends });
        }
    }
    Ok(documents.agree(names::LAYOUT, layout)?)
}

fn ends(repositories: &[DescribedRepository], settings: &Settings) -> Vec<u32> {
    let weights: Vec<u64> = repositories.iter().map(|one| plan::weight(one.images_before)).collect();
    let shares = plan::shares(&weights, settings.share_images);
    shares.iter().map(|share| u32::try_from(share.end).unwrap_or(u32::MAX)).collect()
}

fn repositories_of(
    documents: &Documents,
    account: &str,
    region: &str,
) -> Result<Vec<DescribedRepository>, Failure> {
    let name = names::repositories(account, region);
    documents.read(&name)?.ok_or_else(|| missing(&name))
}

/// Writes the shares down that are not there yet, `numbers` being those of each registry; false where the time was up
/// before all of them were.
pub(crate) async fn write_shares(
    store: &Store,
    documents: &Documents,
    (run, now): (&RunId, DateTime<Utc>),
    (layout, numbers): (&Layout, &[Vec<u32>]),
    call: &Call,
) -> Result<bool, Failure> {
    let there = block_in_place(|| {
        let folder = store.documents(&[names::RUNS, run.as_str(), names::SHARES])?;
        Ok::<_, Failure>(folder.names()?.into_iter().collect::<BTreeSet<String>>())
    })?;
    let is_there =
        |&share: &u32| names::share(share).rsplit('/').next().is_some_and(|name| there.contains(name));
    let open = layout.registries.iter().zip(numbers).filter(|(_, numbers)| !numbers.iter().all(is_there));
    let mut open = open.peekable();
    let documents = Arc::new(documents.clone());
    let (mut running, mut has_begun) = (JoinSet::new(), false);
    loop {
        while running.len() < AT_A_TIME && !(has_begun && call.is_gone(BEGIN_PERCENT)) {
            let Some((registry, numbers)) = open.next() else { break };
            has_begun = true;
            let (documents, registry, numbers) = (Arc::clone(&documents), registry.clone(), numbers.clone());
            running.spawn(async move { block_in_place(|| write(&documents, &registry, &numbers, now)) });
        }
        let Some(done) = running.join_next().await else { break };
        done.map_err(|_| Failure::new(FailureKind::Broken, "shares were not written to the end"))??;
    }
    Ok(open.peek().is_none())
}

/// Writes the shares of one registry down.
fn write(
    documents: &Documents,
    laid_out: &LaidOut,
    numbers: &[u32],
    now: DateTime<Utc>,
) -> Result<(), Failure> {
    let name = names::registry(&laid_out.account, &laid_out.region);
    let registry: RegistryDocument = documents.read(&name)?.ok_or_else(|| missing(&name))?;
    let list = repositories_of(documents, &laid_out.account, &laid_out.region)?;
    for (number, &share) in numbers.iter().enumerate() {
        let repositories = laid_out.range(number).and_then(|range| list.get(range));
        let document = ShareDocument {
            account: registry.account.clone(),
            region: registry.region.clone(),
            inventory: registry.inventory.clone(),
            taken_at: registry.taken_at,
            now,
            earlier: registry.earlier.clone(),
            repositories: repositories.ok_or_else(|| missing(&name))?.to_vec(),
        };
        if documents.agree(&names::share(share), document.clone())? != document {
            let message = format!("`{}` was planned otherwise: start another run", names::share(share));
            return Err(Failure::new(FailureKind::Damaged, message));
        }
    }
    Ok(())
}

fn missing(name: &str) -> Failure {
    Failure::new(FailureKind::Damaged, format!("`{name}` is missing, or not whole"))
}
