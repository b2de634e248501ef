//! Repositories under audit, one after another.

use chrono::{DateTime, Utc};
use demurrage_contract::documents::{AuditedRepository, FINDINGS_MAX};
use demurrage_core::audit::{
    Finding, Promise, RegistrySettings, RegistryUnder, ReplicaSettings, RepositoryUnder, Rules, Severity,
    Verdict, audit_repository, images_in_use_going,
};
use demurrage_core::in_use::Protection;
use demurrage_core::ledger::RepositoryLedger;
use demurrage_core::lifecycle::{Relations, Switches};
use demurrage_core::{Listing, RegistryKind, Repository};

use crate::moved::{Span, tags_moved};
use crate::uses::Uses;

/// Audits whose findings mean that the promise is broken: a tag may move, or one did.
const PROMISE: [&str; 3] = ["tags-can-move", "tag-moved", "tag-deleted-and-pushed-again"];

/// What a deployment sets.
#[derive(Debug, Clone, Default)]
pub(crate) struct Settings {
    /// The principals that read manifests, as ARNs.
    pub(crate) readers: Vec<String>,
}

/// What is the same for all repositories of a registry.
#[derive(Debug)]
pub(crate) struct Auditing {
    pub(crate) rules: Rules,
    pub(crate) settings: RegistrySettings,
    pub(crate) account: String,
    pub(crate) region: String,
    pub(crate) now: DateTime<Utc>,
    pub(crate) readers: Vec<String>,
    /// What is in use.
    pub(crate) uses: Uses,
    /// Which moves of tags this run tells of.
    pub(crate) span: Span,
}

impl Auditing {
    /// What the audits say about a repository, with what the ledger knows of it.
    pub(crate) fn of(
        &self,
        repository: &Repository,
        ledger: &RepositoryLedger,
        replicas: &[ReplicaSettings],
    ) -> AuditedRepository {
        let registry = RegistryUnder {
            kind: RegistryKind::Private,
            account: Some(&self.account),
            region: &self.region,
            settings: &self.settings,
            rules: &self.rules,
            now: self.now,
            switches: Switches::default(),
            readers: &self.readers,
            uses: self.uses.under(),
        };
        let relations = Relations::of(&repository.images);
        let verdict = audit_repository(&RepositoryUnder {
            registry: &registry,
            repository,
            relations: &relations,
            replicas,
            ledger: Some(ledger),
        });
        let in_use = self.uses.known.as_ref().map(|known| {
            let in_use =
                known.graph.of_repository_at(RegistryKind::Private, repository, &relations, Some(ledger));
            let is_in_use = |found: &&Option<Protection>| {
                matches!(found, Some(Protection::InUse(_) | Protection::PartOf(_)))
            };
            in_use.protections.iter().filter(is_in_use).count() as u64
        });
        let moved = self.promise(&repository.name).map(|promise| tags_moved(ledger, promise, self.span));
        AuditedRepository {
            is_reconciled: repository.listing == Listing::Complete,
            tags_moved: moved.unwrap_or_default(),
            images_in_use: in_use,
            ..audited(&repository.name, &verdict)
        }
    }
}

/// What a verdict says of a repository, as it is kept.
pub(crate) fn audited(name: &str, verdict: &Verdict) -> AuditedRepository {
    AuditedRepository {
        name: name.to_owned(),
        breaks_promise: verdict.findings.iter().any(breaks_promise),
        images_in_use_going: images_in_use_going(verdict),
        findings: verdict.findings.iter().take(FINDINGS_MAX).map(Into::into).collect(),
        findings_more: verdict.findings.len().saturating_sub(FINDINGS_MAX) as u64,
        unevaluated: verdict.unevaluated.iter().map(Into::into).collect(),
        clean: verdict.clean as u64,
        ..AuditedRepository::default()
    }
}

impl Auditing {
    /// What is promised of the tags of this repository. Those of a cache have to move, so that only a promise which names it
    /// is meant so, as the audits have it.
    fn promise(&self, repository: &str) -> Option<&Promise> {
        let promise = self.rules.promise(repository)?;
        let is_meant =
            !promise.repositories.is_everything() || self.settings.is_cache(repository) != Some(true);
        is_meant.then_some(promise)
    }
}

/// A mode that is stricter than the one that is demanded is a low finding of the same audit, and keeps the promise.
fn breaks_promise(finding: &Finding) -> bool {
    finding.counts() && PROMISE.contains(&finding.audit.id) && Severity::Medium <= finding.severity
}
