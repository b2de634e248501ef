//! The documents of a registry's shares, added up.

use std::cmp::Reverse;
use std::collections::BTreeMap;

use demurrage_contract::documents::{
    AuditedDocument, Calls, CollectedDocument, CostedDocument, CostedRepository, EvaluatedDocument,
    FoundDocument, FoundShare, PlannedRegistry, RegistryDocument, SENTENCES_MAX, ShareDocument, TOP_LINES,
    names,
};
use demurrage_contract::{Failure, FailureKind};
use demurrage_core::lifecycle::Severity;
use demurrage_report::{CallTotals, FailedShare, GoingNext, LintCount, RegistrySummary, RepositoryFinding};
use demurrage_store::Documents;

use crate::audits::Audits;

/// Shares whose documents are held at a time.
const SHARES_AT_A_TIME: usize = 256;
/// Documents of audits that are held at a time: they have every finding, some megabytes of a large share.
const AUDITS_AT_A_TIME: usize = 8;

/// A registry, added up.
#[derive(Debug)]
pub(crate) struct Folded {
    pub(crate) registry: RegistryDocument,
    pub(crate) summary: RegistrySummary,
    pub(crate) failed: Vec<FailedShare>,
    pub(crate) problems: Problems,
    /// What its repositories store.
    pub(crate) costed: Vec<CostedRepository>,
    /// What the audits say about its repositories.
    pub(crate) audits: Audits,
}

/// Sentences about what went wrong: the first of them, and how many there are.
#[derive(Debug, Default)]
pub(crate) struct Problems {
    pub(crate) sentences: Vec<String>,
    pub(crate) more: u64,
}

impl Problems {
    pub(crate) fn add(&mut self, sentences: impl IntoIterator<Item = String>, more: u64) {
        for sentence in sentences {
            if self.sentences.len() < SENTENCES_MAX {
                self.sentences.push(sentence);
            } else {
                self.more += 1;
            }
        }
        self.more += more;
    }
}

/// Adds up what was found of a registry.
pub(crate) fn registry(
    documents: &Documents,
    planned: &PlannedRegistry,
    found: &FoundDocument,
) -> Result<Folded, Failure> {
    let (account, region) = (&planned.account, &planned.region);
    let registry: RegistryDocument = needed(documents, &names::registry(account, region))?;
    let mut folding = Folding::begin(registry);
    let unread = found.unread_uses.iter().filter(|it| (&it.account, &it.region) == (account, region));
    folding.folded.summary.unread_uses = unread.flat_map(|it| it.causes.clone()).collect();
    for shares in planned.shares.chunks(SHARES_AT_A_TIME) {
        let found: Result<Vec<(u32, &FoundShare)>, Failure> = shares
            .iter()
            .map(|&share| match found.shares.get(share as usize) {
                Some(found) => Ok((share, found)),
                None => Err(damaged(format!("`{}` has no share {share}", names::FOUND))),
            })
            .collect();
        folding.shares(documents, &found?)?;
    }
    Ok(folding.end())
}

struct Folding {
    folded: Folded,
    calls: BTreeMap<String, CallTotals>,
    lint: BTreeMap<(Reverse<Severity>, String), u64>,
    has_segments: bool,
}

impl Folding {
    fn begin(registry: RegistryDocument) -> Self {
        let summary = RegistrySummary {
            account: registry.account.clone(),
            region: registry.region.clone(),
            repositories: u64::from(registry.repositories),
            is_pull_excluded: true,
            ..RegistrySummary::default()
        };
        let mut problems = Problems::default();
        problems.add(registry.problems.iter().map(|problem| located(&registry, problem)), 0);
        let calls = registry.calls.clone();
        let (failed, costed) = (Vec::new(), Vec::new());
        let audits = Audits::begin(&registry.account, &registry.region);
        let folded = Folded { registry, summary, failed, problems, costed, audits };
        let mut folding = Self { folded, calls: BTreeMap::new(), lint: BTreeMap::new(), has_segments: false };
        folding.calls(calls);
        folding
    }

    /// Adds shares, whose documents are fetched together.
    fn shares(&mut self, documents: &Documents, shares: &[(u32, &FoundShare)]) -> Result<(), Failure> {
        let (mut collected, mut evaluated) = (Vec::new(), Vec::new());
        let (mut costed, mut audited) = (Vec::new(), Vec::new());
        for &(share, found) in shares {
            for (segment, found) in (0_u32..).zip(&found.segments) {
                collected.push(names::collected(share, segment));
                evaluated.extend(found.evaluated.iter().map(|&from| names::evaluated(share, segment, from)));
                costed.extend(found.costed.iter().map(|&from| names::costed(share, segment, from)));
                audited.extend(found.audited.iter().map(|&from| names::audited(share, segment, from)));
            }
        }
        let mut collected = all::<CollectedDocument>(documents, &collected)?.into_iter();
        for costed in all::<CostedDocument>(documents, &costed)? {
            self.folded.costed.extend(costed.repositories);
        }
        for names in audited.chunks(AUDITS_AT_A_TIME) {
            for audited in all::<AuditedDocument>(documents, names)? {
                for repository in &audited.repositories {
                    self.folded.audits.add(documents, repository)?;
                }
            }
        }
        for evaluated in all::<EvaluatedDocument>(documents, &evaluated)? {
            self.evaluated(evaluated);
        }
        for &(share, found) in shares {
            self.share(documents, share, found, collected.by_ref().take(found.segments.len()))?;
        }
        Ok(())
    }

