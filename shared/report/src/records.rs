//! Rows that stand in a table where they fit into the width, and below one another where they do not.

use std::fmt::Write;

use crate::table;
use crate::wrapped::wrapped;

/// A column of texts is broken to no fewer characters than this, where it has more.
const TEXT_CHARS_MIN: usize = 20;

/// The columns of rows.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Columns<'a> {
    pub(crate) headers: &'a [&'a str],
    /// Those that are not broken, because people search for what is in them and copy it.
    pub(crate) names: &'a [usize],
    /// Those that are not broken, and stand on the right.
    pub(crate) numbers: &'a [usize],
}

/// A table of rows that is no wider than this; or, where it cannot be, for each row a line with its names and numbers, and below it
/// what the other columns have, each behind its header.
pub(crate) fn table_or_records(columns: Columns<'_>, rows: &[Vec<String>], width: Option<u16>) -> String {
    let widths = columns.widths(rows);
    if let Some(width) = width
        && usize::from(width) < columns.least(&widths)
    {
        return rows.iter().map(|row| columns.record(row, &widths, width)).collect();
    }
    let texts: Vec<usize> = (0..columns.headers.len()).filter(|&column| columns.is_text(column)).collect();
    let mut table = table::table(columns.headers);
    for row in rows {
        table.add_row(row.clone());
    }
    table::fitted_with_names(table, &texts, columns.names, width)
}

impl Columns<'_> {
    fn is_text(&self, column: usize) -> bool {
        !self.names.contains(&column) && !self.numbers.contains(&column)
    }

    /// How many characters the widest cell of each column has.
    fn widths(&self, rows: &[Vec<String>]) -> Vec<usize> {
        let widest = |(place, header): (usize, &&str)| {
            let cells = rows.iter().filter_map(|row| row.get(place)).map(|cell| cell.chars().count());
            cells.chain([header.chars().count()]).max().unwrap_or_default()
        };
        self.headers.iter().enumerate().map(widest).collect()
    }

    /// How many characters a line of the table has at least, with one behind each column.
    fn least(&self, widths: &[usize]) -> usize {
        let column = |(place, &widest): (usize, &usize)| {
            1 + if self.is_text(place) { widest.clamp(12, TEXT_CHARS_MIN) } else { widest }
        };
        widths.iter().enumerate().map(column).sum()
    }

    fn record(&self, row: &[String], widths: &[usize], width: u16) -> String {
        let (mut title, mut below) = (String::new(), String::new());
        for (place, ((header, cell), &widest)) in self.headers.iter().zip(row).zip(widths).enumerate() {
            if self.numbers.contains(&place) {
                let _ = write!(title, "{cell:>widest$}  ");
            } else if self.names.contains(&place) {
                let _ = write!(title, "{cell:<widest$}  ");
            } else if !cell.is_empty() {
                below.push_str(&wrapped(&format!("{header}: {cell}"), Some(width)));
            }
        }
        format!("{}\n{below}", title.trim_end())
    }
}

#[cfg(test)]
mod tests {
    use super::{Columns, table_or_records};

    #[test]
    fn what_does_not_fit_beside_one_another_stands_below_one_another() {
        let columns = Columns { headers: &["size", "image", "why", "used by"], names: &[1], numbers: &[0] };
        let row =
            |size: &str| [size, "abc", "it is much older than what is kept", ""].map(str::to_owned).to_vec();
        let rows = [row("9"), row("1,000")];
        let shown = |width| table_or_records(columns, &rows, width);
        assert_eq!(shown(None).lines().count(), 4, "{}", shown(None));
        assert!(shown(Some(46)).contains("image"), "{}", shown(Some(46)));
        assert!(shown(Some(46)).lines().all(|line| line.chars().count() <= 46), "{}", shown(Some(46)));
        let below = "  why: it is much older than\n    what is kept\n";
        assert_eq!(shown(Some(30)), format!("    9  abc\n{below}1,000  abc\n{below}"));
    }
}
