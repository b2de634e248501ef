//! What is to be said about an image that went.

use super::super::{Policy, Switch, Switches};
use crate::{Digest, Fact};

/// What is known of the lifecycle policy that was attached at one time.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum AttachedPolicy {
    /// It was read, and this is it.
    Known(Box<Policy>),
    /// There was none.
    Absent,
    /// It was not read.
    NotRead,
    /// It was read, and is not one that ECR accepts as far as this version knows.
    NotAccepted,
}

impl AttachedPolicy {
    /// What is known by the text that was read, or not.
    pub fn of(text: &Fact<String>) -> Self {
        match text {
            Fact::Present(text) => match Policy::parse(text) {
                Ok(policy) => Self::Known(Box::new(policy)),
                Err(_) => Self::NotAccepted,
            },
            Fact::Absent => Self::Absent,
            Fact::NotEvaluated => Self::NotRead,
        }
    }

    /// The policy, where it is known.
    pub const fn known(&self) -> Option<&Policy> {
        match self {
            Self::Known(policy) => Some(policy),
            Self::Absent | Self::NotRead | Self::NotAccepted => None,
        }
    }
}

/// Whether a rule explains that an image went.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Verdict {
    /// A rule takes it under the settings that were asked for.
    Explained(Cause),
    /// It refers to this subject, which was gone before: ECR removes such referrers by itself.
    SubjectGone(Digest),
    /// A rule takes it under other settings only, which nothing that still stands refutes. It is not explained.
    OnlyUnder {
        /// The rule.
        cause: Cause,
        /// The switches that have another setting than was asked for; at least one.
        changed: Vec<Switch>,
    },
    /// What would tell was not read.
    CannotBeTold(Untold),
    /// Nothing explains it.
    Unexplained(Unexplained),
}

impl Verdict {
    /// Whether nothing explains it under the settings that were asked for, though everything was read.
    pub const fn is_unexplained(&self) -> bool {
        match self {
            Self::OnlyUnder { .. } | Self::Unexplained(_) => true,
            Self::Explained(_) | Self::SubjectGone(_) | Self::CannotBeTold(_) => false,
        }
    }

    /// Whether what would tell was not read.
    pub const fn is_untold(&self) -> bool {
        match self {
            Self::CannotBeTold(_) => true,
            Self::Explained(_) | Self::SubjectGone(_) | Self::OnlyUnder { .. } | Self::Unexplained(_) => {
                false
            }
        }
    }

    /// The rule that takes it, where there is one.
    pub const fn cause(&self) -> Option<&Cause> {
        match self {
            Self::Explained(cause) | Self::OnlyUnder { cause, .. } => Some(cause),
            Self::SubjectGone(_) | Self::CannotBeTold(_) | Self::Unexplained(_) => None,
        }
    }
}

/// A rule that takes an image.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Cause {
    /// The priority of the rule.
    pub priority: u64,
    /// In which run after the earlier inventory, from 1: a child goes after its index.
    pub round: u32,
    /// The subject with which it went, where the rule took that and not the image itself.
    pub subject: Option<Digest>,
    /// Under which settings.
    pub switches: Switches,
}

/// What was not read, so that nobody can tell whether a rule took an image.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Untold {
    /// A rule that counts images takes it, but the children of this many indexes are unknown: ECR does not
    /// count them, and here they count like others.
    UnreadIndexes(usize),
    /// No policy that is known explains it, and that of one of the times was not read.
    PolicyNotRead,
    /// No policy that is known explains it, and that of one of the times is not one that ECR accepts.
    PolicyNotAccepted,
}

/// Why nothing explains that an image went.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Unexplained {
    /// There was no policy at either time.
    NoPolicy,
    /// No rule takes it.
    NoRule,
}
