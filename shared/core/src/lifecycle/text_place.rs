//! Where something stands in a text.

use std::ops::Range;

/// Line and column of a byte offset, both from 1; the column counts characters (Unicode scalar values).
///
/// An offset past the end is the place after the last character.
pub(crate) fn line_and_column(text: &str, offset: usize) -> (usize, usize) {
    let before = text.get(..offset).unwrap_or(text);
    let line_start = before.rfind('\n').map_or(0, |newline| newline + 1);
    let line = before.bytes().filter(|&byte| byte == b'\n').count() + 1;
    (line, before.chars().count() - before.get(..line_start).map_or(0, |lines| lines.chars().count()) + 1)
}

/// The byte offset of a line and a column in bytes, both from 1 (as `serde_json` counts).
pub(crate) fn offset_of(text: &str, line: usize, column_bytes: usize) -> usize {
    let line_start = text.split_inclusive('\n').take(line.saturating_sub(1)).map(str::len).sum::<usize>();
    let offset = (line_start + column_bytes.saturating_sub(1)).min(text.len());
    (0..=offset).rev().find(|&at| text.is_char_boundary(at)).unwrap_or(0)
}

/// The bytes of the one character at this offset; empty at the end of the text.
pub(crate) fn character_at(text: &str, offset: usize) -> Range<usize> {
    let length = text.get(offset..).and_then(|rest| rest.chars().next()).map_or(0, char::len_utf8);
    offset..offset + length
}
