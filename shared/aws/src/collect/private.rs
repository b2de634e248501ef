//! The whole private registry of an account in one region.

use demurrage_core::RegistryKind;
use demurrage_store::Store;
use tokio::task::block_in_place;

use super::reader::{self, Terms};
use super::until::Times;
use super::{CollectError, Collected, Extent, Progress, Stop, head, memory, recording, survey};
use crate::calls;
use crate::{Ecr, Session};

/// Collects the private registry of the session's account in one region.
///
/// What cannot be read of one repository is recorded there and in [`Collected::problems`], and the rest is
/// read.
///
/// # Errors
/// When the repositories cannot be listed, credentials are gone, the store refuses, or `stop` was asked.
pub async fn collect_private(
    session: &Session,
    ecr: &Ecr,
    store: &Store,
    extent: Extent,
    progress: &Progress,
    stop: &Stop,
) -> Result<Collected, CollectError> {
    let survey = stop.unless_asked(survey(session, ecr)).await?;
    let (repositories, exclusion) = (survey.repositories, survey.exclusion);
    progress.repositories_are(repositories.len());
    let before = ecr.watch().tallies();
    let head = head(RegistryKind::Private, session.account(), ecr.region(), survey.taken_at);

    let mut problems = survey.problems;
    let memory = block_in_place(|| {
        memory::of_registry(store, &head, &repositories, extent.scan_findings, &mut problems)
    })?;
    let writer = block_in_place(|| store.begin(&head))?;
    let manifests = reader::Manifests::of(&exclusion, extent.pull_times);
    let terms = Terms {
        ecr: ecr.clone(),
        manifests,
        scan_findings: extent.scan_findings,
        times: Times::default(),
        progress: progress.clone(),
    };
    let (writer, totals) = reader::read_all(terms, repositories, memory, writer, stop).await?;
    // What could not be read of the registry itself is not evaluated there; the inventory is whole.
    let facts = survey.registry.clone();
    let entry = recording::finish(move || writer.finish(&facts, &[])).await?;

    let needs = totals.needs(extent.scan_findings);
    problems.extend(totals.problems);
    problems.extend(totals.gone);
    let of_repositories = calls::repositories(&needs, &calls::since(&before, &ecr.watch().tallies()));
    Ok(Collected {
        entry,
        registry: survey.registry,
        exclusion: Some(exclusion),
        unread: totals.unread,
        problems,
        calls: survey.calls.into_iter().chain(of_repositories).collect(),
    })
}
