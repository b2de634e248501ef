//! `demurrage audit`: whether settings keep what a team promises, and whether the promise held.

use chrono::{DateTime, Utc};
use clap::{Args, ValueEnum};
use demurrage_core::audit::{Finding, Rules, Severity, Verdict};
use demurrage_core::lifecycle::Switches;
use demurrage_report::{
    AuditReport, AuditedRegistry, audit_asff, audit_json, audit_sarif, audit_table, count,
};
use demurrage_store::{InventoryEntry, Store};

use self::fix::FixArgs;
use self::history::Since;
use self::registry::{Question, audit};
use crate::args::{NowArgs, StoreArgs, worse};
use crate::exit::Exit;
use crate::failure::Failure;
use crate::in_use_args::InUseArgs;
use crate::known_uses::UsesOfAudit;
use crate::rules_file::RulesArgs;
use crate::selected::entries;
use crate::switch_args::SwitchArgs;
use crate::{talk, terminal};

mod fix;
pub(super) mod history;
mod registry;
pub(super) mod replicas;

/// Find which settings of registries do not keep what the team promises, and where a promise was broken
///
/// Every tag but `latest` always means the same build, if no file says otherwise. docs/AUDITS.md has each audit,
/// docs/CONFIGURATION.md the file, docs/IMMUTABILITY.md the formats. What was not read is not evaluated, and every
/// format says so. Nothing is asked of AWS.
///
/// With `--fix` it makes a plan instead, of what it would set otherwise: which tags may move, and scanning on push. That
/// plan changes nothing before `demurrage apply`, and its exit codes are those of `demurrage plan`.
///
/// Exit code 0: nothing as bad as `--fail-on`; 1: findings; 2: the file of rules is wrong; 4: a repository, or something of
/// the registry, could not be read.
#[derive(Debug, Args)]
#[command(after_help = "Example:\n  demurrage demo --dir /tmp/demo >/dev/null\n  \
    demurrage audit --store /tmp/demo/store --fail-on critical\n  \
    demurrage audit --store /tmp/demo/store --fix --out /tmp/plan")]
pub(crate) struct AuditArgs {
    #[command(flatten)]
    store: StoreArgs,
    /// Only this region of the store
    #[arg(long, value_name = "REGION")]
    region: Option<String>,
    /// Only repositories of this name, and not what is so of registries; `*` stands for any characters
    #[arg(long, value_name = "GLOB")]
    repository: Option<String>,
    /// Judge what happened to tags by the inventories from this one on, instead of the tag ledger of the store
    #[arg(long, value_name = "INVENTORY")]
    since: Option<String>,
    #[command(flatten)]
    in_use: InUseArgs,
    #[command(flatten)]
    rules: RulesArgs,
    /// The least severity that makes the exit code 1
    #[arg(long, value_enum, default_value_t = FailOn::Low, value_name = "SEVERITY")]
    fail_on: FailOn,
    #[command(flatten)]
    now: NowArgs,
    /// How to write it
    #[arg(long, value_enum, default_value_t = AuditFormat::Table)]
    format: AuditFormat,
    #[command(flatten)]
    switches: SwitchArgs,
    #[command(flatten)]
    fix: FixArgs,
}

/// How findings are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum AuditFormat {
    /// For people
    Table,
    /// For programs
    Json,
    /// SARIF 2.1.0, for what shows the results of analyses
    Sarif,
    /// Findings for Security Hub
    Asff,
}

#[derive(Debug, Clone, Copy, ValueEnum)]
enum FailOn {
    Informational,
    Low,
    Medium,
    High,
    Critical,
}

impl FailOn {
    const fn severity(self) -> Severity {
        match self {
            Self::Informational => Severity::Informational,
            Self::Low => Severity::Low,
            Self::Medium => Severity::Medium,
            Self::High => Severity::High,
            Self::Critical => Severity::Critical,
        }
    }
}

