//! What the policies of repositories do: one preview a line, and what is to be counted of them.

use std::cmp::Reverse;
use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use demurrage_contract::documents::{EvaluatedDocument, FindingLine, GoingNextLine, LintCount, TOP_LINES};
use demurrage_core::lifecycle::lint::{effective_rules, lint, lint_inventory};
use demurrage_core::lifecycle::{Policy, Preview, Relations, Severity, Switches, evaluate};
use demurrage_core::{Fact, Listing, Repository};
use demurrage_report::{PreviewDocument, preview_json};

/// What ECR would not accept has no rules to find something in.
const REJECTED: &str = "rejected";

/// The evaluation of repositories that come one after another.
#[derive(Debug)]
pub(crate) struct Evaluation {
    now: DateTime<Utc>,
    switches: Switches,
    document: EvaluatedDocument,
    lint: BTreeMap<(Reverse<Severity>, String), u64>,
    findings: Vec<(Severity, FindingLine)>,
    /// Previews, one JSON document a line.
    lines: Vec<u8>,
}

impl Evaluation {
    pub(crate) fn new(now: DateTime<Utc>, from: u32) -> Self {
        Self {
            now,
            switches: Switches::default(),
            document: EvaluatedDocument { from, ..EvaluatedDocument::default() },
            lint: BTreeMap::new(),
            findings: Vec::new(),
            lines: Vec::new(),
        }
    }

    /// Evaluates the policy that is attached to a repository.
    pub(crate) fn add(&mut self, repository: &Repository) -> Result<(), serde_json::Error> {
        self.document.repositories += 1;
        let is_known = repository.listing == Listing::Complete
            && !matches!(repository.lifecycle_policy, Fact::NotEvaluated);
        self.document.not_evaluated += u64::from(!is_known);
        let Fact::Present(text) = &repository.lifecycle_policy else { return Ok(()) };
        self.document.with_policy += 1;
        match Policy::parse(text) {
            Ok(policy) => self.attached(repository, &policy),
            Err(rejection) => {
                self.document.rejected_policies += 1;
                let message = rejection.problems.first().map(ToString::to_string).unwrap_or_default();
                self.found(repository, vec![(Severity::Error, REJECTED.to_owned(), message)]);
                Ok(())
            }
        }
    }

    fn attached(&mut self, repository: &Repository, policy: &Policy) -> Result<(), serde_json::Error> {
        self.document.with_effective_policy += u64::from(effective_rules(policy) != 0);
        let mut found: Vec<(Severity, String, String)> = Vec::new();
        found.extend(
            policy.findings().iter().map(|problem| {
                (problem.id.severity(), problem.id.name().to_owned(), problem.message.clone())
            }),
        );
        found.extend(lint(policy).into_iter().map(|one| (one.severity, one.id.to_owned(), one.message)));
        // Of a repository whose images are all unknown nothing can be said but what its policy says by itself.
        if !matches!(repository.listing, Listing::Failed(_)) {
            let images = &repository.images;
            let relations = Relations::of(images);
            let in_repository = lint_inventory(policy, images, &relations, self.now, self.switches);
            found.extend(in_repository.into_iter().map(|one| (one.severity, one.id.to_owned(), one.message)));
            self.preview(repository, policy, &relations)?;
        }
        self.found(repository, found);
        Ok(())
    }

    fn preview(
        &mut self,
        repository: &Repository,
        policy: &Policy,
        relations: &Relations,
    ) -> Result<(), serde_json::Error> {
        let decisions = evaluate(policy, &repository.images, relations, self.now, self.switches);
        let preview = Preview::of(policy, &repository.images, &decisions);
        let (expiring, archiving) = (preview.expiring as u64, preview.archiving as u64);
        let document = PreviewDocument {
            repository,
            policy,
            now: self.now,
            decisions,
            preview,
            certainties: None,
            in_use: None,
        };
        serde_json::to_writer(&mut self.lines, &preview_json(&document))?;
        self.lines.push(b'\n');
        // Where images are missing, ranks are not what they seem: the preview says so, and nothing is counted.
        if repository.listing != Listing::Complete {
            return Ok(());
        }
        self.document.expiring_next += expiring;
        self.document.archiving_next += archiving;
        if expiring + archiving != 0 {
            let repository = repository.name.clone();
            self.document.going_next.push(GoingNextLine { repository, expiring, archiving });
            let weight = |line: &GoingNextLine| Reverse((line.expiring, line.archiving));
            self.document.going_next.sort_by_key(weight);
            self.document.going_next.truncate(TOP_LINES);
        }
        Ok(())
    }

    fn found(&mut self, repository: &Repository, mut found: Vec<(Severity, String, String)>) {
        found.sort_by(|a, b| (Reverse(a.0), &a.1, &a.2).cmp(&(Reverse(b.0), &b.1, &b.2)));
        let mut ids: Vec<(Reverse<Severity>, String)> =
            found.iter().map(|(severity, id, _)| (Reverse(*severity), id.clone())).collect();
        ids.dedup();
        for id in ids {
            *self.lint.entry(id).or_default() += 1;
        }
        let lines = found.into_iter().map(|(severity, id, message)| {
            let severity_name = severity.name().to_owned();
            (
                severity,
                FindingLine { repository: repository.name.clone(), id, severity: severity_name, message },
            )
        });
        self.findings.extend(lines);
        self.findings.sort_by_key(|(severity, _)| Reverse(*severity));
        self.findings.truncate(TOP_LINES);
    }

    /// How long the previews are so far.
    pub(crate) const fn previews_bytes(&self) -> usize {
        self.lines.len()
    }

    /// What was evaluated, with the first repository that was not, and the previews, which get this name.
    pub(crate) fn end(self, next: Option<u32>, previews: String) -> (EvaluatedDocument, Vec<u8>) {
        let lint = self.lint.into_iter().map(|((Reverse(severity), id), repositories)| LintCount {
            severity: severity.name().to_owned(),
            id,
            repositories,
        });
        let findings = self.findings.into_iter().map(|(_, line)| line).collect();
        (EvaluatedDocument { next, previews, lint: lint.collect(), findings, ..self.document }, self.lines)
    }
}
