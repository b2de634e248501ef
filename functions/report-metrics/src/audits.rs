//! What the audits of a registry say, added up, and written down whole: one finding a line.

use std::cmp::Reverse;
use std::collections::BTreeMap;

use demurrage_contract::documents::{
    AuditedRepository, DescribedRepository, FindingOf, RegistryDocument, TOP_LINES, UnevaluatedOf, names,
};
use demurrage_contract::{Failure, FailureKind};
use demurrage_core::audit::{
    Area, Census, RegistrySettings, RegistryUnder, Rules, Severity, Verdict, audit_registry, catalogue,
};
use demurrage_core::lifecycle::Switches;
use demurrage_core::{RegistryFacts, RegistryKind, RepositoriesListing};
use demurrage_report::{RegistryAudits, UnevaluatedCount, WorstFinding};
use demurrage_serve::readers_in;
use demurrage_store::Documents;
use serde_json::{Value, json};

/// Bytes after which the findings of a registry go on in another document.
const LINES_BYTES_MAX: usize = 16 * 1024 * 1024;
/// Reasons of one audit that are told apart; the others are counted with the last.
const REASONS_MAX: usize = 200;

/// The audits of a registry, added up one repository after another.
#[derive(Debug)]
pub(crate) struct Audits {
    account: String,
    region: String,
    sums: RegistryAudits,
    unevaluated: BTreeMap<(String, String), u64>,
    /// Findings that are not in a document yet, one JSON object a line.
    lines: Vec<u8>,
}

impl Audits {
    pub(crate) fn begin(account: &str, region: &str) -> Self {
        Self {
            account: account.to_owned(),
            region: region.to_owned(),
            sums: RegistryAudits::default(),
            unevaluated: BTreeMap::new(),
            lines: Vec::new(),
        }
    }

    /// Adds what the audits say about a repository.
    pub(crate) fn add(
        &mut self,
        documents: &Documents,
        repository: &AuditedRepository,
    ) -> Result<(), Failure> {
        self.sums.repositories += 1;
        self.sums.promises_broken += u64::from(repository.breaks_promise);
        self.sums.tags_moved += repository.tags_moved;
        self.in_use(repository);
        self.sums.findings_left_out += repository.findings_more;
        self.all(documents, Some(&repository.name), &repository.findings, &repository.unevaluated)
    }

    fn in_use(&mut self, repository: &AuditedRepository) {
        if let Some(images) = repository.images_in_use {
            *self.sums.images_in_use.get_or_insert(0) += images;
        }
        match repository.images_in_use_going {
            Some(going) => self.sums.images_in_use_going += going,
            None => self.sums.in_use_unknown += 1,
        }
    }

    /// Adds what the audits say about the registry itself.
    pub(crate) fn registry(
        &mut self,
        documents: &Documents,
        registry: &RegistryDocument,
        rules: &Rules,
        judged: &Judged<'_>,
    ) -> Result<(), Failure> {
        let verdict = verdict(documents, registry, rules, judged)?;
        let findings: Vec<FindingOf> = verdict.findings.iter().map(Into::into).collect();
        let unevaluated: Vec<UnevaluatedOf> = verdict.unevaluated.iter().map(Into::into).collect();
        self.all(documents, None, &findings, &unevaluated)
    }

    fn all(
        &mut self,
        documents: &Documents,
        repository: Option<&str>,
        findings: &[FindingOf],
        unevaluated: &[UnevaluatedOf],
    ) -> Result<(), Failure> {
        for finding in findings {
            self.finding(repository, finding);
            self.line(documents, repository, "finding", finding)?;
        }
        for one in unevaluated {
            self.sums.unevaluated += 1;
            let reason =
                if self.unevaluated.len() < REASONS_MAX { one.reason.clone() } else { String::new() };
            *self.unevaluated.entry((one.audit.clone(), reason)).or_default() += 1;
            self.line(documents, repository, "not-evaluated", one)?;
        }
        Ok(())
    }

