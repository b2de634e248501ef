//! `demurrage status`: what the store has, how old and how complete it is, and what to do next.

use std::collections::BTreeMap;

use clap::Args;
use demurrage_core::in_use::{KnownUses, UseRecord, newest_sources};
use demurrage_core::{Listing, RepositoriesListing};
use demurrage_report::{Applied, PlanStatus, RegistryStatus, StoreStatus};
use demurrage_store::{InventoryEntry, Store, StoreError, journal_of};

use super::plan::given;
use crate::args::{Format, NowArgs, StoreArgs};
use crate::exit::Exit;
use crate::failure::Failure;
use crate::known_uses::gaps;
use crate::rules_file::RulesArgs;
use crate::talk;

/// Show what the store has, how old and how complete that is, and what to do next
///
/// It reads the store and nothing else. A registry is as good as its newest inventory; what is in use is known as far as it was
/// asked; a plan holds until it expires.
///
/// Exit code 5: the store has no inventory yet.
#[derive(Debug, Args)]
#[command(after_help = "Example:\n  demurrage demo --dir /tmp/demo >/dev/null\n  \
    demurrage status --store /tmp/demo/store")]
pub(crate) struct StatusArgs {
    #[command(flatten)]
    store: StoreArgs,
    #[command(flatten)]
    rules: RulesArgs,
    #[command(flatten)]
    now: NowArgs,
    /// How to write it
    #[arg(long, value_enum, default_value_t = Format::Table)]
    format: Format,
}

pub(crate) fn run(arguments: &StatusArgs) -> Result<Exit, Failure> {
    let store = arguments.store.open()?;
    let rules = arguments.rules.configuration()?.configuration.in_use.rules;
    let now = arguments.now.now();
    let (entries, unreadable) = store.readable_inventories()?;
    let registries = registries(&store, entries)?;
    let records: Vec<UseRecord> = store.uses()?.into_iter().map(|(_, record)| record).collect();
    // What is to be asked depends on all registries: where one cannot be read, nobody can tell what is missing.
    let is_readable = unreadable.is_empty();
    let asked = if is_readable { store.rules_of_use(&rules)? } else { rules.clone() };
    let known = KnownUses::of(&records, Vec::new(), Vec::new(), &asked);
    let journals = store.journals()?;
    let plans = store.plans()?;
    let plan = plans.last().map(|newest| plan(&store, &newest.hash.to_string(), &journals)).transpose()?;
    let holds = store.stored_holds()?.iter().filter(|hold| hold.is_in_force(now)).count();
    let gaps = if is_readable { gaps(&store, &known, now, rules.max_age)? } else { Vec::new() };
    let status = StoreStatus {
        store: store.shown(),
        now,
        registries,
        unreadable: unreadable.iter().map(ToString::to_string).collect(),
        sources: newest_sources(&records),
        gaps,
        plans: plans.len(),
        plan,
        journals: journals.len(),
        holds,
        stop: store.stop()?.map(|order| (order.by, order.at, order.reason)),
    };
    match arguments.format {
        Format::Table => talk::data(&status.text())?,
        Format::Json => talk::json(&status.json())?,
    }
    Ok(if status.registries.is_empty() { Exit::NothingToDo } else { Exit::Done })
}

/// What the newest inventory of each registry says, in the order of registries.
fn registries(store: &Store, entries: Vec<InventoryEntry>) -> Result<Vec<RegistryStatus>, Failure> {
    let mut newest = BTreeMap::new();
    for entry in entries {
        let key = (entry.registry_id.clone(), entry.region.clone(), entry.kind);
        // From the oldest to the newest.
        newest
            .entry(key)
            .and_modify(|(number, kept)| (*number, *kept) = (*number + 1, entry.clone()))
            .or_insert((1, entry));
    }
    newest.into_values().map(|(inventories, entry)| registry(store, inventories, &entry)).collect()
}

fn registry(store: &Store, inventories: usize, entry: &InventoryEntry) -> Result<RegistryStatus, Failure> {
    let repositories = store.repositories(entry)?;
    let unread = repositories.iter().filter(|repository| repository.listing != Listing::Complete).count();
    Ok(RegistryStatus {
        kind: entry.kind,
        account: entry.registry_id.clone(),
        region: entry.region.clone(),
        inventory: entry.name().to_owned(),
        taken_at: entry.taken_at,
        inventories,
        repositories: entry.repositories(),
        images: entry.images(),
        is_cut_off: entry.repositories_listing == RepositoriesListing::CutOff,
        unread,
        notes: entry.notes().to_vec(),
    })
}

fn plan(store: &Store, hash: &str, journals: &[String]) -> Result<PlanStatus, Failure> {
    let plan = store.plan(hash).map_err(given::failure)?.plan;
    let is_begun = journals.iter().any(|journal| journal.starts_with(hash));
    let is_done = is_begun && is_done(store, hash, plan.parts.len())?;
    Ok(PlanStatus {
        hash: hash.to_owned(),
        made_at: plan.head.made_at,
        expires_at: plan.head.expires_at,
        mode: plan.head.mode,
        actions: plan.actions(),
        images: plan.images(),
        bytes_freed: plan.bytes_freed(),
        refused: plan.refused.len(),
        applied: match (is_begun, is_done) {
            (_, true) => Applied::Done,
            (true, false) => Applied::Begun,
            (false, false) => Applied::No,
        },
    })
}

/// Whether a plan was applied to its end: as a whole, or each of its parts by itself.
fn is_done(store: &Store, hash: &str, parts: usize) -> Result<bool, StoreError> {
    if store.journal_is_done(&journal_of(hash, None))? {
        return Ok(true);
    }
    for part in 0..parts {
        if !store.journal_is_done(&journal_of(hash, Some(part)))? {
            return Ok(false);
        }
    }
    Ok(parts != 0)
}
