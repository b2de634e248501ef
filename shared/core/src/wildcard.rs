//! The patterns of ECR, in which only `*` is special.
//!
//! Matching is linear in practice and never exponential; [`Wildcard::includes`] and
//! [`Wildcard::overlaps`] decide questions about *all* texts, which is what lint needs.
//! Leaves out limits on length or number of `*`: they belong to whoever accepts a pattern.

use std::fmt;

/// A pattern such as `prod*`: each `*` stands for any run of characters, every other character for itself.
///
/// A pattern is anchored at both ends and case-sensitive.
///
/// ```
/// # use demurrage_core::Wildcard;
/// assert!(Wildcard::new("prod*").matches("prod-17"));
/// assert!(!Wildcard::new("prod").matches("prod-17"));
/// assert!(!Wildcard::new("v1.?").matches("v1.2"));
/// ```
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Wildcard {
    /// The runs of ordinary characters between the `*`; one run: the pattern has no `*`.
    // INVARIANT: never empty.
    runs: Box<[Box<str>]>,
}

impl Wildcard {
    /// The pattern that this text writes.
    //= docs/SEMANTICS.md#wildcard
    //= docs/SEMANTICS.md#wildcard-literal
    pub fn new(pattern: &str) -> Self {
        Self { runs: pattern.split('*').map(Into::into).collect() }
    }

    /// The pattern of all texts that start with `prefix`, in which `*` is an ordinary character.
    ///
    /// Such a pattern cannot be written as text when the prefix holds a `*`.
    //= docs/SEMANTICS.md#prefix
    pub fn starting_with(prefix: &str) -> Self {
        Self { runs: Box::new([prefix.into(), "".into()]) }
    }

    /// Whether the whole of `text` matches.
    //= docs/SEMANTICS.md#case
    pub fn matches(&self, text: &str) -> bool {
        let Some((first, last, middle)) = self.ends() else {
            //= docs/SEMANTICS.md#wildcard-exact
            return self.runs.first().is_some_and(|run| **run == *text);
        };
        // Bytes: no run begins or ends within a character, so none is found within one.
        let Some(rest) = text.as_bytes().strip_prefix(first.as_bytes()) else { return false };
        let Some(mut rest) = rest.strip_suffix(last.as_bytes()) else { return false };
        // The leftmost place for each run leaves the most text for the runs after it.
        for run in middle {
            let Some(after) = after_first(rest, run.as_bytes()) else { return false };
            rest = after;
        }
        true
    }

    /// Whether every text that `other` matches is matched by this pattern too.
    pub fn includes(&self, other: &Self) -> bool {
        // With U+0000 for each `*` of `other`, a character that no pattern holds, only a `*` of ours can
        // take it: so we match this one text exactly when we match all texts of `other`.
        self.matches(&other.runs.join("\u{0}"))
    }

    /// Whether some text matches both patterns.
    pub fn overlaps(&self, other: &Self) -> bool {
        match (self.ends(), other.ends()) {
            (None, _) => self.runs.first().is_some_and(|text| other.matches(text)),
            (_, None) => other.runs.first().is_some_and(|text| self.matches(text)),
            (Some((first, last, _)), Some((other_first, other_last, _))) => {
                // Middles never conflict: a text can hold one pattern's middles and then the other's.
                let starts = first.starts_with(other_first) || other_first.starts_with(first);
                let ends = last.ends_with(other_last) || other_last.ends_with(last);
                starts && ends
            }
        }
    }

    /// Whether the pattern matches every text: `*`, `**`, …
    pub fn is_everything(&self) -> bool {
        1 < self.runs.len() && self.runs.iter().all(|run| run.is_empty())
    }

    /// The ordinary characters of the pattern.
    pub fn literals(&self) -> impl Iterator<Item = char> {
        self.runs.iter().flat_map(|run| run.chars())
    }

    /// What stands before the first `*` and after the last, and the runs between; nothing without a `*`.
    fn ends(&self) -> Option<(&str, &str, &[Box<str>])> {
        match &*self.runs {
            [first, middle @ .., last] => Some((first, last, middle)),
            [_] | [] => None,
        }
    }
}

/// What follows the leftmost place of `run` in `text`.
///
/// Tags are short: trying every place beats the set-up of a cleverer search, measured at a quarter of a whole
/// preview.
fn after_first<'t>(text: &'t [u8], run: &[u8]) -> Option<&'t [u8]> {
    let Some((&head, tail)) = run.split_first() else { return Some(text) };
    let mut rest = text;
    while let Some((&byte, after)) = rest.split_first() {
        if byte == head
            && let Some(found) = after.strip_prefix(tail)
        {
            return Some(found);
        }
        rest = after;
    }
    None
}

impl fmt::Display for Wildcard {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.runs.join("*"))
    }
}

impl fmt::Debug for Wildcard {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(&self.to_string(), f)
    }
}

#[cfg(test)]
mod tests {
    use super::Wildcard;

    #[test]
    fn star_takes_also_nothing_and_the_pattern_is_anchored() {
        assert!(Wildcard::new("a*b*c").matches("abc"));
        assert!(Wildcard::new("*a*").matches("a"));
        assert!(!Wildcard::new("a*a").matches("a"));
        assert!(!Wildcard::new("prod").matches("my-prod"));
        assert!(Wildcard::new("**").matches(""));
        assert!(!Wildcard::new("").matches("a"));
    }

    #[test]
    fn a_pattern_prints_as_it_was_written() {
        for pattern in ["", "*", "a*b**c", "v1"] {
            assert_eq!(Wildcard::new(pattern).to_string(), pattern);
            assert_eq!(format!("{:?}", Wildcard::new(pattern)), format!("{pattern:?}"));
        }
    }

    #[test]
    fn inclusion_is_about_all_texts() {
        let includes = |a: &str, b: &str| Wildcard::new(a).includes(&Wildcard::new(b));
        assert!(includes("prod*", "prod-v*"));
        assert!(!includes("prod-v*", "prod*"));
        assert!(includes("*", "prod*"));
        assert!(includes("a*c", "a*b*c"));
        assert!(!includes("a*b*c", "a*c"));
        assert!(includes("a*", "a"));
        assert!(Wildcard::new("a*").includes(&Wildcard::starting_with("ab")));
    }

    #[test]
    fn overlap_needs_one_text_that_matches_both() {
        let overlaps = |a: &str, b: &str| Wildcard::new(a).overlaps(&Wildcard::new(b));
        assert!(!overlaps("prod*", "staging*"));
        assert!(overlaps("prod*", "*-latest"));
        assert!(!overlaps("latest", "main"));
        assert!(overlaps("v1", "v*"));
        assert!(!overlaps("*-a", "*-b"));
        assert!(overlaps("a*x*b", "a*y*b"));
    }
}
