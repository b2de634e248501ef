//! A plan as a whole: what it was decided from, how long it holds, and what it comes to.

use std::fmt;

use chrono::{DateTime, Utc};

use super::{Action, PlanHash, RepositoryAddress, TrippedGuard};
use crate::cost::Usd;

/// What may be done with a plan.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub enum Mode {
    /// It is looked at, and never applied.
    Observe,
    /// It is applied when a person says so, by its hash.
    #[default]
    Approve,
    /// It is applied by a machine: only repositories that opted in, only what an earlier plan chose, too, and only where no
    /// soft guard tripped.
    Enforce,
}

impl Mode {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::Observe, Self::Approve, Self::Enforce];

    /// The name in plans and options: `observe`, `approve` or `enforce`.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Observe => "observe",
            Self::Approve => "approve",
            Self::Enforce => "enforce",
        }
    }

    /// The mode of this name.
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|mode| mode.name() == name)
    }
}

impl fmt::Display for Mode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}

/// Something that a plan was decided from. Ordered by name.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Source {
    /// What it is called: an inventory, a record of uses, a file.
    pub name: String,
    /// The SHA-256 of what it said, as 64 hexadecimal digits.
    pub hash: String,
}

/// Everything that a plan was decided from, each with its hash.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DecidedFrom {
    /// The inventories.
    pub inventories: Vec<Source>,
    /// The records of what is in use, and files of references.
    pub uses: Vec<Source>,
    /// The rules: a policy file, or those of the configuration.
    pub rules: Source,
    /// The configuration, where there is one.
    pub configuration: Option<Source>,
    /// The holds that were in force.
    pub holds: Source,
    /// In mode enforce, the hash of the earlier plan that chose the same.
    pub earlier_plan: Option<String>,
}

/// What every part of a plan begins with.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PlanHead {
    /// The time that it was decided for.
    pub made_at: DateTime<Utc>,
    /// The first instant at which it is no longer applied.
    pub expires_at: DateTime<Utc>,
    /// What may be done with it.
    pub mode: Mode,
    /// What it was decided from.
    pub decided_from: DecidedFrom,
    /// The soft guards that it trips, in order.
    pub tripped: Vec<TrippedGuard>,
}

impl PlanHead {
    /// Whether it is no longer applied at this time.
    pub fn has_expired(&self, now: DateTime<Utc>) -> bool {
        self.expires_at <= now
    }
}

/// Everything that a plan does in one repository.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RepositoryPlan {
    /// The repository.
    pub repository: RepositoryAddress,
    /// How many images it had when that was decided.
    pub images_listed: u64,
    /// The actions: those on images by stage and digest, then those on settings. Never empty in a stored plan.
    pub actions: Vec<Action>,
}

/// What one part of a plan comes to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PartSummary {
    /// The name of its file, such as `part-00000.jsonl`.
    pub file: String,
    /// The SHA-256 of its bytes.
    pub hash: PlanHash,
    /// How many repositories it changes.
    pub repositories: u64,
    /// How many actions it has.
    pub actions: u64,
    /// How many of those are on images.
    pub images: u64,
    /// Bytes that its deletions free.
    pub bytes_freed: u64,
}

/// A repository of which nothing was planned, and why.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Refusal {
    /// The repository.
    pub repository: RepositoryAddress,
    /// Why, in a fragment that reads alone.
    pub reason: String,
}

/// A plan, without the actions: those are in its parts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Plan {
    /// What it was decided from, and how long it holds.
    pub head: PlanHead,
    /// What names it: the hash of the sorted hashes of its parts.
    pub hash: PlanHash,
    /// Its parts, in the order of their repositories; never none.
    pub parts: Vec<PartSummary>,
    /// The repositories of which nothing was planned, in order.
    pub refused: Vec<Refusal>,
    /// What the images that go cost in a month; nothing where a price is not known.
    pub usd_per_month: Option<Usd>,
    /// How many images each hard guard keeps, by the names of the guards.
    pub kept: Vec<(String, u64)>,
    /// The hash of the file with the images that hard guards keep; nothing: there is none.
    pub kept_hash: Option<PlanHash>,
    /// How many images wait for a second plan.
    pub pending: u64,
    /// The hash of the file with those images; nothing: there is none.
    pub pending_hash: Option<PlanHash>,
}

impl Plan {
    /// How many actions it has.
    pub fn actions(&self) -> u64 {
        self.parts.iter().map(|part| part.actions).sum()
    }

    /// How many of its actions are on images.
    pub fn images(&self) -> u64 {
        self.parts.iter().map(|part| part.images).sum()
    }

    /// Bytes that it frees.
    pub fn bytes_freed(&self) -> u64 {
        self.parts.iter().map(|part| part.bytes_freed).sum()
    }

    /// How many repositories it changes.
    pub fn repositories(&self) -> u64 {
        self.parts.iter().map(|part| part.repositories).sum()
    }
}
