//! The subcommands, one file each.

pub(crate) mod apply;
pub(crate) mod approve;
pub(crate) mod audit;
pub(crate) mod aws_deleted;
pub(crate) mod beginning;
pub(crate) mod check_push;
pub(crate) mod collect;
pub(crate) mod compare;
pub(crate) mod completions;
pub(crate) mod config;
pub(crate) mod cost;
pub(crate) mod demo;
pub(crate) mod explain;
pub(crate) mod history;
pub(crate) mod hold;
pub(crate) mod import;
pub(crate) mod lint;
pub(crate) mod man;
pub(crate) mod plan;
pub(crate) mod policy;
pub(crate) mod preview;
mod previews;
pub(crate) mod prices;
pub(crate) mod reconcile;
pub(crate) mod report;
pub(crate) mod restore;
pub(crate) mod retention;
pub(crate) mod status;
pub(crate) mod stop;
pub(crate) mod sweep;
mod terraform_plan;
pub(crate) mod use_;
mod verify;

use crate::args::{Arguments, Command};
use crate::exit::Exit;
use crate::failure::Failure;

/// Runs the command that was asked for.
pub(crate) fn run(arguments: &Arguments) -> Result<Exit, Failure> {
    match &arguments.command {
        Command::Demo(arguments) => demo::run(arguments),
        Command::Collect(arguments) => collect::run(arguments),
        Command::Import(arguments) => import::run(arguments),
        Command::Preview(arguments) => preview::run(arguments),
        Command::Explain(arguments) => explain::run(arguments),
        Command::Lint(arguments) => lint::run(arguments),
        Command::Compare(arguments) => compare::run(arguments),
        Command::Audit(arguments) => audit::run(arguments),
        Command::CheckPush(arguments) => check_push::run(arguments),
        Command::AwsDeleted(arguments) => aws_deleted::run(arguments),
        Command::Cost(arguments) => cost::run(arguments),
        Command::Sweep(arguments) => sweep::run(arguments),
        Command::Apply(arguments) => apply::run(arguments),
        Command::Approve(arguments) => approve::run(arguments),
        Command::Plan(arguments) => plan::run(arguments),
        Command::Retention(arguments) => retention::run(arguments),
        Command::Policy(arguments) => policy::run(arguments),
        Command::Use(arguments) => use_::run(arguments),
        Command::Prices(arguments) => prices::run(arguments),
        Command::Reconcile(arguments) => reconcile::run(arguments),
        Command::Report(arguments) => report::run(arguments),
        Command::Restore(arguments) => restore::run(arguments),
        Command::History(arguments) => history::run(arguments),
        Command::Hold(arguments) => hold::run(arguments),
        Command::Status(arguments) => status::run(arguments),
        Command::Stop(arguments) => stop::run(arguments),
        Command::Config(arguments) => config::run(arguments),
        Command::Completions(arguments) => completions::run(arguments),
        Command::Man(arguments) => man::run(arguments),
    }
}
