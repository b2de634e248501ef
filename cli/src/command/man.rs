//! `demurrage man`: the manual.

use std::fs;
use std::path::PathBuf;

use clap::Args;
use clap_mangen::Man as Page;

use crate::args::definition;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::talk;

/// Print the manual page, or write one for each subcommand into a folder
#[derive(Debug, Args)]
#[command(after_help = "Example:\n  demurrage man >/tmp/demurrage.1")]
pub(crate) struct Man {
    /// Write `demurrage.1`, `demurrage-preview.1`, … into this folder
    #[arg(long, value_name = "DIR")]
    out: Option<PathBuf>,
}

pub(crate) fn run(arguments: &Man) -> Result<Exit, Failure> {
    if let Some(folder) = &arguments.out {
        fs::create_dir_all(folder).map_err(Failure::write(folder))?;
        clap_mangen::generate_to(definition(), folder).map_err(Failure::write(folder))?;
        return Ok(Exit::Done);
    }
    let mut text = Vec::new();
    Page::new(definition()).render(&mut text).map_err(Failure::Output)?;
    talk::data(&String::from_utf8_lossy(&text))?;
    Ok(Exit::Done)
}
