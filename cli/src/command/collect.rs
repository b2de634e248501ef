//! `demurrage collect`: an inventory of a live registry.

mod registration;
mod report;

use std::collections::BTreeSet;
use std::time::Instant;

use clap::Args;
use demurrage_aws::collect::{
    CollectError, Collected, Extent, Progress, PullTimes, ScanFindings, Stop, collect_private, collect_public,
};
use demurrage_aws::{Ecr, EcrPublic, Session, Watch, default_region};
use demurrage_store::Store;
use tokio::task::block_in_place;

use super::import::region;
use crate::args::StoreArgs;
use crate::aws_args::AwsArgs;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::learning::learn;
use crate::{interrupt, progress_line, runtime, talk};
use registration::Registration;
use report::Stored;

/// Make an inventory of a live registry, through the API and without changing it
///
/// Reads settings, policies, tags and all images, archived ones too, and the manifest of each image once in
/// its life. ECR takes the reading of a manifest for a pull, so manifests are read only where the
/// principal is registered as a pull-time exclusion; otherwise what depends on them stays unknown.
#[derive(Debug, Args)]
#[command(after_help = "Example:\n  demurrage collect --region ap-northeast-2 --region us-west-2\n  \
    demurrage preview")]
#[expect(clippy::struct_excessive_bools, reason = "each is an option of its own on the command line")]
pub(crate) struct CollectArgs {
    /// Region of the registry; repeatable [default: `AWS_REGION`, or that of the profile]
    #[arg(long, value_name = "REGION", value_parser = region)]
    region: Vec<String>,
    /// Collect the public registry of the account, too; without `--region`, that alone
    #[arg(long)]
    public: bool,
    #[command(flatten)]
    store: StoreArgs,
    /// Print how many calls each operation takes and took
    #[arg(long)]
    explain_calls: bool,
    /// Register the principal as a pull-time exclusion in each region, so that its reading leaves no trace.
    /// Manifests are read from the next run on. The ARN is needed for a role with a path. Refused for roles
    /// that people sign in with
    #[arg(long, value_name = "ARN", num_args = 0..=1, require_equals = true, default_missing_value = "")]
    register_pull_time_exclusion: Option<String>,
    /// Read manifests although every image will look as if it had been pulled today
    #[arg(long, conflicts_with = "register_pull_time_exclusion")]
    allow_pull_time_update: bool,
    /// Ask about the scans of the newest tagged image of each repository, and of its platforms, where listings
    /// say nothing of them, as with basic scanning: one call for each of these images
    #[arg(long)]
    scan_findings: bool,
    #[command(flatten)]
    aws: AwsArgs,
}

impl CollectArgs {
    const fn extent(&self) -> Extent {
        Extent {
            pull_times: if self.allow_pull_time_update {
                PullTimes::MayBeFalsified
            } else {
                PullTimes::LeaveAsTheyAre
            },
            scan_findings: if self.scan_findings {
                ScanFindings::OfTheNewest
            } else {
                ScanFindings::AsListed
            },
        }
    }
}

pub(crate) fn run(arguments: &CollectArgs) -> Result<Exit, Failure> {
    let store = arguments.store.open()?;
    // A place that cannot be read takes no inventory: known before AWS is asked for anything. Single
    // inventories that cannot be read are said where they would have been used.
    store.readable_inventories()?;
    runtime::wait(collect(arguments, &store))?
}

async fn collect(arguments: &CollectArgs, store: &Store) -> Result<Exit, Failure> {
    let targets = targets(arguments).await?;
    let first = targets.iter().find_map(|target| match target {
        Target::Private(region) => Some(&**region),
        Target::Public => None,
    });
    let given = arguments.register_pull_time_exclusion.as_deref().filter(|arn| !arn.is_empty());
    let session = arguments.aws.session(first.unwrap_or("us-east-1"), given).await?;
    talk::say(format!("account {}, as {}", session.account(), session.arn()));
    let stop = Stop::default();
    interrupt::listen(stop.clone());
    let mut outcomes = Vec::new();
    let mut hints = BTreeSet::new();
    for target in &targets {
        outcomes.push(collect_one(arguments, &session, store, target, &stop, &mut hints).await);
        if outcomes.last() == Some(&Outcome::Interrupted) {
            break;
        }
    }
    Ok(conclude(&outcomes))
}

/// What came of one registry; what there is to say of it was said.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Outcome {
    /// All that was asked for.
    Whole,
    /// An inventory, of which something is missing, or something else was asked for and not done.
    Partial,
    /// No inventory; and the code, if there is none of the others, either.
    Failed(Exit),
    /// Somebody asked to stop.
    Interrupted,
}

/// The worst that happened, as a code.
fn conclude(outcomes: &[Outcome]) -> Exit {
    let mut conclusion = Exit::Done;
    let is_done = |outcome: &Outcome| matches!(outcome, Outcome::Whole | Outcome::Partial);
    for outcome in outcomes {
        match outcome {
            Outcome::Whole => {}
            Outcome::Interrupted => return Exit::Interrupted,
            Outcome::Failed(exit) if !outcomes.iter().any(is_done) => conclusion = *exit,
            Outcome::Partial | Outcome::Failed(_) => conclusion = Exit::Partial,
        }
    }
    conclusion
}

