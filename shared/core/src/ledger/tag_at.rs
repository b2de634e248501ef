//! What a tag was on at one time.

use super::{Held, Learnt, Several, TagFact};
use crate::Digest;

/// What a tag was on at one time, as far as is known.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum TagAt {
    /// This image.
    Image(Digest),
    /// No image: the tag was not there.
    Absent,
    /// The tag was not there if no event about it is lost: the image that it was on had been deleted.
    PresumedAbsent,
    /// One of these: something happened in that second, or in one before it of which the order is unknown.
    OneOf(Several),
    /// Unknown: something between these two was not seen, and when the one became the other neither.
    Gap {
        /// What it was on before.
        before: Option<Held>,
        /// What it was on after.
        after: Held,
    },
    /// Unknown: nothing of that time or before is known.
    Unknown,
}

impl TagAt {
    /// What holds while a fact does.
    pub(super) fn of(fact: &TagFact) -> Self {
        match (&fact.held, fact.learnt) {
            (Held::Image(digest), _) => Self::Image(*digest),
            (Held::Gone, Learnt::Deletion) => Self::PresumedAbsent,
            (Held::Gone, Learnt::Event | Learnt::Inventory) => Self::Absent,
            (Held::OneOf(several), _) => Self::OneOf(several.clone()),
        }
    }
}
