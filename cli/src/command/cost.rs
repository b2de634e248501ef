//! `demurrage cost`: what a registry costs, and what its policies would save.

use std::path::PathBuf;

use clap::{Args, ValueEnum};
use demurrage_core::cost::PullRate;
use demurrage_core::{Fact, RegistryKind, Wildcard};
use demurrage_report::{CostBy, CostReport, StorageSum, cost_csv, cost_json, cost_table};

use self::counted_pulls::{StoredCounts, count_now};
use self::registry::{Beside, Question, price};
use crate::args::{NowArgs, RowsFormat, StoreArgs, worse};
use crate::assumptions::Assumptions;
use crate::aws_args::AwsArgs;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::registries::Registries;
use crate::selected::by_name;
use crate::switch_args::SwitchArgs;
use crate::{assumptions, price_list, registries, talk, terminal};

pub(super) mod billed;
mod counted_pulls;
mod figures;
mod inexact;
mod pulls;
mod registry;
mod replication;

/// Show what is stored, what it costs in a month and what the policies would save
///
/// Distinct layers count once in each repository, as the bill has it; beside that stands the sum of image sizes, which
/// counts them many times. docs/COSTS.md says how each figure comes about and how sure it is.
#[derive(Debug, Args)]
#[command(after_help = "Example:\n  demurrage demo --dir /tmp/demo >/dev/null\n  \
    demurrage cost --store /tmp/demo/store --repository 'shop/*'")]
pub(crate) struct CostArgs {
    #[command(flatten)]
    store: StoreArgs,
    /// Only this region of the store
    #[arg(long, value_name = "REGION")]
    region: Option<String>,
    /// Only repositories of this name; `*` stands for any characters
    #[arg(long, value_name = "GLOB")]
    repository: Option<String>,
    /// What a row is: `repository`, `image`, `rule`, `region`, `pulls`, or `tag:KEY` for the values of a tag of repositories
    #[arg(long, value_name = "WHAT", default_value = "repository", value_parser = by)]
    by: CostBy,
    /// Pulls to other regions and to the internet that are assumed, in TOML: `[[pulls]]` with `repository`, `to` and
    /// `per_month`, or a `share` of those that were counted
    #[arg(long, value_name = "FILE")]
    assumptions: Option<PathBuf>,
    /// Files of a bill, as `reconcile` takes them: what it has of bytes that were sent replaces what is assumed; repeatable
    #[arg(long, value_name = "FILE", num_args = 1..)]
    bill: Vec<PathBuf>,
    /// Ask `CloudWatch` for the pulls of each repository in the last 30 whole days, and keep them in the store, where the
    /// newest are used. AWS charges a cent for a thousand repositories
    #[arg(long)]
    count_pulls: bool,
    /// By which rate pulls from another region are charged: AWS says both
    #[arg(long, value_enum, default_value_t = Rate::InterRegion, requires = "assumptions")]
    pull_rate: Rate,
    #[command(flatten)]
    now: NowArgs,
    /// How to write it
    #[arg(long, value_enum, default_value_t = RowsFormat::Table)]
    format: RowsFormat,
    #[command(flatten)]
    switches: SwitchArgs,
    #[command(flatten)]
    aws: AwsArgs,
}

#[derive(Debug, Clone, Copy, ValueEnum)]
enum Rate {
    /// The rate between regions, at the source
    InterRegion,
    /// The rate to the internet, at both sides
    Internet,
}

impl Rate {
    const fn rate(self) -> PullRate {
        match self {
            Self::InterRegion => PullRate::InterRegionAtSource,
            Self::Internet => PullRate::InternetAtBothSides,
        }
    }
}

fn by(text: &str) -> Result<CostBy, String> {
    match (text, text.strip_prefix("tag:")) {
        ("repository", _) => Ok(CostBy::Repository),
        ("image", _) => Ok(CostBy::Image),
        ("rule", _) => Ok(CostBy::Rule),
        ("region", _) => Ok(CostBy::Region),
        ("pulls", _) => Ok(CostBy::Pulls),
        (_, Some(key)) if !key.is_empty() => Ok(CostBy::Tag(key.to_owned())),
        (_, _) => Err("write `repository`, `image`, `rule`, `region`, `pulls` or `tag:KEY`".to_owned()),
    }
}

