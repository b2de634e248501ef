//! `demurrage aws-deleted`: what went since an earlier inventory, and which rule explains it.

use std::collections::BTreeMap;

use clap::Args;
use demurrage_core::lifecycle::{AttachedPolicy, Gone, Outcome, Switches, gone};
use demurrage_core::{Inventory, Listing, RepositoriesListing, Repository};
use demurrage_report::{GoneRepository, LeftOut, count, gone_json, gone_table};
use demurrage_store::{InventoryEntry, Store};
use rayon::prelude::*;

use crate::args::{Format, StoreArgs, worse};
use crate::exit::Exit;
use crate::failure::Failure;
use crate::selected::by_name;
use crate::switch_args::SwitchArgs;
use crate::talk;

/// Repositories that are named before the rest is counted.
const NAMED_MAX: usize = 20;

/// Show what went from the registry since an earlier inventory, and which rule explains it
///
/// ECR runs attached policies by itself. This compares the newest inventory of each registry with the one
/// before it, and runs the policies of both over what was there. What no rule explains under the settings
/// that are asked for was deleted by somebody, or by a behaviour that is not understood (exit code 1). Where
/// what would tell was not read, it says so (exit code 4).
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
    #[command(flatten)]
    switches: SwitchArgs,
}

pub(crate) fn run(arguments: &AwsDeletedArgs) -> Result<Exit, Failure> {
    let store = arguments.store.open()?;
    let pairs = pairs(&store, arguments)?;
    let switches = arguments.switches.switches();
    let (mut found, mut left_out, mut repositories) = (Vec::new(), Vec::new(), 0);
    for (earlier, later) in &pairs {
        talk::say(format!(
            "{} {}: from {} to {}",
            later.registry_id.as_deref().unwrap_or("unknown account"),
            later.region,
            earlier.taken_at.format("%Y-%m-%d %H:%M UTC"),
            later.taken_at.format("%Y-%m-%d %H:%M UTC"),
        ));
        let wanted = by_name(arguments.repository.as_deref());
        let (earlier, later) = (store.read(earlier, &wanted)?, store.read(later, &wanted)?);
        repositories += earlier.repositories.len();
        let compared = compared(&earlier, &later, switches);
        found.extend(compared.repositories);
        left_out.extend(compared.left_out);
    }
    if repositories == 0 && arguments.repository.is_some() {
        talk::warn("no repository of the earlier inventory has such a name");
    }
    say_left_out(&left_out);
    match arguments.format {
        Format::Json => talk::json(&gone_json(&found, &left_out))?,
        Format::Table => talk::data(&gone_table(&found))?,
    }
    let numbers = Numbers::of(&found);
    talk::say(numbers.sentence());
    Ok(worse(!left_out.is_empty() || numbers.untold != 0, numbers.unexplained != 0))
}

/// How many images went.
#[derive(Default)]
struct Numbers {
    deleted: usize,
    archived: usize,
    unexplained: usize,
    untold: usize,
}

impl Numbers {
    fn of(found: &[GoneRepository]) -> Self {
        let mut numbers = Self::default();
        for gone in found.iter().flat_map(|repository| &repository.gone) {
            let is_deleted = gone.outcome == Outcome::Expire;
            numbers.deleted += usize::from(is_deleted);
            numbers.archived += usize::from(!is_deleted);
            numbers.unexplained += usize::from(gone.verdict.is_unexplained());
            numbers.untold += usize::from(gone.verdict.is_untold());
        }
        numbers
    }

    fn sentence(&self) -> String {
        let untold = match self.untold {
            0 => String::new(),
            untold => format!("; of {} it cannot be told", count(untold, "image")),
        };
        format!(
            "{} deleted, {} archived; nothing explains {}{untold}",
            count(self.deleted, "image"),
            self.archived,
            count(self.unexplained, "image")
        )
    }
}

