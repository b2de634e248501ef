//! An audit with what it looks at.

use super::{Audit, Census, Outcome, RegistryUnder, RepositoryUnder, Subject};

/// An audit with its functions; at least one is there.
pub(super) struct Check {
    pub(super) audit: &'static Audit,
    pub(super) repository: Option<fn(&RepositoryUnder<'_>) -> Outcome>,
    pub(super) registry: Option<fn(&RegistryUnder<'_>, &Census) -> Outcome>,
}

impl Check {
    /// What it is about.
    pub(super) const fn subject(&self) -> Subject {
        match (self.repository, self.registry) {
            (Some(_), Some(_)) => Subject::Both,
            (None, Some(_)) => Subject::Registry,
            (Some(_) | None, None) => Subject::Repositories,
        }
    }

    /// An audit of each repository.
    pub(super) const fn of_repository(
        audit: &'static Audit,
        check: fn(&RepositoryUnder<'_>) -> Outcome,
    ) -> Self {
        Self { audit, repository: Some(check), registry: None }
    }

    /// An audit of the registry.
    pub(super) const fn of_registry(
        audit: &'static Audit,
        check: fn(&RegistryUnder<'_>, &Census) -> Outcome,
    ) -> Self {
        Self { audit, repository: None, registry: Some(check) }
    }
}
