//! Policies of repositories: kept and given back, not enforced.

use serde_json::{Value, json};

use super::Call;
use crate::state::{Place, State};
use crate::wire::Refusal;

/// The most characters of a policy of a repository or a registry. Source: API model, read 2026-11-23.
const MOST_CHARACTERS: usize = 10_240;

/// Refuses what is no JSON object or is too long.
pub(crate) fn check_text(text: &str) -> Result<(), Refusal> {
    if MOST_CHARACTERS < text.chars().count() {
        return Err(Refusal::parameter("policyText", "Member must have length less than or equal to 10240"));
    }
    match serde_json::from_str::<Value>(text) {
        Ok(Value::Object(_)) => Ok(()),
        _ => Err(Refusal::parameter("PolicyText", "Invalid repository policy provided")),
    }
}

fn none(place: &Place, name: &str) -> Refusal {
    Refusal::new(
        "RepositoryPolicyNotFoundException",
        format!(
            "Repository policy does not exist for the repository with name '{name}' in the registry with id '{}'",
            place.account
        ),
    )
}

fn answer(place: &Place, name: &str, text: &str) -> Value {
    json!({ "registryId": place.account, "repositoryName": name, "policyText": text })
}

/// `GetRepositoryPolicy`.
pub(crate) fn get(state: &mut State, call: &Call<'_>) -> Result<Value, Refusal> {
    let (place, name) = call.repository(state)?;
    let text = state.region(&place).record(&name).and_then(|record| record.repository_policy);
    text.map(|text| answer(&place, &name, &text)).ok_or_else(|| none(&place, &name))
}

/// `SetRepositoryPolicy`.
pub(crate) fn set(state: &mut State, call: &Call<'_>) -> Result<Value, Refusal> {
    let (place, name) = call.repository(state)?;
    let text = call.input.required("policyText")?;
    check_text(text)?;
    if let Some(repository) = state.region(&place).held(&name) {
        repository.record.repository_policy = Some(text.to_owned());
    }
    Ok(answer(&place, &name, text))
}

/// `DeleteRepositoryPolicy`.
pub(crate) fn delete(state: &mut State, call: &Call<'_>) -> Result<Value, Refusal> {
    let gone = get(state, call)?;
    let (place, name) = call.repository(state)?;
    if let Some(repository) = state.region(&place).held(&name) {
        repository.record.repository_policy = None;
    }
    Ok(gone)
}
