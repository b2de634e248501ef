//! What came of a plan in a repository, by what is listed there afterwards and by the journal.

use std::collections::{BTreeMap, BTreeSet};

use demurrage_core::apply::{
    Halt, LeftAction, RepositoryReport, RepositoryState, Standing, standing, unplanned,
};
use demurrage_core::lifecycle::Relations;
use demurrage_core::plan::{ActionKind, ImageAction, Links};
use demurrage_core::{Digest, Image, ImageStatus, Repository};

use super::halt::by_call;
use super::prepare::whole;
use super::run::Run;
use super::work::{Fate, Past, Work};
use crate::Ecr;
use crate::collect::re_read_images;

/// Lists a repository once more, where this run changed it, and says what came of the plan.
pub(super) async fn review(
    run: &mut Run<'_>,
    work: &mut Work<'_>,
    report: &mut RepositoryReport,
) -> Result<(), Halt> {
    let address = work.plan.repository.clone();
    let before = work.before.take().unwrap_or_default();
    let after: Vec<Image> = if work.has_written && !work.actions.is_empty() {
        let ecr = run.ecr(&address)?;
        listed(&ecr, &address.name).await?
    } else {
        before.clone()
    };
    work.past = Past::of(run.journal.entries(), work.plan);
    count(work, &after, report);
    let listed: BTreeSet<Digest> = after.iter().map(|image| image.digest).collect();
    let relations = Relations::of(&before);
    report.unplanned = unplanned(&before, &Links::of(&before, &relations), &work.actions, &listed);
    report.state = RepositoryState::Done;
    Ok(())
}

/// All images of a repository as they are now.
pub(super) async fn listed(ecr: &Ecr, name: &str) -> Result<Vec<Image>, Halt> {
    let mut repository = Repository::new(name);
    re_read_images(ecr, &mut repository).await.map_err(|error| by_call(&error))?;
    whole(&repository)?;
    Ok(repository.images)
}

/// Counts what is so, by whom, and names what is not.
pub(super) fn count(work: &Work<'_>, after: &[Image], report: &mut RepositoryReport) {
    let after: BTreeMap<Digest, &Image> = after.iter().map(|image| (image.digest, image)).collect();
    for (action, fate) in work.actions.iter().zip(&work.fates) {
        let image = after.get(&action.digest).copied();
        if is_so(action, image) {
            let is_ours = work.past.touched.contains(&action.digest);
            match action.kind {
                _ if !is_ours => report.already += 1,
                ActionKind::Expire => {
                    report.expired += 1;
                    report.bytes_freed += action.bytes_freed;
                }
                ActionKind::Archive => report.archived += 1,
                ActionKind::Untag => report.untagged += 1,
            }
            continue;
        }
        let why = match (fate, image) {
            (Fate::Left(why), _) => why.clone(),
            (Fate::Pending | Fate::Done, None) => "it is gone".to_owned(),
            (Fate::Pending | Fate::Done, Some(_)) => {
                match standing(action, image, &work.past.taken_off(&action.digest)) {
                    Standing::Changed(change) => change.to_string(),
                    Standing::Same | Standing::Already => "it is still there".to_owned(),
                }
            }
        };
        report.left.push(LeftAction { digest: Some(action.digest), why });
    }
    report.settings = work.settings_done;
    report.already += work.settings_already;
    report.left.extend(work.settings_left.iter().cloned());
}

/// Whether what an action wants is so.
fn is_so(action: &ImageAction, image: Option<&Image>) -> bool {
    match (action.kind, image) {
        (ActionKind::Expire, image) => image.is_none(),
        (ActionKind::Archive, Some(image)) => image.status == ImageStatus::Archived,
        (ActionKind::Untag, Some(image)) => !action.tags.iter().any(|tag| image.tags.contains(tag)),
        (ActionKind::Archive | ActionKind::Untag, None) => false,
    }
}
