//! What a tag was on for a time.

use super::standing::Step;
use super::{Began, Held, Learnt, Standing};

/// What a tag was on from some time until the next fact began.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TagFact {
    /// What it was on.
    pub held: Held,
    /// Since when. Whatever is not [`Began::At`] is a gap: something in it was not seen.
    pub began: Began,
    /// How it was learnt first. [`Learnt::Deletion`] is a conclusion.
    pub learnt: Learnt,
}

/// The facts that begin with these steps. That a listing had not got a tag before it was first heard of is none.
pub(super) fn facts(base: Option<&Standing>, steps: Vec<Step>) -> Vec<TagFact> {
    let mut facts = Vec::new();
    for step in steps {
        if let Some(missed) = step.missed {
            facts.push(TagFact { held: missed.held, began: missed.began, learnt: Learnt::Event });
        }
        let standing = step.standing;
        let is_before_all = base.is_none()
            && facts.is_empty()
            && standing.held == Held::Gone
            && standing.learnt == Learnt::Inventory;
        if step.is_new && !is_before_all {
            facts.push(TagFact { held: standing.held, began: standing.since, learnt: standing.learnt });
        }
    }
    facts
}
