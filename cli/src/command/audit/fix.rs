//! `demurrage audit --fix`: a plan of the settings that audits find wrong, and what it leaves to a person.

use std::path::PathBuf;

use chrono::TimeDelta;
use clap::Args;
use demurrage_core::RegistryKind;
use demurrage_core::cost::Usd;
use demurrage_core::plan::{
    DecidedFrom, Mode, NotFixed, PlanHead, Refusal, RepositoryPlan, SettingFixes, Source,
    findings_of_registry,
};
use demurrage_report::{PlanChanges, PlanReport, not_fixed_text, plan_table, setting_fixes_json};
use demurrage_store::{InventoryEntry, PlanDraft, PlanFiles, Store, sha256};

use super::registry::{Question, audit};
use super::{AuditArgs, AuditFormat, since};
use crate::command::plan::make::{exit, say_what_next};
use crate::command::plan::written;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::known_uses::UsesOfAudit;
use crate::selected::entries;
use crate::{talk, terminal};

/// What the rules of such a plan are called.
const RULES: &str = "audits";

/// Options of the plan.
#[derive(Debug, Args)]
pub(super) struct FixArgs {
    /// Make a plan of the settings that findings ask for, in repositories that opted in (resource tag `demurrage` =
    /// `enforce`). It is kept in the store
    #[arg(long)]
    pub(super) fix: bool,
    /// Write the files of the plan into this folder, too
    #[arg(long, value_name = "DIR", requires = "fix")]
    out: Option<PathBuf>,
    /// Hours for which the plan holds, at most 168
    #[arg(long, value_name = "HOURS", default_value_t = 24, requires = "fix",
        value_parser = clap::value_parser!(i64).range(1..=168))]
    expires_in: i64,
}

/// What came of all registries.
#[derive(Default)]
struct Fixed {
    repositories: Vec<RepositoryPlan>,
    refused: Vec<Refusal>,
    left: Vec<NotFixed>,
    inventories: Vec<Source>,
    /// Whether somebody has to read something before all of it can be said.
    is_partial: bool,
}

pub(super) fn run(arguments: &AuditArgs) -> Result<Exit, Failure> {
    let is_json = match arguments.format {
        AuditFormat::Table => false,
        AuditFormat::Json => true,
        AuditFormat::Sarif | AuditFormat::Asff => {
            return Err(Failure::usage(
                "a plan has no such form",
                "`--fix` writes `--format table` or `--format json`",
            ));
        }
    };
    let now = arguments.now.now();
    let read = arguments.rules.configuration()?;
    let store = arguments.store.open()?;
    let newest = store.newest()?;
    let uses = UsesOfAudit::of(&store, &arguments.in_use, &read.configuration.in_use.rules)?;
    let question = Question {
        store: &store,
        newest: &newest,
        rules: &read.configuration.rules,
        now,
        switches: arguments.switches.switches(),
        glob: arguments.repository.as_deref(),
        since: since(&store, arguments.since.as_deref())?,
        uses: uses.as_ref(),
        fixes_within: Some(read.configuration.plan.inventory_max_age),
    };
    let fixed = fixed(&question, &entries(&store, arguments.region.as_deref())?)?;
    let head = PlanHead {
        made_at: now,
        expires_at: now + TimeDelta::hours(arguments.fix.expires_in),
        mode: Mode::Approve,
        decided_from: decided_from(fixed.inventories, read.source),
        tripped: Vec::new(),
    };
    let draft = PlanDraft {
        head,
        repositories: fixed.repositories,
        refused: fixed.refused,
        kept: Vec::new(),
        pending: Vec::new(),
        usd_per_month: Some(Usd::ZERO),
    };
    let files = PlanFiles::of(&draft);
    let path = written::write(&store, arguments.fix.out.as_deref(), &files)?;
    if is_json {
        talk::json(&setting_fixes_json(&files.plan, &path, &fixed.left))?;
    } else {
        let changes = PlanChanges::of(&draft.repositories);
        let report =
            PlanReport { plan: &files.plan, path: &path, changes: &changes, kept: &[], pending: &[] };
        let width = terminal::width();
        talk::data(&(plan_table(&report, width) + &not_fixed_text(&fixed.left, width)))?;
    }
    say_what_next(&files.plan, &path);
    Ok(exit(&files.plan, fixed.is_partial))
}

/// Audits all private registries, and gathers what of their settings could be changed.
fn fixed(question: &Question<'_>, asked: &[InventoryEntry]) -> Result<Fixed, Failure> {
    let mut fixed = Fixed::default();
    for entry in asked.iter().filter(|entry| entry.kind == RegistryKind::Private) {
        fixed.inventories.push(inventory(question.store, entry)?);
        let audited = audit(question, entry)?;
        fixed.left.extend(audited.registry.own.iter().flat_map(findings_of_registry));
        for SettingFixes { plan, refused, not_fixed } in audited.fixes {
            fixed.repositories.extend(plan);
            fixed.left.extend(not_fixed);
            if let Some((refusal, refused)) = refused {
                fixed.is_partial |= refused.is_partial();
                fixed.refused.push(refusal);
            }
        }
    }
    if fixed.inventories.len() < asked.len() {
        talk::say("registries of ECR Public are left out: no plan changes them");
    }
    fixed.repositories.sort_by(|one, other| one.repository.cmp(&other.repository));
    fixed.refused.sort();
    Ok(fixed)
}

fn inventory(store: &Store, entry: &InventoryEntry) -> Result<Source, Failure> {
    Ok(store.inventory_source(entry)?)
}

/// What the settings follow from: the inventories, and what the team promises. Uses and holds are about images.
fn decided_from(inventories: Vec<Source>, configuration: Option<Source>) -> DecidedFrom {
    let of_nothing = sha256(b"").to_string();
    let hash = configuration.as_ref().map_or_else(|| of_nothing.clone(), |source| source.hash.clone());
    DecidedFrom {
        inventories,
        uses: Vec::new(),
        rules: Source { name: RULES.to_owned(), hash },
        configuration,
        holds: Source { name: "holds".to_owned(), hash: of_nothing },
        earlier_plan: None,
    }
}
