//! The tags of repositories as resources of AWS.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::Call;
use crate::model::RepositoryRecord;
use crate::state::{PUBLIC, Place, State};
use crate::wire::{Input, Refusal};

/// The most tags of a resource. Source: user guide, ecr-using-tags; read 2026-11-23.
const MOST: usize = 50;

/// Reads a list of tags.
pub(crate) fn read(input: &Input, name: &str) -> Result<Option<BTreeMap<String, String>>, Refusal> {
    let Some(list) = input.structures(name, 0, usize::MAX)? else { return Ok(None) };
    let mut tags = BTreeMap::new();
    for tag in &list {
        let key = tag.required("Key")?;
        let value = tag.string("Value")?.unwrap_or_default();
        let invalid = |what: String| Err(Refusal::new("InvalidTagParameterException", what));
        if key.is_empty() || 128 < key.chars().count() || 256 < value.chars().count() {
            return invalid(format!("The tag '{key}' has a key or a value of a length that is not allowed"));
        }
        if key.to_ascii_lowercase().starts_with("aws:") {
            return invalid(format!("The tag key '{key}' begins with 'aws:', which is reserved"));
        }
        if tags.insert(key.to_owned(), value.to_owned()).is_some() {
            return invalid(format!("The tag key '{key}' is given twice"));
        }
    }
    too_many(tags.len())?;
    Ok(Some(tags))
}

fn too_many(count: usize) -> Result<(), Refusal> {
    if MOST < count {
        return Err(Refusal::new("TooManyTagsException", format!("A repository has at most {MOST} tags")));
    }
    Ok(())
}

/// The repository of `resourceArn`.
fn resource(state: &mut State, call: &Call<'_>) -> Result<(Place, RepositoryRecord), Refusal> {
    let arn = call.input.required("resourceArn")?;
    let invalid = || Refusal::parameter("resourceArn", "Invalid ARN");
    let parts: Vec<&str> = arn.splitn(6, ':').collect();
    let [_, _, service, region, account, rest] = parts.as_slice() else { return Err(invalid()) };
    let name = rest.strip_prefix("repository/").ok_or_else(invalid)?;
    let place = match *service {
        "ecr" => Place::new(account, region),
        "ecr-public" => Place::new(account, PUBLIC),
        _ => return Err(invalid()),
    };
    let record = state.region(&place).record(name);
    record.map(|record| (place.clone(), record)).ok_or_else(|| Refusal::no_repository(name, &place.account))
}

/// `ListTagsForResource`.
pub(crate) fn list(state: &mut State, call: &Call<'_>) -> Result<Value, Refusal> {
    let (_, record) = resource(state, call)?;
    let tags: Vec<Value> =
        record.resource_tags.iter().map(|(key, value)| json!({ "Key": key, "Value": value })).collect();
    Ok(json!({ "tags": tags }))
}

/// `TagResource`.
pub(crate) fn tag(state: &mut State, call: &Call<'_>) -> Result<Value, Refusal> {
    let (place, mut record) = resource(state, call)?;
    let tags =
        read(call.input, "tags")?.ok_or_else(|| Refusal::parameter("tags", "Member must not be null"))?;
    record.resource_tags.extend(tags);
    too_many(record.resource_tags.len())?;
    if let Some(repository) = state.region(&place).held(&record.name) {
        repository.record.resource_tags = record.resource_tags;
    }
    Ok(json!({}))
}

/// `UntagResource`.
pub(crate) fn untag(state: &mut State, call: &Call<'_>) -> Result<Value, Refusal> {
    let (place, record) = resource(state, call)?;
    let keys = call.input.strings("tagKeys", 0, usize::MAX)?;
    let keys = keys.ok_or_else(|| Refusal::parameter("tagKeys", "Member must not be null"))?;
    if let Some(repository) = state.region(&place).held(&record.name) {
        repository.record.resource_tags.retain(|key, _| !keys.contains(key));
    }
    Ok(json!({}))
}
