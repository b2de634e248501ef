//! The core's patterns against their definition, against regular expressions, and what they say of all texts
//! against texts.

#[cfg(test)]
#[expect(dead_code, reason = "repositories are drawn for the evaluation only")]
mod generators;

use demurrage_core::Wildcard;
use demurrage_reference::wildcard_matches;
use generators::for_all;
use generators::pattern::{Change, Entry, change, fill, pattern, prefix};
use proptest::collection::vec;
use proptest::strategy::Strategy;
use proptest::{prop_assert, prop_assert_eq, prop_oneof};
use regex::Regex;

/// A character that no pattern has.
const FRESH: &str = "\u{1}";

impl Entry {
    /// The entry in the core.
    fn wildcard(&self) -> Wildcard {
        match self {
            Self::Pattern(pattern) => Wildcard::new(pattern),
            Self::Prefix(prefix) => Wildcard::starting_with(prefix),
        }
    }

    /// Whether the entry matches the text, by its definition.
    fn matches(&self, text: &str) -> bool {
        match self {
            Self::Pattern(pattern) => wildcard_matches(pattern, text),
            Self::Prefix(prefix) => text.starts_with(prefix),
        }
    }
}

/// A pattern or a prefix.
fn entry() -> impl Strategy<Value = Entry> {
    prop_oneof![3 => pattern().prop_map(Entry::Pattern), 1 => prefix().prop_map(Entry::Prefix)]
}

/// Two entries; half of the time the second is a pattern grown from the first.
fn pair() -> impl Strategy<Value = (Entry, Entry)> {
    let grown = (entry(), vec(prefix(), 0..=3), change()).prop_map(|(entry, fills, change)| {
        let pattern = change.of(&entry.filled(fills.iter().map(String::as_str)));
        (entry, Entry::Pattern(pattern))
    });
    prop_oneof![(entry(), entry()), grown]
}

/// What texts are grown with: fills for `*`, and changes.
fn seeds() -> impl Strategy<Value = (Vec<String>, Vec<Change>)> {
    (vec(fill(), 1..=3), vec(change(), 1..=4))
}

/// Texts grown from the entry: its places filled with these in every rotation, or all with the same, and
/// then changed.
fn grown(entry: &Entry, fills: &[&str], changes: &[Change]) -> Vec<String> {
    let rotations = (0..fills.len()).map(|first| entry.filled(fills.iter().copied().cycle().skip(first)));
    let same = fills.iter().map(|fill| entry.filled(std::iter::repeat(*fill)));
    let filled: Vec<String> = rotations.chain(same).chain([entry.filled([])]).collect();
    let altered = filled.iter().flat_map(|text| changes.iter().map(|change| change.of(text)));
    altered.chain(filled.clone()).collect()
}

/// Texts grown from both entries, with the runs of either in the places of the other.
fn grown_from_both(a: &Entry, b: &Entry, fills: &[String], changes: &[Change]) -> Vec<String> {
    let of = |entry: &Entry, other: &Entry| {
        let fills: Vec<&str> = fills.iter().map(String::as_str).chain(other.runs()).collect();
        grown(entry, &fills, changes)
    };
    of(a, b).into_iter().chain(of(b, a)).collect()
}

/// A text that both entries match if any text does: the longer ends, and all middles of one before all those
/// of the other.
fn common_text(a: &Entry, b: &Entry) -> String {
    let longer = |a: &str, b: &str| if a.len() < b.len() { b.to_owned() } else { a.to_owned() };
    match (&*a.runs(), &*b.runs()) {
        ([text], _) | (_, [text]) => (*text).to_owned(),
        ([first_a, middle_a @ .., last_a], [first_b, middle_b @ .., last_b]) => {
            longer(first_a, first_b) + &middle_a.concat() + &middle_b.concat() + &longer(last_a, last_b)
        }
        ([], _) | (_, []) => String::new(),
    }
}

#[test]
fn a_pattern_matches_what_its_twin_and_a_regular_expression_match() {
    for_all(&(pattern(), seeds(), fill()), |(pattern, (fills, changes), text)| {
        let wildcard = Wildcard::new(&pattern);
        let expression = regex::escape(&pattern).replace(r"\*", "(?s:.*)");
        let expression = Regex::new(&format!(r"\A(?:{expression})\z")).unwrap();
        let fills: Vec<&str> = fills.iter().map(String::as_str).collect();
        for text in grown(&Entry::Pattern(pattern.clone()), &fills, &changes).into_iter().chain([text]) {
            let found = wildcard.matches(&text);
            prop_assert_eq!(found, wildcard_matches(&pattern, &text), "on {:?}", text);
            prop_assert_eq!(found, expression.is_match(&text), "on {:?}", text);
        }
        Ok(())
    });
}

#[test]
fn a_prefix_matches_what_starts_with_it() {
    for_all(&(prefix(), seeds()), |(prefix, (fills, changes))| {
        let wildcard = Wildcard::starting_with(&prefix);
        let fills: Vec<&str> = fills.iter().map(String::as_str).collect();
        let as_pattern = Entry::Pattern(prefix.clone());
        for text in grown(&as_pattern, &fills, &changes).into_iter().chain([prefix.clone()]) {
            prop_assert_eq!(wildcard.matches(&text), text.starts_with(&prefix), "on {:?}", text);
        }
        Ok(())
    });
}

#[test]
fn a_pattern_includes_another_exactly_when_it_matches_all_that_the_other_does() {
    for_all(&(pair(), seeds()), |((outer, inner), (fills, changes))| {
        if outer.wildcard().includes(&inner.wildcard()) {
            for text in grown_from_both(&outer, &inner, &fills, &changes) {
                prop_assert!(outer.matches(&text) || !inner.matches(&text), "not on {:?}", text);
            }
        } else {
            let witness = inner.filled(std::iter::repeat(FRESH));
            prop_assert!(inner.matches(&witness), "the inner one, {:?}", witness);
            prop_assert!(!outer.matches(&witness), "the outer one, {:?}", witness);
        }
        prop_assert!(inner.wildcard().includes(&inner.wildcard()));
        Ok(())
    });
}

#[test]
fn patterns_overlap_exactly_when_a_text_matches_both() {
    for_all(&(pair(), seeds()), |((a, b), (fills, changes))| {
        let overlaps = a.wildcard().overlaps(&b.wildcard());
        prop_assert_eq!(overlaps, b.wildcard().overlaps(&a.wildcard()));
        let both = |text: &str| a.matches(text) && b.matches(text);
        if overlaps {
            let witness = common_text(&a, &b);
            prop_assert!(both(&witness), "{:?}", witness);
        } else {
            for text in grown_from_both(&a, &b, &fills, &changes).into_iter().chain([common_text(&a, &b)]) {
                prop_assert!(!both(&text), "{:?}", text);
            }
        }
        Ok(())
    });
}

#[test]
fn a_pattern_is_everything_exactly_when_it_includes_the_star() {
    for_all(&entry(), |entry| {
        let wildcard = entry.wildcard();
        prop_assert_eq!(wildcard.is_everything(), wildcard.includes(&Wildcard::new("*")));
        prop_assert_eq!(wildcard.is_everything(), entry.matches(FRESH) && entry.matches(""));
        Ok(())
    });
}
