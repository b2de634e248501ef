//! How wide the terminal is, for tables that fit into it.

use std::io;

use terminal_size::{Width, terminal_size_of};

/// Characters in a line, where stdout is a terminal; what goes to a file or a pipe has no width.
pub(crate) fn width() -> Option<u16> {
    let (Width(columns), _) = terminal_size_of(io::stdout())?;
    Some(columns)
}
