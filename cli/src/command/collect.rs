//! `demurrage collect`: an inventory of a live registry.

use std::time::Instant;

use clap::Args;
use demurrage_aws::collect::{
    CollectError, Collected, Progress, PullTimes, Stop, collect_private, collect_public,
};
use demurrage_aws::{CallLine, Exclusion, Session, default_region, register_pull_time_exclusion};
use demurrage_core::{DeleteReplication, Replication};
use demurrage_report::{CallRow, calls_table, count};
use demurrage_store::Store;

use super::import::region;
use crate::args::StoreArgs;
use crate::aws_args::AwsArgs;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::{interrupt, progress_line, runtime, talk};

/// Problems that are named before the rest is counted.
const PROBLEMS_SHOWN: usize = 20;

/// Make an inventory of a live registry, through the API and without changing it
///
/// Reads settings, policies, tags and all images, archived ones too, and the manifest of each image once in
/// its life. ECR takes the reading of a manifest for a pull, so manifests are read only where the
/// principal is registered as a pull-time exclusion; otherwise what depends on them stays unknown.
#[derive(Debug, Args)]
#[command(after_help = "Example:\n  demurrage collect --region ap-northeast-2 --region us-west-2\n  \
    demurrage preview")]
pub(crate) struct CollectArgs {
    /// Region of the registry; repeatable [default: `AWS_REGION`, or that of the profile]
    #[arg(long, value_name = "REGION", value_parser = region)]
    region: Vec<String>,
    /// Collect the public registry of the account, too
    #[arg(long)]
    public: bool,
    #[command(flatten)]
    store: StoreArgs,
    /// Print how many calls each operation takes and took
    #[arg(long)]
    explain_calls: bool,
    /// Register the principal as a pull-time exclusion in each region, so that its reading leaves no trace.
    /// The ARN is needed for a role with a path. Refused for roles that people sign in with
    #[arg(long, value_name = "ARN", num_args = 0..=1, require_equals = true, default_missing_value = "")]
    register_pull_time_exclusion: Option<String>,
    /// Read manifests although every image will look as if it had been pulled today
    #[arg(long, conflicts_with = "register_pull_time_exclusion")]
    allow_pull_time_update: bool,
    #[command(flatten)]
    aws: AwsArgs,
}

pub(crate) fn run(arguments: &CollectArgs) -> Result<Exit, Failure> {
    let store = arguments.store.open()?;
    runtime::wait(collect(arguments, &store))?
}

async fn collect(arguments: &CollectArgs, store: &Store) -> Result<Exit, Failure> {
    let regions = regions(arguments).await?;
    let first = regions.first().map_or("us-east-1", String::as_str);
    let session = arguments.aws.session(first).await?;
    talk::say(format!("account {}, as {}", session.account(), session.arn()));
    let stop = Stop::default();
    interrupt::listen(stop.clone());
    let mut outcomes = Vec::new();
    for region in &regions {
        let private = Target::Private(region.clone());
        outcomes.push(collect_one(arguments, &session, store, &private, &stop).await);
        if let Some(Err(CollectError::Interrupted)) = outcomes.last() {
            break;
        }
    }
    if arguments.public && !matches!(outcomes.last(), Some(Err(CollectError::Interrupted))) {
        outcomes.push(collect_one(arguments, &session, store, &Target::Public, &stop).await);
    }
    conclude(outcomes)
}

/// The worst that happened, in words and as a code.
fn conclude(outcomes: Vec<Result<Collected, CollectError>>) -> Result<Exit, Failure> {
    let (mut done, mut partial, mut failure) = (false, false, None);
    for outcome in outcomes {
        match outcome {
            Ok(collected) => {
                done = true;
                partial |= !collected.problems.is_empty();
            }
            Err(CollectError::Interrupted) => {
                talk::say("interrupted: the store is as it was before this registry");
                return Ok(Exit::Interrupted);
            }
            Err(error) => failure = Some(error),
        }
    }
    match failure {
        Some(error) if !done => Err(failed(error)),
        Some(_) => Ok(Exit::Partial),
        None if partial => Ok(Exit::Partial),
        None => Ok(Exit::Done),
    }
}

fn failed(error: CollectError) -> Failure {
    match error {
        CollectError::Call(call) => Failure::aws(call.to_string(), call.help()),
        CollectError::Store(error) => Failure::Store(error),
        CollectError::Interrupted | CollectError::Broken => Failure::aws(error.to_string(), ""),
    }
}

async fn regions(arguments: &CollectArgs) -> Result<Vec<String>, Failure> {
    let mut regions = arguments.region.clone();
    if regions.is_empty() && (!arguments.public || std::env::var_os("AWS_REGION").is_some()) {
        regions.extend(default_region().await);
        if regions.is_empty() {
            return Err(Failure::usage("no region is known", "name one: `--region ap-northeast-2`"));
        }
    }
    let mut seen = std::collections::BTreeSet::new();
    regions.retain(|region| seen.insert(region.clone()));
    Ok(regions)
}

/// One registry of the account.
enum Target {
    Private(String),
    Public,
}