/// One registry of the account.
enum Target {
    Private(String),
    Public,
}

/// The registries that were asked for, each once.
async fn targets(arguments: &CollectArgs) -> Result<Vec<Target>, Failure> {
    let mut regions = arguments.region.clone();
    if regions.is_empty() && !arguments.public {
        regions.extend(default_region().await);
        if regions.is_empty() {
            return Err(Failure::usage("no region is known", "name one: `--region ap-northeast-2`"));
        }
    }
    let mut seen = BTreeSet::new();
    regions.retain(|region| seen.insert(region.clone()));
    let public = arguments.public.then_some(Target::Public);
    Ok(regions.into_iter().map(Target::Private).chain(public).collect())
}

/// Who answers for a registry.
enum Client {
    Private(Ecr),
    Public(EcrPublic),
}

impl Client {
    fn of(session: &Session, target: &Target) -> Self {
        match target {
            Target::Private(region) => Self::Private(session.ecr(region)),
            Target::Public => Self::Public(session.ecr_public()),
        }
    }

    fn name(&self) -> &str {
        match self {
            Self::Private(ecr) => ecr.region(),
            Self::Public(_) => "ECR Public",
        }
    }

    const fn watch(&self) -> &Watch {
        match self {
            Self::Private(ecr) => ecr.watch(),
            Self::Public(ecr) => ecr.watch(),
        }
    }
}

async fn collect_one(
    arguments: &CollectArgs,
    session: &Session,
    store: &Store,
    target: &Target,
    stop: &Stop,
    hints: &mut BTreeSet<String>,
) -> Outcome {
    let began = Instant::now();
    let progress = Progress::default();
    let client = Client::of(session, target);
    let extent = arguments.extent();
    let shown = progress_line::show(client.name(), progress.clone(), client.watch().clone());
    let outcome = match &client {
        Client::Private(ecr) => collect_private(session, ecr, store, extent, &progress, stop).await,
        Client::Public(ecr) => collect_public(session, ecr, store, &progress, stop).await,
    };
    shown.end().await;
    if let (PullTimes::MayBeFalsified, Client::Private(ecr)) = (extent.pull_times, &client) {
        report::pull_times_changed(ecr, session, store, &outcome, progress.seen().manifests);
    }
    match outcome {
        Ok(collected) => {
            // After what was looked up: a registration of this run does not count in it, as nobody knows how
            // soon ECR honours it.
            let registration = match (&client, &arguments.register_pull_time_exclusion) {
                (Client::Private(ecr), Some(arn)) => {
                    registration::register(ecr, session, &collected, arn, stop).await
                }
                (Client::Private(_) | Client::Public(_), _) => Registration::NotAsked,
            };
            let stored = Stored { name: client.name(), collected: &collected, registration, began };
            stored.report(session, arguments.explain_calls);
            let has_learnt = block_in_place(|| learn(store, &collected.entry));
            outcome_of(&collected, registration, has_learnt)
        }
        Err(error) => not_stored(client.name(), error, hints),
    }
}

const fn outcome_of(collected: &Collected, registration: Registration, has_learnt: bool) -> Outcome {
    match registration {
        Registration::Interrupted => Outcome::Interrupted,
        Registration::Refused => Outcome::Partial,
        Registration::NotAsked | Registration::Listed | Registration::Done => {
            if collected.problems.is_empty() && has_learnt { Outcome::Whole } else { Outcome::Partial }
        }
    }
}

/// Says why there is no inventory, and how to mend it where that was not said of another registry.
fn not_stored(name: &str, error: CollectError, hints: &mut BTreeSet<String>) -> Outcome {
    let failure = match error {
        CollectError::Interrupted => {
            talk::say("interrupted: the store is as it was before this registry");
            return Outcome::Interrupted;
        }
        CollectError::Call(call) => Failure::aws(call.to_string(), call.help()),
        CollectError::Store(error) => Failure::Store(error),
        CollectError::Broken => Failure::aws(error.to_string(), ""),
    };
    talk::say(format!("error: {name}: nothing was stored: {failure}"));
    if let Some(help) = failure.help().filter(|help| hints.insert((*help).to_owned())) {
        talk::hint(help);
    }
    Outcome::Failed(failure.exit())
}

#[cfg(test)]
mod tests {
    use super::{Outcome, conclude};
    use crate::exit::Exit;

    #[test]
    fn one_registry_that_is_stored_makes_the_failure_of_the_others_a_part() {
        let failed = Outcome::Failed(Exit::System);
        assert_eq!(conclude(&[Outcome::Whole]).code(), 0);
        assert_eq!(conclude(&[Outcome::Whole, Outcome::Partial]).code(), 4);
        assert_eq!(conclude(&[failed, Outcome::Whole]).code(), 4);
        assert_eq!(conclude(&[failed]).code(), 3);
        assert_eq!(conclude(&[Outcome::Failed(Exit::BadInput)]).code(), 2);
        assert_eq!(conclude(&[Outcome::Partial, Outcome::Interrupted]).code(), 130);
    }
}
