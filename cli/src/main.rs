//! The `demurrage` command: wiring only.

mod args;
mod assumptions;
mod aws_args;
mod aws_cli;
mod command;
mod exit;
mod failure;
mod image_selector;
mod in_use_args;
mod interrupt;
mod journal_name;
mod known_uses;
mod learning;
mod policy_file;
mod price_list;
mod progress_line;
mod question;
mod registries;
mod rules_file;
mod runtime;
mod selected;
mod switch_args;
mod talk;
mod terminal;
mod warnings;
mod who;

use std::process::ExitCode;

fn main() -> ExitCode {
    let outcome = if args::is_bare() {
        command::beginning::run()
    } else {
        args::parse().and_then(|arguments| command::run(&arguments))
    };
    match outcome {
        Ok(exit) => exit.into(),
        Err(failure) => {
            talk::failure(&failure);
            failure.exit().into()
        }
    }
}
