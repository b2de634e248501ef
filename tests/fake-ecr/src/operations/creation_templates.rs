//! Repository creation templates. Nothing is created by them: they are kept and given back.
//!
//! Source: API model and user guide, repository-creation-templates; read 2026-11-23.

use serde_json::{Map, Value, json};

use super::repositories::with_token;
use super::{Call, mutability, prefixes};
use crate::state::State;
use crate::wire::{Refusal, epoch};

/// Members that are kept as they come.
const KEPT: [&str; 8] = [
    "prefix",
    "description",
    "resourceTags",
    "imageTagMutabilityExclusionFilters",
    "repositoryPolicy",
    "lifecyclePolicy",
    "appliedFor",
    "customRoleArn",
];
const APPLIED_FOR: [&str; 3] = ["REPLICATION", "PULL_THROUGH_CACHE", "CREATE_ON_PUSH"];

/// `CreateRepositoryCreationTemplate`.
pub(crate) fn create(state: &mut State, call: &Call<'_>) -> Result<Value, Refusal> {
    let prefix = call.input.required("prefix")?;
    if 256 < prefix.len() || !prefixes::is_prefix(prefix) {
        return Err(Refusal::parameter("prefix", "must be a prefix of repository names, or 'ROOT'"));
    }
    let applied = call.input.strings("appliedFor", 1, APPLIED_FOR.len())?;
    let applied = applied.ok_or_else(|| Refusal::parameter("appliedFor", "Member must not be null"))?;
    if !applied.iter().all(|one| APPLIED_FOR.contains(&one.as_str())) {
        let values = APPLIED_FOR.join(", ");
        return Err(Refusal::parameter(
            "appliedFor",
            &format!("Member must satisfy enum value set: [{values}]"),
        ));
    }
    let mode = call.input.one_of("imageTagMutability", &mutability::MODES)?.unwrap_or("MUTABLE");
    mutability::read(call.input, mode)?;
    let place = call.place();
    let now = epoch(state.now());
    let templates = &mut state.region(&place).creation_templates;
    if templates.contains_key(prefix) {
        return Err(Refusal::new(
            "TemplateAlreadyExistsException",
            format!(
                "The repository creation template with prefix '{prefix}' already exists in the registry with \
                 id '{}'",
                place.account
            ),
        ));
    }
    let mut template = Map::new();
    for name in KEPT {
        if let Some(value) = call.input.raw(name) {
            template.insert(name.to_owned(), value.clone());
        }
    }
    let encryption = call.input.raw("encryptionConfiguration").cloned();
    template.insert(
        "encryptionConfiguration".to_owned(),
        encryption.unwrap_or_else(|| json!({ "encryptionType": "AES256" })),
    );
    template.insert("imageTagMutability".to_owned(), mode.into());
    template.insert("createdAt".to_owned(), now.clone());
    template.insert("updatedAt".to_owned(), now);
    templates.insert(prefix.to_owned(), Value::Object(template.clone()));
    Ok(json!({ "registryId": place.account, "repositoryCreationTemplate": template }))
}

/// `DescribeRepositoryCreationTemplates`.
pub(crate) fn describe(state: &mut State, call: &Call<'_>) -> Result<Value, Refusal> {
    let place = call.place();
    let scope = format!("DescribeRepositoryCreationTemplates {} {}", place.account, place.region);
    let templates = &state.region(&place).creation_templates;
    let (page, next) = prefixes::page(templates, call, "prefixes", &scope)?;
    Ok(with_token(json!({ "registryId": place.account, "repositoryCreationTemplates": page }), next))
}