/// Says what was left out, the repositories of one reason in one line.
fn say_left_out(left_out: &[LeftOut]) {
    let mut by_reason: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
    for LeftOut { name, reason, .. } in left_out {
        by_reason.entry(reason).or_default().push(name);
    }
    for (reason, names) in by_reason {
        let named = names.iter().take(NAMED_MAX).copied().collect::<Vec<_>>().join(", ");
        let more = match names.len().saturating_sub(NAMED_MAX) {
            0 => String::new(),
            more => format!(" and {more} more"),
        };
        talk::warn(format!("{} left out: {reason}: {named}{more}", count(names.len(), "repository")));
    }
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
            Some(since) if since.folder == later.folder => {
                return Err(Failure::usage(
                    format!("`{}` is the newest inventory of {}", named(since), since.region),
                    "name an earlier one, or leave `--since` out",
                ));
            }
            Some(since) => Some(since.clone()),
            None => entries.pop(),
        };
        match earlier {
            Some(earlier) if earlier.taken_at < later.taken_at => pairs.push((earlier, later)),
            Some(earlier) => talk::say(format!(
                "{}: `{}` is not older than `{}`, the newest",
                later.region,
                named(&earlier),
                named(&later)
            )),
            None => talk::say(format!("{}: only one inventory so far", later.region)),
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

/// What an inventory is called in options: the name of its folder.
fn named(entry: &InventoryEntry) -> String {
    entry.folder.file_name().unwrap_or_default().to_string_lossy().into_owned()
}

struct Compared {
    repositories: Vec<GoneRepository>,
    left_out: Vec<LeftOut>,
}

fn compared(earlier: &Inventory, later: &Inventory, switches: Switches) -> Compared {
    let by_name: BTreeMap<&str, &Repository> =
        later.repositories.iter().map(|repository| (&*repository.name, repository)).collect();
    let (mut known, mut left_out) = (Vec::new(), Vec::new());
    for before in &earlier.repositories {
        let after = by_name.get(&*before.name).copied();
        match unknown(before, after, later.repositories_listing) {
            None => known.push((before, after)),
            Some(reason) => left_out.push(LeftOut {
                registry_id: later.registry_id.clone(),
                region: later.region.clone(),
                name: before.name.clone(),
                reason,
            }),
        }
    }
    let repositories = known
        .into_par_iter()
        .map(|(before, after)| GoneRepository {
            registry_id: later.registry_id.clone(),
            region: later.region.clone(),
            name: before.name.clone(),
            since: earlier.taken_at,
            until: later.taken_at,
            is_gone: after.is_none(),
            gone: went(before, after, later, switches),
        })
        .filter(|repository| !repository.gone.is_empty() || repository.is_gone)
        .collect();
    Compared { repositories, left_out }
}

/// Why nobody can tell what went from a repository, where that is so.
fn unknown(
    before: &Repository,
    after: Option<&Repository>,
    repositories_listing: RepositoriesListing,
) -> Option<String> {
    let images = |repository: &Repository, when: &str| match &repository.listing {
        Listing::Complete => None,
        Listing::CutOff => Some(format!("not all of its images are in the {when} inventory")),
        Listing::Failed(cause) => Some(format!("its images are not in the {when} inventory ({cause})")),
    };
    images(before, "earlier").or_else(|| match (after, repositories_listing) {
        (Some(after), _) => images(after, "later"),
        // It may be one that was not listed.
        (None, RepositoriesListing::CutOff) => {
            Some("it is not in the later inventory, which may lack repositories that are there".to_owned())
        }
        (None, RepositoriesListing::Complete) => None,
    })
}

fn went(before: &Repository, after: Option<&Repository>, later: &Inventory, asked: Switches) -> Vec<Gone> {
    let both = [Some(before), after].into_iter().flatten();
    let policies: Vec<_> = both.map(|repository| AttachedPolicy::of(&repository.lifecycle_policy)).collect();
    let images = after.map_or(&[][..], |repository| &repository.images);
    gone(&before.images, images, &policies, later.taken_at, asked)
}
