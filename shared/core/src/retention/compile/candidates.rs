//! What rules may become in a lifecycle policy.

use chrono::TimeDelta;

use super::super::{Clause, Condition, ExpireBy, RetentionAction, RetentionRules};
use super::shelter::{Shelter, of_signatures, selections, shelters};
use super::{Compiled, LeftOver, NativeRule, Purpose, WhyLeft};
use crate::Wildcard;
use crate::lifecycle::{Action, Limit, Rule, Selection, StorageClass};

/// More images than a repository can hold: a rule that keeps so many of the newest keeps all of them.
///
/// Source: ECR user guide, "Service quotas", read 2026-11-25: 100,000 images in a repository unless AWS grants more.
const ALL_IMAGES: u64 = 100_000_000;

/// Between the priorities of two rules, so that others fit in.
const PRIORITY_STEP: u64 = 10;

/// What the rules of a repository may become.
#[derive(Debug)]
pub(super) struct Candidates {
    /// What rules that never act select, each once.
    shields: Vec<Selection>,
    /// Rules that act, in the order in which they claim.
    acting: Vec<Candidate>,
    left: Vec<LeftOver>,
}

#[derive(Debug)]
struct Candidate {
    rule: u32,
    clause: u32,
    selection: Selection,
    limit: Limit,
    action: Action,
}

/// What the rules that are about a repository may become.
pub(super) fn candidates(rules: &RetentionRules, repository: &str, protected: &[Wildcard]) -> Candidates {
    let mut kept = shelters(rules, repository);
    let newest = counted(rules, repository, &mut kept);
    let everything =
        kept.iter().find(|(_, shelter)| *shelter == Shelter::Everything).map(|(place, _)| *place);
    let mut candidates = Candidates { shields: Vec::new(), acting: Vec::new(), left: Vec::new() };
    for (rule, of_rule) in rules.of(repository) {
        for (clause, of_clause) in (0..u32::MAX).zip(&of_rule.expire) {
            let translated = match everything {
                Some((rule, clause)) => Err(WhyLeft::Unsheltered { rule, clause }),
                None => candidate(of_rule.action, of_clause),
            };
            match translated {
                Ok((selection, limit, action)) => {
                    let counted = newest.as_ref().filter(|(place, _)| *place == (rule, clause));
                    if let Some((_, Shelter::Newest(pattern, count))) = counted {
                        let selection = Selection::Patterns(vec![pattern.clone()]);
                        let limit = Limit::ImageCountMoreThan(*count);
                        candidates.acting.push(Candidate { rule, clause, selection, limit, action });
                    }
                    candidates.add(Candidate { rule, clause, selection, limit, action }, of_rule.action);
                }
                Err(why) => candidates.left.push(LeftOver { rule, clause, is_in_part: false, why }),
            }
        }
    }
    // A rule about any image has the lowest priority of all.
    candidates.acting.sort_by_key(|candidate| candidate.selection == Selection::Any);
    candidates.shield(kept.into_iter().map(|(_, shelter)| shelter), protected);
    candidates
}

/// The clause of `expire` that takes all tagged images but the newest of one pattern, and these: one rule of a policy says
/// that. What is kept so is taken out of the shelters, and every other counted `keep` is widened.
fn counted(
    rules: &RetentionRules,
    repository: &str,
    kept: &mut Vec<((u32, u32), Shelter)>,
) -> Option<((u32, u32), Shelter)> {
    let all_tagged = rules.of(repository).find_map(|(rule, of_rule)| {
        let deletes = of_rule.action == RetentionAction::Expire(ExpireBy::Delete);
        let is_all_tagged = |clause: &Clause| {
            matches!(&*clause.conditions, [Condition::Tags(patterns)] if patterns.iter().any(Wildcard::is_everything))
                && clause.newest.is_none()
        };
        let place = of_rule.expire.iter().position(is_all_tagged).filter(|_| deletes)?;
        Some((rule, u32::try_from(place).ok()?))
    });
    let first = kept.iter().position(|(_, shelter)| matches!(shelter, Shelter::Newest(..)));
    let counted = all_tagged.zip(first).map(|(clause, place)| (clause, kept.remove(place).1));
    for (_, shelter) in kept {
        if let Shelter::Newest(pattern, _) = shelter {
            *shelter = Shelter::Tagged(vec![pattern.clone()]);
        }
    }
    counted
}

/// Whether a rule with the first selection leaves nothing to one with the second.
fn claims(shield: &Selection, acting: &Selection) -> bool {
    match (shield, acting) {
        (Selection::Patterns(shield), Selection::Patterns(acting)) => {
            shield.iter().all(|shield| acting.iter().any(|acting| shield.includes(acting)))
        }
        (shield, acting) => shield == acting,
    }
}

