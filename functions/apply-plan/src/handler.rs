//! A plan, named by its hash, to what came of applying it.

use demurrage_aws::apply::{ApplyError, Lease};
use demurrage_contract::{ApplyAnswer, ApplyInput, ApplyOutput, ApplyPhase, Failure, PlanMode, Status};
use demurrage_core::apply::{ApplyReport, HaltKind, RepositoryReport, RepositoryState, admit};
use demurrage_core::plan::{Mode, PlanHash};
use demurrage_serve::{Call, of_plan};
use demurrage_store::{Store, StoredPlan, journal_of};
use tokio::task::block_in_place;
use tracing::{info, warn};

use crate::applying::{Doing, Edge, apply};
use crate::phases::{Verified, admitted, tell_others, verified};
use crate::refusing::{bad, of_apply};

pub(crate) async fn handle(
    store: &Store,
    edge: &Edge,
    lease: impl AsyncFn(String) -> Result<Lease, Failure>,
    input: &ApplyInput,
    call: &Call,
) -> Result<ApplyAnswer, Failure> {
    // Whoever names a plan has to mean that one: the beginning of a hash is for people.
    let hash: PlanHash = input.hash.parse().map_err(|error| bad(format!("`hash`: {error}")))?;
    let plan = block_in_place(|| store.plan(&hash.to_string())).map_err(|error| of_plan(&error))?;
    if input.mode == PlanMode::Observe && (input.phase, input.part) != (None, None) {
        return Err(bad("in mode observe no part of a plan is applied".to_owned()));
    }
    if input.mode == PlanMode::Observe {
        return block_in_place(|| observed(&plan, input)).map(ApplyAnswer::Came);
    }
    let (asked, made) = (Mode::from(input.mode), plan.plan.head.mode);
    if asked != made {
        return Err(bad(format!("the plan was made in mode {made}, and not in mode {asked}")));
    }
    match (input.phase, input.part) {
        (Some(ApplyPhase::Admit), None) => {
            block_in_place(|| admitted(store, &plan, input)).map(ApplyAnswer::Admitted)
        }
        (Some(ApplyPhase::Verify), None) => {
            let Verified { report, has_more, place } =
                Box::pin(verified(store, edge, &plan, lease, call)).await?;
            let came = output(input, &report);
            Ok(ApplyAnswer::Came(ApplyOutput { more: has_more, report: place, ..came }))
        }
        (Some(ApplyPhase::Part), Some(part)) if part < plan.plan.parts.len() => {
            let report = applied(store, edge, &plan, Some(part), lease, call).await?;
            block_in_place(|| tell_others(store, &plan, part, &report))?;
            let came = output(input, &report);
            let is_odd = came.halt.is_none() && report.repositories.iter().any(RepositoryReport::is_odd);
            let halt = if is_odd { Some(HaltKind::Suspicious.name().to_owned()) } else { came.halt };
            Ok(ApplyAnswer::Came(ApplyOutput { halt, ..came }))
        }
        (None, None) => {
            let report = applied(store, edge, &plan, None, lease, call).await?;
            Ok(ApplyAnswer::Came(output(input, &report)))
        }
        (Some(ApplyPhase::Part), Some(part)) => Err(bad(format!("the plan has no part {part}"))),
        (Some(ApplyPhase::Part), None) => Err(bad("`part` is missing".to_owned())),
        (None | Some(ApplyPhase::Admit | ApplyPhase::Verify), Some(_)) => {
            Err(bad("`part` is of the phase `part` alone".to_owned()))
        }
    }
}

/// Applies a plan or a part of it; what came of it before, where it came to its end then.
async fn applied(
    store: &Store,
    edge: &Edge,
    plan: &StoredPlan,
    part: Option<usize>,
    lease: impl AsyncFn(String) -> Result<Lease, Failure>,
    call: &Call,
) -> Result<ApplyReport, Failure> {
    let lease = lease(journal_of(&plan.plan.hash.to_string(), part)).await?;
    match Box::pin(apply(store, edge, plan, part, Doing::Apply, lease, call)).await? {
        Ok(report) => Ok(report),
        Err(ApplyError::Finished { report }) => {
            info!("it was applied already");
            Ok(*report)
        }
        Err(error) => Err(of_apply(error)),
    }
}

/// Reads the plan, all of it, and changes nothing.
fn observed(plan: &StoredPlan, input: &ApplyInput) -> Result<ApplyOutput, Failure> {
    plan.verify().map_err(|error| of_plan(&error))?;
    let admitted = admit(&plan.plan.head, chrono::Utc::now());
    if let Err(why) = &admitted {
        info!("it could not be applied: {why}");
    }
    info!(actions = plan.plan.actions(), images = plan.plan.images(), "observed: nothing was changed");
    Ok(ApplyOutput {
        hash: input.hash.clone(),
        mode: input.mode,
        status: Status::of(admitted.is_err()),
        halt: admitted.is_err().then(|| "not_applicable".to_owned()),
        expired: 0,
        archived: 0,
        untagged: 0,
        settings: 0,
        left: 0,
        unplanned: 0,
        report: None,
        more: false,
    })
}

fn output(input: &ApplyInput, report: &ApplyReport) -> ApplyOutput {
    let sum = |of: fn(&RepositoryReport) -> u64| -> u64 { report.repositories.iter().map(of).sum() };
    for repository in &report.repositories {
        for unplanned in &repository.unplanned {
            warn!(repository = repository.repository.name, "gone, and not planned: {}", unplanned.digest);
        }
        for odd in &repository.odd {
            warn!(repository = repository.repository.name, "{odd}");
        }
        if let RepositoryState::Refused(why) = &repository.state {
            warn!(repository = repository.repository.name, "nothing was done: {why}");
        }
    }
    if let Some(halt) = &report.halt {
        warn!(kind = halt.kind.name(), "it ended early: {}", halt.detail);
    }
    let is_whole = report.repositories.iter().all(|repository| repository.state == RepositoryState::Done);
    let is_odd = report.repositories.iter().any(RepositoryReport::is_odd);
    let unplanned = sum(|repository| repository.unplanned.len() as u64);
    let output = ApplyOutput {
        hash: input.hash.clone(),
        mode: input.mode,
        status: Status::of(report.halt.is_some() || !is_whole || is_odd),
        halt: report.halt.as_ref().map(|halt| halt.kind.name().to_owned()),
        expired: sum(|repository| repository.expired),
        archived: sum(|repository| repository.archived),
        untagged: sum(|repository| repository.untagged),
        settings: sum(|repository| repository.settings),
        left: sum(|repository| repository.left.len() as u64),
        unplanned,
        report: None,
        more: report.halt.as_ref().is_some_and(|halt| halt.kind == HaltKind::TimeIsUp),
    };
    info!(
        expired = output.expired,
        archived = output.archived,
        left = output.left,
        more = output.more,
        "applied"
    );
    output
}
