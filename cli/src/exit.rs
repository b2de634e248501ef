//! The exit codes. `README.md` documents them; the first that applies is used.

use std::process::ExitCode;

/// How the command ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Exit {
    /// Everything was done.
    Done,
    /// Done, and there is something to look at.
    Findings,
    /// The input cannot be used.
    BadInput,
    /// The machine did not do its part: a file could not be written.
    System,
    /// Part of it was done, part could not be.
    Partial,
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> Self {
        Self::from(match exit {
            Exit::Done => 0,
            Exit::Findings => 1,
            Exit::BadInput => 2,
            Exit::System => 3,
            Exit::Partial => 4,
        })
    }
}
