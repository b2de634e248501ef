//! One row of the catalogue, and what its columns mean.

use super::{family::Family, layers::Stack, policy::Policy};

/// A repository: what is in it, and how it is set up.
#[derive(Debug, Clone, Copy)]
pub(super) struct Repository {
    pub(super) name: &'static str,
    /// How its images are made.
    pub(super) stack: Stack,
    pub(super) mutability: Mutability,
    pub(super) lifecycle: Lifecycle,
    pub(super) manifests: Manifests,
    pub(super) families: &'static [Family],
}

/// What is known about the lifecycle policy.
#[derive(Debug, Clone, Copy)]
pub(super) enum Lifecycle {
    /// It has this policy.
    Policy(&'static Policy),
    /// ECR answered that it has none.
    None,
    /// Nobody asked.
    NotRead,
}

/// Which manifests `batch-get-image.json` has.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Manifests {
    /// All: those of archived images were read before they were archived.
    Read,
    /// ECR refused those of archived images.
    ReadWhileActive,
    /// There is no such file.
    NotRead,
}

/// Which tags may move to another image.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Mutability {
    /// All of them.
    Mutable,
    /// None of them.
    Immutable,
    /// None but `latest`.
    LatestMoves,
    /// None but `latest`, `main`, the environments' names and those of pull requests.
    PipelineMoves,
    /// All but those of releases.
    ReleasesFixed,
}

impl Repository {
    /// The same repository, with other manifests known.
    pub(super) const fn with(self, manifests: Manifests) -> Self {
        Self { manifests, ..self }
    }
}

impl Mutability {
    /// True when a second push to the tag is accepted.
    pub(super) fn may_move(self, tag: &str) -> bool {
        match self {
            Self::Mutable => true,
            Self::Immutable => false,
            Self::LatestMoves => tag == "latest",
            Self::PipelineMoves => {
                matches!(tag, "latest" | "main" | "prod" | "staging") || tag.starts_with("pr-")
            }
            Self::ReleasesFixed => !tag.starts_with('v'),
        }
    }

    /// The value of `imageTagMutability`, and its exclusion filters.
    pub(super) fn setting(self) -> (&'static str, &'static [&'static str]) {
        match self {
            Self::Mutable => ("MUTABLE", &[]),
            Self::Immutable => ("IMMUTABLE", &[]),
            Self::LatestMoves => ("IMMUTABLE_WITH_EXCLUSION", &["latest"]),
            Self::PipelineMoves => {
                ("IMMUTABLE_WITH_EXCLUSION", &["latest", "main", "prod", "staging", "pr-*"])
            }
            Self::ReleasesFixed => ("MUTABLE_WITH_EXCLUSION", &["v*"]),
        }
    }
}
