//! A question to a person, where there is one.

use std::io::{self, BufRead, IsTerminal};

use crate::failure::Failure;
use crate::talk;

/// Whether somebody can be asked: what they see and what they write is a terminal.
pub(crate) fn can_be_asked() -> bool {
    io::stdin().is_terminal() && io::stderr().is_terminal()
}

/// Asks on stderr; only `y` and `yes` agree.
pub(crate) fn agrees(question: &str) -> bool {
    talk::tell(format!("{question} [y/N]"));
    let mut answer = String::new();
    let read = io::stdin().lock().read_line(&mut answer);
    read.is_ok() && matches!(answer.trim().to_ascii_lowercase().as_str(), "y" | "yes")
}

/// Asks whoever is there.
///
/// # Errors
/// When nobody can be asked: nobody is taken to have agreed by silence.
pub(crate) fn agrees_or_fails(question: &str, unasked: &str, help: &str) -> Result<bool, Failure> {
    if can_be_asked() { Ok(agrees(question)) } else { Err(Failure::usage(unasked, help)) }
}
