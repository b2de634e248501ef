//! What a plan, or a part of it, has come to by what is listed now: nothing is changed.

use std::collections::BTreeMap;

use demurrage_core::Digest;
use demurrage_core::apply::{ApplyReport, Halt, RepositoryReport, RepositoryState};
use demurrage_core::plan::{Action, RepositoryPlan};
use demurrage_store::{Journal, journal_of};
use tokio::task::block_in_place;

use super::engine::odd_of;
use super::halt::{by_call, by_plan};
use super::review::{count, listed};
use super::run::Run;
use super::settings::{is_set, said_of};
use super::turns::Turns;
use super::work::{Fate, Past, Work};
use super::{ApplyContext, ApplyError};
use crate::collect::look_up_repository;

/// Lists the repositories of a plan once more and compares them with it, whatever its parts have said of themselves. The lease
/// says that nobody changes them meanwhile.
///
/// # Errors
/// When the plan or its journal cannot be read.
pub async fn verify(context: ApplyContext<'_>) -> Result<ApplyReport, ApplyError> {
    let began_at = (context.now)();
    let (journal, said, turns) = match begun(&context) {
        Ok(begun) => begun,
        Err(error) => {
            // Whoever comes next has nobody to wait for.
            context.lease.release().await;
            return Err(error);
        }
    };
    let hash = context.plan.plan.hash.to_string();
    let mut repositories = turns.reports();
    let mut run = Run::new(context, journal);
    let ended = Box::pin(all(&mut run, turns, said.as_ref(), &mut repositories)).await;
    run.context.lease.release().await;
    Ok(ApplyReport { plan: hash, began_at, ended_at: (run.context.now)(), repositories, halt: ended.err() })
}

/// The journal, what it says of an end, and what of the plan has its turn.
fn begun<'a>(context: &ApplyContext<'a>) -> Result<(Journal, Option<ApplyReport>, Turns<'a>), ApplyError> {
    let (store, plan, part) = (context.store, context.plan, context.options.part);
    let hash = plan.plan.hash.to_string();
    let journal = block_in_place(|| Journal::open_lean(store, &journal_of(&hash, part), &hash))?;
    let said = block_in_place(|| journal.report::<ApplyReport>())?;
    let turns = block_in_place(|| Turns::of(plan, part))?;
    Ok((journal, said, turns))
}

async fn all(
    run: &mut Run<'_>,
    mut turns: Turns<'_>,
    said: Option<&ApplyReport>,
    reports: &mut [RepositoryReport],
) -> Result<(), Halt> {
    for (place, report) in reports.iter_mut().enumerate() {
        let Some(plan) = block_in_place(|| turns.read(place)).map_err(|error| by_plan(&error))? else {
            continue;
        };
        let of_it = |said: &&RepositoryReport| said.repository == report.repository;
        let before = said.and_then(|said| said.repositories.iter().find(of_it));
        if let Some(before) = before {
            report.unplanned.clone_from(&before.unplanned);
            report.odd.clone_from(&before.odd);
        }
        Box::pin(repository(run, plan, before, report)).await?;
        report.odd = odd_of(run, report);
        run.journal.let_go_of(&report.repository);
    }
    Ok(())
}

async fn repository(
    run: &mut Run<'_>,
    plan: &RepositoryPlan,
    before: Option<&RepositoryReport>,
    report: &mut RepositoryReport,
) -> Result<(), Halt> {
    let address = &plan.repository;
    if let Some(why) = run.not_ours(address).await? {
        report.state = RepositoryState::Refused(why);
        return Ok(());
    }
    let ecr = run.ecr(address)?;
    let found = look_up_repository(&ecr, &address.name).await.map_err(|error| by_call(&error))?;
    if found.is_none() {
        report.state = RepositoryState::Refused("the repository is gone".to_owned());
        return Ok(());
    }
    let mut work = Work::new(plan);
    work.past = Past::of(run.journal.entries(), plan);
    let why: BTreeMap<Digest, &String> = before
        .iter()
        .flat_map(|before| &before.left)
        .filter_map(|left| Some((left.digest?, &left.why)))
        .collect();
    for place in 0..work.actions.len() {
        let digest = work.actions.get(place).map(|action| action.digest);
        if let Some(&why) = digest.and_then(|digest| why.get(&digest)) {
            work.set(place, Fate::Left(why.clone()));
        }
    }
    for action in plan.actions.iter().filter_map(Action::setting) {
        let is_set = is_set(&ecr, &address.name, action).await.map_err(|error| by_call(&error))?;
        said_of(&mut work, action, is_set);
    }
    let after = if work.actions.is_empty() { Vec::new() } else { listed(&ecr, &address.name).await? };
    count(&work, &after, report);
    report.state = match before {
        Some(before) => before.state.clone(),
        // Its part did not come to its end: what is so is so, and the rest was not had a look at.
        None if report.left.is_empty() => RepositoryState::Done,
        None => RepositoryState::Broken,
    };
    Ok(())
}
