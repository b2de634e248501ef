//! `demurrage lint`: what is wrong with policies.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use clap::{Args, ValueEnum};
use demurrage_core::lifecycle::lint::{lint, lint_inventory};
use demurrage_core::lifecycle::{Policy, Relations, Severity};
use demurrage_core::{Fact, Listing, Repository};
use demurrage_report::{LintedPolicy, count, lint_json, lint_text};

use crate::args::{Format, NowArgs, StoreArgs};
use crate::exit::Exit;
use crate::failure::Failure;
use crate::selected::{SourceArgs, by_name};
use crate::switch_args::SwitchArgs;
use crate::{policy_file, talk};

/// Find what is wrong with lifecycle policies: what ECR rejects, and what does not do what it seems to
///
/// Exit code 0: nothing found; 1: findings; 2: a file is not a policy that ECR accepts; 4: a policy of the store,
/// or images that it is attached to, could not be read.
#[derive(Debug, Args)]
#[command(after_help = "Example:\n  demurrage demo --dir /tmp/demo >/dev/null\n  \
    demurrage lint --store /tmp/demo/store --fail-on high")]
pub(crate) struct LintArgs {
    /// Policies, or outputs of `aws ecr get-lifecycle-policy`; `-` is stdin
    #[arg(value_name = "FILE", conflicts_with_all = ["store", "region", "repository"])]
    files: Vec<PathBuf>,
    #[command(flatten)]
    store: StoreArgs,
    /// Only this region of the store
    #[arg(long, value_name = "REGION")]
    region: Option<String>,
    /// Only repositories of this name; `*` stands for any characters
    #[arg(long, value_name = "GLOB")]
    repository: Option<String>,
    /// The least severity that makes the exit code 1
    #[arg(long, value_enum, default_value_t = FailOn::Info, value_name = "SEVERITY")]
    fail_on: FailOn,
    #[command(flatten)]
    now: NowArgs,
    /// How to write it
    #[arg(long, value_enum, default_value_t = Format::Table)]
    format: Format,
    #[command(flatten)]
    switches: SwitchArgs,
}

#[derive(Debug, Clone, Copy, ValueEnum)]
enum FailOn {
    Info,
    Low,
    Medium,
    High,
    Error,
}

impl FailOn {
    const fn severity(self) -> Severity {
        match self {
            Self::Info => Severity::Info,
            Self::Low => Severity::Low,
            Self::Medium => Severity::Medium,
            Self::High => Severity::High,
            Self::Error => Severity::Error,
        }
    }
}

pub(crate) fn run(arguments: &LintArgs) -> Result<Exit, Failure> {
    let (policies, is_partial) = if arguments.files.is_empty() {
        linted_store(arguments)?
    } else {
        (arguments.files.iter().map(|file| linted_file(file)).collect::<Result<Vec<_>, _>>()?, false)
    };
    match arguments.format {
        Format::Json => talk::json(&lint_json(&policies))?,
        Format::Table => talk::data(&lint_text(&policies))?,
    }
    let worst = policies.iter().flat_map(LintedPolicy::severities).max();
    let findings = policies.iter().flat_map(LintedPolicy::severities).count();
    talk::say(format!("{} in {}", count(findings, "finding"), count(policies.len(), "policy")));
    Ok(match worst {
        Some(Severity::Error) => Exit::BadInput,
        _ if is_partial => Exit::Partial,
        Some(worst) if arguments.fail_on.severity() <= worst => Exit::Findings,
        Some(_) | None => Exit::Done,
    })
}

fn linted_file(file: &Path) -> Result<LintedPolicy, Failure> {
    let text = policy_file::read_text(file)?;
    Ok(linted(file.display().to_string(), &text).0)
}

/// What the text of a policy shows, and the policy where it is one.
fn linted(source: String, text: &str) -> (LintedPolicy, Option<Policy>) {
    let mut linted = LintedPolicy {
        source,
        repositories: Vec::new(),
        problems: Vec::new(),
        findings: Vec::new(),
        in_repositories: Vec::new(),
        incomplete: Vec::new(),
    };
    match Policy::parse(text) {
        Ok(policy) => {
            linted.problems = policy.findings().to_vec();
            linted.findings = lint(&policy);
            (linted, Some(policy))
        }
        Err(rejection) => {
            linted.problems = rejection.problems;
            (linted, None)
        }
    }
}

/// The policies of a store, equal ones once, each with what it does in its repositories.
fn linted_store(arguments: &LintArgs) -> Result<(Vec<LintedPolicy>, bool), Failure> {
    let now = arguments.now.now();
    let source = SourceArgs {
        store: arguments.store.clone(),
        region: arguments.region.clone(),
        images: None,
        manifests: Vec::new(),
    };
    let selected = source.read(now, by_name(arguments.repository.as_deref()))?;
    if selected.repositories.is_empty() {
        talk::warn("no repository of the store has such a name");
    }
    let (by_text, is_policy_missing) = by_text(&selected.repositories);
    let mut policies = Vec::new();
    for (text, repositories) in by_text {
        let (mut linted, policy) = linted("store".to_owned(), text);
        linted.repositories = repositories.iter().map(|repository| repository.name.clone()).collect();
        let is_incomplete = |repository: &&&Repository| repository.listing != Listing::Complete;
        let incomplete = repositories.iter().filter(is_incomplete);
        linted.incomplete = incomplete.map(|r| (r.name.clone(), r.listing.clone())).collect();
        if let Some(policy) = policy {
            for repository in repositories {
                let images = &repository.images;
                let relations = Relations::of(images);
                let found = lint_inventory(&policy, images, &relations, now, arguments.switches.switches());
                if !found.is_empty() {
                    linted.in_repositories.push((repository.name.clone(), found));
                }
            }
        }
        policies.push(linted);
    }
    policies.sort_by(|a, b| a.repositories.cmp(&b.repositories));
    Ok((policies, selected.is_partial || is_policy_missing))
}

/// The texts of policies with the repositories that have them, and whether a text that is there is missing.
fn by_text(repositories: &[Repository]) -> (BTreeMap<&str, Vec<&Repository>>, bool) {
    let mut by_text: BTreeMap<&str, Vec<&Repository>> = BTreeMap::new();
    let (mut without, mut unread, mut is_missing) = (0, 0, false);
    for repository in repositories {
        match &repository.lifecycle_policy {
            Fact::Present(text) => by_text.entry(text).or_default().push(repository),
            Fact::Absent => without += 1,
            Fact::NotEvaluated => {
                unread += 1;
                // Nobody tried to read it, or it could not be read: then a note says so.
                is_missing |= !repository.notes.is_empty();
            }
        }
    }
    if without != 0 {
        talk::say(format!("{} without a lifecycle policy", count(without, "repository")));
    }
    if unread != 0 {
        talk::say(format!("{} whose lifecycle policy was not read", count(unread, "repository")));
    }
    (by_text, is_missing)
}
