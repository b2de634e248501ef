//! `demurrage sweep`: how much is kept for each number that a rule could count to.

use std::path::{Path, PathBuf};

use clap::Args;
use demurrage_core::cost::{
    Blobs, Holding, Region, RegionPrices, RepositoryStorage, StoredGbMonths, Sweep, SweepError, SweepPoint,
    sweep,
};
use demurrage_core::lifecycle::{Limit, Policy, Relations};
use demurrage_core::{Fact, Listing, Repository};
use demurrage_report::{SweepReport, count, sweep_csv, sweep_json, sweep_table};
use demurrage_store::{InventoryEntry, Store};

use crate::args::{NowArgs, RowsFormat, StoreArgs};
use crate::exit::Exit;
use crate::failure::Failure;
use crate::selected::{announce, entries};
use crate::switch_args::SwitchArgs;
use crate::warnings::Source;
use crate::{policy_file, price_list, talk, terminal, warnings};

/// Show what one rule would keep for each `countNumber`: images, bytes and dollars
///
/// The next run of the whole policy, with that one number changed: the curve by which to choose it.
#[derive(Debug, Args)]
#[command(after_help = "Example:\n  demurrage demo --dir /tmp/demo >/dev/null\n  \
    demurrage sweep shop/checkout-api --rule 50 --store /tmp/demo/store")]
pub(crate) struct SweepArgs {
    /// The repository
    #[arg(value_name = "REPOSITORY")]
    repository: String,
    /// The `rulePriority` of a rule with the `countType` `imageCountMoreThan`
    #[arg(long, value_name = "PRIORITY")]
    rule: u64,
    /// The first number
    #[arg(long, value_name = "NUMBER", default_value_t = 5)]
    from: u64,
    /// The last number
    #[arg(long, value_name = "NUMBER", default_value_t = 100)]
    to: u64,
    /// From one number to the next; that of the policy is shown beside them
    #[arg(long, value_name = "NUMBER", default_value_t = 5, value_parser = clap::value_parser!(u64).range(1..))]
    step: u64,
    #[command(flatten)]
    store: StoreArgs,
    /// The region of the repository, where there are several of this name
    #[arg(long, value_name = "REGION")]
    region: Option<String>,
    /// The policy [default: the one attached to the repository]; `-` is stdin
    #[arg(long, value_name = "FILE")]
    policy: Option<PathBuf>,
    #[command(flatten)]
    now: NowArgs,
    /// How to write it
    #[arg(long, value_enum, default_value_t = RowsFormat::Table)]
    format: RowsFormat,
    #[command(flatten)]
    switches: SwitchArgs,
}

pub(crate) fn run(arguments: &SweepArgs) -> Result<Exit, Failure> {
    let now = arguments.now.now();
    let given = arguments.policy.as_deref().map(policy_file::read).transpose()?;
    let region = arguments.region.as_deref().map(price_list::region).transpose()?;
    let store = arguments.store.open()?;
    let list = price_list::read(&store, now)?;
    let (entry, repository) = find(&store, region, &arguments.repository)?;
    warnings::say([&repository], now, Source::Store);
    refuse_unread(&repository)?;
    let policy = match given {
        Some(policy) => policy,
        None => attached(&repository)?,
    };
    let blobs = Blobs::of(&repository.images);
    let points = points(arguments, &policy, &repository, &blobs)?;
    let prices = Region::parse(&entry.region).ok().map(|region| list.registry_prices(entry.kind, region));
    let elsewhere = match &prices {
        Some(prices) => elsewhere(&store, &entry, &repository, &points, prices)?,
        None => StoredGbMonths::NOTHING,
    };
    let with_usd = |point: SweepPoint| {
        (point, prices.as_ref().and_then(|prices| point.stored.usd_per_month(prices, elsewhere)))
    };
    let report = SweepReport {
        now,
        prices: price_list::used(&list),
        account: entry.registry_id.clone(),
        region: entry.region.clone(),
        name: repository.name.clone(),
        priority: arguments.rule,
        number: number_of(&policy, arguments.rule),
        is_exact: RepositoryStorage::of(&repository, &blobs).is_exact(),
        points: points.into_iter().map(with_usd).collect(),
    };
    match arguments.format {
        RowsFormat::Json => talk::json(&sweep_json(&report))?,
        RowsFormat::Csv => talk::data(&sweep_csv(&report))?,
        RowsFormat::Table => talk::data(&sweep_table(&report, terminal::width()))?,
    }
    if let Some(unread) = Some(blobs.images_without_manifest().len()).filter(|unread| *unread != 0) {
        talk::warn(format!("{} without a manifest: the bytes are not exact", count(unread, "image")));
    }
    talk::say(format!("prices of {}: {}", list.date, list.source));
    Ok(Exit::Done)
}

