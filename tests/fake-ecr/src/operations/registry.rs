//! The registry itself: its description and its policy.

use serde_json::{Value, json};

use super::Call;
use super::repository_policy::check_text;
use crate::state::State;
use crate::wire::Refusal;

/// `DescribeRegistry`.
#[expect(clippy::unnecessary_wraps, reason = "every operation has this signature")]
pub(crate) fn describe(state: &mut State, call: &Call<'_>) -> Result<Value, Refusal> {
    let replication = state.region(&call.place()).replication.clone();
    Ok(json!({
        "registryId": call.caller.account,
        "replicationConfiguration": replication.unwrap_or_else(|| json!({ "rules": [] })),
    }))
}

fn none(call: &Call<'_>) -> Refusal {
    Refusal::new(
        "RegistryPolicyNotFoundException",
        format!("Registry policy does not exist in the registry with id '{}'", call.caller.account),
    )
}

/// `GetRegistryPolicy`.
pub(crate) fn get_policy(state: &mut State, call: &Call<'_>) -> Result<Value, Refusal> {
    let text = state.region(&call.place()).policy.clone().ok_or_else(|| none(call))?;
    Ok(json!({ "registryId": call.caller.account, "policyText": text }))
}

/// `PutRegistryPolicy`.
pub(crate) fn put_policy(state: &mut State, call: &Call<'_>) -> Result<Value, Refusal> {
    let text = call.input.required("policyText")?;
    check_text(text)?;
    state.region(&call.place()).policy = Some(text.to_owned());
    Ok(json!({ "registryId": call.caller.account, "policyText": text }))
}

/// `DeleteRegistryPolicy`.
pub(crate) fn delete_policy(state: &mut State, call: &Call<'_>) -> Result<Value, Refusal> {
    let text = state.region(&call.place()).policy.take().ok_or_else(|| none(call))?;
    Ok(json!({ "registryId": call.caller.account, "policyText": text }))
}
