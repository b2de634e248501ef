//! What stored bytes cost, as a bill reckons it.
//!
//! For: the comparison with the core. Assumes tiers that cover every amount. Leaves out where prices come from.

use super::decimal::{difference, product, quotient, rounded, sum};

/// Bytes in a GB.
const GB: u64 = 1_073_741_824;

/// One tier: where it ends in GB, if it does, and its price, if that is known.
pub type Tier<'a> = (Option<u64>, Option<&'a str>);

/// One line of a bill: the place of its tier, how much is in it, and what that costs.
pub type Line = (usize, String, Option<String>);

/// GB-months, or GB, of these bytes: divided by 2^30, rounded half up at ten decimals.
pub fn gb(bytes: u128) -> String {
    quotient(&bytes.to_string(), GB)
}

/// GB-months of byte-hours in a month of that many hours.
pub fn gb_months_of_hours(byte_hours: u128, hours: u64) -> String {
    quotient(&byte_hours.to_string(), GB * hours)
}

/// What an amount costs at a price: rounded half up at ten decimals.
pub fn cost(amount: &str, price: &str) -> String {
    rounded(&product(amount, price))
}

/// The lines of an amount that comes on top of what has filled the tiers before.
pub fn lines(tiers: &[Tier<'_>], filled: &str, amount: &str) -> Vec<Line> {
    let mut lines = Vec::new();
    let top = sum(filled, amount);
    let mut begin = "0".to_owned();
    for (place, (end, price)) in tiers.iter().enumerate() {
        let end = end.map(|end| end.to_string());
        // From the larger of where the tier and the amount begin, to the smaller of where they end.
        let from = larger(&begin, filled);
        let to = end.as_ref().map_or(top.clone(), |end| smaller(end, &top));
        let part = difference(&to, &from).map(|part| rounded(&part));
        let is_here = end.as_ref().is_none_or(|end| is_less(filled, end)) && !is_less(filled, &begin);
        let nothing_at_all = rounded(amount) == rounded("0") && is_here;
        if let Some(part) = part.filter(|part| *part != rounded("0") || nothing_at_all) {
            let cost = price.map(|price| cost(&part, price));
            lines.push((place, part, cost));
        }
        let Some(end) = end else { break };
        begin = end;
    }
    lines
}

/// The sum of the costs of lines; nothing where one of them is unknown.
pub fn total<'a>(lines: impl IntoIterator<Item = &'a Line>) -> Option<String> {
    let mut total = rounded("0");
    for (_, _, cost) in lines {
        total = sum(&total, cost.as_deref()?);
    }
    Some(total)
}

/// What repositories cost, each with its name and its bytes of the standard and the archive class: lines of the
/// one class and of the other, in the order given.
///
/// The tiers are filled in the order of the names.
pub fn registry(
    repositories: &[(String, u128, u128)],
    standard: &[Tier<'_>],
    archive: &[Tier<'_>],
) -> Vec<(Vec<Line>, Vec<Line>)> {
    repositories
        .iter()
        .enumerate()
        .map(|(place, (name, standard_bytes, archived_bytes))| {
            let before =
                || repositories.iter().enumerate().filter(|(at, other)| (&other.0, *at) < (name, place));
            let mut filled = ("0".to_owned(), "0".to_owned());
            for (_, (_, standard_bytes, archived_bytes)) in before() {
                filled.0 = sum(&filled.0, &gb(*standard_bytes));
                filled.1 = sum(&filled.1, &gb(*archived_bytes));
            }
            let has_standard = *standard_bytes > 0 || *archived_bytes == 0;
            let of_standard =
                if has_standard { lines(standard, &filled.0, &gb(*standard_bytes)) } else { vec![] };
            let of_archive =
                if *archived_bytes > 0 { lines(archive, &filled.1, &gb(*archived_bytes)) } else { vec![] };
            (of_standard, of_archive)
        })
        .collect()
}

fn is_less(a: &str, b: &str) -> bool {
    difference(a, b).is_none()
}

fn larger(a: &str, b: &str) -> String {
    if is_less(a, b) { b.to_owned() } else { a.to_owned() }
}

fn smaller(a: &str, b: &str) -> String {
    if is_less(a, b) { a.to_owned() } else { b.to_owned() }
}
