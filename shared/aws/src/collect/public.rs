//! The public registry of an account: fewer facts, and no manifests.
//!
//! Source: API model of ECR Public (2020-10-30), read 2026-11-23. Lifecycle policies and tag mutability do
//! not exist there, which is recorded as absent; pull times, archive class and manifests cannot be asked for.

use aws_sdk_ecrpublic::types;
use demurrage_core::{Fact, Image, RegistryFacts, RegistryKind, Repository};
use demurrage_store::{InventoryWriter, Store};
use futures::FutureExt;
use tokio::task::block_in_place;

use super::images::{digest, size_bytes, tags};
use super::in_flight::{Listed, Reading};
use super::listing;
use super::memory::Recalled;
use super::recording::{self, Recording};
use super::registry::{absent_if_not_found, settle};
use super::room::Place;
use super::scans::Asked;
use super::until::Until;
use super::{CollectError, Collected, Progress, Stop, head};
use crate::calls::{self, Needs, PAGE_ENTRIES};
use crate::ecr_time::instant;
use crate::{CallError, EcrPublic, Session};

/// Collects the public registry of the session's account.
///
/// # Errors
/// As for [`super::collect_private`].
pub async fn collect_public(
    session: &Session,
    ecr: &EcrPublic,
    store: &Store,
    progress: &Progress,
    stop: &Stop,
) -> Result<Collected, CollectError> {
    let mut problems = Vec::new();
    let described = async { settle(description(ecr).await, &mut problems) };
    let description = stop.unless_asked(described).await?;
    let repositories = stop.unless_asked(repositories(ecr)).await?;
    progress.repositories_are(repositories.len());
    let head = head(RegistryKind::Public, session.account(), ecr.region(), ecr.watch().service_time());
    let notes: Vec<String> = problems.iter().map(ToString::to_string).collect();
    let facts = RegistryFacts { description, ..RegistryFacts::default() };
    let writer = block_in_place(|| store.begin(&head))?;
    let recording = Recording::begin(writer, Recalled::default(), progress);
    let feed = async |recording: &mut Recording<InventoryWriter>| {
        for repository in repositories {
            let Some(turn) = recording.turn(Until::default()).await else { break };
            let (sending, place) = recording.hand_on(turn);
            recording.tasks.spawn(read(ecr.clone(), repository, progress.clone(), place, sending));
        }
        Ok(())
    };
    let (writer, totals) = recording.run(feed, stop).await?;
    let stored = facts.clone();
    let entry = recording::finish(move || writer.finish(&stored, &[])).await?;
    let needs =
        Needs { repositories: totals.repositories, image_pages: totals.image_pages, ..Needs::default() };
    Ok(Collected {
        entry,
        registry: facts,
        exclusion: None,
        unread: totals.unread,
        problems: notes.into_iter().chain(totals.problems).collect(),
        calls: calls::public(&needs, &ecr.watch().tallies()),
    })
}

async fn description(ecr: &EcrPublic) -> Result<Fact<String>, CallError> {
    let raw = crate::raw_answer::RawAnswer::default();
    ecr.call("DescribeRegistries", |client| {
        client.describe_registries().customize().interceptor(raw.clone()).send()
    })
    .await?;
    Ok(raw.text().map_or(Fact::NotEvaluated, Fact::Present))
}

async fn repositories(ecr: &EcrPublic) -> Result<Vec<Repository>, CallError> {
    listing::repositories(async |token| {
        let page = ecr
            .call("DescribeRepositories", |client| {
                client.describe_repositories().max_results(PAGE_ENTRIES).set_next_token(token.clone()).send()
            })
            .await?;
        Ok((page.repositories.unwrap_or_default().into_iter().map(repository).collect(), page.next_token))
    })
    .await
}

fn repository(described: types::Repository) -> Repository {
    let mut repository = Repository::new(described.repository_name().unwrap_or_default());
    repository.registry_id = described.registry_id;
    repository.arn = described.repository_arn;
    repository.created_at = instant(described.created_at.as_ref());
    repository.lifecycle_policy = Fact::Absent;
    repository.tag_mutability = Fact::Absent;
    repository
}

async fn read(
    ecr: EcrPublic,
    mut repository: Repository,
    progress: Progress,
    mut place: Place,
    into: Reading,
) {
    let read = match settings(&ecr, &mut repository).await {
        Ok(()) => images(&ecr, &mut repository, &mut place, &progress).await,
        Err(error) => Err(error),
    };
    let listed = read.map(|()| Listed {
        repository,
        wanted: Vec::new(),
        asked: Asked::default(),
        place,
        is_late: false,
    });
    // Where nobody waits any more, the run is over.
    let _ = into.listed.send(listed);
}

async fn settings(ecr: &EcrPublic, repository: &mut Repository) -> Result<(), CallError> {
    let name = &repository.name;
    let policy =
        ecr.call("GetRepositoryPolicy", |c| c.get_repository_policy().repository_name(name).send()).await;
    let policy = policy.map(|answer| answer.policy_text.map_or(Fact::NotEvaluated, Fact::Present));
    let mut problems = Vec::new();
    let policy = absent_if_not_found(policy, "RepositoryPolicyNotFoundException");
    repository.repository_policy = settle(policy, &mut problems)?;
    if let Some(arn) = &repository.arn {
        let tags =
            ecr.call("ListTagsForResource", |c| c.list_tags_for_resource().resource_arn(arn).send()).await;
        let tags = tags.map(|answer| {
            let tags = answer.tags.unwrap_or_default();
            let pairs = tags.into_iter().filter_map(|tag| Some((tag.key?, tag.value.unwrap_or_default())));
            let pairs: std::collections::BTreeMap<_, _> = pairs.collect();
            if pairs.is_empty() { Fact::Absent } else { Fact::Present(pairs) }
        });
        repository.resource_tags = settle(tags, &mut problems)?;
    }
    repository.notes.extend(problems.iter().map(ToString::to_string));
    Ok(())
}

async fn images(
    ecr: &EcrPublic,
    repository: &mut Repository,
    place: &mut Place,
    progress: &Progress,
) -> Result<(), CallError> {
    let (ecr, name) = (ecr.clone(), repository.name.clone());
    let page = move |token: Option<String>| {
        let (ecr, name) = (ecr.clone(), name.clone());
        async move {
            let page = ecr
                .call("DescribeImages", |client| {
                    let call = client.describe_images().repository_name(&name).max_results(PAGE_ENTRIES);
                    call.set_next_token(token.clone()).send()
                })
                .await?;
            Ok((page.image_details.unwrap_or_default().into_iter().map(image).collect(), page.next_token))
        }
        .boxed()
    };
    listing::images(repository, Some(place), progress, page).await
}

fn image(detail: types::ImageDetail) -> Result<Image, String> {
    let mut image = Image::new(digest(detail.image_digest.as_deref())?);
    image.tags = tags(detail.image_tags);
    image.pushed_at = instant(detail.image_pushed_at.as_ref());
    image.size_bytes = size_bytes(&image.digest, detail.image_size_in_bytes)?;
    image.manifest_media_type = detail.image_manifest_media_type;
    image.artifact_media_type = detail.artifact_media_type;
    Ok(image)
}
