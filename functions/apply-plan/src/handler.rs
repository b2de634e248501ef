//! A plan, named by its hash, to what came of applying it.

use demurrage_aws::apply::{ApplyError, Lease};
use demurrage_contract::{ApplyInput, ApplyOutput, Failure, FailureKind, PlanMode, Status};
use demurrage_core::apply::{ApplyReport, HaltKind, RepositoryState, admit};
use demurrage_core::plan::{Mode, PlanHash};
use demurrage_serve::{Call, of_plan};
use demurrage_store::{Store, StoredPlan};
use tokio::task::block_in_place;
use tracing::{info, warn};

use crate::applying::{Edge, apply};

pub(crate) async fn handle(
    store: &Store,
    edge: &Edge,
    lease: impl AsyncFnOnce(String) -> Result<Lease, Failure>,
    input: &ApplyInput,
    call: &Call,
) -> Result<ApplyOutput, Failure> {
    // Whoever names a plan has to mean that one: the beginning of a hash is for people.
    let hash: PlanHash = input.hash.parse().map_err(|error| bad(format!("`hash`: {error}")))?;
    let plan = block_in_place(|| store.plan(&hash.to_string())).map_err(|error| of_plan(&error))?;
    if input.mode == PlanMode::Observe {
        return block_in_place(|| observed(&plan, input));
    }
    let (asked, made) = (Mode::from(input.mode), plan.plan.head.mode);
    if asked != made {
        return Err(bad(format!("the plan was made in mode {made}, and not in mode {asked}")));
    }
    let lease = lease(input.hash.clone()).await?;
    match Box::pin(apply(store, edge, &plan, lease, call)).await? {
        Ok(report) => Ok(output(input, &report)),
        Err(ApplyError::Finished { report }) => {
            info!("the plan was applied already");
            Ok(output(input, &report))
        }
        Err(ApplyError::NotApplicable(why)) => Err(bad(format!("{why}: {}", why.help()))),
        Err(ApplyError::Plan(error)) => Err(of_plan(&error)),
        Err(ApplyError::Store(error)) => Err(error.into()),
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
        more: false,
    })
}

fn output(input: &ApplyInput, report: &ApplyReport) -> ApplyOutput {
    let sum = |of: fn(&demurrage_core::apply::RepositoryReport) -> u64| -> u64 {
        report.repositories.iter().map(of).sum()
    };
    for repository in &report.repositories {
        for unplanned in &repository.unplanned {
            warn!(repository = repository.repository.name, "gone, and not planned: {}", unplanned.digest);
        }
        if let RepositoryState::Refused(why) = &repository.state {
            warn!(repository = repository.repository.name, "nothing was done: {why}");
        }
    }
    if let Some(halt) = &report.halt {
        warn!(kind = halt.kind.name(), "it ended early: {}", halt.detail);
    }
    let is_whole = report.repositories.iter().all(|repository| repository.state == RepositoryState::Done);
    let unplanned = sum(|repository| repository.unplanned.len() as u64);
    let output = ApplyOutput {
        hash: input.hash.clone(),
        mode: input.mode,
        status: Status::of(report.halt.is_some() || !is_whole || unplanned != 0),
        halt: report.halt.as_ref().map(|halt| halt.kind.name().to_owned()),
        expired: sum(|repository| repository.expired),
        archived: sum(|repository| repository.archived),
        untagged: sum(|repository| repository.untagged),
        settings: sum(|repository| repository.settings),
        left: sum(|repository| repository.left.len() as u64),
        unplanned,
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

fn bad(message: String) -> Failure {
    Failure::new(FailureKind::BadInput, message)
}
