//! `demurrage retention`: what retention rules want, and what of it ECR can do by itself.

mod compile;
mod explain;

use clap::{Args, Subcommand};

use crate::exit::Exit;
use crate::failure::Failure;
use crate::rules_file::{ReadConfiguration, RulesArgs};
use crate::talk;

/// Explain retention rules, and make lifecycle policies of what ECR can do of them
///
/// The rules stand in `demurrage.toml`; docs/RETENTION.md says what they mean. `demurrage plan` decides by them.
#[derive(Debug, Args)]
pub(crate) struct RetentionArgs {
    #[command(subcommand)]
    command: RetentionCommand,
}

#[derive(Debug, Subcommand)]
enum RetentionCommand {
    Explain(Box<explain::ExplainArgs>),
    Compile(Box<compile::CompileArgs>),
}

pub(crate) fn run(arguments: &RetentionArgs) -> Result<Exit, Failure> {
    match &arguments.command {
        RetentionCommand::Explain(arguments) => explain::run(arguments),
        RetentionCommand::Compile(arguments) => compile::run(arguments),
    }
}

/// The configuration, which has to have retention rules; says on stderr where they are from.
fn rules(arguments: &RulesArgs) -> Result<ReadConfiguration, Failure> {
    let read = arguments.configuration()?;
    if read.configuration.retention.rules.is_empty() {
        let cause = match &read.source {
            Some(source) => format!("{} has no retention rules", source.name),
            None => "there is no `demurrage.toml` here, so there are no retention rules".to_owned(),
        };
        let help = "write a table `[[retention]]`, as docs/RETENTION.md has it, or name the file with `--config FILE`";
        return Err(Failure::usage(cause, help));
    }
    if let Some(source) = &read.source {
        talk::say(format!("rules: {}", source.name));
    }
    Ok(read)
}
