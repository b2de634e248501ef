//! `demurrage import`: an inventory from files that the AWS CLI wrote.

use std::path::PathBuf;

use chrono::{DateTime, Utc};
use clap::Args;
use demurrage_report::count;

use crate::args::{StoreArgs, clock, time, worse};
use crate::exit::Exit;
use crate::failure::Failure;
use crate::learning::learn;
use crate::{aws_cli, talk};

/// The script that makes the files.
const SCRIPT: &str = include_str!("../../scripts/export-registry.sh");

/// Make an inventory from files that the AWS CLI wrote
///
/// For people who may not give a tool their credentials. An absent file means that nobody looked. A
/// repository that cannot be read is recorded as failed and the rest is imported (exit code 4).
#[derive(Debug, Args)]
#[command(after_help = "Example:\n  demurrage demo --dir /tmp/demo >/dev/null\n  \
    demurrage import /tmp/demo/aws-cli --store /tmp/demo/store \\\n    --region ap-northeast-2")]
pub(crate) struct ImportArgs {
    /// Folder of the files
    #[arg(value_name = "DIR", required_unless_present = "print_script")]
    dir: Option<PathBuf>,
    /// Region of the registry
    #[arg(long, value_name = "REGION", required_unless_present = "print_script", value_parser = region)]
    region: Option<String>,
    #[command(flatten)]
    store: StoreArgs,
    /// When the files were written [default: the clock]
    #[arg(long, alias = "now", value_name = "TIME", value_parser = time)]
    taken_at: Option<DateTime<Utc>>,
    /// Print the script that makes the files, and do nothing else
    #[arg(long)]
    print_script: bool,
}

/// A region is a word such as `ap-northeast-2`; which ones there are, AWS knows.
pub(super) fn region(text: &str) -> Result<String, String> {
    let is_region = text.split('-').count() >= 3
        && text.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-')
        && text.ends_with(|c: char| c.is_ascii_digit());
    if is_region {
        Ok(text.to_owned())
    } else {
        Err("not a region; write for example ap-northeast-2".to_owned())
    }
}

pub(crate) fn run(arguments: &ImportArgs) -> Result<Exit, Failure> {
    if arguments.print_script {
        talk::data(SCRIPT)?;
        return Ok(Exit::Done);
    }
    let (Some(dir), Some(region)) = (&arguments.dir, &arguments.region) else {
        return Err(Failure::usage("there is nothing to import", "name the folder and `--region REGION`"));
    };
    let taken_at = arguments.taken_at.unwrap_or_else(clock);
    let import = aws_cli::import(dir, region, taken_at)?;
    let store = arguments.store.open()?;
    let entry = store.add(&import.inventory)?;
    let has_learnt = learn(&store, &entry);
    for problem in &import.problems {
        talk::warn(problem);
    }
    talk::say(format!(
        "imported {} with {} into {}",
        count(entry.repositories(), "repository"),
        count(entry.images(), "image"),
        entry.name()
    ));
    Ok(worse(!import.problems.is_empty() || !has_learnt, false))
}
