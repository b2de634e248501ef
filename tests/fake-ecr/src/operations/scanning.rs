//! The registry's scanning configuration, and what it means for a repository. Nothing is scanned by it.
//!
//! Source: user guide, image-scanning-filters; read 2026-11-23: a filter without `*` is found anywhere in the
//! name, one with `*` is about the whole of it.

use serde_json::{Value, json};

use super::{Call, mutability};
use crate::model::RepositoryRecord;
use crate::state::{Place, State};
use crate::wire::Refusal;

const FREQUENCIES: [&str; 3] = ["SCAN_ON_PUSH", "CONTINUOUS_SCAN", "MANUAL"];

fn configuration(state: &mut State, place: &Place) -> Value {
    state.region(place).scanning.clone().unwrap_or_else(|| json!({ "scanType": "BASIC", "rules": [] }))
}

/// `GetRegistryScanningConfiguration`.
#[expect(clippy::unnecessary_wraps, reason = "every operation has this signature")]
pub(crate) fn get(state: &mut State, call: &Call<'_>) -> Result<Value, Refusal> {
    let configuration = configuration(state, &call.place());
    Ok(json!({ "registryId": call.caller.account, "scanningConfiguration": configuration }))
}

/// `PutRegistryScanningConfiguration`.
pub(crate) fn put(state: &mut State, call: &Call<'_>) -> Result<Value, Refusal> {
    let kind = call.input.one_of("scanType", &["BASIC", "ENHANCED"])?.unwrap_or("BASIC");
    let missing = |name: &str| Refusal::parameter(name, "Member must not be null");
    for rule in call.input.structures("rules", 0, 2)?.unwrap_or_default() {
        let frequency =
            rule.one_of("scanFrequency", &FREQUENCIES)?.ok_or_else(|| missing("scanFrequency"))?;
        if (kind, frequency) == ("BASIC", "CONTINUOUS_SCAN") {
            return Err(Refusal::parameter("scanFrequency", "CONTINUOUS_SCAN is not supported with BASIC"));
        }
        let filters = rule.structures("repositoryFilters", 0, 100)?;
        for filter in filters.ok_or_else(|| missing("repositoryFilters"))? {
            filter.one_of("filterType", &["WILDCARD"])?.ok_or_else(|| missing("filterType"))?;
            if !(1..=256).contains(&filter.required("filter")?.len()) {
                return Err(Refusal::parameter("filter", "Member must have length between 1 and 256"));
            }
        }
    }
    let rules = call.input.raw("rules").cloned().unwrap_or_else(|| json!([]));
    let configuration = json!({ "scanType": kind, "rules": rules });
    state.region(&call.place()).scanning = Some(configuration.clone());
    Ok(json!({ "registryScanningConfiguration": configuration }))
}

/// `BatchGetRepositoryScanningConfiguration`.
pub(crate) fn of_repositories(state: &mut State, call: &Call<'_>) -> Result<Value, Refusal> {
    let names = call.input.strings("repositoryNames", 1, 25)?;
    let names = names.ok_or_else(|| Refusal::parameter("repositoryNames", "Member must not be null"))?;
    let place = call.place();
    let configuration = configuration(state, &place);
    let mut found = Vec::new();
    let mut failures = Vec::new();
    for name in names {
        match state.region(&place).record(&name) {
            Some(record) => found.push(of_repository(&place, &record, &configuration)),
            None => failures.push(json!({
                "repositoryName": name,
                "failureCode": "REPOSITORY_NOT_FOUND",
                "failureReason": Refusal::no_repository(&name, &place.account).message,
            })),
        }
    }
    Ok(json!({ "scanningConfigurations": found, "failures": failures }))
}

fn of_repository(place: &Place, record: &RepositoryRecord, configuration: &Value) -> Value {
    let mut frequency = "MANUAL";
    let mut applied: Vec<&Value> = Vec::new();
    let list = |value: Option<&'_ Value>| {
        value.and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default().to_vec()
    };
    let rules = list(configuration.get("rules"));
    for rule in &rules {
        let filters = rule.get("repositoryFilters").and_then(Value::as_array).into_iter().flatten();
        let taking: Vec<&Value> = filters.filter(|filter| takes(filter, &record.name)).collect();
        if taking.is_empty() {
            continue;
        }
        let stated = rule.get("scanFrequency").and_then(Value::as_str).unwrap_or_default();
        let stated = FREQUENCIES.into_iter().find(|known| *known == stated).unwrap_or("MANUAL");
        // When several rules match, continuous scans come before scans on push, and those before manual ones.
        if frequency == "MANUAL" || stated == "CONTINUOUS_SCAN" {
            frequency = stated;
        }
        applied.extend(taking);
    }
    if rules.is_empty() && record.scan_on_push {
        frequency = "SCAN_ON_PUSH";
    }
    json!({
        "repositoryArn": place.arn(&record.name),
        "repositoryName": record.name,
        "scanOnPush": frequency != "MANUAL",
        "scanFrequency": frequency,
        "appliedScanFilters": applied,
    })
}

fn takes(filter: &Value, name: &str) -> bool {
    let text = filter.get("filter").and_then(Value::as_str).unwrap_or_default();
    if text.contains('*') { mutability::matches(text, name) } else { name.contains(text) }
}
