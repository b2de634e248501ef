//! Rows for spreadsheets: commas, quotes where they are needed (RFC 4180), and no cell that a spreadsheet runs.
//!
//! A spreadsheet takes a cell that begins with `=`, `+`, `-` or `@` for a formula, also between quotes, and names of
//! tags are what anybody with the right to push chose. Such a cell gets a leading apostrophe.

/// One line, with its end.
pub(crate) fn line<T: AsRef<str>>(cells: impl IntoIterator<Item = T>) -> String {
    let cells: Vec<String> = cells.into_iter().map(|cell| cell_text(cell.as_ref())).collect();
    cells.join(",") + "\n"
}

fn cell_text(text: &str) -> String {
    // A tab or a carriage return in front is skipped by some, and what stands behind it is run.
    let is_formula = text.starts_with(['=', '+', '-', '@', '\t', '\r']);
    let guard = if is_formula { "'" } else { "" };
    if text.contains([',', '"', '\n', '\r']) {
        format!("\"{guard}{}\"", text.replace('"', "\"\""))
    } else {
        format!("{guard}{text}")
    }
}

#[cfg(test)]
mod tests {
    use super::line;

    #[test]
    fn a_cell_that_a_spreadsheet_would_run_begins_with_an_apostrophe() {
        for formula in ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1"] {
            assert_eq!(line([formula]), format!("'{formula}\n"));
        }
        assert_eq!(line(["=a,b", "a=b", ""]), "\"'=a,b\",a=b,\n");
    }

    #[test]
    fn commas_quotes_and_lines_stand_between_quotes() {
        assert_eq!(line(["a,b", "a\"b", "a\nb", "a b"]), "\"a,b\",\"a\"\"b\",\"a\nb\",a b\n");
    }
}