/// What a clause becomes, or why it does not.
fn candidate(action: RetentionAction, clause: &Clause) -> Result<(Selection, Limit, Action), WhyLeft> {
    let action = match action {
        RetentionAction::Expire(ExpireBy::Delete) => Action::Expire,
        RetentionAction::Expire(ExpireBy::ArchiveThenDelete { .. }) | RetentionAction::Archive => {
            Action::Archive
        }
        RetentionAction::Untag => return Err(WhyLeft::Untag),
    };
    if clause.newest.is_some() {
        return Err(WhyLeft::Condition("newest"));
    }
    let (mut selection, mut age_days) = (Selection::Any, None);
    for condition in &clause.conditions {
        match condition {
            Condition::Untagged => selection = Selection::Untagged,
            Condition::Tags(patterns) if patterns.iter().any(Wildcard::is_everything) => {
                selection = Selection::Patterns(vec![Wildcard::new("*")]);
            }
            Condition::Tags(_) | Condition::TagsRegex(_) => return Err(WhyLeft::OtherTags),
            Condition::PushedOlderThan(age) => age_days = Some(whole_days(*age)),
            Condition::PulledOlderThan(_)
            | Condition::TaggedOlderThan(_)
            | Condition::NeverPulled { .. }
            | Condition::InUse
            | Condition::LargerThan { .. } => return Err(WhyLeft::Condition(condition.name())),
        }
    }
    Ok((selection, Limit::SinceImagePushed(age_days.unwrap_or(1)), action))
}

/// The days of an age, and one more where there is a part of one.
fn whole_days(age: TimeDelta) -> u64 {
    let days = age.num_days();
    let more = i64::from(TimeDelta::days(days) < age);
    u64::try_from(days.saturating_add(more)).unwrap_or_default().max(1)
}

impl Candidates {
    /// Adds a rule, unless one about the same images stands before it: the first claims them.
    fn add(&mut self, candidate: Candidate, action: RetentionAction) {
        let (rule, clause) = (candidate.rule, candidate.clause);
        let covers = |other: &Candidate| {
            other.selection == candidate.selection
                || (candidate.selection == Selection::Any && other.selection == Selection::Any)
        };
        if self.acting.iter().any(covers) {
            self.left.push(LeftOver { rule, clause, is_in_part: false, why: WhyLeft::Taken });
            return;
        }
        let why = match action {
            RetentionAction::Expire(ExpireBy::ArchiveThenDelete { .. }) => WhyLeft::DeletesLater,
            RetentionAction::Expire(ExpireBy::Delete) | RetentionAction::Archive | RetentionAction::Untag => {
                WhyLeft::Milder
            }
        };
        self.left.push(LeftOver { rule, clause, is_in_part: true, why });
        self.acting.push(candidate);
    }

    /// Puts shields around what is protected, what signatures are found by, and what is kept; then nothing acts on what a
    /// shield claims as a whole.
    fn shield(&mut self, kept: impl Iterator<Item = Shelter>, protected: &[Wildcard]) {
        let always = [Shelter::Tagged(protected.to_vec()), of_signatures()];
        for selection in always.into_iter().chain(kept).flat_map(|shelter| selections(&shelter)) {
            if !self.shields.contains(&selection) {
                self.shields.push(selection);
            }
        }
        let is_claimed =
            |candidate: &&Candidate| self.shields.iter().any(|shield| claims(shield, &candidate.selection));
        let claimed: Vec<(u32, u32)> = self
            .acting
            .iter()
            .filter(is_claimed)
            .map(|candidate| (candidate.rule, candidate.clause))
            .collect();
        for (rule, clause) in claimed {
            self.drop(rule, clause, WhyLeft::Shielded);
        }
    }

    /// Hands everything over to plans.
    pub(super) fn drop_all(&mut self, why: &WhyLeft) {
        while let Some(&Candidate { rule, clause, .. }) = self.acting.first() {
            self.drop(rule, clause, why.clone());
        }
    }

    /// Hands a clause over to plans.
    pub(super) fn drop(&mut self, rule: u32, clause: u32, why: WhyLeft) {
        self.acting.retain(|candidate| (candidate.rule, candidate.clause) != (rule, clause));
        self.left.retain(|left| (left.rule, left.clause) != (rule, clause));
        self.left.push(LeftOver { rule, clause, is_in_part: false, why });
    }

    /// The policy, and what is left.
    pub(super) fn compiled(&self) -> Compiled {
        let mut left = self.left.clone();
        left.sort_by_key(|left| (left.rule, left.clause));
        if self.acting.is_empty() {
            return Compiled { rules: Vec::new(), left };
        }
        // A rule that transitions selects what one that expires may not: children of archived indexes. It never acts.
        //= docs/SEMANTICS.md#child-of-archived
        let archives = self.acting.iter().any(|candidate| candidate.action == Action::Archive);
        let action = if archives { Action::Archive } else { Action::Expire };
        let shields = self.shields.iter().map(|selection| {
            (Purpose::Shield, selection.clone(), Limit::ImageCountMoreThan(ALL_IMAGES), action)
        });
        let acting = self.acting.iter().map(|candidate| {
            let purpose = Purpose::Acts { rule: candidate.rule, clause: candidate.clause };
            (purpose, candidate.selection.clone(), candidate.limit, candidate.action)
        });
        let rules =
            (0..).zip(shields.chain(acting)).map(|(position, (purpose, selection, limit, action))| {
                let priority = (u64::try_from(position).unwrap_or_default() + 1) * PRIORITY_STEP;
                let rule = Rule {
                    priority,
                    description: None,
                    selection,
                    storage_class: StorageClass::Standard,
                    limit,
                    action,
                    position,
                };
                NativeRule { rule, purpose }
            });
        Compiled { rules: rules.collect(), left }
    }
}
