//! Lines that are no wider than the terminal.

use std::fmt::Write;

/// A line that is set in by two spaces, and goes on, set in by four, where the width ends. A word that is longer than
/// that stays whole. Without a width it is one line.
pub(crate) fn wrapped(text: &str, width: Option<u16>) -> String {
    set_in(text, 2, width)
}

/// [`wrapped`], for a line that begins at the margin.
pub(crate) fn line(text: &str, width: Option<u16>) -> String {
    set_in(text, 0, width)
}

fn set_in(line: &str, indent: usize, width: Option<u16>) -> String {
    let Some(width) = width.map(usize::from) else { return format!("{:indent$}{line}\n", "") };
    let (mut text, mut used) = (String::new(), 0);
    for word in line.split(' ') {
        let length = word.chars().count();
        if text.is_empty() {
            let _ = write!(text, "{:indent$}{word}", "");
            used = indent + length;
        } else if used + 1 + length <= width {
            let _ = write!(text, " {word}");
            used += 1 + length;
        } else {
            let deeper = indent + 2;
            let _ = write!(text, "\n{:deeper$}{word}", "");
            used = deeper + length;
        }
    }
    text.push('\n');
    text
}

#[cfg(test)]
mod tests {
    use super::{line, wrapped};

    #[test]
    fn a_line_goes_on_below_where_the_width_ends_and_words_stay_whole() {
        assert_eq!(wrapped("one two three", None), "  one two three\n");
        assert_eq!(wrapped("one two three", Some(9)), "  one two\n    three\n");
        assert_eq!(wrapped("one two three", Some(8)), "  one\n    two\n    three\n");
        assert_eq!(line("one two three", Some(8)), "one two\n  three\n");
        assert_eq!(wrapped("much-too-long-for-it", Some(8)), "  much-too-long-for-it\n");
    }
}
