//! The last word before a policy is put: `--yes`, or a person at the terminal.

use std::io::{self, BufRead, IsTerminal};

use crate::failure::Failure;
use crate::talk;

/// What a person says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Confirmation {
    Yes,
    No,
}

/// Asks at the terminal.
///
/// # Errors
/// When there is none: nobody is taken to have agreed by silence.
pub(super) fn ask(question: &str) -> Result<Confirmation, Failure> {
    let stdin = io::stdin();
    if !stdin.is_terminal() {
        return Err(Failure::usage(
            "nothing was put: nobody is there to ask",
            "add `--yes` to put it without a question",
        ));
    }
    talk::say(format!("{question} Type `yes` to put it:"));
    let mut line = String::new();
    stdin.lock().read_line(&mut line).map_err(Failure::read(std::path::Path::new("-")))?;
    Ok(if line.trim() == "yes" { Confirmation::Yes } else { Confirmation::No })
}
