//! The retention rules of a team.

use super::Clause;
use crate::Wildcard;

/// Fewest days that an image lies in the archive class before it is deleted.
///
/// Source: ECR user guide, "Archiving an image" and "Lifecycle policy parameters", read 2026-11-25: a policy may delete no
/// image that was archived for less than 90 days.
pub const ARCHIVE_DAYS_MIN: u32 = 90;

/// The retention rules of a team, in the order in which they are written.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct RetentionRules {
    /// The rules. Each `keep` counts; of those that choose an image the first decides what becomes of it.
    pub rules: Vec<RetentionRule>,
}

/// One `[[retention]]`: what of some repositories stays, and what goes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RetentionRule {
    /// Its name, by which people are told of it; no two have the same.
    pub name: String,
    /// Names of the repositories: any of these.
    pub repositories: Vec<Wildcard>,
    /// What meets one of these stays, whatever any rule says.
    pub keep: Vec<Clause>,
    /// What meets one of these, by each of its tags, is chosen.
    pub expire: Vec<Clause>,
    /// What becomes of it.
    pub action: RetentionAction,
}

/// What becomes of an image that a rule chooses.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum RetentionAction {
    /// It goes.
    Expire(ExpireBy),
    /// It moves to the archive class, and stays there.
    Archive,
    /// The tags that are chosen are taken off; it goes with its last one.
    Untag,
}

/// How an image goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum ExpireBy {
    /// At once.
    Delete,
    /// It is archived first, so that it can be had back.
    ArchiveThenDelete {
        /// Days in the archive class after which it is deleted; at least [`ARCHIVE_DAYS_MIN`].
        archive_days: u32,
    },
}

impl RetentionRules {
    /// The rules that are about this repository, with their places.
    pub fn of<'a>(&'a self, repository: &'a str) -> impl Iterator<Item = (u32, &'a RetentionRule)> {
        (0..u32::MAX).zip(&self.rules).filter(move |(_, rule)| rule.is_about(repository))
    }

    /// Whether any rule is about this repository.
    pub fn are_about(&self, repository: &str) -> bool {
        self.of(repository).next().is_some()
    }

    /// The rule at this place, as people are told of it: ``retention `builds` ``.
    pub fn label(&self, rule: u32) -> String {
        self.rules.get(rule as usize).map_or_else(String::new, |rule| format!("retention `{}`", rule.name))
    }
}

impl RetentionRule {
    /// Whether it is about this repository.
    pub fn is_about(&self, repository: &str) -> bool {
        self.repositories.iter().any(|pattern| pattern.matches(repository))
    }
}
