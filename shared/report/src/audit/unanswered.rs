//! Audits that could not answer, put together: what is not known is said once for each reason, and not for each
//! repository.

use std::collections::BTreeMap;

use demurrage_core::audit::{Audit, catalogue};

use super::{AuditReport, AuditedRegistry};

/// An audit that could not answer in one registry, for one reason.
#[derive(Debug)]
pub(super) struct Unanswered<'a> {
    pub(super) audit: &'static Audit,
    /// The place of the audit in the catalogue.
    pub(super) number: usize,
    pub(super) registry: &'a AuditedRegistry,
    /// Why not: a lowercase fragment.
    pub(super) reason: &'a str,
    /// Of which repositories; empty: of the registry itself.
    pub(super) repositories: Vec<&'a str>,
}

impl Unanswered<'_> {
    /// Of what it could not answer: `3 repositories`, `the registry`.
    pub(super) fn of_what(&self) -> String {
        match self.repositories.len() {
            0 => "the registry".to_owned(),
            number => crate::count(number, "repository"),
        }
    }
}

/// All of them, in the order of the catalogue, then of registries, then of reasons.
pub(super) fn unanswered(report: &AuditReport) -> Vec<Unanswered<'_>> {
    let numbers: BTreeMap<&str, usize> =
        catalogue().enumerate().map(|(number, audit)| (audit.id, number)).collect();
    let mut all = Vec::new();
    for registry in &report.registries {
        let own = registry.own.iter().flat_map(|verdict| &verdict.unevaluated);
        let repositories = registry.repositories.iter();
        let of_repositories = repositories.flat_map(|repository| &repository.verdict.unevaluated);
        let mut together: BTreeMap<(usize, bool, &str), Unanswered<'_>> = BTreeMap::new();
        for unevaluated in own.chain(of_repositories) {
            let number = numbers.get(unevaluated.audit.id).copied().unwrap_or(usize::MAX);
            let key = (number, unevaluated.repository.is_some(), &*unevaluated.reason);
            let one = together.entry(key).or_insert_with(|| Unanswered {
                audit: unevaluated.audit,
                number,
                registry,
                reason: &unevaluated.reason,
                repositories: Vec::new(),
            });
            one.repositories.extend(unevaluated.repository.as_deref());
        }
        all.extend(together.into_values());
    }
    // Stable: registries stay in their order.
    all.sort_by_key(|one| one.number);
    all
}
