//! Account settings. Source: API model and user guide, registry-settings; read 2026-11-23.

use serde_json::{Value, json};

use super::Call;
use crate::state::State;
use crate::wire::Refusal;

/// The settings, the value that each has before it is put, and the values that it takes.
const SETTINGS: [(&str, &str, &[&str]); 3] = [
    ("BASIC_SCAN_TYPE_VERSION", "AWS_NATIVE", &["AWS_NATIVE", "CLAIR"]),
    ("REGISTRY_POLICY_SCOPE", "V2", &["V1", "V2"]),
    ("BLOB_MOUNTING", "DISABLED", &["ENABLED", "DISABLED"]),
];

fn setting(call: &Call<'_>) -> Result<(&'static str, &'static str, &'static [&'static str]), Refusal> {
    let name = call.input.required("name")?;
    let found = SETTINGS.iter().find(|(known, ..)| *known == name).copied();
    found.ok_or_else(|| {
        Refusal::new("InvalidParameterException", format!("Invalid account setting name '{name}'"))
    })
}

/// `GetAccountSetting`.
pub(crate) fn get(state: &mut State, call: &Call<'_>) -> Result<Value, Refusal> {
    let (name, default, _) = setting(call)?;
    let put = state.region(&call.place()).account_settings.get(name).cloned();
    Ok(json!({ "name": name, "value": put.unwrap_or_else(|| default.to_owned()) }))
}

/// `PutAccountSetting`.
pub(crate) fn put(state: &mut State, call: &Call<'_>) -> Result<Value, Refusal> {
    let (name, _, values) = setting(call)?;
    let value = call.input.required("value")?;
    if !values.contains(&value) {
        return Err(Refusal::new(
            "InvalidParameterException",
            format!("Invalid value '{value}' of account setting '{name}'"),
        ));
    }
    state.region(&call.place()).account_settings.insert(name.to_owned(), value.to_owned());
    Ok(json!({ "name": name, "value": value }))
}
