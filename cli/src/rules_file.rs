//! The rules of a team: `--config FILE`, or `demurrage.toml` in the folder in which the command runs.

use std::fs::File;
use std::io::{self, Read};
use std::path::{Path, PathBuf};

use clap::Args;
use demurrage_config::Configuration;
use demurrage_core::audit::Rules;
use demurrage_core::plan::Source;
use demurrage_store::sha256;

use crate::failure::Failure;
use crate::talk;

/// The file that is looked for where none is named.
const USUAL: &str = "demurrage.toml";
/// More than this is no configuration.
const BYTES_MAX: u64 = 1 << 20;

/// The option that names the file.
#[derive(Debug, Clone, Args)]
pub(crate) struct RulesArgs {
    /// The promises of the team, and the risks that it accepts [default: `demurrage.toml` in this folder, where it is]
    #[arg(long, value_name = "FILE")]
    config: Option<PathBuf>,
}

/// A configuration, and the file that it is from.
#[derive(Debug, Clone)]
pub(crate) struct ReadConfiguration {
    /// What it says; without a file the defaults.
    pub(crate) configuration: Configuration,
    /// Name and hash of the file; nothing: there is none.
    pub(crate) source: Option<Source>,
}

impl RulesArgs {
    /// The rules; says on stderr where they are from.
    pub(crate) fn read(&self) -> Result<Rules, Failure> {
        let read = self.configuration()?;
        match &read.source {
            Some(source) => talk::say(format!("rules: {}", source.name)),
            None => {
                talk::say("rules: the defaults, by which every tag but `latest` always means the same build");
            }
        }
        Ok(read.configuration.rules)
    }

    /// The whole configuration, in silence.
    pub(crate) fn configuration(&self) -> Result<ReadConfiguration, Failure> {
        let path = self.config.clone().unwrap_or_else(|| PathBuf::from(USUAL));
        let text = match read_text(&path) {
            Ok(text) => text,
            Err(error) if self.config.is_none() && error.kind() == io::ErrorKind::NotFound => {
                return Ok(ReadConfiguration { configuration: Configuration::default(), source: None });
            }
            Err(error) => return Err(Failure::read(&path)(error)),
        };
        let hash = sha256(text.as_bytes()).to_string();
        let source = Source { name: path.display().to_string(), hash };
        Ok(ReadConfiguration { configuration: parse(&path, text)?, source: Some(source) })
    }
}

/// The text of a file that people write, as far as one is read.
pub(crate) fn read_text(path: &Path) -> io::Result<String> {
    let mut text = String::new();
    File::open(path)?.take(BYTES_MAX).read_to_string(&mut text)?;
    Ok(text)
}

/// The configuration of this text. The first problem ends the command; the others are said before it.
fn parse(path: &Path, text: String) -> Result<Configuration, Failure> {
    let error = match Configuration::parse(&text) {
        Ok(configuration) => return Ok(configuration),
        Err(error) => error,
    };
    let mut problems = error.problems.into_iter();
    let Some(first) = problems.next() else {
        return Err(Failure::content(path, "it cannot be read", ""));
    };
    for other in problems {
        talk::say(format!("error: {}:{other}", path.display()));
        talk::hint(&other.help);
    }
    Err(Failure::Place {
        path: path.to_owned(),
        text,
        cause: first.message,
        help: first.help,
        span: first.span,
    })
}
