//! What ECR Public says in other words than ECR. Source: its API model of 2020-10-30, read 2026-11-23.

use serde_json::{Value, json};

use super::describe_images::{self, Filter, basics};
use super::repositories::{already, records, take, with_token};
use super::{Call, resource_tags};
use crate::model::RepositoryRecord;
use crate::state::{Contents, Place, State};
use crate::wire::{Refusal, epoch, hash, issue, read_page, repository_name};

/// The alias of an account's registry.
fn alias(account: &str) -> String {
    let letters: String = format!("{:016x}", hash(account)).chars().take(7).collect();
    format!("a{letters}")
}

fn repository_json(place: &Place, record: &RepositoryRecord) -> Value {
    json!({
        "repositoryArn": place.arn(&record.name),
        "registryId": place.account,
        "repositoryName": record.name,
        "repositoryUri": format!("public.ecr.aws/{}/{}", alias(&place.account), record.name),
        "createdAt": epoch(record.created_at),
    })
}

/// `CreateRepository`.
pub(crate) fn create(state: &mut State, call: &Call<'_>) -> Result<Value, Refusal> {
    let place = call.registry()?;
    let name = repository_name(call.input)?;
    if 205 < name.len() {
        return Err(Refusal::parameter(
            "repositoryName",
            "Member must have length less than or equal to 205",
        ));
    }
    let tags = resource_tags::read(call.input, "tags")?.unwrap_or_default();
    if state.region(&place).has(&name) {
        return Err(already(&name, &place));
    }
    let catalog = call.input.structure("catalogData")?.and(call.input.raw("catalogData")).cloned();
    let record = RepositoryRecord {
        name,
        created_at: state.now(),
        mutability: "MUTABLE".to_owned(),
        exclusion_filters: Vec::new(),
        scan_on_push: false,
        encryption_type: "AES256".to_owned(),
        kms_key: None,
        lifecycle_policy: None,
        lifecycle_evaluated_at: None,
        repository_policy: None,
        resource_tags: tags,
    };
    let repository = repository_json(&place, &record);
    state.region(&place).insert(record, Contents::default());
    Ok(json!({ "repository": repository, "catalogData": catalog.unwrap_or_else(|| json!({})) }))
}

/// `DeleteRepository`.
pub(crate) fn delete(state: &mut State, call: &Call<'_>) -> Result<Value, Refusal> {
    let (place, record) = take(state, call)?;
    Ok(json!({ "repository": repository_json(&place, &record) }))
}

/// `DescribeRepositories`.
pub(crate) fn describe_repositories(state: &mut State, call: &Call<'_>) -> Result<Value, Refusal> {
    let place = call.registry()?;
    let (records, next) = records(state, call, &place)?;
    let repositories: Vec<Value> = records.iter().map(|record| repository_json(&place, record)).collect();
    Ok(with_token(json!({ "repositories": repositories }), next))
}

/// `DescribeImages`: without status, pull times, subjects.
pub(crate) fn describe_images(state: &mut State, call: &Call<'_>) -> Result<Value, Refusal> {
    let (place, repository) = call.repository(state)?;
    let filter = Filter::read(call.input)?;
    let (images, next) = describe_images::page(state, call, &place, &repository, filter)?;
    let rows: Vec<Value> =
        images.iter().map(|image| Value::Object(basics(&place, &repository, image))).collect();
    Ok(with_token(json!({ "imageDetails": rows }), next))
}

/// `DescribeImageTags`: one row a tag, with the time when it was put there.
pub(crate) fn describe_image_tags(state: &mut State, call: &Call<'_>) -> Result<Value, Refusal> {
    let (place, repository) = call.repository(state)?;
    let size = call.input.page_size(1000, 100)?;
    let scope = format!("DescribeImageTags {} {repository}", place.account);
    let from = read_page(&scope, call.input.string("nextToken")?)?;
    let contents = state.region(&place).contents(&repository).unwrap_or_default();
    let mut found = contents.tags_from(from.as_deref());
    let page: Vec<_> = found.by_ref().take(size).collect();
    let next = found.next().and(page.last()).map(|(tag, _)| issue(&scope, tag));
    let mut rows = Vec::new();
    for (tag, at) in page {
        let Some(image) = contents.image(&at.digest) else { continue };
        let mut detail = basics(&place, &repository, image);
        for absent in ["registryId", "repositoryName", "imageTags"] {
            detail.remove(absent);
        }
        rows.push(json!({ "imageTag": tag, "createdAt": epoch(at.created_at), "imageDetail": detail }));
    }
    Ok(with_token(json!({ "imageTagDetails": rows }), next))
}

/// `DescribeRegistries`: the caller's own.
pub(crate) fn describe_registries(_: &mut State, call: &Call<'_>) -> Result<Value, Refusal> {
    call.input.page_size(1000, 100)?;
    read_page("DescribeRegistries", call.input.string("nextToken")?)?;
    let account = &call.caller.account;
    let alias = alias(account);
    Ok(json!({ "registries": [{
        "registryId": account,
        "registryArn": format!("arn:aws:ecr-public::{account}:registry/{account}"),
        "registryUri": format!("public.ecr.aws/{alias}"),
        "verified": false,
        "aliases": [{
            "name": alias, "status": "ACTIVE", "primaryRegistryAlias": true, "defaultRegistryAlias": true,
        }],
    }]}))
}
