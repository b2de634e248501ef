//! One registry: what it is, which repositories it has, and how large they were the last time.

use std::collections::BTreeMap;
use std::time::Duration;

use demurrage_aws::Session;
use demurrage_aws::collect::{CollectError, survey};
use demurrage_contract::RunId;
use demurrage_contract::documents::{DescribedRepository, RegistryDocument, names};
use demurrage_serve::calls;
use demurrage_store::{InventoryEntry, InventoryNames, Store};
use tokio::task::block_in_place;

use crate::settings::Settings;

/// Inventories that are handed on: where a repository could not be read the last time, one before knows it.
const EARLIER_MAX: usize = 16;
/// Inventories that are asked how large repositories were.
const SIZES_FROM_MAX: usize = 3;

/// A registry as it is written down, and its repositories.
pub(crate) struct Surveyed {
    pub(crate) document: RegistryDocument,
    pub(crate) repositories: Vec<DescribedRepository>,
}

/// Asks AWS what a registry is, and the store what it was; of the inventories of these names, where there are any.
pub(crate) async fn registry(
    store: &Store,
    session: &Session,
    settings: &Settings,
    run: &RunId,
    region: &str,
    inventories: &InventoryNames,
) -> Result<Surveyed, CollectError> {
    let ecr = session.ecr_every(region, Duration::from_secs(1) / settings.calls_per_second.get());
    let found = survey(session, &ecr).await?;
    let account = session.account();
    let (earlier, unreadable) =
        block_in_place(|| store.newest_among(inventories, account, region, EARLIER_MAX))?;
    let mut problems = found.problems;
    problems
        .extend(unreadable.iter().map(|error| format!("an inventory before this one is not used: {error}")));
    let before = block_in_place(|| images_before(store, &earlier, &mut problems));
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

/// How many images repositories had: of each the last that was whole. Where that cannot be read, shares are a little
/// less even, and no more.
fn images_before(
    store: &Store,
    earlier: &[InventoryEntry],
    problems: &mut Vec<String>,
) -> BTreeMap<String, u64> {
    let mut before = BTreeMap::new();
    for entry in earlier.iter().rev().take(SIZES_FROM_MAX) {
        match store.image_counts(entry) {
            Ok(counts) => counts.into_iter().for_each(|(name, images)| {
                before.entry(name).or_insert(images);
            }),
            Err(error) => problems.push(format!("how large repositories were is not known: {error}")),
        }
    }
    before
}
