//! `demurrage plan`: which images would go, decided before anything is done.

use std::path::PathBuf;

use chrono::TimeDelta;
use clap::{Args, Subcommand, ValueEnum};
use demurrage_core::plan::Mode;

use self::diff::DiffArgs;
use self::notice::NoticeArgs;
use self::show::ShowArgs;
use crate::args::{Format, NowArgs, StoreArgs};
use crate::exit::Exit;
use crate::failure::Failure;
use crate::in_use_args::InUseArgs;
use crate::rules_file::RulesArgs;
use crate::switch_args::SwitchArgs;

mod basis;
mod deciding;
mod diff;
mod earlier;
pub(in crate::command) mod given;
mod ledgers;
pub(in crate::command) mod make;
mod notice;
mod show;
pub(in crate::command) mod written;

/// Decide which images go, by retention rules or by a policy that is attached nowhere, and write it down as a plan
///
/// Nothing that is in use, held, protected, the newest or part of something that stays is ever in a plan; docs/PLAN.md says
/// what else stays. A plan changes nothing: `demurrage apply` does, by its hash.
///
/// Exit codes: 0 the plan was made, 1 and a soft guard tripped, 4 and something could not be planned, 5 and there is nothing
/// to do. A repository that did not opt in is nothing that could not be planned.
#[derive(Debug, Args)]
#[command(
    args_conflicts_with_subcommands = true,
    disable_help_subcommand = true,
    after_help = "Example:\n  demurrage plan --policy policy.json --repository 'shop/*' --out plan\n  \
        demurrage plan show plan --images 'shop/*'\n  demurrage plan show plan --format markdown"
)]
pub(crate) struct PlanCommand {
    #[command(subcommand)]
    what: Option<What>,
    #[command(flatten)]
    make: PlanArgs,
}

#[derive(Debug, Subcommand)]
enum What {
    Show(ShowArgs),
    Diff(DiffArgs),
    Notice(NoticeArgs),
}

/// What a plan is made of.
#[derive(Debug, Args)]
pub(crate) struct PlanArgs {
    #[command(flatten)]
    asked: AskedArgs,
    /// What may be done with the plan
    #[arg(long, value_enum, default_value_t = ModeName::Approve)]
    mode: ModeName,
    /// Hours for which the plan holds, at most 168
    #[arg(long, value_name = "HOURS", default_value_t = 24, value_parser = clap::value_parser!(i64).range(1..=168))]
    expires_in: i64,
    /// Write the files of the plan into this folder, too
    #[arg(long, value_name = "DIR")]
    out: Option<PathBuf>,
    /// How to write it
    #[arg(long, value_enum, default_value_t = Format::Table)]
    format: Format,
}

/// What rules and images are asked about.
#[derive(Debug, Args)]
struct AskedArgs {
    #[command(flatten)]
    store: StoreArgs,
    #[command(flatten)]
    config: RulesArgs,
    /// A lifecycle policy that is attached to none of the repositories, instead of the retention rules; `-` is stdin
    #[arg(long, value_name = "FILE")]
    policy: Option<PathBuf>,
    /// Only repositories of this name; `*` stands for any characters
    #[arg(long, value_name = "GLOB")]
    repository: Option<String>,
    /// Only this region of the store
    #[arg(long, value_name = "REGION")]
    region: Option<String>,
    #[command(flatten)]
    in_use: InUseArgs,
    #[command(flatten)]
    now: NowArgs,
    #[command(flatten)]
    switches: SwitchArgs,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum ModeName {
    /// Look at it; it is never applied
    Observe,
    /// Apply it when somebody says so, by its hash
    Approve,
    /// Apply it by itself: only repositories with the resource tag `demurrage` = `enforce`, and only what an earlier plan
    /// chose, too
    Enforce,
}

impl ModeName {
    const fn mode(self) -> Mode {
        match self {
            Self::Observe => Mode::Observe,
            Self::Approve => Mode::Approve,
            Self::Enforce => Mode::Enforce,
        }
    }
}

impl PlanArgs {
    fn holds_for(&self) -> TimeDelta {
        TimeDelta::hours(self.expires_in)
    }
}

pub(crate) fn run(arguments: &PlanCommand) -> Result<Exit, Failure> {
    match &arguments.what {
        None => make::run(&arguments.make),
        Some(What::Show(arguments)) => show::run(arguments),
        Some(What::Diff(arguments)) => diff::run(arguments),
        Some(What::Notice(arguments)) => notice::run(arguments),
    }
}
