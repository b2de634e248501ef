//! The repositories that are too many to have a line of their own.

use std::cmp::Reverse;
use std::collections::BTreeMap;

use super::document::{Rest, Row};
use super::text::prefix;

/// Sums that are shown; the smallest ones are added to one for their region.
const LINES_MAX: usize = 500;

type Key = (Option<String>, String, String);

/// Sums by account, region and first part of the name, the largest first. Nothing is left out of them.
pub(super) fn rest(small: &[Row]) -> Vec<Rest> {
    with_rows(Vec::new(), small)
}

/// The same, with these sums in it.
pub(super) fn with_rows(rest: Vec<Rest>, small: &[Row]) -> Vec<Rest> {
    let lines = small.iter().map(|row| of(row, prefix(&row.name).unwrap_or("others")));
    let by_prefix = sums(rest.into_iter().chain(lines));
    if by_prefix.len() <= LINES_MAX {
        return by_prefix;
    }
    let mut largest = by_prefix;
    let others = largest.split_off(LINES_MAX);
    let renamed = others.into_iter().map(|it| Rest { name: "others".to_owned(), ..it });
    sums(largest.into_iter().chain(renamed))
}

fn of(row: &Row, name: &str) -> Rest {
    Rest {
        account: row.account.clone(),
        region: row.region.clone(),
        name: name.to_owned(),
        repositories: 1,
        images: row.images.unwrap_or_default(),
        stored_bytes: row.stored_bytes,
        settled_bytes: row.settled_bytes,
    }
}

fn sums(lines: impl Iterator<Item = Rest>) -> Vec<Rest> {
    let mut sums: BTreeMap<Key, Rest> = BTreeMap::new();
    for line in lines {
        let key = (line.account.clone(), line.region.clone(), line.name.clone());
        match sums.get_mut(&key) {
            None => {
                sums.insert(key, line);
            }
            Some(sum) => {
                sum.repositories += line.repositories;
                sum.images += line.images;
                sum.stored_bytes += line.stored_bytes;
                sum.settled_bytes = sum.settled_bytes.zip(line.settled_bytes).map(|(sum, more)| sum + more);
            }
        }
    }
    let mut all: Vec<Rest> = sums.into_values().collect();
    all.sort_by_key(|it| Reverse(it.stored_bytes));
    all
}
