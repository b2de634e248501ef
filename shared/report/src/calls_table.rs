//! What a collection asks of AWS, by operation.

use crate::amount::grouped;
use crate::table;

/// One operation.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct CallRow {
    /// Its name.
    pub operation: &'static str,
    /// How many calls it takes, in words.
    pub formula: &'static str,
    /// How many that are here.
    pub expected: u64,
    /// Requests that went out.
    pub sent: u64,
    /// How many of them were throttled, and so repeated.
    pub throttled: u64,
    /// How many of them failed otherwise.
    pub failed: u64,
}

/// A row for each operation, and their sum.
pub fn calls_table(lines: &[CallRow]) -> String {
    let mut rows = table::table(&["operation", "calls", "by the formula", "sent", "throttled", "failed"]);
    let mut sums = [0; 4];
    for line in lines {
        let numbers = [line.expected, line.sent, line.throttled, line.failed];
        for (sum, number) in sums.iter_mut().zip(numbers) {
            *sum += number;
        }
        let mut row = vec![line.operation.to_owned(), line.formula.to_owned()];
        row.extend(numbers.map(grouped));
        rows.add_row(row);
    }
    let mut row = vec!["all".to_owned(), String::new()];
    row.extend(sums.map(grouped));
    rows.add_row(row);
    table::text(rows, &[2, 3, 4, 5])
}