pub(crate) fn run(arguments: &CostArgs) -> Result<Exit, Failure> {
    let now = arguments.now.now();
    let region = arguments.region.as_deref().map(price_list::region).transpose()?;
    refuse_without_sense(arguments)?;
    let assumed = arguments.assumptions.as_deref().map(assumptions::read).transpose()?;
    let billed = if arguments.bill.is_empty() { None } else { Some(billed::read(&arguments.bill)?) };
    let store = arguments.store.open()?;
    let list = price_list::read(&store, now)?;
    let wanted = by_name(arguments.repository.as_deref());
    let registries = registries::read(&store, region, &wanted)?;
    say_without_effect(arguments, assumed.as_ref(), &registries);
    let is_uncounted = arguments.count_pulls && count_now(&store, &arguments.aws, &registries, now)?;
    let counted = StoredCounts::read(&store, &registries)?;
    let question = Question {
        now,
        switches: arguments.switches.switches(),
        list: &list,
        wanted: &wanted,
        beside: match (&arguments.by, arguments.format, &arguments.repository) {
            (CostBy::Image, _, _) => Beside::Images,
            (CostBy::Pulls, _, _) | (_, RowsFormat::Csv, _) | (_, _, Some(_)) => Beside::Nothing,
            (_, RowsFormat::Table | RowsFormat::Json, None) => Beside::Registries,
        },
        assumed: assumed.as_ref(),
        billed: billed.as_ref(),
        counted: &counted,
        rate: arguments.pull_rate.rate(),
    };
    let priced = price(&registries, &question);
    if priced.repositories.is_empty() && priced.unread.is_empty() {
        talk::warn("no repository of the store has such a name");
    }
    inexact::say(&priced.warnings);
    let mut total = StorageSum::nothing();
    for repository in &priced.repositories {
        total.add(&repository.sum);
    }
    total.is_size_sum_exact &= priced.unread.is_empty();
    if priced.repositories.is_empty() && !priced.unread.is_empty() {
        total.storage = None;
    }
    let report = CostReport {
        now,
        prices: price_list::used(&list),
        repositories: priced.repositories,
        unread: priced.unread,
        total,
        registries: priced.registries,
        pulls: priced.pulls,
        network_hours: priced.network_hours,
        counted_pulls: priced.counted_pulls,
    };
    match arguments.format {
        RowsFormat::Json => talk::json(&cost_json(&report, &arguments.by))?,
        RowsFormat::Csv => talk::data(&cost_csv(&report, &arguments.by))?,
        RowsFormat::Table => talk::data(&cost_table(&report, &arguments.by, terminal::width()))?,
    }
    talk::say(format!("prices of {}: {}", list.date, list.source));
    let is_partial = is_uncounted || billed.is_some_and(|billed| billed.is_partial);
    Ok(worse(registries.is_partial || priced.is_partial || is_partial, false))
}

/// Refuses options that together ask for nothing.
fn refuse_without_sense(arguments: &CostArgs) -> Result<(), Failure> {
    let has_pulls = arguments.assumptions.is_some() || !arguments.bill.is_empty();
    let by_pulls = arguments.by == CostBy::Pulls;
    if has_pulls && arguments.format == RowsFormat::Csv && !by_pulls {
        return Err(Failure::usage(
            "pulls are other rows for spreadsheets",
            "add `--by pulls`, or use `--format table` or `--format json`",
        ));
    }
    if by_pulls && !has_pulls {
        return Err(Failure::usage("no pulls are known", "add `--assumptions FILE` or `--bill FILE`"));
    }
    if let Some(option) = arguments.aws.given().filter(|_| !arguments.count_pulls) {
        return Err(Failure::usage(
            format!("`{option}` is about asking AWS, which `cost` does not"),
            "add `--count-pulls`, or leave it out",
        ));
    }
    Ok(())
}

/// Says which assumptions are about no repository, and which tag none has: mistyped, it would look like nothing to pay.
fn say_without_effect(arguments: &CostArgs, assumed: Option<&Assumptions>, registries: &Registries) {
    let private = registries.asked.iter().filter(|it| it.kind == RegistryKind::Private);
    let repositories: Vec<_> = private.flat_map(|inventory| &inventory.repositories).collect();
    let mut said: Vec<&Wildcard> = Vec::new();
    for assumption in assumed.into_iter().flat_map(|assumed| &assumed.pulls) {
        let pattern = &assumption.repository;
        if !said.contains(&pattern) && !repositories.iter().any(|it| pattern.matches(&it.name)) {
            talk::warn(format!("the assumptions name `{pattern}`, and no repository has such a name"));
            said.push(pattern);
        }
    }
    if let CostBy::Tag(wanted) = &arguments.by {
        let mut all = registries.asked.iter().flat_map(|inventory| &inventory.repositories);
        if !all.any(|it| matches!(&it.resource_tags, Fact::Present(tags) if tags.contains_key(wanted))) {
            talk::warn(format!("no repository has the tag `{wanted}`"));
        }
    }
}
