//! Repositories: made, described, deleted, and their settings of mutability and scanning.

use serde_json::{Map, Value, json};

use super::{Call, mutability, resource_tags};
use crate::model::RepositoryRecord;
use crate::state::{Contents, Place, State};
use crate::wire::{Refusal, epoch, is_repository_name, issue, read_page, repository_name};

/// `CreateRepository`.
pub(crate) fn create(state: &mut State, call: &Call<'_>) -> Result<Value, Refusal> {
    let place = call.registry()?;
    let name = repository_name(call.input)?;
    let mode = call.input.one_of("imageTagMutability", &mutability::MODES)?.unwrap_or("MUTABLE");
    let filters = mutability::read(call.input, mode)?;
    let scanning = call.input.structure("imageScanningConfiguration")?;
    let scan_on_push = scanning.map_or(Ok(false), |scanning| scanning.flag("scanOnPush"))?;
    let (encryption_type, kms_key) = encryption(call, &place)?;
    let tags = resource_tags::read(call.input, "tags")?.unwrap_or_default();
    if state.region(&place).has(&name) {
        return Err(already(&name, &place));
    }
    let record = RepositoryRecord {
        name,
        created_at: state.now(),
        mutability: mode.to_owned(),
        exclusion_filters: filters,
        scan_on_push,
        encryption_type,
        kms_key,
        lifecycle_policy: None,
        lifecycle_evaluated_at: None,
        repository_policy: None,
        resource_tags: tags,
    };
    let answer = json!({ "repository": repository_json(&place, &record) });
    state.region(&place).insert(record, Contents::default());
    Ok(answer)
}

/// `RepositoryAlreadyExistsException`.
pub(crate) fn already(name: &str, place: &Place) -> Refusal {
    Refusal::new(
        "RepositoryAlreadyExistsException",
        format!(
            "The repository with name '{name}' already exists in the registry with id '{}'",
            place.account
        ),
    )
}

fn encryption(call: &Call<'_>, place: &Place) -> Result<(String, Option<String>), Refusal> {
    let Some(given) = call.input.structure("encryptionConfiguration")? else {
        return Ok(("AES256".to_owned(), None));
    };
    let kind = given.one_of("encryptionType", &["AES256", "KMS", "KMS_DSSE"])?;
    let kind = kind.ok_or_else(|| Refusal::parameter("encryptionType", "Member must not be null"))?;
    let key = given.string("kmsKey")?;
    match (kind, key) {
        ("AES256", Some(_)) => {
            Err(Refusal::parameter("encryptionConfiguration", "KMS key must not be set with AES256"))
        }
        ("AES256", None) => Ok((kind.to_owned(), None)),
        // Without a key the one that AWS manages is used, whose ARN the answer holds.
        (_, key) => {
            let own = || format!("arn:aws:kms:{}:{}:alias/aws/ecr", place.region, place.account);
            Ok((kind.to_owned(), Some(key.map_or_else(own, str::to_owned))))
        }
    }
}

/// A repository as the API writes it.
pub(crate) fn repository_json(place: &Place, record: &RepositoryRecord) -> Value {
    let name = &record.name;
    let mut object = Map::new();
    let uri = format!("{}.dkr.ecr.{}.amazonaws.com/{name}", place.account, place.region);
    object.insert("repositoryArn".into(), place.arn(name).into());
    object.insert("registryId".into(), place.account.as_str().into());
    object.insert("repositoryName".into(), name.as_str().into());
    object.insert("repositoryUri".into(), uri.into());
    object.insert("createdAt".into(), epoch(record.created_at));
    object.insert("imageTagMutability".into(), record.mutability.as_str().into());
    if !record.exclusion_filters.is_empty() {
        let filters = mutability::filters_json(&record.exclusion_filters);
        object.insert("imageTagMutabilityExclusionFilters".into(), filters);
    }
    object.insert("imageScanningConfiguration".into(), json!({ "scanOnPush": record.scan_on_push }));
    let mut encryption = json!({ "encryptionType": record.encryption_type });
    if let (Some(key), Some(encryption)) = (&record.kms_key, encryption.as_object_mut()) {
        encryption.insert("kmsKey".into(), key.as_str().into());
    }
    object.insert("encryptionConfiguration".into(), encryption);
    Value::Object(object)
}

/// `DescribeRepositories`.
pub(crate) fn describe(state: &mut State, call: &Call<'_>) -> Result<Value, Refusal> {
    let place = call.registry()?;
    let (records, next) = records(state, call, &place)?;
    let repositories: Vec<Value> = records.iter().map(|record| repository_json(&place, record)).collect();
    Ok(with_token(json!({ "repositories": repositories }), next))
}

