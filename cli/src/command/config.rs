//! `demurrage config check`: what is wrong with a configuration, or risky, before it is deployed.

mod deployment;
mod finding;
mod known_parameters;
mod of_file;
mod of_parameters;
mod of_store;

use std::path::{Path, PathBuf};

use chrono::{DateTime, Utc};
use clap::{Args, Subcommand};
use demurrage_config::Configuration;
use demurrage_report::count;
use serde_json::{Value, json};

use self::deployment::Deployment;
use self::finding::{Finding, Weight};
use crate::args::{Format, NowArgs, StoreArgs};
use crate::exit::Exit;
use crate::failure::Failure;
use crate::{rules_file, talk, terminal};

/// The file that is looked at where none is named.
const USUAL: &str = "demurrage.toml";

/// Look at the configuration
#[derive(Debug, Args)]
pub(crate) struct ConfigArgs {
    #[command(subcommand)]
    command: ConfigCommand,
}

#[derive(Debug, Subcommand)]
enum ConfigCommand {
    Check(CheckArgs),
}

/// Say everything that is wrong with a configuration, or risky, before it is deployed
///
/// Mistakes are what the program, or the deployment, refuses. Risks are what it takes, and what probably means something else
/// than was meant: rules about repositories that are not there, uses that nobody reads. With `--store` the rules are held
/// against the newest inventories, with `--parameters` against what the service is deployed with.
///
/// Exit code 0: nothing, or notes alone; 1: risks; 2: mistakes; 4: no mistake, and the store has nothing to hold the rules
/// against.
#[derive(Debug, Args)]
#[command(
    after_help = "Examples:\n  demurrage config check\n  demurrage config check demurrage.toml --store s3://bucket/prefix \
                  --parameters infra/samconfig.toml"
)]
struct CheckArgs {
    /// The configuration [default: `demurrage.toml` in this folder]
    #[arg(value_name = "FILE")]
    file: Option<PathBuf>,
    /// Hold the rules against the newest inventories of this store
    #[arg(long, value_name = "PLACE")]
    store: Option<PathBuf>,
    /// Hold them against the parameters of a deployment: `samconfig.toml`, or a JSON file of `CloudFormation`
    #[arg(long, value_name = "FILE")]
    parameters: Option<PathBuf>,
    /// Whose parameters of `samconfig.toml`
    #[arg(long, value_name = "NAME", default_value = "default", requires = "parameters")]
    environment: String,
    #[command(flatten)]
    now: NowArgs,
    /// How to write it
    #[arg(long, value_enum, default_value_t = Format::Table)]
    format: Format,
}

pub(crate) fn run(arguments: &ConfigArgs) -> Result<Exit, Failure> {
    let ConfigCommand::Check(arguments) = &arguments.command;
    let file = arguments.file.clone().unwrap_or_else(|| PathBuf::from(USUAL));
    let checked = check(arguments, &file, arguments.now.now())?;
    match arguments.format {
        Format::Json => talk::json(&as_json(&file, &checked))?,
        Format::Table => {
            for finding in &checked.findings {
                talk::data(&finding.text(&file.display().to_string(), terminal::width()))?;
            }
        }
    }
    let many = |weight| checked.findings.iter().filter(|finding| finding.weight == weight).count();
    let (mistakes, risks) = (many(Weight::Mistake), many(Weight::Risk));
    talk::say(format!("{}: {}, {}", file.display(), count(mistakes, "mistake"), count(risks, "risk")));
    for hint in &checked.not_looked_at {
        talk::hint(hint);
    }
    Ok(match (mistakes, checked.is_partial, risks) {
        (1.., _, _) => Exit::BadInput,
        (0, true, _) => Exit::Partial,
        (0, false, 1..) => Exit::Findings,
        (0, false, 0) => Exit::Done,
    })
}

/// What was found, and how much was looked at.
struct Checked {
    findings: Vec<Finding>,
    /// Whether the store had nothing to look at.
    is_partial: bool,
    /// What nobody asked to look at, and how to ask for it.
    not_looked_at: Vec<&'static str>,
}

fn check(arguments: &CheckArgs, file: &Path, now: DateTime<Utc>) -> Result<Checked, Failure> {
    let text = rules_file::read_text(file).map_err(Failure::read(file))?;
    let mut checked = Checked { findings: Vec::new(), is_partial: false, not_looked_at: Vec::new() };
    let configuration = match Configuration::parse(&text) {
        Ok(configuration) => Some(configuration),
        Err(error) => {
            checked.findings.extend(error.problems.into_iter().map(Finding::of_problem));
            None
        }
    };
    let deployment = if let Some(path) = &arguments.parameters {
        let deployment = Deployment::read(path, &arguments.environment)?;
        checked.findings.extend(of_parameters::alone(&deployment));
        Some(deployment)
    } else {
        checked.not_looked_at.push("`--parameters FILE` looks at what the service is deployed with, too");
        None
    };
    // Nothing is known of rules in a file that cannot be read.
    let Some(configuration) = configuration else { return Ok(checked) };
    checked.findings.extend(of_file::risks(&configuration, now));
    if let Some(deployment) = &deployment {
        checked.findings.extend(of_parameters::with(&configuration, deployment));
    }
    match &arguments.store {
        Some(place) => {
            let store = StoreArgs { store: Some(place.clone()) }.open()?;
            let found = of_store::risks(&configuration, &store)?;
            checked.is_partial = found.is_none();
            checked.findings.extend(found.unwrap_or_default());
        }
        None => checked.not_looked_at.push("`--store PLACE` holds the rules against what was read, too"),
    }
    checked.findings.sort_by_key(|finding| finding.weight);
    Ok(checked)
}

fn as_json(file: &Path, checked: &Checked) -> Value {
    json!({
        "file": file.display().to_string(),
        "findings": checked.findings.iter().map(Finding::json).collect::<Vec<_>>(),
        "partial": checked.is_partial,
    })
}
