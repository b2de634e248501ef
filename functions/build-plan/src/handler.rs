//! What the store has to a plan in the store.

use chrono::{TimeDelta, Utc};
use demurrage_contract::{Failure, FailureKind, PlanInput, PlanMode, PlanOutput, Status};
use demurrage_core::plan::Plan;
use demurrage_serve::{Call, RULES_FILE};
use demurrage_store::Store;
use tokio::task::block_in_place;
use tracing::{info, warn};

use crate::planning::{Planned, plan};

/// How long a plan may be applied, in hours, where nobody says it; and at most.
const EXPIRES_IN_HOURS: u32 = 24;
const EXPIRES_IN_HOURS_MAX: u32 = 168;

pub(crate) fn handle(store: &Store, input: &PlanInput, call: &Call) -> Result<PlanOutput, Failure> {
    let hours = input.expires_in_hours.unwrap_or(EXPIRES_IN_HOURS);
    if hours == 0 || EXPIRES_IN_HOURS_MAX < hours {
        let message = format!("`expires_in_hours` is {hours}, and has to be 1 to {EXPIRES_IN_HOURS_MAX}");
        return Err(Failure::new(FailureKind::BadInput, message));
    }
    let now = Utc::now();
    block_in_place(|| {
        let expires_at = now + TimeDelta::hours(i64::from(hours));
        let planned = plan(store, input.mode.into(), now, expires_at, call)?;
        let Planned { plan, path, is_partial } = planned.ok_or_else(|| no_rules(store))?;
        let output = output(input, &plan, path, is_partial);
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
        Ok(output)
    })
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
