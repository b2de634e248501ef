//! What the store has to a plan in the store.

use chrono::{TimeDelta, Utc};
use demurrage_contract::documents::{PlannedRegistry, RunDocument, names};
use demurrage_contract::{Failure, FailureKind, PlanInput, PlanMode, PlanOutput, RunId, Status};
use demurrage_core::plan::Plan;
use demurrage_serve::{Assembled, Call, RULES_FILE, assemble, found};
use demurrage_store::{Deployment, Documents, Store};
use tokio::task::block_in_place;
use tracing::{info, warn};

use crate::folding::fold;
use crate::planning::{Planned, plan};

/// How long a plan may be applied, in hours, where nobody says it; and at most.
const EXPIRES_IN_HOURS: u32 = 24;
const EXPIRES_IN_HOURS_MAX: u32 = 168;

/// Percent of the time after which no other registry is put together.
const BEGIN_PERCENT: u32 = 50;

/// What a deployment sets.
#[derive(Debug, Clone, Default)]
pub(crate) struct Settings {
    /// The ARN of the state machine that applies plans, where there is one.
    pub(crate) apply_state_machine: Option<String>,
}

pub(crate) fn handle(
    store: &Store,
    settings: &Settings,
    input: &PlanInput,
    call: &Call,
) -> Result<PlanOutput, Failure> {
    let hours = input.expires_in_hours.unwrap_or(EXPIRES_IN_HOURS);
    if hours == 0 || EXPIRES_IN_HOURS_MAX < hours {
        let message = format!("`expires_in_hours` is {hours}, and has to be 1 to {EXPIRES_IN_HOURS_MAX}");
        return Err(Failure::new(FailureKind::BadInput, message));
    }
    let lasts = TimeDelta::hours(i64::from(hours));
    block_in_place(|| match &input.run {
        Some(run) => {
            if let Some(apply_state_machine) = settings.apply_state_machine.clone() {
                store.put_deployment(&Deployment { apply_state_machine })?;
            }
            of_run(store, input, run, lasts, call)
        }
        None => decided(store, input, lasts, call)?.ok_or_else(|| no_rules(store)),
    })
}

/// The plan of a run, which is made once: its inventories are put together and what needs the whole of them is folded, as far
/// as the time allows.
fn of_run(
    store: &Store,
    input: &PlanInput,
    run: &RunId,
    lasts: TimeDelta,
    call: &Call,
) -> Result<PlanOutput, Failure> {
    let documents = store.documents(&[names::RUNS, run.as_str()])?;
    if let Some(output) = documents.read::<PlanOutput>(names::PLANNED)? {
        return Ok(output);
    }
    let described: Option<RunDocument> = documents.read(names::RUN)?;
    let described = described.ok_or_else(|| {
        let message = format!("there is no run `{run}`, or it was never planned");
        Failure::new(FailureKind::BadInput, message)
    })?;
    let found = found(&documents, &described, Utc::now())?;
    let mut has_assembled = false;
    for planned in &described.registries {
        if has_assembled && call.is_gone(BEGIN_PERCENT) {
            return Ok(PlanOutput::more(input.mode));
        }
        let (_, assembled) = assemble(store, &documents, planned, &found, &call.attempt)?;
        has_assembled |= assembled == Assembled::Now;
    }
    if fold(store, &documents, &described, &found, call)?.is_break()
        || (has_assembled && call.is_gone(BEGIN_PERCENT))
    {
        return Ok(PlanOutput::more(input.mode));
    }
    let output = if let Some(unasked) = unasked(&documents, &described)? {
        warn!("nothing is planned: nobody came back from reading what is in use in {unasked}");
        PlanOutput::none(input.mode, Status::Partial)
    } else {
        let decided = decided(store, input, lasts, call)?;
        decided.unwrap_or_else(|| PlanOutput::none(input.mode, Status::Complete))
    };
    Ok(documents.agree(names::PLANNED, output)?)
}

/// Where nobody came back from reading what is in use, and not even that was put down. What the store knows from before may be
/// complete and recent enough, and what was deployed since is not in it.
fn unasked(documents: &Documents, run: &RunDocument) -> Result<Option<String>, Failure> {
    for PlannedRegistry { account, region, .. } in &run.registries {
        if documents.get(&names::workloads(account, region))?.is_none() {
            return Ok(Some(format!("{account} {region}")));
        }
    }
    Ok(None)
}

/// A plan from what the store has now; nothing where no rule says what goes.
fn decided(
    store: &Store,
    input: &PlanInput,
    lasts: TimeDelta,
    call: &Call,
) -> Result<Option<PlanOutput>, Failure> {
    let now = Utc::now();
    let planned = plan(store, input.mode.into(), now, now + lasts, call)?;
    let Some(Planned { plan, path, is_partial, unsaid }) = planned else { return Ok(None) };
    let mut output = output(input, &plan, path, is_partial);
    // A person may know what the configuration does not say; a machine does not.
    output.admitted &= unsaid.is_empty();
    for unsaid in &unsaid {
        warn!("{unsaid}: {}", unsaid.help());
    }
    for tripped in &plan.head.tripped {
        warn!("the plan trips a soft guard: {}: {}", tripped.guard, tripped.detail);
    }
    info!(
        plan = output.hash,
        images = output.images,
        refused = output.refused,
        kept = output.kept,
        tripped = output.tripped,
        "planned"
    );
    Ok(Some(output))
}

fn no_rules(store: &Store) -> Failure {
    let place = format!("{}/{RULES_FILE}", store.shown().trim_end_matches('/'));
    let message = format!("there is no `[[retention]]` in `{place}`: no rule says what goes");
    Failure::new(FailureKind::BadInput, message)
}

fn output(input: &PlanInput, plan: &Plan, path: String, is_partial: bool) -> PlanOutput {
    PlanOutput {
        hash: Some(plan.hash.to_string()),
        path: Some(path),
        mode: input.mode,
        expires_at: Some(plan.head.expires_at),
        actions: plan.actions(),
        images: plan.images(),
        bytes_freed: plan.bytes_freed(),
        usd_per_month: plan.usd_per_month.map(|usd| usd.to_string()),
        tripped: plan.head.tripped.len() as u64,
        refused: plan.refused.len() as u64,
        kept: plan.kept.iter().map(|(_, images)| images).sum(),
        pending: plan.pending,
        status: Status::of(is_partial),
        admitted: input.mode == PlanMode::Enforce
            && 0 < plan.actions()
            && plan.head.tripped.is_empty()
            && !is_partial,
        more: false,
    }
}