    fn finding(&mut self, repository: Option<&str>, finding: &FindingOf) {
        if !finding.counts {
            self.sums.accepted += 1;
            return;
        }
        self.sums.quotas_near += u64::from(is_about_a_quota(&finding.audit));
        let severity = finding.severity();
        match severity {
            Severity::Informational => self.sums.informational += 1,
            Severity::Low => self.sums.low += 1,
            Severity::Medium => self.sums.medium += 1,
            Severity::High => self.sums.high += 1,
            Severity::Critical => self.sums.critical += 1,
        }
        let worst = &mut self.sums.worst;
        // Stable: of equals the first stay.
        let place = worst.partition_point(|one| severity <= one.severity);
        if place < TOP_LINES {
            worst.insert(
                place,
                WorstFinding {
                    repository: repository.map(str::to_owned),
                    audit: finding.audit.clone(),
                    severity,
                    message: finding.message.clone(),
                    owner: finding.owner.clone(),
                },
            );
            worst.truncate(TOP_LINES);
        }
    }

    fn line(
        &mut self,
        documents: &Documents,
        repository: Option<&str>,
        kind: &str,
        what: &impl serde::Serialize,
    ) -> Result<(), Failure> {
        let broken = |error: serde_json::Error| {
            Failure::new(FailureKind::Broken, format!("a finding could not be written: {error}"))
        };
        let mut line = serde_json::to_value(what).map_err(broken)?;
        if let Value::Object(members) = &mut line {
            for (name, value) in [
                ("kind", json!(kind)),
                ("account", json!(self.account)),
                ("region", json!(self.region)),
                ("repository", json!(repository)),
            ] {
                members.insert(name.to_owned(), value);
            }
        }
        serde_json::to_writer(&mut self.lines, &line).map_err(broken)?;
        self.lines.push(b'\n');
        if LINES_BYTES_MAX <= self.lines.len() {
            self.put(documents)?;
        }
        Ok(())
    }

    fn put(&mut self, documents: &Documents) -> Result<(), Failure> {
        let name = names::findings(&self.account, &self.region, self.sums.documents.len());
        documents.put(&name, &self.lines)?;
        self.sums.documents.push(name);
        self.lines.clear();
        Ok(())
    }

    /// What it comes to, when the rest of the findings was written down.
    pub(crate) fn end(&mut self, documents: &Documents) -> Result<RegistryAudits, Failure> {
        if !self.lines.is_empty() || self.sums.documents.is_empty() {
            self.put(documents)?;
        }
        let unevaluated = std::mem::take(&mut self.unevaluated).into_iter();
        let mut counts: Vec<UnevaluatedCount> =
            unevaluated.map(|((audit, reason), times)| UnevaluatedCount { audit, reason, times }).collect();
        counts.sort_by(|a, b| {
            (Reverse(a.times), &a.audit, &a.reason).cmp(&(Reverse(b.times), &b.audit, &b.reason))
        });
        counts.truncate(TOP_LINES);
        self.sums.not_evaluated = counts;
        Ok(std::mem::take(&mut self.sums))
    }
}

/// What a registry is judged by beside the rules.
#[derive(Debug)]
pub(crate) struct Judged<'a> {
    pub(crate) now: chrono::DateTime<chrono::Utc>,
    pub(crate) readers: &'a [String],
}

/// Whether an audit is about how near a quota is.
fn is_about_a_quota(audit: &str) -> bool {
    catalogue().any(|one| one.id == audit && one.area == Area::Capacity)
}

fn verdict(
    documents: &Documents,
    registry: &RegistryDocument,
    rules: &Rules,
    judged: &Judged<'_>,
) -> Result<Verdict, Failure> {
    let name = names::repositories(&registry.account, &registry.region);
    let listed: Option<Vec<DescribedRepository>> = documents.read(&name)?;
    let census = Census {
        // A registry that cannot be listed to its end is not read at all.
        listing: if listed.is_some() { RepositoriesListing::Complete } else { RepositoriesListing::CutOff },
        repositories: listed
            .unwrap_or_default()
            .iter()
            .map(DescribedRepository::repository)
            .map(|repository| (repository.name, repository.created_at))
            .collect(),
    };
    let settings = RegistrySettings::of(&RegistryFacts::from(&registry.facts));
    let readers = readers_in(&registry.account, judged.readers);
    let under = RegistryUnder {
        kind: RegistryKind::Private,
        account: Some(&registry.account),
        region: &registry.region,
        settings: &settings,
        rules,
        now: judged.now,
        switches: Switches::default(),
        readers: &readers,
        uses: None,
    };
    Ok(audit_registry(&under, &census))
}
