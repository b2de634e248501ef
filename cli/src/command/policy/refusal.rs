//! Why a policy is not put. Nothing overrides any of these.

use std::fmt;

use demurrage_report::count;

/// A reason.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Refusal {
    /// It is not known what is in use, or not all of it, whatever files add to it: the first of the gaps, and how to mend it.
    UseUnknown { gaps: usize, first: String, help: String },
    /// Images in use would go: how many, and the first of them with what uses it.
    InUse { images: usize, first: String },
    /// Images that a hold or a protected tag keeps would go: how many, and the first of them with what keeps it.
    HeldOrProtected { images: usize, first: String },
    /// ECR says something else than this program of so many images.
    Disagreement { images: usize },
    /// ECR says something else, which may be because manifests of indexes are not known here.
    Untold { images: usize, indexes: usize },
    /// Somebody else has started a preview of the repository.
    ForeignPreview { cause: String },
    /// The images of the repository do not stay the same while ECR is asked.
    ImagesChange { questions: usize },
    /// Another policy is attached than was when it was read.
    PolicyChanged,
    /// So much time went by before the answer that what was read is out of date.
    TooLate { minutes: i64 },
}

impl Refusal {
    /// The reason for programs.
    pub(super) const fn name(&self) -> &'static str {
        match self {
            Self::UseUnknown { .. } => "USE_UNKNOWN",
            Self::InUse { .. } => "IN_USE",
            Self::HeldOrProtected { .. } => "HELD_OR_PROTECTED",
            Self::Disagreement { .. } => "ECR_DISAGREES",
            Self::Untold { .. } => "MANIFESTS_UNKNOWN",
            Self::ForeignPreview { .. } => "FOREIGN_PREVIEW",
            Self::ImagesChange { .. } => "IMAGES_CHANGE",
            Self::PolicyChanged => "POLICY_CHANGED",
            Self::TooLate { .. } => "TOO_LATE",
        }
    }

    /// How to mend it.
    pub(super) fn help(&self) -> String {
        match self {
            Self::UseUnknown { help, .. } => format!(
                "{help}; a team that asks no source says so in `demurrage.toml`: `[in_use] sources = []`"
            ),
            Self::InUse { .. } => {
                "shield what runs: a rule of the highest priority with a huge `countNumber` on a tag that it has"
                    .to_owned()
            }
            Self::HeldOrProtected { .. } => "let the policy keep it: a rule of the highest priority with a huge \
                `countNumber` on a tag that it has; `demurrage hold list` and `[plan] protected_tags` say what is kept"
                .to_owned(),
            Self::Disagreement { .. } => {
                "`demurrage preview --verify` says by which setting ECR can be reproduced, if by any".to_owned()
            }
            Self::Untold { .. } => {
                "read the manifests into the store: `demurrage collect`, with the pull-time exclusion".to_owned()
            }
            Self::ForeignPreview { .. } => {
                "a repository has one preview at a time; try again when the other tool is done".to_owned()
            }
            Self::ImagesChange { .. } => "try again at a quiet time".to_owned(),
            Self::PolicyChanged => "look at what was put meanwhile, and try again".to_owned(),
            Self::TooLate { .. } => "try again, and answer sooner".to_owned(),
        }
    }
}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::UseUnknown { gaps: 1, first, .. } => write!(f, "what is in use is not known: {first}"),
            Self::UseUnknown { gaps, first, .. } => {
                write!(f, "what is in use is not known: {first}, and {} more", gaps.saturating_sub(1))
            }
            Self::InUse { images, first } => {
                write!(
                    f,
                    "{} in use, or possibly a part of such a one, would go: {first}",
                    count(*images, "image")
                )
            }
            Self::HeldOrProtected { images, first } => {
                write!(
                    f,
                    "{} held or protected, or a part of such a one, would go: {first}",
                    count(*images, "image")
                )
            }
            Self::Disagreement { images } => {
                write!(f, "ECR says something else of {}", count(*images, "image"))
            }
            Self::Untold { images, indexes } => write!(
                f,
                "ECR says something else of {}, and the children of {} are unknown here",
                count(*images, "image"),
                count(*indexes, "index")
            ),
            Self::ForeignPreview { cause } => f.write_str(cause),
            Self::ImagesChange { questions } => {
                write!(f, "its images were changed while ECR was asked, {questions} times")
            }
            Self::PolicyChanged => f.write_str("its attached policy was changed since it was read"),
            Self::TooLate { minutes } => {
                write!(f, "it is {minutes} minutes since the repository was read")
            }
        }
    }
}
