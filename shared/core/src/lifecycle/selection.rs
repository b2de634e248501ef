//! Which images a rule is about, by their tags.

use std::fmt;

use crate::{Tag, Wildcard};

/// The tag part of a rule's selection (`tagStatus` with its list).
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Selection {
    /// `tagged` with a `tagPatternList`: every entry matches at least one tag.
    Patterns(Vec<Wildcard>),
    /// `tagged` with a `tagPrefixList`: every entry begins at least one tag.
    Prefixes(Vec<String>),
    /// `untagged`.
    Untagged,
    /// `any`.
    Any,
}

impl Selection {
    /// Whether an image with these tags is selected.
    //= docs/SEMANTICS.md#any
    //= docs/SEMANTICS.md#untagged
    //= docs/SEMANTICS.md#tagged-all-entries
    //= docs/SEMANTICS.md#entries-different-tags
    //= docs/SEMANTICS.md#extra-tags
    pub fn selects(&self, tags: &[Tag]) -> bool {
        match self {
            Self::Any => true,
            Self::Untagged => tags.is_empty(),
            Self::Patterns(patterns) => {
                patterns.iter().all(|pattern| tags.iter().any(|tag| pattern.matches(tag.as_str())))
            }
            Self::Prefixes(prefixes) => {
                prefixes.iter().all(|prefix| tags.iter().any(|tag| tag.as_str().starts_with(&**prefix)))
            }
        }
    }

    /// The entries of the list as patterns; none for `untagged` and `any`.
    pub fn entries(&self) -> Vec<Wildcard> {
        match self {
            Self::Patterns(patterns) => patterns.clone(),
            Self::Prefixes(prefixes) => {
                prefixes.iter().map(|prefix| Wildcard::starting_with(prefix)).collect()
            }
            Self::Untagged | Self::Any => Vec::new(),
        }
    }

    /// The entries of the list that no tag of these matches.
    pub fn unmatched_entries(&self, tags: &[Tag]) -> Vec<Wildcard> {
        let unmatched = |entry: &Wildcard| !tags.iter().any(|tag| entry.matches(tag.as_str()));
        self.entries().into_iter().filter(unmatched).collect()
    }
}

/// As a person would say it: `prod*` and `*-eu`, untagged, any.
impl fmt::Display for Selection {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Any => f.write_str("any image"),
            Self::Untagged => f.write_str("untagged images"),
            Self::Patterns(patterns) => list(f, patterns.iter().map(ToString::to_string)),
            Self::Prefixes(prefixes) => list(f, prefixes.iter().map(|prefix| format!("{prefix}*"))),
        }
    }
}

fn list(f: &mut fmt::Formatter<'_>, entries: impl Iterator<Item = String>) -> fmt::Result {
    for (position, entry) in entries.enumerate() {
        let joint = if position == 0 { "" } else { " and " };
        write!(f, "{joint}`{entry}`")?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::Selection;
    use crate::{Tag, Wildcard};

    #[test]
    fn a_selection_reads_as_a_person_would_say_it() {
        let patterns = Selection::Patterns(vec![Wildcard::new("prod*"), Wildcard::new("*-eu")]);
        assert_eq!(patterns.to_string(), "`prod*` and `*-eu`");
        assert_eq!(Selection::Prefixes(vec!["v".to_owned()]).to_string(), "`v*`");
        assert_eq!(Selection::Untagged.to_string(), "untagged images");
        assert_eq!(Selection::Any.to_string(), "any image");
    }

    #[test]
    fn entries_that_no_tag_matches_are_told_from_those_that_one_does() {
        let patterns = Selection::Patterns(vec![Wildcard::new("prod*"), Wildcard::new("*-eu")]);
        assert_eq!(patterns.unmatched_entries(&[Tag::as_given("prod-1")]), [Wildcard::new("*-eu")]);
        assert_eq!(patterns.unmatched_entries(&[Tag::as_given("prod-eu")]), []);
        assert_eq!(patterns.unmatched_entries(&[]).len(), 2);
        assert_eq!(Selection::Untagged.unmatched_entries(&[Tag::as_given("v")]), []);
    }
}
