//! Short pieces of text that several parts of the page need.

use demurrage_core::cost::Usd;

/// Ten decimals, as programs get them; nothing where it is not known.
pub(super) fn usd(amount: Option<Usd>) -> Option<String> {
    amount.map(dollars)
}

/// Ten decimals, as programs get them.
pub(super) fn dollars(amount: Usd) -> String {
    amount.to_string()
}

/// The first part of a repository's name, with its slash; nothing for a name without.
pub(super) fn prefix(name: &str) -> Option<&str> {
    name.split_inclusive('/').next().filter(|first| first.ends_with('/'))
}
