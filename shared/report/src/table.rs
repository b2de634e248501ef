//! The look of all tables: columns and a line under the header, nothing else.

use comfy_table::{
    CellAlignment, ColumnConstraint, ContentArrangement, LineStyle, Row, Table, TableStyle, Width,
};

/// A table with these headers.
pub(crate) fn table(headers: &[&str]) -> Table {
    let mut table = Table::new();
    let line = LineStyle::none().fill('─').junction(' ');
    table.load_style(TableStyle::new().header_separator(line));
    table.set_header(Row::from(headers.to_vec()));
    table
}

/// The text of a table, without spaces at the ends of lines. Columns named here are numbers.
pub(crate) fn text(mut table: Table, numbers: &[usize]) -> String {
    for &number in numbers {
        if let Some(column) = table.column_mut(number) {
            column.set_cell_alignment(CellAlignment::Right);
        }
    }
    let mut text = String::new();
    for line in table.lines() {
        text.push_str(line.trim_end());
        text.push('\n');
    }
    text
}

/// A name that is broken more often than this leaves it cannot be read any more.
const TEXT_WIDTH_MIN: Width = Width::Fixed(12);

/// The text of a table that is no wider than this, as far as it can be. Columns named here are texts, which may be
/// broken; all others are numbers, which may not.
pub(crate) fn fitted(table: Table, texts: &[usize], width: Option<u16>) -> String {
    fitted_with_names(table, texts, &[], width)
}

/// [`fitted`], with columns of names that people search for and copy: they are not broken either, and stand on the left.
pub(crate) fn fitted_with_names(
    mut table: Table,
    texts: &[usize],
    names: &[usize],
    width: Option<u16>,
) -> String {
    let columns = 0..table.column_count();
    let numbers: Vec<usize> =
        columns.filter(|column| !texts.contains(column) && !names.contains(column)).collect();
    if let Some(width) = width {
        table.set_width(width).set_content_arrangement(ContentArrangement::Dynamic);
        for column in table.column_iter_mut() {
            column.set_padding((0, 1));
        }
        for (place, column) in table.column_iter_mut().enumerate() {
            column.set_constraint(if numbers.contains(&place) || names.contains(&place) {
                ColumnConstraint::ContentWidth
            } else {
                ColumnConstraint::LowerBoundary(TEXT_WIDTH_MIN)
            });
        }
    }
    text(table, &numbers)
}
