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
    /// AWS, the network or the disk did not do their part.
    System,
    /// Part of it was done, part could not be.
    Partial,
    /// There was nothing to do.
    NothingToDo,
    /// Somebody pressed Ctrl-C; shells use this code for it.
    Interrupted,
}

impl Exit {
    /// The number.
    pub(crate) const fn code(self) -> u8 {
        match self {
            Self::Done => 0,
            Self::Findings => 1,
            Self::BadInput => 2,
            Self::System => 3,
            Self::Partial => 4,
            Self::NothingToDo => 5,
            Self::Interrupted => 130,
        }
    }
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> Self {
        Self::from(exit.code())
    }
}