/// The named repositories, or a page of all.
pub(crate) fn records(
    state: &mut State,
    call: &Call<'_>,
    place: &Place,
) -> Result<(Vec<RepositoryRecord>, Option<String>), Refusal> {
    let names = call.input.strings("repositoryNames", 1, 100)?;
    let size = call.input.page_size(1000, 100)?;
    let token = call.input.string("nextToken")?;
    if let Some(names) = names {
        if call.input.raw("maxResults").is_some() || token.is_some() {
            return Err(Refusal::new(
                "InvalidParameterException",
                "Invalid parameter at 'repositoryNames': cannot be used with 'nextToken' or 'maxResults'",
            ));
        }
        let mut found = Vec::new();
        for name in &names {
            if !is_repository_name(name) {
                return Err(Refusal::parameter(
                    "repositoryNames",
                    "must satisfy regular expression \
                     '(?:[a-z0-9]+(?:[._-][a-z0-9]+)*/)*[a-z0-9]+(?:[._-][a-z0-9]+)*'",
                ));
            }
            let record = state.region(place).record(name);
            found.push(record.ok_or_else(|| Refusal::no_repository(name, &place.account))?);
        }
        return Ok((found, None));
    }
    let scope = format!("DescribeRepositories {} {}", place.account, place.region);
    let from = read_page(&scope, token)?;
    let (page, next) = state.region(place).page(from.as_deref(), size);
    Ok((page, next.map(|next| issue(&scope, &next))))
}

/// The answer with `nextToken`, where there is one.
pub(crate) fn with_token(mut answer: Value, token: Option<String>) -> Value {
    if let (Some(token), Some(object)) = (token, answer.as_object_mut()) {
        object.insert("nextToken".into(), token.into());
    }
    answer
}

/// `DeleteRepository`.
pub(crate) fn delete(state: &mut State, call: &Call<'_>) -> Result<Value, Refusal> {
    let (place, record) = take(state, call)?;
    Ok(json!({ "repository": repository_json(&place, &record) }))
}

/// Takes a repository out, if it is empty or the call insists.
pub(crate) fn take(state: &mut State, call: &Call<'_>) -> Result<(Place, RepositoryRecord), Refusal> {
    let (place, name) = call.repository(state)?;
    let force = call.input.flag("force")?;
    let region = state.region(&place);
    if !force && region.contents(&name).is_some_and(|contents| !contents.is_empty()) {
        return Err(Refusal::new(
            "RepositoryNotEmptyException",
            format!(
                "The repository with name '{name}' in registry with id '{}' cannot be deleted because it \
                 still contains images",
                place.account
            ),
        ));
    }
    let record = region.record(&name).ok_or_else(|| Refusal::no_repository(&name, &place.account))?;
    region.remove(&name);
    Ok((place, record))
}

/// `PutImageTagMutability`.
pub(crate) fn put_mutability(state: &mut State, call: &Call<'_>) -> Result<Value, Refusal> {
    let (place, name) = call.repository(state)?;
    let mode = call.input.one_of("imageTagMutability", &mutability::MODES)?;
    let mode = mode.ok_or_else(|| Refusal::parameter("imageTagMutability", "Member must not be null"))?;
    let filters = mutability::read(call.input, mode)?;
    let mut answer = json!({
        "registryId": place.account, "repositoryName": name, "imageTagMutability": mode,
    });
    if let (Some(object), false) = (answer.as_object_mut(), filters.is_empty()) {
        object.insert("imageTagMutabilityExclusionFilters".into(), mutability::filters_json(&filters));
    }
    if let Some(repository) = state.region(&place).held(&name) {
        mode.clone_into(&mut repository.record.mutability);
        repository.record.exclusion_filters = filters;
    }
    Ok(answer)
}

/// `PutImageScanningConfiguration`.
pub(crate) fn put_scanning(state: &mut State, call: &Call<'_>) -> Result<Value, Refusal> {
    let (place, name) = call.repository(state)?;
    let given = call.input.structure("imageScanningConfiguration")?;
    let given =
        given.ok_or_else(|| Refusal::parameter("imageScanningConfiguration", "Member must not be null"))?;
    let scan_on_push = given.flag("scanOnPush")?;
    if let Some(repository) = state.region(&place).held(&name) {
        repository.record.scan_on_push = scan_on_push;
    }
    Ok(json!({
        "registryId": place.account,
        "repositoryName": name,
        "imageScanningConfiguration": { "scanOnPush": scan_on_push },
    }))
}
