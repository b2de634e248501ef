//! The command line.

use std::path::PathBuf;

use chrono::{DateTime, Utc};
use clap::{Args, CommandFactory, Parser, Subcommand, ValueEnum};
use demurrage_aws::open_store;
use demurrage_core::instant;

use demurrage_store::Store;

use crate::command::{
    apply, approve, audit, aws_deleted, check_push, collect, compare, completions, config, cost, demo,
    explain, history, hold, import, lint, man, plan, policy, preview, prices, reconcile, report, restore,
    retention, status, stop, sweep, use_,
};
use crate::exit::Exit;
use crate::failure::Failure;
use crate::{runtime, talk};

/// Shows what Amazon ECR lifecycle policies would do, image by image, with the reason, and what registries cost.
///
/// Most of it reads: registries, files and its own store. What changes a registry says so, and asks first: `apply` and
/// `restore`, of what a plan names, and `policy put`.
#[derive(Debug, Parser)]
#[command(
    name = "demurrage",
    version,
    propagate_version = true,
    disable_help_subcommand = true,
    after_help = "Exit codes: 0 done, 1 findings, 2 bad input, 3 AWS, network or disk, 4 only a part was done, \
                  5 nothing to do, 130 interrupted.\n\n\
                  Example:\n  demurrage demo --dir /tmp/demo"
)]
pub(crate) struct Arguments {
    /// Say nothing on stderr but what is wrong, and what you are asked
    #[arg(short, long, global = true)]
    pub(crate) quiet: bool,
    #[command(subcommand)]
    pub(crate) command: Command,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    Demo(demo::Demo),
    Collect(collect::CollectArgs),
    Import(import::ImportArgs),
    Preview(preview::PreviewArgs),
    Explain(explain::ExplainArgs),
    Lint(lint::LintArgs),
    Compare(compare::CompareArgs),
    Audit(Box<audit::AuditArgs>),
    CheckPush(check_push::CheckPushArgs),
    AwsDeleted(aws_deleted::AwsDeletedArgs),
    Cost(Box<cost::CostArgs>),
    Sweep(Box<sweep::SweepArgs>),
    Plan(Box<plan::PlanCommand>),
    Apply(Box<apply::ApplyArgs>),
    Approve(Box<approve::ApproveArgs>),
    Retention(retention::RetentionArgs),
    Policy(Box<policy::PolicyArgs>),
    Use(Box<use_::UseArgs>),
    Prices(prices::PricesArgs),
    Reconcile(reconcile::ReconcileArgs),
    Report(Box<report::ReportArgs>),
    Restore(restore::RestoreArgs),
    History(history::HistoryArgs),
    Hold(hold::HoldArgs),
    Status(status::StatusArgs),
    Stop(stop::StopArgs),
    Config(config::ConfigArgs),
    Completions(completions::Completions),
    Man(man::Man),
}

/// Reads the command line. `--help`, `--version` and mistakes end the process as clap does it, a mistake
/// with code 2.
#[expect(clippy::unnecessary_wraps, reason = "the first step of a chain of fallible steps")]
pub(crate) fn parse() -> Result<Arguments, Failure> {
    let arguments = Arguments::parse();
    if arguments.quiet {
        talk::be_quiet();
    }
    Ok(arguments)
}

/// Whether nothing at all was asked.
pub(crate) fn is_bare() -> bool {
    std::env::args_os().nth(1).is_none()
}

/// The command line as data: for completions and the man page.
pub(crate) fn definition() -> clap::Command {
    Arguments::command()
}

/// How a result is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Format {
    /// For people
    Table,
    /// For programs
    Json,
}

/// How rows are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum RowsFormat {
    /// For people
    Table,
    /// For programs
    Json,
    /// For spreadsheets
    Csv,
}

/// Where the store is.
#[derive(Debug, Clone, Args)]
pub(crate) struct StoreArgs {
    /// Folder of the store, or `s3://bucket/prefix` [default: `DEMURRAGE_STORE`, or `demurrage/store` in the
    /// user's data folder]
    #[arg(long, value_name = "PLACE")]
    pub(crate) store: Option<PathBuf>,
}

impl StoreArgs {
    /// The store. A bucket is not reached yet.
    pub(crate) fn open(&self) -> Result<Store, Failure> {
        // The variable is read here, not by the parser of options: set, it is no option that was given.
        let variable =
            || std::env::var_os("DEMURRAGE_STORE").filter(|value| !value.is_empty()).map(PathBuf::from);
        let place = match self.store.clone().or_else(variable) {
            Some(place) => place,
            None => default_folder("store")?,
        };
        match place.to_str().filter(|place| is_meant_for_s3(place)) {
            // Taken for a folder it would be made here, and nobody would look for it there.
            Some(slip) if !slip.starts_with("s3://") => Err(Failure::usage(
                format!("`{slip}` is neither a folder nor a bucket"),
                "a bucket is `s3://bucket/prefix`; a folder of that name is `./s3:…`",
            )),
            Some(bucket) => runtime::wait(open_store(bucket))?
                .map_err(|error| Failure::usage(error.to_string(), error.help())),
            None => Ok(Store::new(place)),
        }
    }
}

fn is_meant_for_s3(place: &str) -> bool {
    place.get(..3).is_some_and(|start| start.eq_ignore_ascii_case("s3:"))
}

/// A folder of this program in the user's data folder.
pub(crate) fn default_folder(name: &str) -> Result<PathBuf, Failure> {
    let data = dirs::data_dir().ok_or_else(|| {
        Failure::usage(
            "this system names no data folder for the user",
            "say where: `--store DIR` or DEMURRAGE_STORE",
        )
    })?;
    Ok(data.join("demurrage").join(name))
}

/// At what time the question is asked.
#[derive(Debug, Clone, Copy, Args)]
pub(crate) struct NowArgs {
    /// Evaluate at this time, also in the future: ISO 8601 (UTC without an offset) or seconds since 1970
    /// [default: the clock]
    #[arg(long, value_name = "TIME", value_parser = time, allow_hyphen_values = true)]
    pub(crate) now: Option<DateTime<Utc>>,
}

impl NowArgs {
    /// The time.
    pub(crate) fn now(self) -> DateTime<Utc> {
        self.now.unwrap_or_else(clock)
    }
}

/// What the clock of the machine says.
pub(crate) fn clock() -> DateTime<Utc> {
    DateTime::<Utc>::from(std::time::SystemTime::now())
}

/// Reads a time.
pub(crate) fn time(text: &str) -> Result<DateTime<Utc>, String> {
    instant::parse(text).ok_or_else(|| "not a time; write for example 2026-11-01T09:00:00+09:00".to_owned())
}

/// How two results are put together: the first of the documented codes that applies.
pub(crate) const fn worse(partial: bool, findings: bool) -> Exit {
    match (partial, findings) {
        (true, _) => Exit::Partial,
        (false, true) => Exit::Findings,
        (false, false) => Exit::Done,
    }
}
