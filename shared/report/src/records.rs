//! Rows that stand in a table where they fit into the width, and below one another where they do not.

use crate::table;
use crate::wrapped::wrapped;

/// A column of texts is broken to no fewer characters than this.
const TEXT_CHARS_MIN: usize = 12;

/// A table of rows that is no wider than this; or, where it cannot be, for each row a line with its names and below it
/// what the other columns have, each behind its header. Columns named here are not broken, all others are texts.
pub(crate) fn table_or_records(
    headers: &[&str],
    rows: &[Vec<String>],
    names: &[usize],
    width: Option<u16>,
) -> String {
    if width.is_some_and(|width| usize::from(width) < least(headers, rows, names)) {
        return rows.iter().map(|row| record(headers, row, names, width)).collect();
    }
    let texts: Vec<usize> = (0..headers.len()).filter(|column| !names.contains(column)).collect();
    let mut table = table::table(headers);
    for row in rows {
        table.add_row(row.clone());
    }
    table::fitted_with_names(table, &texts, names, width)
}

/// How many characters a line of the table has at least, with one between two columns.
fn least(headers: &[&str], rows: &[Vec<String>], names: &[usize]) -> usize {
    let column = |(place, header): (usize, &&str)| {
        let cells = rows.iter().filter_map(|row| row.get(place)).map(|cell| cell.chars().count());
        let widest = cells.chain([header.chars().count()]).max().unwrap_or_default();
        1 + if names.contains(&place) { widest } else { TEXT_CHARS_MIN }
    };
    headers.iter().enumerate().map(column).sum()
}

fn record(headers: &[&str], row: &[String], names: &[usize], width: Option<u16>) -> String {
    let title: Vec<&str> = names.iter().filter_map(|&name| row.get(name)).map(String::as_str).collect();
    let mut text = format!("{}\n", title.join("  ").trim_end());
    for (place, (header, cell)) in headers.iter().zip(row).enumerate() {
        if !names.contains(&place) && !cell.is_empty() {
            text.push_str(&wrapped(&format!("{header}: {cell}"), width));
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::table_or_records;

    #[test]
    fn what_does_not_fit_beside_one_another_stands_below_one_another() {
        let headers = ["image", "why", "used by"];
        let row = ["sha256:abc", "it is much older than what is kept", ""].map(str::to_owned).to_vec();
        let rows = [row];
        let shown = |width| table_or_records(&headers, &rows, &[0], width);
        assert_eq!(shown(None).lines().count(), 3, "{}", shown(None));
        assert!(shown(Some(37)).starts_with("image "), "{}", shown(Some(37)));
        assert!(shown(Some(37)).lines().all(|line| line.chars().count() <= 37), "{}", shown(Some(37)));
        assert_eq!(shown(Some(30)), "sha256:abc\n  why: it is much older than\n    what is kept\n");
    }
}
