//! `PutLifecyclePolicy`, `GetLifecyclePolicy`, `DeleteLifecyclePolicy`.

use serde_json::{Value, json};

use super::Call;
use crate::model::RepositoryRecord;
use crate::policy;
use crate::state::{Place, State};
use crate::wire::{Refusal, epoch};

/// `PutLifecyclePolicy`: replaces the whole policy.
pub(crate) fn put(state: &mut State, call: &Call<'_>) -> Result<Value, Refusal> {
    let (place, name) = call.repository(state)?;
    let text = call.input.required("lifecyclePolicyText")?;
    policy::read(text)?;
    let text = policy::canonical(text);
    if let Some(repository) = state.region(&place).held(&name) {
        repository.record.lifecycle_policy = Some(text.clone());
        repository.record.lifecycle_evaluated_at = None;
    }
    Ok(json!({ "registryId": place.account, "repositoryName": name, "lifecyclePolicyText": text }))
}

/// `LifecyclePolicyNotFoundException`.
pub(crate) fn none(place: &Place, name: &str) -> Refusal {
    Refusal::new(
        "LifecyclePolicyNotFoundException",
        format!(
            "Lifecycle policy does not exist for the repository with name '{name}' in the registry with id '{}'",
            place.account
        ),
    )
}

/// `GetLifecyclePolicy`.
pub(crate) fn get(state: &mut State, call: &Call<'_>) -> Result<Value, Refusal> {
    let (place, name) = call.repository(state)?;
    let record = state.region(&place).record(&name);
    record.and_then(|record| answer(&place, &record)).ok_or_else(|| none(&place, &name))
}

/// `DeleteLifecyclePolicy`: the answer is what was there.
pub(crate) fn delete(state: &mut State, call: &Call<'_>) -> Result<Value, Refusal> {
    let gone = get(state, call)?;
    let (place, name) = call.repository(state)?;
    if let Some(repository) = state.region(&place).held(&name) {
        repository.record.lifecycle_policy = None;
        repository.record.lifecycle_evaluated_at = None;
    }
    Ok(gone)
}

fn answer(place: &Place, record: &RepositoryRecord) -> Option<Value> {
    let text = record.lifecycle_policy.as_ref()?;
    let mut answer = json!({
        "registryId": place.account, "repositoryName": record.name, "lifecyclePolicyText": text,
    });
    if let (Some(at), Some(object)) = (record.lifecycle_evaluated_at, answer.as_object_mut()) {
        object.insert("lastEvaluatedAt".into(), epoch(at));
    }
    Some(answer)
}
