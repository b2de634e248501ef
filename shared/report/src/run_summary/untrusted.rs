//! Texts that anybody may have written, so that they stay what they are: text.
//!
//! Names, policies and the words of errors come from whoever can push, put a policy or make a service answer. In
//! a summary they may neither become structure nor hide any. What they were, letter by letter, is in the summary
//! as JSON.

/// Characters of a text that are shown: no name of a repository is longer.
///
/// Source: API model, `RepositoryName`, read 2026-11-23.
const CHARS_MAX: usize = 256;

/// A text for Markdown, as a code span. Nothing in such a span means anything but itself, if it has neither the
/// mark that ends it nor the one that ends the cell of a table: both are replaced by others that look alike.
pub(crate) fn code(text: &str) -> String {
    let span: String = visible(text)
        .chars()
        .map(|c| match c {
            '`' => '\'',
            '|' => '\u{a6}',
            other => other,
        })
        .collect();
    if span.is_empty() { "—".to_owned() } else { format!("`{span}`") }
}

/// A text for a mail. Addresses in it are broken, so that no program offers to follow them.
pub(super) fn plain(text: &str) -> String {
    let text = visible(text).replace("://", ": //");
    if text.is_empty() { "—".to_owned() } else { text }
}

/// A text in one line, without characters that hide or turn round others, and not too long.
fn visible(text: &str) -> String {
    let mut chars = text.trim().chars();
    let mut shown: String = chars
        .by_ref()
        .take(CHARS_MAX)
        .map(|c| match c {
            c if c.is_whitespace() => ' ',
            c if c.is_control() || is_unseen(c) => '\u{fffd}',
            c => c,
        })
        .collect();
    if chars.next().is_some() {
        shown.push('…');
    }
    shown
}

/// Marks of direction, joiners, and what else is not seen but changes what is.
///
/// Source: Unicode 16, the characters with the property `Default_Ignorable_Code_Point` or `Bidi_Control`, read
/// 2026-11-24.
fn is_unseen(c: char) -> bool {
    matches!(
        u32::from(c),
        0xad | 0x34f
            | 0x61c
            | 0x115f..=0x1160
            | 0x17b4..=0x17b5
            | 0x180b..=0x180f
            | 0x200b..=0x200f
            | 0x202a..=0x202e
            | 0x2060..=0x206f
            | 0x3164
            | 0xfe00..=0xfe0f
            | 0xfeff
            | 0xffa0
            | 0xfff0..=0xfff8
            | 0x1bca0..=0x1bca3
            | 0x1d173..=0x1d17a
            | 0xe0000..=0xe0fff
    )
}
