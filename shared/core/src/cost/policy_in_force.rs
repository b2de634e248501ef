//! The lifecycle policy of a repository, as far as it is known what it does: a policy, none, or nobody knows.
//!
//! Command and service both ask here, so that neither takes for "frees nothing" what was not read, and neither ranks
//! images of a list that was cut off.

use std::fmt;

use crate::lifecycle::Policy;
use crate::{Fact, Listing, Repository};

/// The lifecycle policy of a repository, and whether it can be told what it frees.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum PolicyInForce {
    /// There is none, so it frees nothing.
    None,
    /// This one, over images that are all known.
    Known(Policy),
    /// What it frees is not known.
    Unknown(PolicyUnknown),
}

/// Why it is not known what the policy of a repository frees.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum PolicyUnknown {
    /// Nobody read whether there is one.
    NotRead,
    /// There is one, and it is none that ECR accepts.
    NotAccepted,
    /// There is one, and not all images were listed: their ranks are not what they seem.
    ImagesNotListed,
}

impl PolicyInForce {
    /// That of a repository.
    pub fn of(repository: &Repository) -> Self {
        match (&repository.lifecycle_policy, &repository.listing) {
            (Fact::Absent, _) => Self::None,
            (Fact::NotEvaluated, _) => Self::Unknown(PolicyUnknown::NotRead),
            (Fact::Present(_), Listing::CutOff | Listing::Failed(_)) => {
                Self::Unknown(PolicyUnknown::ImagesNotListed)
            }
            (Fact::Present(text), Listing::Complete) => {
                Policy::parse(text).map_or(Self::Unknown(PolicyUnknown::NotAccepted), Self::Known)
            }
        }
    }

    /// The policy, where it can be told what it frees.
    pub const fn known(&self) -> Option<&Policy> {
        match self {
            Self::Known(policy) => Some(policy),
            Self::None | Self::Unknown(_) => None,
        }
    }
}

impl PolicyUnknown {
    /// The name in answers.
    pub const fn name(self) -> &'static str {
        match self {
            Self::NotRead => "not_read",
            Self::NotAccepted => "not_accepted",
            Self::ImagesNotListed => "images_not_listed",
        }
    }
}

impl fmt::Display for PolicyUnknown {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::NotRead => "its lifecycle policy was not read",
            Self::NotAccepted => "its lifecycle policy is none that ECR accepts",
            Self::ImagesNotListed => "not all of its images were listed",
        })
    }
}

#[cfg(test)]
mod tests {
    use super::{PolicyInForce, PolicyUnknown};
    use crate::{Fact, Listing, Repository};

    const POLICY: &str = r#"{"rules": [{"rulePriority": 1, "selection": {"tagStatus": "any",
        "countType": "imageCountMoreThan", "countNumber": 3}, "action": {"type": "expire"}}]}"#;

    fn of(lifecycle_policy: Fact<String>, listing: Listing) -> PolicyInForce {
        PolicyInForce::of(&Repository { lifecycle_policy, listing, ..Repository::new("app") })
    }

    #[test]
    fn no_policy_is_told_from_one_that_was_not_read_and_from_one_over_images_that_are_missing() {
        let given = || Fact::Present(POLICY.to_owned());
        let unknown = PolicyInForce::Unknown;
        assert!(of(given(), Listing::Complete).known().is_some());
        assert_eq!(of(Fact::Absent, Listing::CutOff), PolicyInForce::None);
        assert_eq!(of(Fact::NotEvaluated, Listing::Complete), unknown(PolicyUnknown::NotRead));
        assert_eq!(
            of(Fact::Present("{}".to_owned()), Listing::Complete),
            unknown(PolicyUnknown::NotAccepted)
        );
        for listing in [Listing::CutOff, Listing::Failed("access denied".to_owned())] {
            assert_eq!(of(given(), listing), unknown(PolicyUnknown::ImagesNotListed));
        }
    }
}
