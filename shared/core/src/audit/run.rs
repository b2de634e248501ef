//! Asks all audits, and puts their answers together.

use super::check::Check;
use super::owner::owner;
use super::rules::Accepted;
use super::{
    Acceptance, Audit, Census, Finding, Flaw, Outcome, RegistryUnder, RepositoryUnder, Subject, Unevaluated,
    Verdict,
};
use super::{access, capacity, encryption, history, hygiene, lifecycle, mutability, replication, scanning};

/// Every audit, area by area: the order of the catalogue.
const AREAS: [&[Check]; 9] = [
    mutability::CHECKS,
    history::CHECKS,
    lifecycle::CHECKS,
    scanning::CHECKS,
    access::CHECKS,
    encryption::CHECKS,
    replication::CHECKS,
    capacity::CHECKS,
    hygiene::CHECKS,
];

fn checks() -> impl Iterator<Item = &'static Check> {
    AREAS.into_iter().flatten()
}

/// The catalogue: every audit, area by area.
pub fn catalogue() -> impl Iterator<Item = &'static Audit> {
    checks().map(|check| check.audit)
}

/// What this audit is about; nothing where it is none of the catalogue.
pub fn subject(audit: &Audit) -> Option<Subject> {
    checks().find(|check| check.audit.id == audit.id).map(Check::subject)
}

/// What the audits of repositories say about one.
pub fn audit_repository(under: &RepositoryUnder<'_>) -> Verdict {
    let owner = owner(under.repository, &under.registry.rules.owner_tags);
    let place = Place { registry: under.registry, repository: Some(&under.repository.name), owner };
    let answers = checks().filter_map(|check| Some((check.audit, check.repository?(under))));
    place.verdict(answers)
}

/// What the audits of registries say about one, beside what they say about its repositories.
pub fn audit_registry(under: &RegistryUnder<'_>, census: &Census) -> Verdict {
    let place = Place { registry: under, repository: None, owner: None };
    let answers = checks().filter_map(|check| Some((check.audit, check.registry?(under, census))));
    place.verdict(answers)
}

/// What answers are about.
struct Place<'a> {
    registry: &'a RegistryUnder<'a>,
    repository: Option<&'a str>,
    owner: Option<String>,
}

impl Place<'_> {
    fn verdict(&self, answers: impl Iterator<Item = (&'static Audit, Outcome)>) -> Verdict {
        let mut verdict = Verdict::default();
        for (audit, outcome) in answers {
            match outcome {
                Outcome::Clean => verdict.clean += 1,
                Outcome::Found(flaws) => {
                    verdict.findings.extend(flaws.into_iter().map(|flaw| self.finding(audit, flaw)));
                }
                Outcome::NotEvaluated(reason) => verdict.unevaluated.push(self.unevaluated(audit, reason)),
            }
        }
        // Stable: within a severity the order of the catalogue stays.
        verdict.findings.sort_by_key(|finding| std::cmp::Reverse(finding.severity));
        verdict
    }

    fn finding(&self, audit: &'static Audit, flaw: Flaw) -> Finding {
        Finding {
            audit,
            severity: flaw.severity,
            confidence: flaw.confidence,
            account: self.registry.account.map(str::to_owned),
            region: self.registry.region.to_owned(),
            repository: self.repository.map(str::to_owned),
            message: flaw.message,
            evidence: flaw.evidence,
            owner: self.owner.clone(),
            acceptance: self.acceptance(audit),
        }
    }

    fn unevaluated(&self, audit: &'static Audit, reason: String) -> Unevaluated {
        Unevaluated {
            audit,
            account: self.registry.account.map(str::to_owned),
            region: self.registry.region.to_owned(),
            repository: self.repository.map(str::to_owned),
            reason,
        }
    }

    /// The acceptance that ends last.
    fn acceptance(&self, audit: &'static Audit) -> Acceptance {
        let RegistryUnder { account, region, rules, now, .. } = self.registry;
        let is_about = |accepted: &&Accepted| accepted.is_about(audit.id, *account, region, self.repository);
        let Some(accepted) = rules.accepted.iter().filter(is_about).max_by_key(|accepted| accepted.until)
        else {
            return Acceptance::None;
        };
        let (reason, until) = (accepted.reason.clone(), accepted.until);
        if *now < until { Acceptance::Until { reason, until } } else { Acceptance::Expired { reason, until } }
    }
}
