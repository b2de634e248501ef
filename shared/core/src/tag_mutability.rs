//! Which tags of a repository may move to another image.
//!
//! Source: ECR user guide, "Preventing image tags from being overwritten", and the API's model, read 2026-11-23. That
//! filters are matched whole and by case is inferred.

use crate::Wildcard;

/// Which tags of a repository may move to another image (`imageTagMutability`).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TagMutability {
    /// `MUTABLE`, `IMMUTABLE`, `IMMUTABLE_WITH_EXCLUSION` or `MUTABLE_WITH_EXCLUSION`, as the API gave it.
    pub mode: String,
    /// The exceptions of the modes `…_WITH_EXCLUSION`.
    pub exclusion_filters: Vec<ExclusionFilter>,
}

/// One exception from a repository's tag mutability.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ExclusionFilter {
    /// `WILDCARD`, as the API gave it.
    pub filter_type: String,
    /// The pattern, such as `latest` or `dev-*`.
    pub filter: String,
}

impl TagMutability {
    /// Which tags the setting really frees.
    ///
    /// # Errors
    /// When the mode, or the type of a filter, is one that this version does not know: then nobody knows.
    pub fn freedom(&self) -> Result<Freedom, UnknownMutability> {
        match self.mode.as_str() {
            "MUTABLE" => Ok(Freedom::All),
            "IMMUTABLE" => Ok(Freedom::Nothing),
            "IMMUTABLE_WITH_EXCLUSION" => Ok(Freedom::Only(self.patterns()?)),
            "MUTABLE_WITH_EXCLUSION" => Ok(Freedom::AllBut(self.patterns()?)),
            mode => Err(UnknownMutability { what: format!("the mode `{mode}`") }),
        }
    }

    fn patterns(&self) -> Result<Vec<Wildcard>, UnknownMutability> {
        let pattern = |given: &ExclusionFilter| match given.filter_type.as_str() {
            "WILDCARD" => Ok(Wildcard::new(&given.filter)),
            other => Err(UnknownMutability { what: format!("the filter type `{other}`") }),
        };
        self.exclusion_filters.iter().map(pattern).collect()
    }
}

/// A setting that this version does not know.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{what} of tag mutability is not known to this version")]
pub struct UnknownMutability {
    what: String,
}

/// The tags that may move.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Freedom {
    /// None.
    Nothing,
    /// Those that match one of these.
    Only(Vec<Wildcard>),
    /// Those that match none of these.
    AllBut(Vec<Wildcard>),
    /// All.
    All,
}

impl Freedom {
    /// Whether this tag may move.
    pub fn lets_move(&self, tag: &str) -> bool {
        match self {
            Self::Nothing => false,
            Self::Only(patterns) => patterns.iter().any(|pattern| pattern.matches(tag)),
            Self::AllBut(patterns) => !patterns.iter().any(|pattern| pattern.matches(tag)),
            Self::All => true,
        }
    }

    /// Whether every tag that may move matches one of these patterns, whichever tags there will be.
    ///
    /// A pattern counts as covered where a single one of these includes it: several that cover it together are not
    /// recognised, which errs on the side of saying that too much may move.
    pub fn is_within(&self, allowed: &[Wildcard]) -> bool {
        if allowed.iter().any(Wildcard::is_everything) {
            return true;
        }
        match self {
            Self::Nothing => true,
            Self::Only(patterns) => {
                patterns.iter().all(|pattern| allowed.iter().any(|allowed| allowed.includes(pattern)))
            }
            Self::AllBut(patterns) => patterns.iter().any(Wildcard::is_everything),
            Self::All => false,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{ExclusionFilter, Freedom, TagMutability};
    use crate::Wildcard;

    fn freedom(mode: &str, filters: &[&str]) -> Freedom {
        let filter = |filter: &&str| ExclusionFilter {
            filter_type: "WILDCARD".to_owned(),
            filter: (*filter).to_owned(),
        };
        let exclusion_filters = filters.iter().map(filter).collect();
        TagMutability { mode: mode.to_owned(), exclusion_filters }.freedom().unwrap()
    }

    #[test]
    fn each_of_the_four_modes_frees_other_tags() {
        let moves =
            |mode, filters: &[&str]| ["latest", "1.2.3"].map(|tag| freedom(mode, filters).lets_move(tag));
        assert_eq!(moves("MUTABLE", &[]), [true, true]);
        assert_eq!(moves("IMMUTABLE", &[]), [false, false]);
        assert_eq!(moves("IMMUTABLE_WITH_EXCLUSION", &["latest"]), [true, false]);
        assert_eq!(moves("MUTABLE_WITH_EXCLUSION", &["latest"]), [false, true]);
    }

    #[test]
    fn all_but_latest_is_promised_by_what_frees_latest_at_most() {
        let latest = [Wildcard::new("latest")];
        let keeps = |mode, filters: &[&str]| freedom(mode, filters).is_within(&latest);
        assert!(keeps("IMMUTABLE", &[]));
        assert!(keeps("IMMUTABLE_WITH_EXCLUSION", &["latest"]));
        assert!(!keeps("IMMUTABLE_WITH_EXCLUSION", &["latest*"]));
        assert!(!keeps("IMMUTABLE_WITH_EXCLUSION", &["latest", "dev-*"]));
        assert!(!keeps("MUTABLE", &[]));
        assert!(!keeps("MUTABLE_WITH_EXCLUSION", &["v*"]));
        assert!(keeps("MUTABLE_WITH_EXCLUSION", &["*"]), "every tag is an exception from mutability");
    }

    #[test]
    fn a_mode_or_filter_type_that_is_not_known_frees_nobody_knows_what() {
        let unknown = TagMutability { mode: "SOMETIMES".to_owned(), exclusion_filters: Vec::new() };
        assert!(unknown.freedom().unwrap_err().to_string().contains("SOMETIMES"));
        let filter = ExclusionFilter { filter_type: "REGEX".to_owned(), filter: ".*".to_owned() };
        let unknown =
            TagMutability { mode: "IMMUTABLE_WITH_EXCLUSION".to_owned(), exclusion_filters: vec![filter] };
        assert!(unknown.freedom().is_err());
    }
}
