//! Why retention rules want what they want of one image: every clause, with the values that it was judged by.

use chrono::{DateTime, Utc};

use super::decide::{Judged, judged};
use super::judge::{Answer, Seen, clause_answer, judge};
use super::newest_ranks::{NewestRanks, tags_or_none};
use super::scene::Scene;
use super::{Clause, Decided, RetentionRules};
use crate::in_use::RepositoryUse;
use crate::ledger::RepositoryLedger;
use crate::lifecycle::Relations;
use crate::{Repository, Tag};

/// Why retention rules want what they want of one image. Images, rules and clauses are named by their places.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RetentionExplanation {
    /// The image.
    pub image: u32,
    /// What becomes of it.
    pub decided: Decided,
    /// What it hangs on directly: indexes that name it, and what it refers to.
    pub holders: Vec<u32>,
    /// What hangs on it, directly or not.
    pub parts: Vec<u32>,
    /// What each rule says of it, in their order; empty where rules do not look at it by itself, or could not.
    pub rules: Vec<ExplainedRule>,
}

/// What one rule says of an image.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ExplainedRule {
    /// The rule.
    pub rule: u32,
    /// Its clauses of `keep`.
    pub keep: Vec<ExplainedClause>,
    /// Its clauses of `expire`.
    pub expire: Vec<ExplainedClause>,
}

/// What one clause says of an image.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ExplainedClause {
    /// For each of its tags, or once where it has none.
    pub ways: Vec<ExplainedWay>,
}

/// What one clause says of an image, by one of its tags.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ExplainedWay {
    /// The tag; nothing where the image has none of its own.
    pub tag: Option<Tag>,
    /// Whether the clause is met.
    pub answer: Answer,
    /// Whether each of its conditions is, and by what.
    pub conditions: Vec<(Answer, Seen)>,
    /// Whether it is one of the newest, where that is asked.
    pub newest: Option<(Answer, Seen)>,
}

/// Why retention rules want what they want of the image at this place; nothing where there is none.
///
/// The other arguments are those of [`decide`](super::decide).
pub fn explain(
    rules: &RetentionRules,
    repository: &Repository,
    relations: &Relations,
    in_use: &RepositoryUse,
    ledger: Option<&RepositoryLedger>,
    now: DateTime<Utc>,
    image: u32,
) -> Option<RetentionExplanation> {
    let judged = judged(rules, repository, relations, in_use, ledger, now);
    let decided = judged.decided.get(image as usize)?.clone();
    let Some(Judged { scene, ranked, .. }) = judged.by else {
        return Some(RetentionExplanation {
            image,
            decided,
            holders: Vec::new(),
            parts: Vec::new(),
            rules: Vec::new(),
        });
    };
    let clauses = |clauses: &[(&Clause, Option<NewestRanks>)]| {
        clauses
            .iter()
            .map(|(clause, ranks)| explained_clause(&scene, clause, ranks.as_ref(), image))
            .collect()
    };
    let is_judged = scene.units.is_judged(image);
    let looked_at = ranked.rules.iter().filter(|_| is_judged);
    let explained = looked_at.map(|rule| ExplainedRule {
        rule: rule.place,
        keep: clauses(&rule.keep),
        expire: clauses(&rule.expire),
    });
    let mut parts = scene.units.unit(image);
    parts.retain(|&part| part != image);
    Some(RetentionExplanation {
        image,
        decided,
        holders: scene.units.holders(image),
        parts,
        rules: explained.collect(),
    })
}

fn explained_clause(
    scene: &Scene<'_>,
    clause: &Clause,
    ranks: Option<&NewestRanks>,
    image: u32,
) -> ExplainedClause {
    let way = |tag: Option<&Tag>| ExplainedWay {
        tag: tag.cloned(),
        answer: clause_answer(scene, clause, ranks, image, tag),
        conditions: clause.conditions.iter().map(|condition| judge(scene, condition, image, tag)).collect(),
        newest: ranks
            .zip(clause.newest.as_ref())
            .map(|(ranks, newest)| ranks.judge(scene, newest, image, tag)),
    };
    ExplainedClause { ways: tags_or_none(&scene.units.own_tags(image)).into_iter().map(way).collect() }
}
