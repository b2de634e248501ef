//! What came of all repositories of a plan.

use super::{
    Action, ActionKind, DeletesElsewhere, KeptImage, PendingImage, Refusal, RepositoryEffect,
    RepositoryOutcome, RepositoryPlan, SoftLimits, TrippedGuard,
};

/// What came of all repositories, as they come in; [`PlanBody::sorted`] puts them in order.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct PlanBody {
    /// What is done.
    pub repositories: Vec<RepositoryPlan>,
    /// Of which nothing is planned.
    pub refused: Vec<Refusal>,
    /// What hard guards keep.
    pub kept: Vec<KeptImage>,
    /// What waits for a second plan.
    pub pending: Vec<PendingImage>,
    /// What it comes to in each repository that was decided.
    pub effects: Vec<RepositoryEffect>,
    /// Whether somebody has to read something before all of it can be decided.
    pub is_partial: bool,
}

impl PlanBody {
    /// Adds what came of a repository.
    pub fn add(&mut self, outcome: RepositoryOutcome) {
        match outcome {
            RepositoryOutcome::NotAsked => {}
            RepositoryOutcome::Refused(refusal, refused) => {
                self.is_partial |= refused.is_partial();
                self.refused.push(refusal);
            }
            RepositoryOutcome::Decided(decision, effect) => {
                self.kept.extend(decision.kept);
                self.pending.extend(decision.pending);
                self.effects.push(effect);
                if !decision.plan.actions.is_empty() {
                    self.repositories.push(decision.plan);
                }
            }
        }
    }

    /// The same in the order of the repositories, in whichever order they came in.
    #[must_use]
    pub fn sorted(mut self) -> Self {
        self.repositories.sort_by(|one, other| one.repository.cmp(&other.repository));
        self.refused.sort();
        // Stable: the images of one repository are in the order of their digests already.
        self.kept.sort_by(|one, other| one.repository.cmp(&other.repository));
        self.pending.sort_by(|one, other| one.repository.cmp(&other.repository));
        self.effects.sort_by(|one, other| one.repository.cmp(&other.repository));
        self
    }

    /// The soft guards that it trips; `past` has the images of each plan that was applied.
    pub fn tripped(&self, limits: &SoftLimits, past: &[u64]) -> Vec<TrippedGuard> {
        limits.trips(&self.effects, past)
    }
}

impl RepositoryEffect {
    /// What a plan comes to in its repository.
    pub fn of(plan: &RepositoryPlan, deletes_elsewhere: DeletesElsewhere) -> Self {
        let images = || plan.actions.iter().filter_map(Action::image);
        let deletes = |kind: ActionKind| match kind {
            ActionKind::Expire | ActionKind::Untag => true,
            ActionKind::Archive => false,
        };
        Self {
            repository: plan.repository.clone(),
            images_listed: plan.images_listed,
            images: u64::try_from(images().count()).unwrap_or(u64::MAX),
            has_deletes: images().any(|action| deletes(action.kind)),
            bytes_freed: images().map(|action| action.bytes_freed).fold(0, u64::saturating_add),
            deletes_elsewhere,
        }
    }
}
