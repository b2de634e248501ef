//! All repositories that are asked about, decided in parallel; what that comes to, and what it saves.

use demurrage_core::cost::{Blobs, Holding, PriceList, Region, StoredBytes, StoredGbMonths, Usd};
use demurrage_core::plan::{PlanBody, Question, RegistryQuestion, RepositoryOutcome, saved};
use demurrage_core::{RegistryKind, Repository};
use demurrage_store::{InventoryEntry, Store};
use rayon::prelude::*;

use super::earlier::EarlierPlan;
use super::ledgers::Ledgers;
use crate::failure::Failure;

/// What came of all repositories.
pub(super) struct Decided {
    pub(super) body: PlanBody,
    /// What it saves in a month; nothing where a price is not known.
    pub(super) usd_per_month: Option<Usd>,
}

/// Decides all repositories of these inventories whose names `wanted` takes.
pub(super) fn decide_all(
    store: &Store,
    entries: &[InventoryEntry],
    question: Question<'_>,
    earlier: Option<&EarlierPlan>,
    prices: &PriceList,
    wanted: &(dyn Fn(&str) -> bool + Sync),
) -> Result<Decided, Failure> {
    let mut body = PlanBody::default();
    let mut usd = Some(Usd::ZERO);
    for entry in entries {
        let of_registry = decide_registry(store, entry, question, earlier, prices, wanted, &mut body)?;
        usd = usd.zip(of_registry).map(|(usd, more)| usd + more);
    }
    Ok(Decided { body: body.sorted(), usd_per_month: usd })
}

/// Decides the repositories of one registry; what that saves in a month.
fn decide_registry(
    store: &Store,
    entry: &InventoryEntry,
    question: Question<'_>,
    earlier: Option<&EarlierPlan>,
    prices: &PriceList,
    wanted: &(dyn Fn(&str) -> bool + Sync),
    body: &mut PlanBody,
) -> Result<Option<Usd>, Failure> {
    let inventory = store.read(entry, |_| true)?;
    let ledgers = Ledgers::read(store, entry, &inventory.repositories, &question.uses.graph);
    let account = inventory.registry_id.as_deref();
    let registry =
        RegistryQuestion::of(question, account, &inventory.region, inventory.taken_at, &inventory.registry);
    let decide = |repository: &Repository| {
        if !wanted(&repository.name) {
            return RepositoryOutcome::NotAsked;
        }
        let chosen = earlier.and_then(|plan| plan.in_repository(&registry.address(&repository.name)));
        registry.decide(repository, ledgers.of(&repository.name), chosen)
    };
    let outcomes: Vec<RepositoryOutcome> = inventory.repositories.par_iter().map(decide).collect();
    let is_changed = outcomes.iter().any(|outcome| match outcome {
        RepositoryOutcome::Decided(decision, _) => !decision.plan.actions.is_empty(),
        RepositoryOutcome::NotAsked | RepositoryOutcome::Refused(..) => false,
    });
    // Nothing costs nothing less, also where nobody knows what anything costs.
    let usd = if is_changed {
        saved_by(&inventory.repositories, &outcomes, entry, prices)
    } else {
        Some(Usd::ZERO)
    };
    for outcome in outcomes {
        body.add(outcome);
    }
    Ok(usd)
}

/// What the decisions of a registry save in a month.
fn saved_by(
    repositories: &[Repository],
    outcomes: &[RepositoryOutcome],
    entry: &InventoryEntry,
    prices: &PriceList,
) -> Option<Usd> {
    let region = Region::parse(&entry.region).ok()?;
    let stored: Vec<(StoredBytes, Option<StoredBytes>)> = repositories
        .par_iter()
        .zip(outcomes)
        .map(|(repository, outcome)| match outcome {
            RepositoryOutcome::Decided(decision, _) => (decision.before, Some(decision.after)),
            RepositoryOutcome::NotAsked | RepositoryOutcome::Refused(..) => {
                (Holding::of(&Blobs::of(&repository.images), &repository.images).stored(), None)
            }
        })
        .collect();
    let planned: Vec<(StoredBytes, StoredBytes)> =
        stored.iter().filter_map(|&(before, after)| Some((before, after?))).collect();
    let others: StoredGbMonths = stored
        .iter()
        .filter(|(_, after)| after.is_none())
        .map(|(before, _)| StoredGbMonths::of(*before))
        .sum();
    saved(&prices.registry_prices(RegistryKind::Private, region), &planned, others)
}
