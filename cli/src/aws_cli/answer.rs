//! A file with one small answer of the API: a policy, tags, or that there is none.

use std::path::Path;

use chrono::{DateTime, Utc};
use demurrage_core::Fact;
use serde::Deserialize;

use super::{documents, time};
use crate::failure::Failure;

/// What the API answers where there is no policy: the script writes its name into the file.
///
/// Source: API model, errors of `GetLifecyclePolicy`, `GetRepositoryPolicy` and `GetRegistryPolicy`,
/// read 2026-11-23.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Answer {
    #[serde(rename = "__type")]
    error: Option<String>,
    pub(super) lifecycle_policy_text: Option<String>,
    #[serde(default, deserialize_with = "time::optional")]
    pub(super) last_evaluated_at: Option<DateTime<Utc>>,
    pub(super) policy_text: Option<String>,
    pub(super) tags: Option<Vec<ResourceTag>>,
}

#[derive(Deserialize)]
pub(super) struct ResourceTag {
    #[serde(rename = "Key")]
    pub(super) key: String,
    #[serde(rename = "Value", default)]
    pub(super) value: String,
}

impl Answer {
    /// The answer in a file. An absent file, and an empty one (of a command that failed), are no answer.
    pub(super) fn read(path: &Path) -> Result<Option<Self>, Failure> {
        if !path.exists() {
            return Ok(None);
        }
        if documents::text(path)?.trim().is_empty() {
            return Ok(None);
        }
        documents::one(path).map(Some)
    }

    /// The fact, where the answer is the value or that there is none.
    pub(super) fn fact(&self, path: &Path, value: Option<String>) -> Result<Fact<String>, Failure> {
        match (value, self.error.as_deref()) {
            (Some(value), _) => Ok(Fact::Present(value)),
            (None, Some(error)) if error.ends_with("PolicyNotFoundException") => Ok(Fact::Absent),
            (None, Some(error)) => Err(Failure::content(path, format!("the API answered `{error}`"), "")),
            (None, None) => Err(Failure::content(path, "it holds no policy", "")),
        }
    }
}
