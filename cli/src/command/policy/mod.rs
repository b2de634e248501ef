//! `demurrage policy`: the lifecycle policies that ECR runs itself.

mod document;
mod put;
mod put_outcome;
mod question;
mod refusal;

use clap::{Args, Subcommand};

use crate::exit::Exit;
use crate::failure::Failure;

/// Put a lifecycle policy that ECR runs itself
#[derive(Debug, Args)]
pub(crate) struct PolicyArgs {
    #[command(subcommand)]
    what: What,
}

#[derive(Debug, Subcommand)]
enum What {
    Put(put::PutArgs),
}

pub(crate) fn run(arguments: &PolicyArgs) -> Result<Exit, Failure> {
    match &arguments.what {
        What::Put(arguments) => put::run(arguments),
    }
}