    fn share(
        &mut self,
        documents: &Documents,
        share: u32,
        found: &FoundShare,
        collected: impl Iterator<Item = CollectedDocument>,
    ) -> Result<(), Failure> {
        let mut next = 0;
        for collected in collected {
            next = collected.next.unwrap_or(next);
            self.collected(collected);
        }
        if let Some(cause) = &found.cause {
            let document: ShareDocument = needed(documents, &names::share(share))?;
            self.failed(share, &document, cause);
            if !found.is_whole {
                let missing = (document.repositories.len() as u64).saturating_sub(u64::from(next));
                self.folded.summary.repositories_unread += missing;
            }
        }
        Ok(())
    }

    fn failed(&mut self, share: u32, document: &ShareDocument, cause: &str) {
        let name = |repository: Option<&demurrage_contract::documents::DescribedRepository>| {
            repository.map(|repository| repository.name().to_owned()).unwrap_or_default()
        };
        self.folded.failed.push(FailedShare {
            share,
            account: document.account.clone(),
            region: document.region.clone(),
            repositories: document.repositories.len() as u64,
            first: name(document.repositories.first()),
            last: name(document.repositories.last()),
            cause: cause.to_owned(),
        });
    }

    fn collected(&mut self, collected: CollectedDocument) {
        let summary = &mut self.folded.summary;
        summary.repositories_unread += collected.repositories_unread;
        summary.images += collected.part.images();
        summary.naive_stored_bytes =
            summary.naive_stored_bytes.saturating_add(collected.part.image_size_sum_bytes());
        summary.manifests_unread += collected.manifests_unread;
        summary.is_pull_excluded &= collected.is_pull_excluded;
        self.has_segments = true;
        let registry = &self.folded.registry;
        let problems: Vec<String> =
            collected.problems.iter().map(|problem| located(registry, problem)).collect();
        self.folded.problems.add(problems, collected.problems_more);
        self.calls(collected.calls);
    }

    fn evaluated(&mut self, evaluated: EvaluatedDocument) {
        let summary = &mut self.folded.summary;
        summary.with_policy += evaluated.with_policy;
        summary.with_effective_policy += evaluated.with_effective_policy;
        summary.rejected_policies += evaluated.rejected_policies;
        summary.expiring_next += evaluated.expiring_next;
        summary.archiving_next += evaluated.archiving_next;
        summary.going_next.extend(evaluated.going_next.into_iter().map(|line| GoingNext {
            repository: line.repository,
            expiring: line.expiring,
            archiving: line.archiving,
        }));
        summary.going_next.sort_by(|a, b| {
            (b.expiring, b.archiving, &a.repository).cmp(&(a.expiring, a.archiving, &b.repository))
        });
        summary.going_next.truncate(TOP_LINES);
        summary.findings.extend(evaluated.findings.into_iter().map(|line| RepositoryFinding {
            severity: severity(&line.severity),
            repository: line.repository,
            id: line.id,
            message: line.message,
        }));
        summary.findings.sort_by_key(|finding| Reverse(finding.severity));
        summary.findings.truncate(TOP_LINES);
        for count in evaluated.lint {
            let key = (Reverse(severity(&count.severity)), count.id);
            *self.lint.entry(key).or_default() += count.repositories;
        }
    }

    fn calls(&mut self, calls: Vec<Calls>) {
        for call in calls {
            let totals = self.calls.entry(call.operation.clone()).or_insert_with(|| CallTotals {
                operation: call.operation,
                sent: 0,
                throttled: 0,
                failed: 0,
            });
            totals.sent += call.sent;
            totals.throttled += call.throttled;
            totals.failed += call.failed;
        }
    }

    fn end(self) -> Folded {
        let Self { mut folded, calls, lint, has_segments } = self;
        folded.summary.calls = calls.into_values().collect();
        folded.summary.is_pull_excluded &= has_segments || folded.summary.repositories == 0;
        let lint = lint.into_iter();
        folded.summary.lint = lint
            .map(|((Reverse(severity), id), repositories)| LintCount { severity, id, repositories })
            .collect();
        match folded.summary.rejected_policies {
            0 => {}
            rejected => {
                let problem =
                    format!("{rejected} lifecycle policies are not ones that ECR accepts: not evaluated");
                let problem = located(&folded.registry, &problem);
                folded.problems.add([problem], 0);
            }
        }
        folded
    }
}

fn located(registry: &RegistryDocument, problem: &str) -> String {
    format!("{} {}: {problem}", registry.account, registry.region)
}

/// The severity of this name; one that nobody knows is the gravest.
fn severity(name: &str) -> Severity {
    let all = [Severity::Info, Severity::Low, Severity::Medium, Severity::High];
    all.into_iter().find(|severity| severity.name() == name).unwrap_or(Severity::Error)
}

fn needed<T: serde::de::DeserializeOwned>(documents: &Documents, name: &str) -> Result<T, Failure> {
    documents.read(name)?.ok_or_else(|| damaged(format!("`{}` is missing", documents.shown(name))))
}

/// Documents that are all there.
fn all<T: serde::de::DeserializeOwned>(documents: &Documents, names: &[String]) -> Result<Vec<T>, Failure> {
    let found = documents.read_all(names)?.into_iter().zip(names);
    let missing = |name: &String| damaged(format!("`{}` is missing", documents.shown(name)));
    found.map(|(document, name)| document.ok_or_else(|| missing(name))).collect()
}

fn damaged(message: String) -> Failure {
    Failure::new(FailureKind::Damaged, message)
}
