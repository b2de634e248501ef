//! What was audited, and what the audits answered.

use chrono::{DateTime, Utc};
use demurrage_core::RegistryKind;
use demurrage_core::audit::{Finding, Unevaluated, Verdict};

use super::name::{RegistryName, RepositoryArn};

/// What audits answered about registries.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AuditReport {
    /// The time by which was judged.
    pub now: DateTime<Utc>,
    /// The registries, in the order in which they are shown.
    pub registries: Vec<AuditedRegistry>,
}

/// What audits answered about one registry.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AuditedRegistry {
    /// Which of the two services it is of.
    pub kind: RegistryKind,
    /// The twelve-digit account, where known.
    pub account: Option<String>,
    /// The region.
    pub region: String,
    /// The name of the inventory that was judged.
    pub inventory: String,
    /// When that was taken.
    pub taken_at: DateTime<Utc>,
    /// What is so of the registry itself; nothing where it was not asked for.
    pub own: Option<Verdict>,
    /// Its repositories, in the order of their names.
    pub repositories: Vec<AuditedRepository>,
}

/// What audits answered about one repository.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AuditedRepository {
    /// Its name.
    pub name: String,
    /// Its resource name, where the inventory has it.
    pub arn: Option<String>,
    /// Its mode of tag mutability, as the API spells it, where it was read.
    pub tag_mutability: Option<String>,
    /// What is so of it.
    pub verdict: Verdict,
}

/// A finding with what it is about.
#[derive(Debug, Clone, Copy)]
pub(super) struct Found<'a> {
    pub(super) registry: &'a AuditedRegistry,
    /// Nothing: it is about the registry.
    pub(super) repository: Option<&'a AuditedRepository>,
    pub(super) finding: &'a Finding,
}

impl Found<'_> {
    /// What it is about, by the name that AWS has for it.
    pub(super) fn place(&self) -> String {
        self.repository.map_or_else(
            || RegistryName(self.registry).to_string(),
            |repository| RepositoryArn { registry: self.registry, repository }.to_string(),
        )
    }
}

impl AuditReport {
    /// Every finding: registry by registry, first those of the registry itself.
    pub(super) fn found(&self) -> impl Iterator<Item = Found<'_>> {
        self.verdicts().flat_map(|(registry, repository, verdict)| {
            verdict.findings.iter().map(move |finding| Found { registry, repository, finding })
        })
    }

    /// Every audit that could not answer.
    pub(super) fn unevaluated(&self) -> impl Iterator<Item = (&AuditedRegistry, &Unevaluated)> {
        self.verdicts().flat_map(|(registry, _, verdict)| {
            verdict.unevaluated.iter().map(move |unevaluated| (registry, unevaluated))
        })
    }

    /// Everything that was judged.
    pub(super) fn verdicts(
        &self,
    ) -> impl Iterator<Item = (&AuditedRegistry, Option<&AuditedRepository>, &Verdict)> {
        self.registries.iter().flat_map(|registry| {
            let own = registry.own.iter().map(move |verdict| (registry, None, verdict));
            let repositories = registry.repositories.iter();
            own.chain(repositories.map(move |repository| (registry, Some(repository), &repository.verdict)))
        })
    }
}
