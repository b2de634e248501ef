//! The daily run of lifecycle policies: what they say is done, and referrers follow their subjects.
//!
//! Source: user guide, `LifecyclePolicies` and image-signing; read 2026-11-23. Verdicts are those of the
//! reference evaluator under its default switches.

use chrono::{DateTime, TimeDelta, Utc};
use demurrage_reference::Act;

use super::remove::{Told, referenced, remove_image};
use super::storage::archive;
use crate::model::{ImageRecord, ImageStatus};
use crate::policy;
use crate::state::{Place, State};

/// What the run did in one repository.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct LifecycleRun {
    /// The repository.
    pub repository: String,
    /// Digests that were deleted, in this order.
    pub expired: Vec<String>,
    /// Digests that were archived, in this order.
    pub transitioned: Vec<String>,
    /// Digests that a rule would have deleted, but an index in the repository names them.
    pub referenced: Vec<String>,
}

/// Runs the policies of a registry, or of one repository of it. Repositories without a policy are left out.
pub(crate) fn run(state: &mut State, place: &Place, only: Option<&str>) -> Vec<LifecycleRun> {
    let names: Vec<String> = match only {
        Some(name) => vec![name.to_owned()],
        None => state.region(place).page(None, usize::MAX).0.into_iter().map(|record| record.name).collect(),
    };
    names.iter().filter_map(|name| run_one(state, place, name)).collect()
}

fn run_one(state: &mut State, place: &Place, name: &str) -> Option<LifecycleRun> {
    let text = state.region(place).record(name)?.lifecycle_policy?;
    let rules = policy::read(&text).ok()?;
    let now = state.now();
    let told = if state.settings.lifecycle_events { Told::Yes } else { Told::No };
    let mut run = LifecycleRun { repository: name.to_owned(), ..LifecycleRun::default() };
    let contents = state.region(place).contents(name)?;
    let judged = policy::judge(&rules, &contents, now);
    drop(contents);
    follow_subjects(state, place, name, now, told, &mut run);
    for judged in judged {
        let contents = state.region(place).contents(name)?;
        let Some(image) = contents.image(&judged.digest).cloned() else { continue };
        match judged.act {
            Act::Expire if referenced(&contents, &image).is_some() => run.referenced.push(judged.digest),
            Act::Expire => {
                drop(contents);
                remove_image(state, place, name, &image, told);
                run.expired.push(judged.digest);
            }
            Act::Transition if image.status == ImageStatus::Active => {
                drop(contents);
                archive(state, place, name, &judged.digest);
                run.transitioned.push(judged.digest);
            }
            Act::Transition => {}
        }
    }
    if let Some(repository) = state.region(place).held(name) {
        repository.record.lifecycle_evaluated_at = Some(now);
    }
    Some(run)
}

/// Referrers that have been in their class for 24 hours go where their subject went before this run.
fn follow_subjects(
    state: &mut State,
    place: &Place,
    name: &str,
    now: DateTime<Utc>,
    told: Told,
    run: &mut LifecycleRun,
) {
    let Some(contents) = state.region(place).contents(name) else { return };
    let settled = |image: &ImageRecord| {
        let since = match image.status {
            ImageStatus::Active => image.activated_at.unwrap_or(image.pushed_at),
            ImageStatus::Archived => image.archived_at.unwrap_or(image.pushed_at),
            ImageStatus::Activating => return false,
        };
        TimeDelta::hours(24) <= now - since
    };
    let referrers: Vec<(ImageRecord, Option<ImageStatus>)> = contents
        .images()
        .filter(|image| settled(image))
        .filter_map(|image| {
            let subject = image.subject.as_ref()?;
            Some((image.clone(), contents.image(subject).map(|subject| subject.status)))
        })
        .collect();
    for (image, subject) in referrers {
        match subject {
            None if referenced(&contents, &image).is_none() => {
                remove_image(state, place, name, &image, told);
                run.expired.push(image.digest);
            }
            Some(ImageStatus::Archived) if image.status == ImageStatus::Active => {
                archive(state, place, name, &image.digest);
                run.transitioned.push(image.digest);
            }
            _ => {}
        }
    }
}
