//! One registry: what it is, which repositories it has, and how large they were the last time.

use std::collections::BTreeMap;

use demurrage_aws::Session;
use demurrage_aws::collect::{CollectError, survey};
use demurrage_contract::RunId;
use demurrage_contract::documents::{DescribedRepository, RegistryDocument, names};
use demurrage_core::RegistryKind;
use demurrage_serve::calls;
use demurrage_store::{InventoryEntry, Store};
use tokio::task::block_in_place;

use crate::settings::Settings;

/// Inventories that are handed on: where a repository could not be read the last time, one before knows it.
const EARLIER_MAX: usize = 8;

/// A registry as it is written down, and its repositories.
pub(crate) struct Surveyed {
    pub(crate) document: RegistryDocument,
    pub(crate) repositories: Vec<DescribedRepository>,
}

/// Asks AWS what a registry is, and the store what it was.
pub(crate) async fn registry(
    store: &Store,
    session: &Session,
    settings: &Settings,
    run: &RunId,
    region: &str,
    inventories: &[InventoryEntry],
) -> Result<Surveyed, CollectError> {
    let ecr = session.ecr_paced(region, Some(settings.calls_per_second));
    let found = survey(session, &ecr).await?;
    let account = session.account();
    let is_of_it = |entry: &&InventoryEntry| {
        entry.kind == RegistryKind::Private
            && entry.registry_id.as_deref() == Some(account)
            && entry.region == region
    };
    let mut earlier: Vec<&InventoryEntry> = inventories.iter().filter(is_of_it).collect();
    earlier.drain(..earlier.len().saturating_sub(EARLIER_MAX));
    let mut problems = found.problems;
    let before = block_in_place(|| images_before(store, earlier.last().copied(), &mut problems));
    let described = |repository| DescribedRepository::of(repository, before.get(&repository.name).copied());
    let repositories: Vec<DescribedRepository> = found.repositories.iter().map(described).collect();
    let document = RegistryDocument {
        account: account.to_owned(),
        region: region.to_owned(),
        inventory: names::inventory(run, account, region),
        taken_at: found.taken_at,
        facts: (&found.registry).into(),
        earlier: earlier.into_iter().map(|entry| entry.name().to_owned()).collect(),
        repositories: u32::try_from(repositories.len()).unwrap_or(u32::MAX),
        problems,
        calls: found.calls.iter().map(calls).collect(),
    };
    Ok(Surveyed { document, repositories })
}

/// How many images repositories had. Where that cannot be read, shares are a little less even, and no more.
fn images_before(
    store: &Store,
    newest: Option<&InventoryEntry>,
    problems: &mut Vec<String>,
) -> BTreeMap<String, u64> {
    let Some(newest) = newest else { return BTreeMap::new() };
    store.image_counts(newest).unwrap_or_else(|error| {
        problems.push(format!("how large repositories were is not known: {error}"));
        BTreeMap::new()
    })
}
