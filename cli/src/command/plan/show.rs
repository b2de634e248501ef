//! `demurrage plan show`: a plan as it was made, after every hash of it was compared.

use clap::{Args, ValueEnum};
use demurrage_report::{PlanReport, plan_json, plan_markdown, plan_table};

use super::given;
use crate::args::StoreArgs;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::{talk, terminal};

/// Show a plan, after all of its hashes are compared
#[derive(Debug, Args)]
pub(super) struct ShowArgs {
    /// Its folder, its `plan.json`, or its hash in the store: at least the first twelve digits
    #[arg(value_name = "PLAN")]
    plan: String,
    #[command(flatten)]
    store: StoreArgs,
    /// How to write it
    #[arg(long, value_enum, default_value_t = ShowFormat::Table)]
    format: ShowFormat,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum ShowFormat {
    /// For people
    Table,
    /// For programs
    Json,
    /// For a pull request
    Markdown,
}

pub(super) fn run(arguments: &ShowArgs) -> Result<Exit, Failure> {
    let stored = given::find(&arguments.store.open()?, &arguments.plan)?;
    let repositories = stored.repositories().map_err(given::failure)?;
    let kept = stored.kept().map_err(given::failure)?;
    let pending = stored.pending().map_err(given::failure)?;
    let path = stored.path();
    let report = PlanReport {
        plan: &stored.plan,
        path: &path,
        repositories: &repositories,
        kept: &kept,
        pending: &pending,
    };
    match arguments.format {
        ShowFormat::Table => talk::data(&plan_table(&report, terminal::width()))?,
        ShowFormat::Json => talk::json(&plan_json(report.plan, report.path))?,
        ShowFormat::Markdown => talk::data(&plan_markdown(&report))?,
    }
    Ok(if stored.plan.head.tripped.is_empty() { Exit::Done } else { Exit::Findings })
}
