//! What a configuration leaves open about who uses images.
//!
//! No API of AWS says from which regions an account's registry is pulled, and no source that is read here lists clusters of
//! Kubernetes. So nothing tells that a region or a cluster was forgotten; only the team can. Until it has said something it is
//! reminded, by name: a gap, which would stop every plan, is not made of it, because a team of one region without a cluster
//! would have to write a configuration before it sees anything. What somebody reads once is asked for from then on anyway.

use std::collections::BTreeSet;
use std::fmt;

/// A question that only a team can answer, and that its configuration does not.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum UnsaidTopic {
    /// Which other regions use images: `[in_use] regions`.
    Regions,
    /// Which clusters of Kubernetes, on EKS or elsewhere, use images: `[in_use] clusters`.
    Clusters,
}

impl UnsaidTopic {
    /// All of them.
    pub const ALL: [Self; 2] = [Self::Regions, Self::Clusters];
}

/// What nobody asked, because nobody said that it is there or that it is not. Shown, it says what is not seen.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum Unsaid {
    /// Of this account these regions are asked, and no other.
    Regions {
        /// The account; nothing where it is not known.
        account: Option<String>,
        /// The regions that are asked; never empty.
        asked: BTreeSet<String>,
    },
    /// No cluster was ever read.
    Clusters,
}

impl Unsaid {
    /// How to say it.
    pub const fn help(&self) -> &'static str {
        match self {
            Self::Regions { .. } => {
                "say in `demurrage.toml` which use images: `[in_use] regions = [\"eu-west-1\"]`, or `[]`: no other"
            }
            Self::Clusters => {
                "pipe the list of a cluster into `demurrage use --kubernetes NAME=-` (docs/IN_USE.md), or say \
                 `[in_use] clusters = []`: there is none"
            }
        }
    }
}

impl fmt::Display for Unsaid {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Regions { account, asked } => {
                let account = account.as_deref().unwrap_or("the account");
                let asked: Vec<&str> = asked.iter().map(String::as_str).collect();
                let asked = asked.join(", ");
                write!(f, "nobody asks what pulls from other regions of {account} than {asked}")
            }
            Self::Clusters => f.write_str("nobody asks EKS, and no cluster of Kubernetes was read"),
        }
    }
}
