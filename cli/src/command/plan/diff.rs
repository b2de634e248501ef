//! `demurrage plan diff`: how two plans differ, action by action.

use clap::{Args, ValueEnum};
use demurrage_report::{PlanDiff, plan_diff_json, plan_diff_markdown, plan_diff_text};

use super::given;
use crate::args::StoreArgs;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::{talk, terminal};

/// Show how two plans differ, action by action, with the reason of each
///
/// Exit code 1: they differ.
#[derive(Debug, Args)]
pub(super) struct DiffArgs {
    /// The earlier plan: its folder, its `plan.json`, or its hash in the store
    #[arg(value_name = "EARLIER")]
    earlier: String,
    /// The later plan
    #[arg(value_name = "LATER")]
    later: String,
    #[command(flatten)]
    store: StoreArgs,
    /// How to write it
    #[arg(long, value_enum, default_value_t = DiffFormat::Table)]
    format: DiffFormat,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum DiffFormat {
    /// For people
    Table,
    /// For programs
    Json,
    /// For a pull request
    Markdown,
}

pub(super) fn run(arguments: &DiffArgs) -> Result<Exit, Failure> {
    let store = arguments.store.open()?;
    let read = |plan: &str| given::find(&store, plan)?.repositories().map_err(given::failure);
    let (earlier, later) = (read(&arguments.earlier)?, read(&arguments.later)?);
    let diff = PlanDiff::of(&earlier, &later);
    match arguments.format {
        DiffFormat::Table => talk::data(&plan_diff_text(&diff, terminal::width()))?,
        DiffFormat::Json => talk::json(&plan_diff_json(&diff))?,
        DiffFormat::Markdown => talk::data(&plan_diff_markdown(&diff))?,
    }
    Ok(if diff.is_empty() { Exit::Done } else { Exit::Findings })
}
