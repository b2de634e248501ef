//! The rules of a team: `--config FILE`, or `demurrage.toml` in the folder in which the command runs.

use std::fs::File;
use std::io::{self, Read};
use std::path::{Path, PathBuf};

use clap::Args;
use demurrage_config::Configuration;
use demurrage_core::audit::Rules;

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

impl RulesArgs {
    /// The rules; says on stderr where they are from.
    pub(crate) fn read(&self) -> Result<Rules, Failure> {
        let path = self.config.clone().unwrap_or_else(|| PathBuf::from(USUAL));
        let text = match read_text(&path) {
            Ok(text) => text,
            Err(error) if self.config.is_none() && error.kind() == io::ErrorKind::NotFound => {
                talk::say("rules: the defaults, by which every tag but `latest` always means the same build");
                return Ok(Rules::default());
            }
            Err(error) => return Err(Failure::read(&path)(error)),
        };
        talk::say(format!("rules: {}", path.display()));
        parse(&path, text)
    }
}

fn read_text(path: &Path) -> io::Result<String> {
    let mut text = String::new();
    File::open(path)?.take(BYTES_MAX).read_to_string(&mut text)?;
    Ok(text)
}

/// The rules of this text. The first problem ends the command; the others are said before it.
fn parse(path: &Path, text: String) -> Result<Rules, Failure> {
    let error = match Configuration::parse(&text) {
        Ok(configuration) => return Ok(configuration.rules),
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
