//! The files about the registry itself, each kept whole.

use std::fs;
use std::path::{Path, PathBuf};

use demurrage_core::{Fact, RegistryFacts};
use serde::Deserialize;

use super::answer::Answer;
use super::documents;
use crate::failure::Failure;

/// The facts about the registry itself, and its account.
pub(super) fn facts(dir: &Path) -> Result<(RegistryFacts, Option<String>), Failure> {
    #[derive(Deserialize)]
    #[serde(rename_all = "camelCase")]
    struct Registry {
        registry_id: Option<String>,
    }
    let description = dir.join("describe-registry.json");
    let registry: Option<Registry> = match whole(&description)?.present() {
        Some(text) => {
            Some(serde_json::from_str(text).map_err(|error| documents::not_json(&description, &error))?)
        }
        None => None,
    };
    let policy_path = dir.join("get-registry-policy.json");
    let policy = match Answer::read(&policy_path)? {
        Some(answer) => answer.fact(&policy_path, answer.policy_text.clone())?,
        None => Fact::NotEvaluated,
    };
    let facts = RegistryFacts {
        description: whole(&description)?,
        policy,
        scanning: whole(&dir.join("get-registry-scanning-configuration.json"))?,
        account_settings: account_settings(dir)?,
        pull_time_exclusions: Fact::NotEvaluated,
        creation_templates: whole(&dir.join("describe-repository-creation-templates.json"))?,
        pull_through_cache_rules: whole(&dir.join("describe-pull-through-cache-rules.json"))?,
    };
    Ok((facts, registry.and_then(|registry| registry.registry_id)))
}

/// The answers of `get-account-setting*.json`, in the order of their names.
fn account_settings(dir: &Path) -> Result<Vec<String>, Failure> {
    let mut account_settings = Vec::new();
    let mut files: Vec<PathBuf> = fs::read_dir(dir)
        .map_err(Failure::read(dir))?
        .filter_map(|entry| entry.ok().map(|entry| entry.path()))
        .filter(|path| {
            path.file_name().and_then(|n| n.to_str()).is_some_and(|n| n.starts_with("get-account-setting"))
        })
        .collect();
    files.sort();
    for file in files {
        account_settings.extend(whole(&file)?.present().cloned());
    }
    Ok(account_settings)
}

/// A JSON file, kept whole.
fn whole(path: &Path) -> Result<Fact<String>, Failure> {
    if !path.exists() {
        return Ok(Fact::NotEvaluated);
    }
    let text = documents::text(path)?;
    if text.trim().is_empty() {
        return Ok(Fact::NotEvaluated);
    }
    let value: Box<serde_json::value::RawValue> =
        serde_json::from_str(&text).map_err(|error| documents::not_json(path, &error))?;
    Ok(Fact::Present(value.get().to_owned()))
}
