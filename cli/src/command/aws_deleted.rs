//! `demurrage aws-deleted`: what went since an earlier inventory, and which rule explains it.

use std::collections::BTreeMap;

use clap::Args;
use demurrage_core::lifecycle::{Gone, Outcome, Policy, gone};
use demurrage_core::{Fact, Inventory, Listing, RepositoriesListing, Repository};
use demurrage_report::{GoneRepository, count, gone_json, gone_table};
use demurrage_store::{InventoryEntry, Store};
use rayon::prelude::*;

use crate::args::{Format, StoreArgs, worse};
use crate::exit::Exit;
use crate::failure::Failure;
use crate::selected::by_name;
use crate::talk;

/// Show what went from the registry since an earlier inventory, and which rule explains it
///
/// ECR runs attached policies by itself. This compares the newest inventory of each registry with the one
/// before it, and runs the policies of both over what was there. What no rule explains was deleted by
/// somebody, or by a behaviour that is not understood (exit code 1).
#[derive(Debug, Args)]
#[command(after_help = "Example:\n  demurrage collect --region ap-northeast-2   # every day\n  \
    demurrage aws-deleted")]
pub(crate) struct AwsDeletedArgs {
    #[command(flatten)]
    store: StoreArgs,
    /// The earlier inventory, by the name of its folder [default: the one before the newest]
    #[arg(long, value_name = "INVENTORY")]
    since: Option<String>,
    /// Only this region of the store
    #[arg(long, value_name = "REGION")]
    region: Option<String>,
    /// Only repositories of this name; `*` stands for any characters
    #[arg(long, value_name = "GLOB")]
    repository: Option<String>,
    /// How to write it
    #[arg(long, value_enum, default_value_t = Format::Table)]
    format: Format,
}

pub(crate) fn run(arguments: &AwsDeletedArgs) -> Result<Exit, Failure> {
    let store = arguments.store.open()?;
    let pairs = pairs(&store, arguments)?;
    let (mut found, mut is_partial) = (Vec::new(), false);
    for (earlier, later) in &pairs {
        talk::say(format!(
            "{} {}: from {} to {}",
            later.registry_id.as_deref().unwrap_or("unknown account"),
            later.region,
            earlier.taken_at.format("%Y-%m-%d %H:%M UTC"),
            later.taken_at.format("%Y-%m-%d %H:%M UTC"),
        ));
        let wanted = by_name(arguments.repository.as_deref());
        let compared = compared(&store.read(earlier, &wanted)?, &store.read(later, &wanted)?);
        is_partial |= compared.is_partial;
        found.extend(compared.repositories);
    }
    let images = || found.iter().flat_map(|repository| &repository.gone);
    let unexplained = images().filter(|gone| gone.cause.is_none()).count();
    match arguments.format {
        Format::Json => talk::json(&gone_json(&found))?,
        Format::Table => talk::data(&gone_table(&found))?,
    }
    let deleted = images().filter(|gone| gone.outcome == Outcome::Expire).count();
    talk::say(format!(
        "{} deleted, {} archived; nothing explains {}",
        count(deleted, "image"),
        images().count() - deleted,
        count(unexplained, "image")
    ));
    Ok(worse(is_partial, unexplained != 0))
}

/// The earlier and the later inventory of each registry.
fn pairs(
    store: &Store,
    arguments: &AwsDeletedArgs,
) -> Result<Vec<(InventoryEntry, InventoryEntry)>, Failure> {
    let since = match &arguments.since {
        Some(name) => Some(store.find(name)?),
        None => None,
    };
    let mut by_registry: BTreeMap<_, Vec<InventoryEntry>> = BTreeMap::new();
    for entry in store.inventories()? {
        let is_wanted = arguments.region.as_ref().is_none_or(|region| entry.region == *region);
        let key = (entry.kind, entry.registry_id.clone(), entry.region.clone());
        let is_of_since = since
            .as_ref()
            .is_none_or(|since| (since.kind, &since.registry_id, &since.region) == (key.0, &key.1, &key.2));
        if is_wanted && is_of_since {
            by_registry.entry(key).or_default().push(entry);
        }
    }
    let mut pairs = Vec::new();
    for mut entries in by_registry.into_values() {
        let Some(later) = entries.pop() else { continue };
        let earlier = match &since {
            Some(since) => Some(since.clone()),
            None => entries.pop(),
        };
        match earlier {
            Some(earlier) if earlier.taken_at < later.taken_at => pairs.push((earlier, later)),
            _ => talk::say(format!("{}: only one inventory so far", later.region)),
        }
    }
    if pairs.is_empty() {
        return Err(Failure::usage(
            "the store holds no two inventories of one registry to compare",
            "run `demurrage collect` again tomorrow",
        ));
    }
    Ok(pairs)
}

struct Compared {
    repositories: Vec<GoneRepository>,
    is_partial: bool,
}

fn compared(earlier: &Inventory, later: &Inventory) -> Compared {
    let by_name: BTreeMap<&str, &Repository> =
        later.repositories.iter().map(|repository| (&*repository.name, repository)).collect();
    let unknown = |repository: &Repository| repository.listing != Listing::Complete;
    // Where not everything could be read, a repository that is missing may be one that was not listed.
    let may_be_unlisted = later.repositories_listing == RepositoriesListing::CutOff;
    let is_later_known = |name: &str| match by_name.get(name) {
        Some(repository) => !unknown(repository),
        None => !may_be_unlisted,
    };
    let (known, not_known): (Vec<&Repository>, Vec<&Repository>) =
        earlier.repositories.iter().partition(|r| !unknown(r) && is_later_known(&r.name));
    for repository in &not_known {
        talk::warn(format!(
            "{}: its images are not all known at both times, so it is left out",
            repository.name
        ));
    }
    let repositories = known
        .par_iter()
        .map(|repository| {
            let now = by_name.get(&*repository.name).copied();
            GoneRepository {
                registry_id: later.registry_id.clone(),
                region: later.region.clone(),
                name: repository.name.clone(),
                since: earlier.taken_at,
                until: later.taken_at,
                is_gone: now.is_none(),
                gone: went(repository, now, later),
            }
        })
        .filter(|repository| !repository.gone.is_empty() || repository.is_gone)
        .collect();
    Compared { repositories, is_partial: !not_known.is_empty() }
}

fn went(before: &Repository, after: Option<&Repository>, later: &Inventory) -> Vec<Gone> {
    // Only what ECR accepted runs; the policy of either time may have.
    let policy = |repository: &Repository| match &repository.lifecycle_policy {
        Fact::Present(text) => Policy::parse(text).ok(),
        Fact::Absent | Fact::NotEvaluated => None,
    };
    let mut policies: Vec<Policy> = [Some(before), after].into_iter().flatten().filter_map(policy).collect();
    policies.dedup_by(|one, other| one.rules() == other.rules());
    let images = after.map_or(&[][..], |repository| &repository.images);
    gone(&before.images, images, &policies.iter().collect::<Vec<_>>(), later.taken_at)
}