/// Refuses a repository of which images are missing: their ranks are not what they seem, so no number keeps what it
/// would seem to.
fn refuse_unread(repository: &Repository) -> Result<(), Failure> {
    let cause = match &repository.listing {
        Listing::Complete => return Ok(()),
        Listing::CutOff => "not all of its images were listed, so what a number keeps is not known",
        Listing::Failed(_) => "its images could not be listed, so nothing is known of what a number keeps",
    };
    let help = "read it anew with `demurrage collect`, or `demurrage import`";
    Err(Failure::content(Path::new(&repository.name), cause, help))
}

/// The one repository of this name.
fn find(store: &Store, region: Option<Region>, name: &str) -> Result<(InventoryEntry, Repository), Failure> {
    let mut found = Vec::new();
    for entry in entries(store, region.map(Region::code))? {
        let mut inventory = store.read(&entry, |repository| repository == name)?;
        if let Some(repository) = inventory.repositories.pop() {
            announce(&entry);
            found.push((entry, repository));
        }
    }
    match (found.pop(), found.len()) {
        (None, _) => {
            let help = "`demurrage cost` lists what there is";
            Err(Failure::usage(format!("there is no repository `{name}` here"), help))
        }
        (Some(one), 0) => Ok(one),
        (Some(_), others) => {
            let cause = format!("there are {} repositories `{name}`, in different registries", others + 1);
            Err(Failure::usage(cause, "choose one with `--region REGION`"))
        }
    }
}

fn attached(repository: &Repository) -> Result<Policy, Failure> {
    let missing = |cause: &str| {
        Err(Failure::usage(format!("{}: {cause}", repository.name), "give a policy with `--policy FILE`"))
    };
    match &repository.lifecycle_policy {
        Fact::Present(text) => Policy::parse(text).map_err(|rejection| {
            let path = repository.name.clone().into();
            Failure::Policy { path, rejection: Box::new(rejection) }
        }),
        Fact::Absent => missing("it has no lifecycle policy"),
        Fact::NotEvaluated => missing("its lifecycle policy was not read"),
    }
}

/// The points of the curve that are asked for, and that of the policy.
fn points(
    arguments: &SweepArgs,
    policy: &Policy,
    repository: &Repository,
    blobs: &Blobs,
) -> Result<Vec<SweepPoint>, Failure> {
    let relations = Relations::of(&repository.images);
    let (now, switches) = (arguments.now.now(), arguments.switches.switches());
    let of = |numbers| {
        let asked = Sweep { priority: arguments.rule, numbers };
        sweep(policy, &asked, &repository.images, &relations, now, switches, blobs)
            .map_err(|error| Failure::usage(error.to_string(), help(&error)))
    };
    let mut points = of(arguments.from..=arguments.to)?;
    points.retain(|point| (point.number - arguments.from).is_multiple_of(arguments.step));
    let number = number_of(policy, arguments.rule);
    if let Err(place) = points.binary_search_by_key(&number, |point| point.number) {
        let own = of(number..=number)?;
        points.splice(place..place, own);
    }
    Ok(points)
}

fn help(error: &SweepError) -> String {
    match error {
        SweepError::NoSuchRule { counting, .. } | SweepError::NotACount { counting, .. } => {
            if counting.is_empty() {
                return "no rule of the policy counts images".to_owned();
            }
            let all: Vec<String> = counting.iter().map(u64::to_string).collect();
            format!("rules that count images: {}", all.join(", "))
        }
        SweepError::FromZero | SweepError::NoNumbers { .. } | SweepError::TooManyNumbers { .. } => {
            "for example `--from 5 --to 100 --step 5`".to_owned()
        }
    }
}

/// The number that the rule counts to; 0 where it counts none.
fn number_of(policy: &Policy, priority: u64) -> u64 {
    let rule = policy.rules().iter().find(|rule| rule.priority == priority);
    match rule.map(|rule| rule.limit) {
        Some(Limit::ImageCountMoreThan(number)) => number,
        Some(Limit::SinceImagePushed(_) | Limit::SinceImagePulled(_) | Limit::SinceImageTransitioned(_))
        | None => 0,
    }
}

/// What the other repositories of the registry store: they fill its tiers as well. Not read where nothing depends on it.
fn elsewhere(
    store: &Store,
    entry: &InventoryEntry,
    repository: &Repository,
    points: &[SweepPoint],
    prices: &RegionPrices,
) -> Result<StoredGbMonths, Failure> {
    let is_archived = points.iter().any(|point| point.stored.archived_bytes != 0);
    let is_tiered = [(true, &prices.storage), (is_archived, &prices.archive)]
        .into_iter()
        .any(|(is_used, tiers)| is_used && 1 < tiers.as_slice().len());
    if !is_tiered {
        return Ok(StoredGbMonths::NOTHING);
    }
    let others = store.read(entry, |name| name != repository.name)?.repositories;
    let stored = others
        .iter()
        .map(|other| StoredGbMonths::of(Holding::of(&Blobs::of(&other.images), &other.images).stored()));
    Ok(stored.sum())
}
