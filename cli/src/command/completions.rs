//! `demurrage completions`: completions for a shell.

use clap::Args;
use clap_complete::Shell;

use crate::args::definition;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::talk;

/// Print the completions for a shell
#[derive(Debug, Args)]
#[command(after_help = "Example:\n  demurrage completions bash >/tmp/demurrage.bash")]
pub(crate) struct Completions {
    /// Which shell
    shell: Shell,
}

pub(crate) fn run(arguments: &Completions) -> Result<Exit, Failure> {
    let mut text = Vec::new();
    clap_complete::generate(arguments.shell, &mut definition(), "demurrage", &mut text);
    talk::data(&String::from_utf8_lossy(&text))?;
    Ok(Exit::Done)
}
