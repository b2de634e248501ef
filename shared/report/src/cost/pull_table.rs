//! Pulls for people: where each figure is from, and from when on a replica is cheaper.

use demurrage_core::cost::{BreakEven, Gigabytes};

use super::PullRow;
use crate::amount::grouped;
use crate::dollars::{UNKNOWN, dollars, hundredths};
use crate::table;

/// A row for each repository and target. GB and dollars have two decimals; programs get all ten.
pub(super) fn pull_table(pulls: &[PullRow], width: Option<u16>) -> String {
    let headers = ["pulls of", "from", "to", "pulls a\nmonth", "GB", "USD", "basis", "a replica is\ncheaper"];
    let mut rows = table::table(&headers);
    for pull in pulls {
        rows.add_row(vec![
            pull.name.clone().unwrap_or_else(|| "(the whole registry)".to_owned()),
            pull.region.clone(),
            pull.to.to_string(),
            pull.pulls_per_month.map_or_else(|| "—".to_owned(), grouped),
            gigabytes(pull.gigabytes),
            dollars(pull.transfer),
            pull.basis.name().to_owned(),
            match pull.replica {
                None => "—".to_owned(),
                Some(BreakEven::From(pulls)) => format!("from {} pulls", grouped(pulls)),
                Some(BreakEven::Never) => "never".to_owned(),
                Some(BreakEven::Unknown) => UNKNOWN.to_owned(),
            },
        ]);
    }
    table::fitted(rows, &[0, 1, 2, 6, 7], width)
}

fn gigabytes(amount: Option<Gigabytes>) -> String {
    amount.map_or_else(|| UNKNOWN.to_owned(), |amount| hundredths(&amount.to_string()))
}
