//! A number with the noun that it counts, as a person would say it.

/// `1 image`, `2 images`: for nouns whose plural ends in `s`.
pub(super) fn counted(number: usize, noun: &str) -> String {
    let ending = if number == 1 { "" } else { "s" };
    format!("{number} {noun}{ending}")
}