pub(crate) fn run(arguments: &AuditArgs) -> Result<Exit, Failure> {
    if arguments.fix.fix {
        return fix::run(arguments);
    }
    let now = arguments.now.now();
    let rules = arguments.rules.read()?;
    let store = arguments.store.open()?;
    let newest = store.newest()?;
    let asked = entries(&store, arguments.region.as_deref())?;
    let in_use = arguments.rules.configuration()?.configuration.in_use.rules;
    let uses = UsesOfAudit::of(&store, &arguments.in_use, &in_use)?;
    let question = Question {
        store: &store,
        newest: &newest,
        rules: &rules,
        now,
        switches: arguments.switches.switches(),
        glob: arguments.repository.as_deref(),
        since: since(&store, arguments.since.as_deref())?,
        uses: uses.as_ref(),
        fixes_within: None,
    };
    let (report, is_partial) = audited(&question, &asked)?;
    if report.registries.iter().all(|registry| registry.repositories.is_empty()) && question.glob.is_some() {
        talk::warn("no repository of the store has such a name");
    }
    write(&report, arguments.format)?;
    if arguments.format != AuditFormat::Table {
        let (found, accepted) = counts(&report);
        talk::say(format!("{}, {accepted} accepted", count(found, "finding")));
    }
    let is_bad = |finding: &&Finding| finding.counts() && arguments.fail_on.severity() <= finding.severity;
    Ok(worse(is_partial, findings(&report).any(|finding| is_bad(&finding))))
}

/// From which inventory on history is judged, where somebody says so.
fn since(store: &Store, name: Option<&str>) -> Result<Option<Since>, Failure> {
    let Some(name) = name else { return Ok(None) };
    let entry = store.find(name)?;
    Ok(Some(Since { taken_at: entry.taken_at }))
}

fn audited(question: &Question<'_>, asked: &[InventoryEntry]) -> Result<(AuditReport, bool), Failure> {
    let mut report = AuditReport { now: question.now, registries: Vec::new() };
    let mut is_partial = false;
    for entry in asked {
        let audited = audit(question, entry)?;
        is_partial |= audited.is_partial;
        report.registries.push(audited.registry);
    }
    Ok((report, is_partial))
}

/// What audits find in the registry of this inventory by these rules, without a word about it.
pub(super) fn found(
    store: &Store,
    entry: &InventoryEntry,
    rules: &Rules,
    now: DateTime<Utc>,
    switches: Switches,
) -> Result<AuditReport, Failure> {
    let newest = store.newest()?;
    let question = Question {
        store,
        newest: &newest,
        rules,
        now,
        switches,
        glob: None,
        since: None,
        uses: None,
        fixes_within: None,
    };
    Ok(audited(&question, std::slice::from_ref(entry))?.0)
}

fn write(report: &AuditReport, format: AuditFormat) -> Result<(), Failure> {
    match format {
        AuditFormat::Table => talk::data(&audit_table(report, terminal::width())),
        AuditFormat::Json => talk::json(&audit_json(report)),
        AuditFormat::Sarif => talk::json(&audit_sarif(report)),
        AuditFormat::Asff => {
            let list = audit_asff(report).map_err(|error| {
                Failure::usage(
                    error.to_string(),
                    "`demurrage collect` knows the account; files of the AWS CLI say it in `describe-registry.json`",
                )
            })?;
            talk::json(&list)
        }
    }
}

fn verdicts(report: &AuditReport) -> impl Iterator<Item = &Verdict> {
    report.registries.iter().flat_map(|AuditedRegistry { own, repositories, .. }| {
        own.iter().chain(repositories.iter().map(|repository| &repository.verdict))
    })
}

fn findings(report: &AuditReport) -> impl Iterator<Item = &Finding> {
    verdicts(report).flat_map(|verdict| &verdict.findings)
}

/// How many findings count, and how many are accepted.
fn counts(report: &AuditReport) -> (usize, usize) {
    let all = findings(report).count();
    let counting = findings(report).filter(|finding| finding.counts()).count();
    (counting, all - counting)
}
