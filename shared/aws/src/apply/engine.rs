//! Applying a plan, repository after repository.

use chrono::{DateTime, Utc};
use demurrage_core::apply::{
    ApplyReport, Halt, HaltKind, NotApplicable, RepositoryReport, RepositoryState, admit, batches, oddity_of,
    waves,
};
use demurrage_core::plan::RepositoryPlan;
use demurrage_store::{Journal, PlanError, StoreError, journal_of};
use tokio::task::block_in_place;

use super::ApplyContext;
use super::batch::{Went, batch};
use super::halt::{by_plan, by_store, halt};
use super::prepare::{Preparation, Prepared, guard, prepare};
use super::review::review;
use super::run::{Gate, Run};
use super::settings::settings;
use super::settle::settle_open;
use super::turns::Turns;
use super::work::Work;

/// Why a plan was not begun. Nothing was changed.
#[derive(Debug, thiserror::Error)]
pub enum ApplyError {
    /// It may not be applied.
    #[error(transparent)]
    NotApplicable(#[from] NotApplicable),
    /// It was applied, to its end.
    #[error("the plan was applied already, on {}", report.ended_at.format("%Y-%m-%d %H:%M UTC"))]
    Finished {
        /// What came of it.
        report: Box<ApplyReport>,
    },
    /// Everything that it does is in another account than whoever applies it.
    #[error("the plan is of the account {account}, and these credentials are of {own}")]
    OtherAccount {
        /// The account of the plan, the first of them.
        account: String,
        /// That of the credentials.
        own: String,
    },
    /// It cannot be read, or was changed.
    #[error(transparent)]
    Plan(#[from] PlanError),
    /// The store cannot be read.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// Applies a plan: everything that is still as it was planned, and that no guard keeps as everything is now.
///
/// It may be ended at any point, and applied again: the same comes of it, and nothing is done twice. What it came to is the
/// report; where it ended early, [`ApplyReport::halt`] says why.
///
/// # Errors
/// When it was not begun.
pub async fn apply(context: ApplyContext<'_>) -> Result<ApplyReport, ApplyError> {
    let began_at = (context.now)();
    let (journal, turns) = match begun(&context, began_at) {
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
    let ended = Box::pin(all(&mut run, turns, &mut repositories)).await;
    for report in &mut repositories {
        report.odd = odd_of(&run, report);
    }
    let mut report =
        ApplyReport { plan: hash, began_at, ended_at: run.now(), repositories, halt: ended.err() };
    if report.halt.is_none() && is_final(&report) {
        report.halt = block_in_place(|| run.journal.finish(&report)).map_err(by_store).err();
    }
    run.context.lease.release().await;
    Ok(report)
}

/// The journal, and what of the plan has its turn; unless there is nothing that may be begun.
fn begun<'a>(
    context: &ApplyContext<'a>,
    began_at: DateTime<Utc>,
) -> Result<(Journal, Turns<'a>), ApplyError> {
    let (store, plan, part) = (context.store, context.plan, context.options.part);
    let hash = plan.plan.hash.to_string();
    let journal = block_in_place(|| Journal::open_lean(store, &journal_of(&hash, part), &hash))?;
    if let Some(report) = block_in_place(|| journal.report::<ApplyReport>())? {
        return Err(ApplyError::Finished { report: Box::new(report) });
    }
    let has_open = journal.open_entries().next().is_some();
    match admit(&plan.plan.head, began_at) {
        // What was begun is looked after, and nothing is begun.
        Err(NotApplicable::Expired { .. }) if has_open => {}
        other => other?,
    }
    // All of it is read and compared before anything is done: what was changed shows here.
    let turns = block_in_place(|| Turns::of(plan, part))?;
    if let Some(account) = turns.foreign_account(context.session.account())
        && context.accounts.is_none()
    {
        let (account, own) = (account.to_owned(), context.session.account().to_owned());
        return Err(ApplyError::OtherAccount { account, own });
    }
    Ok((journal, turns))
}

/// Whether applying it again would come to the same: nothing was refused that may not be the next time, and something was
/// done, or there was nothing to do.
fn is_final(report: &ApplyReport) -> bool {
    let is_done = |repository: &RepositoryReport| repository.state == RepositoryState::Done;
    report.repositories.iter().all(is_done) && !report.nothing_went()
}

/// What was odd in a repository by the journal, beside what was found before.
pub(super) fn odd_of(run: &Run<'_>, report: &RepositoryReport) -> Vec<String> {
    let of_it = run.journal.entries().iter().filter(|entry| entry.intent.repository == report.repository);
    let found = of_it.filter_map(oddity_of).map(|odd| odd.to_string());
    let mut odd: Vec<String> = report.odd.iter().cloned().chain(found).collect();
    odd.sort();
    odd.dedup();
    odd
}

async fn all(run: &mut Run<'_>, mut turns: Turns<'_>, reports: &mut [RepositoryReport]) -> Result<(), Halt> {
    settle_open(run).await?;
    for (place, report) in reports.iter_mut().enumerate() {
        run.go_on().await?;
        let Some(plan) = block_in_place(|| turns.read(place)).map_err(|error| by_plan(&error))? else {
            continue;
        };
        report.state = RepositoryState::Broken;
        Box::pin(repository(run, plan, report)).await?;
        report.odd = odd_of(run, report);
        run.journal.let_go_of(&report.repository);
    }
    Ok(())
}

async fn repository(
    run: &mut Run<'_>,
    plan: &RepositoryPlan,
    report: &mut RepositoryReport,
) -> Result<(), Halt> {
    let mut work = Work::new(plan);
    let done = Box::pin(images_and_settings(run, &mut work)).await;
    if let Ok(Some(why)) = done {
        report.state = RepositoryState::Refused(why);
        return Ok(());
    }
    // Also where it ended early: what was done until then is in the report.
    let reviewed = match &work.before {
        Some(_) => review(run, &mut work, report).await,
        None => Ok(()),
    };
    if done.is_err() || reviewed.is_err() {
        report.state = RepositoryState::Broken;
    }
    done.and(reviewed)
}

/// Does everything in a repository; why not, where it is refused.
async fn images_and_settings(run: &mut Run<'_>, work: &mut Work<'_>) -> Result<Option<String>, Halt> {
    /// More than the waves of a repository, and the uses that one of the largest size outlives.
    const PREPARATIONS_MAX: usize = 1_000;
    for _ in 0..PREPARATIONS_MAX {
        let mut prepared = match prepare(run, work).await? {
            Preparation::Ready(prepared) => prepared,
            Preparation::Refused(why) => return Ok(Some(why)),
        };
        if next_wave(run, work, &mut prepared).await? == Pass::Finished {
            settings(run, work).await?;
            return Ok(None);
        }
        work.keep_manifests(*prepared);
    }
    Err(halt(HaltKind::Suspicious, "the repository is read anew again and again"))
}

/// How far one pass over a repository came.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Pass {
    /// Nothing is pending.
    Finished,
    /// The repository has to be read anew before it goes on.
    ReadAnew,
}

/// Does the next wave of a repository that has anything to do.
///
/// What hangs on its images is looked at only after the repository was listed anew: an image that was to go may be there
/// still, by a tag that came during the call, and keeps what belongs to it.
async fn next_wave(run: &mut Run<'_>, work: &mut Work<'_>, prepared: &mut Prepared) -> Result<Pass, Halt> {
    let address = work.plan.repository.clone();
    for wave in waves(&work.actions) {
        if !wave.iter().any(|&place| work.is_pending(place)) {
            continue;
        }
        guard(run, work, prepared).await?;
        let kept: Vec<usize> = wave.into_iter().filter(|&place| work.is_pending(place)).collect();
        for (number, next) in batches(&work.actions, &kept).iter().enumerate() {
            if run.gate(&address).await? == Gate::UsesAreNew {
                return Ok(Pass::ReadAnew);
            }
            // Also within a wave: a hold may have been put during the call of the batch before.
            if number != 0 {
                guard(run, work, prepared).await?;
            }
            if batch(run, work, prepared, next).await? == Went::LookAgain {
                return Ok(Pass::ReadAnew);
            }
        }
        if !kept.is_empty() && (0..work.actions.len()).any(|place| work.is_pending(place)) {
            return Ok(Pass::ReadAnew);
        }
    }
    Ok(Pass::Finished)
}
