//! In which order the repositories of a plan have their turn, and what is done in each: of the plan one part is held at a time.

use demurrage_core::apply::RepositoryReport;
use demurrage_core::plan::{RepositoryAddress, RepositoryPlan};
use demurrage_store::{PlanError, StoredPlan};

/// One repository of a plan.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
struct Turn {
    images_listed: u64,
    repository: RepositoryAddress,
    actions: u64,
    /// Where it is: the part of the plan, and the place in it.
    part: usize,
    place: usize,
}

/// The repositories of a plan, the smallest first.
#[derive(Debug)]
pub(super) struct Turns<'a> {
    plan: &'a StoredPlan,
    order: Vec<Turn>,
    /// The part that was read last.
    held: Option<(usize, Vec<RepositoryPlan>)>,
}

impl<'a> Turns<'a> {
    /// Reads a plan, or one part of it, and compares all hashes.
    ///
    /// # Errors
    /// When there is no such part, or anything of it is missing or was changed.
    pub(super) fn of(plan: &'a StoredPlan, only: Option<usize>) -> Result<Self, PlanError> {
        let mut turns = Vec::new();
        let mut last: Option<RepositoryAddress> = None;
        for number in 0..plan.plan.parts.len() {
            if only.is_some_and(|only| only != number) {
                continue;
            }
            for (place, repository) in plan.part_at(number)?.into_iter().enumerate() {
                if last.as_ref().is_some_and(|last| repository.repository <= *last) {
                    let what = "its repositories are not in order";
                    return Err(PlanError::Changed { file: plan.path(), what });
                }
                last = Some(repository.repository.clone());
                turns.push(Turn {
                    images_listed: repository.images_listed,
                    actions: repository.actions.len() as u64,
                    repository: repository.repository,
                    part: number,
                    place,
                });
            }
        }
        turns.sort_unstable();
        Ok(Self { plan, order: turns, held: None })
    }

    /// A report of each, of which nothing was done yet.
    pub(super) fn reports(&self) -> Vec<RepositoryReport> {
        let report = |turn: &Turn| RepositoryReport::new(turn.repository.clone(), turn.actions);
        self.order.iter().map(report).collect()
    }

    /// The first account, where none of the repositories is of this one.
    pub(super) fn foreign_account(&self, own: &str) -> Option<&str> {
        let is_foreign =
            |turn: &Turn| turn.repository.account.as_deref().is_some_and(|account| account != own);
        let first = self.order.first().filter(|_| self.order.iter().all(is_foreign));
        first.and_then(|turn| turn.repository.account.as_deref())
    }

    /// What is done in a repository, by its turn.
    ///
    /// # Errors
    /// When its part is missing or was changed meanwhile.
    pub(super) fn read(&mut self, turn: usize) -> Result<Option<&RepositoryPlan>, PlanError> {
        let Some(&Turn { part, place, .. }) = self.order.get(turn) else { return Ok(None) };
        if self.held.as_ref().is_none_or(|(held, _)| *held != part) {
            // What is held goes before the next one comes.
            self.held = None;
            self.held = Some((part, self.plan.part_at(part)?));
        }
        Ok(self.held.as_ref().and_then(|(_, repositories)| repositories.get(place)))
    }
}
