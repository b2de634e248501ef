//! What rules say of one image by itself, whatever it hangs on.

use super::judge::{Answer, clause_answer};
use super::newest_ranks::{NewestRanks, tags_or_none};
use super::scene::Scene;
use super::wishes::Wish;
use super::{Clause, ExpireBy, RetentionAction, RetentionReason, RetentionRule, RetentionRules};
use crate::Tag;

/// What rules say of one image by itself.
#[derive(Debug, Clone)]
pub(super) struct Verdict {
    pub(super) wish: Wish,
    /// The tags that are taken off of an image that stays.
    pub(super) tags: Vec<Tag>,
    pub(super) rule: Option<u32>,
    pub(super) reason: RetentionReason,
    /// Days in the archive class after which it is deleted, where it is to be archived first.
    pub(super) archive_days: Option<u32>,
}

/// The rules that are about a repository, with the ranks that their clauses ask for.
#[derive(Debug)]
pub(super) struct Ranked<'a> {
    pub(super) rules: Vec<RankedRule<'a>>,
}

/// A rule, by its place, with the ranks that each of its clauses asks for.
#[derive(Debug)]
pub(super) struct RankedRule<'a> {
    pub(super) place: u32,
    pub(super) rule: &'a RetentionRule,
    pub(super) keep: Vec<(&'a Clause, Option<NewestRanks>)>,
    pub(super) expire: Vec<(&'a Clause, Option<NewestRanks>)>,
}

impl<'a> Ranked<'a> {
    pub(super) fn of(scene: &Scene<'_>, rules: &'a RetentionRules, repository: &'a str) -> Self {
        let ranked = |clauses: &'a [Clause]| {
            clauses.iter().map(|clause| (clause, NewestRanks::of(scene, clause))).collect()
        };
        let rules = rules.of(repository).map(|(place, rule)| RankedRule {
            place,
            rule,
            keep: ranked(&rule.keep),
            expire: ranked(&rule.expire),
        });
        Self { rules: rules.collect() }
    }
}

/// What rules say of an image; nothing of one that they do not look at by itself.
pub(super) fn verdict(scene: &Scene<'_>, ranked: &Ranked<'_>, image: u32) -> Option<Verdict> {
    let facts = scene.facts(image)?;
    let tags = scene.units.own_tags(image);
    let stays =
        |rule, reason| Some(Verdict { wish: Wish::Stay, tags: Vec::new(), rule, reason, archive_days: None });
    if facts.is_activating {
        return stays(None, RetentionReason::Activating);
    }
    let may_hold = |&&index: &&u32| index != image;
    if tags.is_empty()
        && let Some(&index) = scene.relations.unread_indexes().iter().find(may_hold)
    {
        return stays(None, RetentionReason::MayBePartOf { index });
    }
    let ways = tags_or_none(&tags);
    for rule in &ranked.rules {
        if let Some(reason) = kept(scene, rule, image, &ways) {
            return stays(Some(rule.place), reason);
        }
    }
    let mut uncovered = None;
    for rule in &ranked.rules {
        match chosen(scene, rule, image, &ways) {
            Choice::Wants(verdict) => return Some(verdict),
            Choice::Uncovered(tag) => uncovered = uncovered.or(Some((rule.place, tag))),
            Choice::Nothing => {}
        }
    }
    match uncovered {
        Some((rule, tag)) => stays(Some(rule), RetentionReason::Uncovered { tag }),
        None => stays(None, RetentionReason::NotChosen),
    }
}

/// The first clause of `keep` that is met, by whichever tag.
fn kept(
    scene: &Scene<'_>,
    rule: &RankedRule<'_>,
    image: u32,
    ways: &[Option<&Tag>],
) -> Option<RetentionReason> {
    (0..u32::MAX).zip(&rule.keep).find_map(|(place, (clause, ranks))| {
        ways.iter().find_map(|&tag| {
            let answer = clause_answer(scene, clause, ranks.as_ref(), image, tag);
            let is_unknown = answer == Answer::Unknown;
            (answer != Answer::NotMet).then(|| RetentionReason::Kept {
                clause: place,
                tag: tag.cloned(),
                is_unknown,
            })
        })
    })
}

/// What one rule wants of an image.
enum Choice {
    Wants(Verdict),
    /// Some of its tags, but not this one.
    Uncovered(Tag),
    Nothing,
}

fn chosen(scene: &Scene<'_>, rule: &RankedRule<'_>, image: u32, ways: &[Option<&Tag>]) -> Choice {
    let covering = |tag: Option<&Tag>| {
        let is_met = |(_, (clause, ranks)): &(u32, &(&Clause, Option<NewestRanks>))| {
            clause_answer(scene, clause, ranks.as_ref(), image, tag) == Answer::Met
        };
        (0..u32::MAX).zip(&rule.expire).find(is_met).map(|(place, _)| place)
    };
    let clauses: Vec<Option<u32>> = ways.iter().map(|&tag| covering(tag)).collect();
    let Some(clause) = clauses.iter().flatten().next().copied() else { return Choice::Nothing };
    let first_uncovered = ways.iter().zip(&clauses).find(|(_, clause)| clause.is_none());
    let action = rule.rule.action;
    let place = rule.place;
    let Some((uncovered, _)) = first_uncovered else {
        let tag = ways.first().copied().flatten().cloned();
        if tag.is_none() && action == RetentionAction::Untag {
            return Choice::Nothing;
        }
        let reason = RetentionReason::Chosen { clause, tag };
        return Choice::Wants(wanted(action, place, reason));
    };
    if action == RetentionAction::Untag {
        let covered = ways.iter().zip(&clauses).filter(|(_, clause)| clause.is_some());
        let tags: Vec<Tag> = covered.filter_map(|(&tag, _)| tag.cloned()).collect();
        let reason = RetentionReason::Untagged { clause };
        return Choice::Wants(Verdict {
            wish: Wish::Stay,
            tags,
            rule: Some(place),
            reason,
            archive_days: None,
        });
    }
    uncovered.map_or(Choice::Nothing, |tag| Choice::Uncovered(tag.clone()))
}

const fn wanted(action: RetentionAction, rule: u32, reason: RetentionReason) -> Verdict {
    let (wish, archive_days) = match action {
        RetentionAction::Expire(ExpireBy::Delete) | RetentionAction::Untag => (Wish::Expire, None),
        RetentionAction::Archive => (Wish::Archive, None),
        RetentionAction::Expire(ExpireBy::ArchiveThenDelete { archive_days }) => {
            (Wish::Archive, Some(archive_days))
        }
    };
    Verdict { wish, tags: Vec::new(), rule: Some(rule), reason, archive_days }
}
