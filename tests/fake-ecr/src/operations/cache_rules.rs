//! Rules of pull-through caches. Nothing is pulled through: they are kept and given back.
//!
//! Source: API model and user guide, pull-through-cache-creating-rule; read 2026-11-23.

use serde_json::{Map, Value, json};

use super::repositories::with_token;
use super::{Call, prefixes};
use crate::state::State;
use crate::wire::{Refusal, epoch};

/// The most rules of a registry.
const MOST: usize = 50;
/// Members that are kept as they come.
const KEPT: [&str; 6] = [
    "ecrRepositoryPrefix",
    "upstreamRegistryUrl",
    "upstreamRegistry",
    "credentialArn",
    "customRoleArn",
    "upstreamRepositoryPrefix",
];

/// `CreatePullThroughCacheRule`.
pub(crate) fn create(state: &mut State, call: &Call<'_>) -> Result<Value, Refusal> {
    let place = call.registry()?;
    let prefix = call.input.required("ecrRepositoryPrefix")?;
    if !(2..=30).contains(&prefix.len()) || !prefixes::is_prefix(prefix) {
        let constraint = "must be a prefix of repository names of 2 to 30 characters, or 'ROOT'";
        return Err(Refusal::parameter("ecrRepositoryPrefix", constraint));
    }
    call.input.required("upstreamRegistryUrl")?;
    let mut rule = Map::new();
    for name in KEPT {
        if let Some(value) = call.input.raw(name) {
            rule.insert(name.to_owned(), value.clone());
        }
    }
    let now = epoch(state.now());
    let rules = &mut state.region(&place).cache_rules;
    if rules.contains_key(prefix) {
        return Err(Refusal::new(
            "PullThroughCacheRuleAlreadyExistsException",
            format!(
                "A pull through cache rule with prefix '{prefix}' already exists in the registry with id '{}'",
                place.account
            ),
        ));
    }
    if MOST <= rules.len() {
        return Err(Refusal::new(
            "LimitExceededException",
            format!("The number of pull through cache rules would exceed {MOST}"),
        ));
    }
    rule.insert("registryId".to_owned(), place.account.as_str().into());
    rule.insert("createdAt".to_owned(), now.clone());
    let answer = Value::Object(rule.clone());
    rule.insert("updatedAt".to_owned(), now);
    rules.insert(prefix.to_owned(), Value::Object(rule));
    Ok(answer)
}

/// `DescribePullThroughCacheRules`.
pub(crate) fn describe(state: &mut State, call: &Call<'_>) -> Result<Value, Refusal> {
    const NAMED: &str = "ecrRepositoryPrefixes";
    let place = call.registry()?;
    let rules = &state.region(&place).cache_rules;
    let named = call.input.strings(NAMED, 1, 100)?.unwrap_or_default();
    if let Some(prefix) = named.iter().find(|prefix| !rules.contains_key(*prefix)) {
        return Err(Refusal::new(
            "PullThroughCacheRuleNotFoundException",
            format!(
                "A pull through cache rule with prefix '{prefix}' does not exist in the registry with id '{}'",
                place.account
            ),
        ));
    }
    let scope = format!("DescribePullThroughCacheRules {} {}", place.account, place.region);
    let (page, next) = prefixes::page(rules, call, NAMED, &scope)?;
    Ok(with_token(json!({ "pullThroughCacheRules": page }), next))
}
