//! `demurrage apply`: carries a plan out.

pub(crate) mod asking;
mod uses;

use chrono::{DateTime, Utc};
use clap::Args;
use demurrage_aws::Session;
use demurrage_aws::apply::{
    ApplyContext, ApplyError, ApplyOptions, Lease, LeaseError, TableLease, TableLeaseError, apply,
};
use demurrage_aws::collect::Stop;
use demurrage_config::Configuration;
use demurrage_core::RegistryKind;
use demurrage_core::apply::{ApplyReport, Conclusion, HaltKind, NotApplicable, admit};
use demurrage_core::ledger::RepositoryLedger;
use demurrage_core::plan::{DecidedFrom, PlanHash, RepositoryAddress, Source};
use demurrage_report::apply_table;
use demurrage_store::{Journal, LeaseError as FolderLeaseError, PlanError, Store, StoredPlan};
use futures::FutureExt;
use futures::future::ready;

use self::uses::Uses;
use super::plan::given;
use crate::args::{Format, StoreArgs, clock};
use crate::aws_args::AwsArgs;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::in_use_args::InUseArgs;
use crate::rules_file::RulesArgs;
use crate::{interrupt, runtime, talk, terminal};

/// Carry out a plan: delete, archive and untag what it names and what is still as it was
///
/// Each repository is listed anew. What changed since the plan stays: an image with another tag, pull, index or subject, and
/// whatever is in use, held, protected or newest by now. What is in use is read again where it was read more than 15 minutes
/// ago. Each call is written down in the journal of the plan before it is made (`demurrage history`, `demurrage restore`), and
/// `demurrage stop` ends it before the next batch. Killed and started again, it goes on where it was.
///
/// Exit code 0: all done; 1: look at it, something is gone that was not planned, or is odd; 2: the plan may not be applied; 3:
/// AWS, the network, the disk, or somebody else applies it; 4: something was left, or it ended early; 5: it was applied
/// already.
#[derive(Debug, Args)]
#[command(
    after_help = "Example:\n  demurrage apply 0123456789ab --hash 0123456789ab\n\nThe hash is that of the plan that you \
                      looked at (`demurrage plan show`), or at least its first 12 digits."
)]
pub(crate) struct ApplyArgs {
    /// The plan: its folder, its `plan.json`, or its hash in the store
    #[arg(value_name = "PLAN")]
    plan: String,
    /// The hash of the plan, or at least its first 12 digits: it says that this plan is meant, and lifts its soft guards
    #[arg(long, value_name = "HASH")]
    hash: String,
    /// Do it, without asking
    #[arg(long)]
    yes: bool,
    #[command(flatten)]
    store: StoreArgs,
    #[command(flatten)]
    in_use: InUseArgs,
    #[command(flatten)]
    rules: RulesArgs,
    /// Table of `DynamoDB` in which the lease is, where the store is in a bucket; it has the keys of the tag ledger
    /// [default: `DEMURRAGE_LEASE_TABLE`]
    #[arg(long, value_name = "NAME")]
    lease_table: Option<String>,
    /// How to write it
    #[arg(long, value_enum, default_value_t = Format::Table)]
    format: Format,
    #[command(flatten)]
    aws: AwsArgs,
}

pub(crate) fn run(arguments: &ApplyArgs) -> Result<Exit, Failure> {
    if arguments.in_use.in_use.iter().any(|path| path.as_os_str() == "-") {
        // It is read again while the plan is applied.
        return Err(Failure::usage(
            "`--in-use -` can be read only once",
            "write it to a file, and name that",
        ));
    }
    let store = arguments.store.open()?;
    let configuration = arguments.rules.configuration()?;
    let plan = given::find(&store, &arguments.plan)?;
    let hash = plan.plan.hash;
    if !hash.is_meant_by(&arguments.hash) {
        return Err(Failure::usage(
            format!("`--hash {}` is not the hash of this plan", arguments.hash),
            format!(
                "look at what it does with `demurrage plan show {}`, which also shows its hash",
                arguments.plan
            ),
        ));
    }
    plan.verify().map_err(given::failure)?;
    same_store(&store, hash)?;
    same_configuration(&plan.plan.head.decided_from, configuration.source.as_ref())?;
    let configuration = configuration.configuration;
    let journal = Journal::open(&store, &hash.to_string())?;
    if let Some(report) = journal.report::<ApplyReport>()? {
        talk::say(format!(
            "the plan was applied already, on {}",
            report.ended_at.format("%Y-%m-%d %H:%M UTC")
        ));
        return Ok(Exit::NothingToDo);
    }
    match admit(&plan.plan.head, clock()) {
        Err(NotApplicable::Expired { .. }) if journal.open_entries().next().is_some() => {}
        Err(error) => return Err(Failure::usage(error.to_string(), error.help())),
        Ok(()) => {}
    }
    if plan.plan.actions() == 0 {
        talk::say("the plan does nothing");
        return Ok(Exit::NothingToDo);
    }
    if !arguments.yes && !asking::agrees(&plan.plan)? {
        talk::say("nothing was done");
        return Ok(Exit::NothingToDo);
    }
    drop(journal);
    let first = plan.repositories().map_err(given::failure)?;
    let Some(region) = first.first().map(|repository| repository.repository.region.clone()) else {
        return Ok(Exit::NothingToDo);
    };
    drop(first);
    let report = runtime::wait(carry_out(arguments, &store, &configuration, &plan, &region))??;
    match arguments.format {
        Format::Table => talk::data(&apply_table(&report, terminal::width()))?,
        Format::Json => talk::json(&report)?,
    }
    Ok(exit(&report))
}

