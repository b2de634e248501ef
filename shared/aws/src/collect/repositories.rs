//! The repositories of a private registry, and what is read of each beside its images.

use aws_sdk_ecr::types;
use demurrage_core::{ExclusionFilter, Fact, Repository, TagMutability};

use super::listing;
use super::registry::{absent_if_not_found, settle};
use super::until::Until;
use crate::calls::PAGE_ENTRIES;
use crate::ecr_time::instant;
use crate::{CallError, Ecr};

/// All repositories, in the order of their names.
///
/// # Errors
/// When they cannot all be read.
pub(super) async fn list(ecr: &Ecr) -> Result<Vec<Repository>, CallError> {
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

pub(super) fn repository(described: types::Repository) -> Repository {
    let mut repository = Repository::new(described.repository_name().unwrap_or_default());
    repository.registry_id = described.registry_id;
    repository.arn = described.repository_arn;
    repository.created_at = instant(described.created_at.as_ref());
    repository.tag_mutability = described.image_tag_mutability.map_or(Fact::NotEvaluated, |mode| {
        let filters = described.image_tag_mutability_exclusion_filters.unwrap_or_default();
        let exclusion_filters = filters
            .into_iter()
            .map(|filter| ExclusionFilter {
                filter_type: filter.filter_type.as_str().to_owned(),
                filter: filter.filter,
            })
            .collect();
        Fact::Present(TagMutability { mode: mode.as_str().to_owned(), exclusion_filters })
    });
    if let Some(encryption) = described.encryption_configuration {
        repository.encryption_type = Some(encryption.encryption_type.as_str().to_owned());
        repository.kms_key = encryption.kms_key;
    }
    repository.scan_on_push = described.image_scanning_configuration.map(|scanning| scanning.scan_on_push);
    repository
}

/// Reads what a repository has beside its images. What cannot be read, or not in time, is not evaluated, and
/// noted.
///
/// # Errors
/// When going on makes no sense: no credentials.
pub(super) async fn read_settings(
    ecr: &Ecr,
    until: Until,
    repository: &mut Repository,
) -> Result<(), CallError> {
    let (lifecycle, policy, tags) = tokio::join!(
        until.call("GetLifecyclePolicy", lifecycle_policy(ecr, &repository.name)),
        until.call("GetRepositoryPolicy", repository_policy(ecr, &repository.name)),
        until.call("ListTagsForResource", resource_tags(ecr, repository.arn.as_deref())),
    );
    let mut problems = Vec::new();
    let lifecycle = settle(lifecycle, &mut problems)?;
    (repository.lifecycle_policy, repository.lifecycle_last_evaluated_at) = match lifecycle {
        Fact::Present((text, evaluated_at)) => (Fact::Present(text), evaluated_at),
        Fact::Absent => (Fact::Absent, None),
        Fact::NotEvaluated => (Fact::NotEvaluated, None),
    };
    repository.repository_policy = settle(policy, &mut problems)?;
    repository.resource_tags = settle(tags, &mut problems)?;
    repository.notes.extend(problems.iter().map(ToString::to_string));
    Ok(())
}

pub(super) type EvaluatedPolicy = (String, Option<chrono::DateTime<chrono::Utc>>);

pub(super) async fn lifecycle_policy(ecr: &Ecr, name: &str) -> Result<Fact<EvaluatedPolicy>, CallError> {
    let read =
        ecr.call("GetLifecyclePolicy", |c| c.get_lifecycle_policy().repository_name(name).send()).await;
    let read = read.map(|answer| {
        let evaluated_at = instant(answer.last_evaluated_at.as_ref());
        answer.lifecycle_policy_text.map_or(Fact::NotEvaluated, |text| Fact::Present((text, evaluated_at)))
    });
    absent_if_not_found(read, "LifecyclePolicyNotFoundException")
}

pub(super) async fn repository_policy(ecr: &Ecr, name: &str) -> Result<Fact<String>, CallError> {
    let read =
        ecr.call("GetRepositoryPolicy", |c| c.get_repository_policy().repository_name(name).send()).await;
    let read = read.map(|answer| answer.policy_text.map_or(Fact::NotEvaluated, Fact::Present));
    absent_if_not_found(read, "RepositoryPolicyNotFoundException")
}

pub(super) async fn resource_tags(
    ecr: &Ecr,
    arn: Option<&str>,
) -> Result<Fact<std::collections::BTreeMap<String, String>>, CallError> {
    let Some(arn) = arn else { return Ok(Fact::NotEvaluated) };
    let read =
        ecr.call("ListTagsForResource", |c| c.list_tags_for_resource().resource_arn(arn).send()).await?;
    let tags = read.tags.unwrap_or_default();
    if tags.is_empty() {
        return Ok(Fact::Absent);
    }
    Ok(Fact::Present(tags.into_iter().map(|tag| (tag.key, tag.value)).collect()))
}