async fn collect_one(
    arguments: &CollectArgs,
    session: &Session,
    store: &Store,
    target: &Target,
    stop: &Stop,
) -> Result<Collected, CollectError> {
    let began = Instant::now();
    let progress = Progress::default();
    let name = match target {
        Target::Private(region) => region.clone(),
        Target::Public => "ECR Public".to_owned(),
    };
    let shown = progress_line::show(&name, progress.clone());
    let outcome = match target {
        Target::Private(region) => {
            let ecr = session.ecr(region);
            if let Some(arn) = &arguments.register_pull_time_exclusion {
                let arn = Some(&**arn).filter(|arn| !arn.is_empty());
                register(&ecr, session, arn).await;
            }
            let pull_times = if arguments.allow_pull_time_update {
                PullTimes::MayBeFalsified
            } else {
                PullTimes::LeaveAsTheyAre
            };
            collect_private(session, &ecr, store, pull_times, &progress, stop).await
        }
        Target::Public => collect_public(session, &session.ecr_public(), store, &progress, stop).await,
    };
    shown.end().await;
    match &outcome {
        Ok(collected) => report(arguments, &name, collected, session, began),
        Err(CollectError::Interrupted) => {}
        Err(error) => talk::warn(format!("{name}: nothing was stored: {error}")),
    }
    outcome
}

async fn register(ecr: &demurrage_aws::Ecr, session: &Session, arn: Option<&str>) {
    match register_pull_time_exclusion(ecr, session, arn).await {
        Ok(arn) => talk::say(format!("{}: {arn} is a pull-time exclusion", ecr.region())),
        Err(error) => {
            talk::warn(format!("{}: {error}", ecr.region()));
            let help = error.help();
            if !help.is_empty() {
                talk::say(format!("hint: {help}"));
            }
        }
    }
}

fn report(arguments: &CollectArgs, name: &str, collected: &Collected, session: &Session, began: Instant) {
    let entry = &collected.entry;
    for problem in collected.problems.iter().take(PROBLEMS_SHOWN) {
        talk::warn(format!("{name}: {problem}"));
    }
    if let Some(more @ 1..) = collected.problems.len().checked_sub(PROBLEMS_SHOWN) {
        talk::warn(format!("{name}: {}; `demurrage preview` names them", count(more, "other problem")));
    }
    unknown(name, collected, session);
    replicated_deletes(name, collected);
    talk::say(format!(
        "{name}: {} with {} in {:.1} s, in {}",
        count(entry.repositories(), "repository"),
        count(entry.images(), "image"),
        began.elapsed().as_secs_f64(),
        entry.name()
    ));
    if arguments.explain_calls {
        let lines: Vec<CallRow> = collected.calls.iter().map(row).collect();
        // That nobody reads it is no reason to lose the inventory.
        if let Err(failure) = talk::data(&format!("{name}\n\n{}\n", calls_table(&lines))) {
            talk::failure(&failure);
        }
    }
}

fn row(line: &CallLine) -> CallRow {
    CallRow {
        operation: line.operation,
        formula: line.formula,
        expected: line.expected,
        sent: line.tally.sent,
        throttled: line.tally.throttled,
        failed: line.tally.failed,
    }
}

/// Where a delete in this registry would delete, too.
fn replicated_deletes(name: &str, collected: &Collected) {
    let Some(description) = collected.registry.description.present() else { return };
    // ECR Public has no replication, and its description is of another shape.
    if collected.exclusion.is_none() {
        return;
    }
    match Replication::parse(description) {
        Ok(replication) => {
            for rule in &replication.rules {
                let regions: Vec<&str> = rule.destinations.iter().map(|to| &*to.region).collect();
                let of = match &*rule.repository_prefixes {
                    [] => "all repositories".to_owned(),
                    prefixes => format!("`{}`", prefixes.join("`, `")),
                };
                let why = match rule.deletes {
                    DeleteReplication::Off => continue,
                    DeleteReplication::On => "",
                    DeleteReplication::NotStated => " (not stated, so it has to be expected)",
                };
                let to = regions.join(", ");
                talk::say(format!("{name}: what is deleted in {of} is deleted in {to} too{why}"));
            }
        }
        Err(error) => {
            talk::warn(format!("{name}: {error}; expect that what is deleted is deleted elsewhere too"));
        }
    }
}

/// What is unknown for want of manifests, and what to do about it.
fn unknown(name: &str, collected: &Collected, session: &Session) {
    let unread = collected.unread;
    let number = |number: u64, noun: &str| count(usize::try_from(number).unwrap_or(usize::MAX), noun);
    let withheld = match &collected.exclusion {
        None | Some(Exclusion::Present { .. }) => false,
        Some(Exclusion::Absent | Exclusion::Unreadable(_)) => unread.active != 0,
    };
    if withheld {
        talk::warn(format!(
            "{name}: {} not read, as ECR would take it for a pull; unknown are therefore the children of {}, \
             and which layers images share",
            number(unread.active, "manifest"),
            number(unread.indexes, "index"),
        ));
        if session.principal().is_for_people() {
            talk::say(
                "hint: collect with a role of its own (`--role-arn`) that can be a pull-time exclusion",
            );
        } else {
            talk::say(
                "hint: `--register-pull-time-exclusion` makes the reading leave no trace; \
                `--allow-pull-time-update` reads once and makes every image look used today",
            );
        }
    }
    if collected.exclusion.is_some() && unread.archived != 0 {
        talk::say(format!(
            "{name}: {} of archived images cannot be read, and no earlier inventory knows them",
            number(unread.archived, "manifest")
        ));
    }
}