/// Holds, the order to stop, what is in use and the journal lie in the store: another one would have none of them.
fn same_store(store: &Store, hash: PlanHash) -> Result<(), Failure> {
    match store.plan(&hash.to_string()) {
        Ok(_) => Ok(()),
        Err(PlanError::NoSuch { .. }) => Err(Failure::usage(
            format!("the store `{}` does not hold this plan", store.shown()),
            "name the store that it was made in (`--store`): holds, orders to stop and uses lie there",
        )),
        Err(error) => Err(given::failure(error)),
    }
}

/// What has to be known of use, and which tags are protected, is what it was when the plan was made.
fn same_configuration(decided_from: &DecidedFrom, now: Option<&Source>) -> Result<(), Failure> {
    let then = decided_from.configuration.as_ref();
    if then.map(|source| &source.hash) == now.map(|source| &source.hash) {
        return Ok(());
    }
    let name = |source: Option<&Source>| {
        source.map_or_else(|| "no configuration".to_owned(), |source| format!("`{}`", source.name))
    };
    Err(Failure::usage(
        format!(
            "the plan was made with {}, and this is {}, which says something else",
            name(then),
            name(now)
        ),
        "give the same file (`--config FILE`), or make a new plan",
    ))
}

/// With which code it ends.
fn exit(report: &ApplyReport) -> Exit {
    if report.halt.as_ref().is_some_and(|halt| halt.kind == HaltKind::Interrupted) {
        return Exit::Interrupted;
    }
    match report.conclusion() {
        Conclusion::AllDone => Exit::Done,
        Conclusion::Partly => Exit::Partial,
        Conclusion::LookAtIt => Exit::Findings,
        Conclusion::Failed => Exit::System,
        Conclusion::Interrupted => Exit::Interrupted,
    }
}

async fn carry_out(
    arguments: &ApplyArgs,
    store: &Store,
    configuration: &Configuration,
    plan: &StoredPlan,
    region: &str,
) -> Result<ApplyReport, Failure> {
    let session = arguments.aws.session(region, None).await?;
    talk::say(format!("account {}, as {}", session.account(), session.arn()));
    let lease = lease(arguments, store, &session, &plan.plan.hash.to_string()).await?;
    let stop = Stop::default();
    interrupt::listen(stop.clone());
    let sources = Uses { store, session: &session, in_use: &arguments.in_use, configuration };
    let uses = |address: RepositoryAddress, at: DateTime<Utc>| ready(sources.read(&address, at)).boxed();
    let options = ApplyOptions { other_readers: configuration.plan.other_readers, ..ApplyOptions::default() };
    let context = ApplyContext {
        session: &session,
        accounts: None,
        store,
        plan,
        guards: &configuration.plan.guards,
        uses: &uses,
        ledger: &|address| ledger(store, address),
        now: &clock,
        lease,
        stop: &stop,
        options,
    };
    Box::pin(apply(context)).await.map_err(|error| match error {
        ApplyError::NotApplicable(error) => Failure::usage(error.to_string(), error.help()),
        ApplyError::Finished { .. } => {
            Failure::usage(error.to_string(), "`demurrage history` tells what went")
        }
        ApplyError::OtherAccount { .. } => Failure::usage(
            error.to_string(),
            "name credentials of that account (`--profile`, or `--role-arn` for a role in it)",
        ),
        ApplyError::Plan(error) => given::failure(error),
        ApplyError::Store(error) => Failure::Store(error),
    })
}

/// What the tags of a repository were on, by the ledger of the store.
fn ledger(store: &Store, address: &RepositoryAddress) -> Result<Option<RepositoryLedger>, String> {
    let ledger = store.ledger(RegistryKind::Private, address.account.as_deref(), &address.region);
    let found = ledger.and_then(|ledger| ledger.repository(&address.name));
    found.map(Some).map_err(|error| error.to_string())
}

/// The right to be the only one.
async fn lease(
    arguments: &ApplyArgs,
    store: &Store,
    session: &Session,
    plan: &str,
) -> Result<Lease, Failure> {
    let variable = || std::env::var("DEMURRAGE_LEASE_TABLE").ok().filter(|name| !name.is_empty());
    match (Lease::of_folder(store, plan), arguments.lease_table.clone().or_else(variable)) {
        (Ok(lease), _) => Ok(lease),
        (Err(LeaseError::Folder(FolderLeaseError::Bucket { .. })), Some(table)) => {
            let taken = TableLease::take_as(session, &table, plan).await;
            taken.map(Lease::Table).map_err(|error| {
                let help = match &error {
                    TableLeaseError::Call { call, .. } => call.help(),
                    TableLeaseError::Held { .. }
                    | TableLeaseError::Lost { .. }
                    | TableLeaseError::Damaged { .. } => String::new(),
                };
                Failure::aws(error.to_string(), help)
            })
        }
        (Err(LeaseError::Folder(error @ FolderLeaseError::Bucket { .. })), None) => {
            Err(Failure::usage(error.to_string(), "name a table for the lease: `--lease-table NAME`"))
        }
        (Err(error), _) => Err(Failure::aws(error.to_string(), "")),
    }
}
