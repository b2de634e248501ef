//! Making a plan: everything is read, decided, written down, and then said.

use demurrage_core::plan::{DecidedFrom, Mode, Plan, PlanHead};
use demurrage_report::{PlanChanges, PlanReport, plan_json, plan_table};
use demurrage_store::{PlanDraft, PlanFiles};

use super::PlanArgs;
use super::basis::Basis;
use super::deciding::decide_all;
use super::earlier::{EarlierPlan, applied_images};
use super::written;
use crate::args::Format;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::selected::by_name;
use crate::{price_list, talk, terminal};

pub(super) fn run(arguments: &PlanArgs) -> Result<Exit, Failure> {
    let basis = Basis::read(&arguments.asked)?;
    let mode = arguments.mode.mode();
    let earlier = earlier(&basis, mode)?;
    let prices = price_list::read(&basis.store, basis.now)?;
    let wanted = by_name(arguments.asked.repository.as_deref());
    let question = basis.question(basis.now, mode);
    let decided = decide_all(&basis.store, &basis.entries, question, earlier.as_ref(), &prices, &wanted)?;
    let past = applied_images(&basis.store, basis.now)?;
    let is_partial = decided.body.is_partial;
    let head = PlanHead {
        made_at: basis.now,
        expires_at: basis.now + arguments.holds_for(),
        mode,
        decided_from: decided_from(&basis, earlier.as_ref())?,
        tripped: decided.body.tripped(&basis.configuration.plan.limits, &past),
    };
    let draft = PlanDraft {
        head,
        repositories: decided.body.repositories,
        refused: decided.body.refused,
        kept: decided.body.kept,
        pending: decided.body.pending,
        usd_per_month: decided.usd_per_month,
    };
    let files = PlanFiles::of(&draft);
    let path = written::write(&basis.store, arguments.out.as_deref(), &files)?;
    let changes = PlanChanges::of(&draft.repositories);
    let report = PlanReport {
        plan: &files.plan,
        path: &path,
        changes: &changes,
        kept: &draft.kept,
        pending: &draft.pending,
    };
    match arguments.format {
        Format::Json => talk::json(&plan_json(report.plan, report.path))?,
        Format::Table => talk::data(&plan_table(&report, terminal::width()))?,
    }
    say_what_next(&files.plan, &path);
    Ok(exit(&files.plan, is_partial))
}

/// In mode enforce, the plan that has to have chosen the same.
fn earlier(basis: &Basis, mode: Mode) -> Result<Option<EarlierPlan>, Failure> {
    if mode != Mode::Enforce {
        return Ok(None);
    }
    let found = EarlierPlan::find(&basis.store, &basis.rules_source().name, basis.now)?;
    if found.is_none() {
        talk::say("no plan that is 24 hours older is in the store, so everything waits for the next one");
    }
    Ok(found)
}

fn decided_from(basis: &Basis, earlier: Option<&EarlierPlan>) -> Result<DecidedFrom, Failure> {
    let inventories: Result<_, _> =
        basis.entries.iter().map(|entry| basis.store.inventory_source(entry)).collect();
    Ok(DecidedFrom {
        inventories: inventories?,
        uses: basis.uses.records.clone(),
        rules: basis.rules_source(),
        configuration: basis.configuration_source.clone(),
        holds: basis.holds_source(),
        earlier_plan: earlier.map(|plan| plan.hash.to_string()),
    })
}

pub(in crate::command) fn say_what_next(plan: &Plan, path: &str) {
    talk::say(format!("plan: {path}"));
    if plan.actions() == 0 {
        return;
    }
    talk::hint(&format!("`demurrage plan show {path} --images` shows what it does, one by one"));
    match plan.head.mode {
        Mode::Observe => {}
        Mode::Approve => {
            talk::hint(&format!("`demurrage apply {path} --hash {}` applies it", plan.hash.short()));
        }
        Mode::Enforce if plan.head.tripped.is_empty() => {}
        Mode::Enforce => talk::warn("a soft guard tripped, so it is not applied by itself"),
    }
}

/// With which code a command ends that made a plan.
pub(in crate::command) fn exit(plan: &Plan, is_partial: bool) -> Exit {
    if is_partial {
        Exit::Partial
    } else if plan.actions() == 0 {
        Exit::NothingToDo
    } else if plan.head.tripped.is_empty() {
        Exit::Done
    } else {
        Exit::Findings
    }
}
