//! Which images a clause of `keep` may keep, in the words of a lifecycle policy.

use super::super::{Clause, Condition, RetentionRules};
use crate::Wildcard;
use crate::lifecycle::Selection;

/// ECR accepts no more `*` in one pattern.
///
/// Source: ECR user guide, "Lifecycle policy parameters", read 2026-11-25.
const STARS_MAX: usize = 4;

/// What is to be shielded for a clause of `keep`, at least everything that it keeps.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Shelter {
    /// Images with a tag that matches one of these.
    Tagged(Vec<Wildcard>),
    /// Images without a tag.
    Untagged,
    /// The newest of the images with a tag that matches.
    Newest(Wildcard, u64),
    /// Whatever there is: a policy cannot tell.
    Everything,
}

/// What is to be shielded for a clause.
pub(super) fn shelter(clause: &Clause) -> Shelter {
    if let (Some(newest), [Condition::Tags(patterns)]) = (&clause.newest, &*clause.conditions)
        && let [pattern] = &**patterns
        && newest.group.is_none()
        && is_accepted(pattern)
    {
        return Shelter::Newest(pattern.clone(), newest.count.into());
    }
    let mut is_about_tags = clause.newest.as_ref().is_some_and(|newest| newest.group.is_some());
    for condition in &clause.conditions {
        match condition {
            Condition::Tags(patterns) if patterns.iter().all(is_accepted) => {
                return Shelter::Tagged(patterns.clone());
            }
            Condition::Untagged => return Shelter::Untagged,
            Condition::Tags(_) | Condition::TagsRegex(_) | Condition::TaggedOlderThan(_) => {
                is_about_tags = true;
            }
            Condition::PushedOlderThan(_)
            | Condition::PulledOlderThan(_)
            | Condition::NeverPulled { .. }
            | Condition::InUse
            | Condition::LargerThan { .. } => {}
        }
    }
    if is_about_tags { Shelter::Tagged(vec![Wildcard::new("*")]) } else { Shelter::Everything }
}

fn is_accepted(pattern: &Wildcard) -> bool {
    pattern.to_string().matches('*').count() <= STARS_MAX
}

/// The selections of a shelter.
pub(super) fn selections(shelter: &Shelter) -> Vec<Selection> {
    match shelter {
        Shelter::Tagged(patterns) => {
            patterns.iter().map(|pattern| Selection::Patterns(vec![pattern.clone()])).collect()
        }
        Shelter::Newest(pattern, _) => vec![Selection::Patterns(vec![pattern.clone()])],
        Shelter::Untagged => vec![Selection::Untagged],
        Shelter::Everything => vec![Selection::Any],
    }
}

/// The clauses of `keep` of all rules that are about a repository, with what is to be shielded for each.
pub(super) fn shelters(rules: &RetentionRules, repository: &str) -> Vec<((u32, u32), Shelter)> {
    rules
        .of(repository)
        .flat_map(|(rule, of_rule)| {
            (0..u32::MAX).zip(&of_rule.keep).map(move |(place, clause)| ((rule, place), shelter(clause)))
        })
        .collect()
}

/// Tags by which signatures are found: a policy takes them for ordinary images.
pub(super) fn of_signatures() -> Shelter {
    Shelter::Tagged(vec![Wildcard::new("sha256-*")])
}
