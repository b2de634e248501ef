//! A question to a person, where there is one.

use std::io::{self, BufRead, IsTerminal};

use crate::talk;

/// Whether somebody can be asked: what they see and what they write is a terminal.
pub(crate) fn can_be_asked() -> bool {
    io::stdin().is_terminal() && io::stderr().is_terminal()
}

/// Asks on stderr; only `y` and `yes` agree.
pub(crate) fn agrees(question: &str) -> bool {
    talk::say(format!("{question} [y/N]"));
    let mut answer = String::new();
    let read = io::stdin().lock().read_line(&mut answer);
    read.is_ok() && matches!(answer.trim().to_ascii_lowercase().as_str(), "y" | "yes")
}
