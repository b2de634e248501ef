//! The steps in which the state machine applies a plan: its parts are told, and at the end everything is looked at once more.

use std::fmt::Write;

use chrono::Utc;
use demurrage_aws::apply::Lease;
use demurrage_contract::{ApplyAdmitted, ApplyInput, ApplyPhase, Failure};
use demurrage_core::apply::{ApplyReport, Halt, HaltKind, admit};
use demurrage_serve::{Call, of_plan};
use demurrage_store::{Documents, PlanHalt, Store, StoreError, StoredPlan, journal_of};
use tokio::task::block_in_place;
use tracing::warn;

use crate::applying::{BEGIN_PERCENT, Doing, Edge, apply};
use crate::refusing::{bad, of_apply};

/// The inputs of all parts, one a line, the smallest part first.
const ITEMS: &str = "parts.jsonl";
/// What everything came to.
const REPORT: &str = "report.json";

/// Compares every hash of a plan, and tells its parts.
pub(crate) fn admitted(
    store: &Store,
    plan: &StoredPlan,
    input: &ApplyInput,
) -> Result<ApplyAdmitted, Failure> {
    plan.verify().map_err(|error| of_plan(&error))?;
    admit(&plan.plan.head, Utc::now()).map_err(|why| bad(format!("{why}: {}", why.help())))?;
    let mut order: Vec<(u64, usize)> =
        plan.plan.parts.iter().enumerate().map(|(place, part)| (part.actions, place)).collect();
    order.sort_unstable();
    let mut lines = String::new();
    for &(_, place) in &order {
        let part = ApplyInput { phase: Some(ApplyPhase::Part), part: Some(place), ..input.clone() };
        let line = serde_json::to_string(&part).map_err(|error| bad(error.to_string()))?;
        let _ = writeln!(lines, "{line}");
    }
    let documents = store.beside_journal(&plan.plan.hash)?;
    documents.put(ITEMS, lines.as_bytes())?;
    Ok(ApplyAdmitted {
        hash: input.hash.clone(),
        mode: input.mode,
        parts: order.len(),
        canary: order.first().map_or(0, |&(_, place)| place),
        items: documents.object(ITEMS).1,
    })
}

/// Tells the other parts to end, where this one met something that concerns all of them.
pub(crate) fn tell_others(
    store: &Store,
    plan: &StoredPlan,
    part: usize,
    report: &ApplyReport,
) -> Result<(), StoreError> {
    let odd = || {
        let detail = "something is gone that was not planned, or an answer of ECR was odd".to_owned();
        let is_odd = report.repositories.iter().any(demurrage_core::apply::RepositoryReport::is_odd);
        is_odd.then_some(Halt { kind: HaltKind::Suspicious, detail })
    };
    let told = report.halt.clone().filter(|halt| halt.kind.concerns_all()).or_else(odd);
    let Some(Halt { kind, detail }) = told else { return Ok(()) };
    warn!(kind = kind.name(), part, "no part of the plan is gone on with: {detail}");
    store.put_plan_halt(&plan.plan.hash, &PlanHalt { part, kind: kind.name().to_owned(), detail })
}

/// What is known of all parts after a call, and whether that is all of them.
pub(crate) struct Verified {
    pub(crate) report: ApplyReport,
    pub(crate) has_more: bool,
    /// Where the report lies, once it is whole.
    pub(crate) place: Option<String>,
}

/// Looks what each part has come to, as many of them as there is time for; the report of all of them once they are.
pub(crate) async fn verified(
    store: &Store,
    edge: &Edge,
    plan: &StoredPlan,
    lease: impl AsyncFn(String) -> Result<Lease, Failure>,
    call: &Call,
) -> Result<Verified, Failure> {
    let documents = block_in_place(|| store.beside_journal(&plan.plan.hash))?;
    let hash = plan.plan.hash.to_string();
    let mut whole = ApplyReport {
        plan: hash.clone(),
        began_at: Utc::now(),
        ended_at: Utc::now(),
        repositories: Vec::new(),
        halt: halted(store, plan)?,
    };
    for part in 0..plan.plan.parts.len() {
        let name = format!("verified-{part:05}.json");
        let found = match block_in_place(|| documents.read::<ApplyReport>(&name))? {
            Some(found) => found,
            None if call.is_gone(BEGIN_PERCENT) => {
                return Ok(Verified { report: whole, has_more: true, place: None });
            }
            None => {
                let lease = lease(journal_of(&hash, Some(part))).await?;
                let looked = apply(store, edge, plan, Some(part), Doing::Verify, lease, call);
                let looked = Box::pin(looked).await?.map_err(of_apply)?;
                if looked.halt.is_none() {
                    put(&documents, &name, &looked)?;
                }
                looked
            }
        };
        whole.began_at = whole.began_at.min(found.began_at);
        whole.halt = whole.halt.or(found.halt);
        whole.repositories.extend(found.repositories);
    }
    whole.ended_at = Utc::now();
    put(&documents, REPORT, &whole)?;
    Ok(Verified { report: whole, has_more: false, place: Some(documents.shown(REPORT)) })
}

fn put(documents: &Documents, name: &str, report: &ApplyReport) -> Result<(), StoreError> {
    block_in_place(|| documents.put(name, report.to_json().as_bytes()))
}

/// Why no part was gone on with, where one said so, or somebody ordered to stop.
fn halted(store: &Store, plan: &StoredPlan) -> Result<Option<Halt>, StoreError> {
    if let Some(PlanHalt { part, kind, detail }) = block_in_place(|| store.plan_halt(&plan.plan.hash))? {
        let kind = HaltKind::from_name(&kind).unwrap_or(HaltKind::OtherPart);
        return Ok(Some(Halt { kind, detail: format!("part {part}: {detail}") }));
    }
    let order = block_in_place(|| store.stop())?;
    Ok(order.map(|order| Halt {
        kind: HaltKind::StopOrder,
        detail: format!("{} ordered to stop: {}", order.by, order.reason),
    }))
}
