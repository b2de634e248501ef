//! Lines within a limit: as many as fit, and how many do not.

use std::fmt::Write;

use crate::amount::count;

/// What is kept for the line that says how many are left out.
const TAIL_BYTES: usize = 100;

/// Adds the lines that fit into so many bytes and so many lines, and says of the rest that it is left out.
///
/// Where one does not fit, none of those after it is added: what is left out is the end.
pub(super) fn push_lines(text: &mut String, limit: Limit, lines: impl IntoIterator<Item = String>) {
    let end_bytes = text.len() + limit.bytes.saturating_sub(TAIL_BYTES);
    let (mut added, mut left_out) = (0, 0);
    for line in lines {
        if left_out == 0 && added < limit.lines && text.len() + line.len() < end_bytes {
            text.push_str(&line);
            text.push('\n');
            added += 1;
        } else {
            left_out += 1;
        }
    }
    if left_out != 0 {
        // After an empty line, so that it is no row of a table.
        let _ = writeln!(text, "\n{} left out: the summary as JSON has all.", count(left_out, "line"));
    }
}

/// How much is written of a list.
#[derive(Debug, Clone, Copy)]
pub(super) struct Limit {
    /// In bytes, what is said about the rest among them.
    pub(super) bytes: usize,
    /// In lines.
    pub(super) lines: usize,
}

/// A number of things.
pub(super) fn many(number: u64, noun: &str) -> String {
    count(usize::try_from(number).unwrap_or(usize::MAX), noun)
}
