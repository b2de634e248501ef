//! What is kept for another reason than that no rule takes it.

use demurrage_core::Repository;
use demurrage_core::in_use::{Protection, RepositoryUse};
use demurrage_core::lifecycle::{Decision, Outcome, Reason};

use super::document::Protected;

/// What is kept by what.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Protecting {
    in_use: Kept,
    part: Kept,
    may_be_part: Kept,
    index: Kept,
    subject: Kept,
}

/// Images that something keeps, and the sum of their sizes.
#[derive(Debug, Clone, Copy, Default)]
struct Kept {
    images: u64,
    bytes: u128,
}

impl Protecting {
    /// What is kept of one repository.
    pub(super) fn of(
        repository: &Repository,
        decisions: Option<&[Decision]>,
        used: Option<&RepositoryUse>,
    ) -> Self {
        let mut all = Self::default();
        for (place, image) in (0_u32..).zip(&repository.images) {
            let size = u128::from(image.size_bytes.unwrap_or_default());
            let of_use = used.and_then(|used| used.protection(place));
            let decision = decisions.and_then(|decisions| decisions.get(place as usize));
            let kept = match (of_use, decision.map(|decision| decision.reason)) {
                (Some(Protection::InUse(_)), _) => &mut all.in_use,
                (Some(Protection::PartOf(_)), _) => &mut all.part,
                (Some(Protection::MayBePartOf(_)), _) => &mut all.may_be_part,
                (None, Some(Reason::ReferencedByIndex { .. })) => &mut all.index,
                (None, Some(Reason::FollowsSubject { .. }))
                    if decision.is_some_and(|it| it.outcome == Outcome::Keep) =>
                {
                    &mut all.subject
                }
                (None, _) => continue,
            };
            kept.images += 1;
            kept.bytes += size;
        }
        all
    }

    /// What is kept of others, too.
    pub(super) fn add(&mut self, other: &Self) {
        let Self { in_use, part, may_be_part, index, subject } = self;
        let sums = [in_use, part, may_be_part, index, subject];
        for (sum, more) in sums.into_iter().zip(other.all()) {
            sum.images += more.images;
            sum.bytes += more.bytes;
        }
    }

    const fn all(&self) -> [Kept; 5] {
        [self.in_use, self.part, self.may_be_part, self.index, self.subject]
    }

    /// A line for each that keeps anything.
    pub(super) fn lines(&self) -> Vec<Protected> {
        const WORDS: [&str; 5] = [
            "in use",
            "part of an image in use, or refers to one",
            "may be part of an image in use: a manifest that was not read would tell",
            "named by an index that stays",
            "goes with its subject, which stays",
        ];
        let lines = WORDS.into_iter().zip(self.all());
        lines
            .filter(|(_, kept)| kept.images != 0)
            .map(|(by, kept)| Protected { by, images: kept.images, bytes: kept.bytes })
            .collect()
    }
}
