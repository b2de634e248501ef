//! Repository creation templates.

use serde::Deserialize;

use super::read;
use crate::{ExclusionFilter, TagMutability};

/// What repositories are like that ECR itself makes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CreationTemplate {
    /// The beginning of the names that it is for, without the slash; `ROOT`: all that no other template has.
    pub prefix: String,
    /// For repositories made by what: `REPLICATION`, `PULL_THROUGH_CACHE`, `CREATE_ON_PUSH`.
    pub applied_for: Vec<String>,
    /// Which tags of such a repository may move.
    pub tag_mutability: TagMutability,
    /// `AES256`, `KMS` or `KMS_DSSE`.
    pub encryption_type: String,
    /// The key, where the type is not `AES256` and one is named.
    pub kms_key: Option<String>,
    /// The text of its lifecycle policy.
    pub lifecycle_policy: Option<String>,
    /// The text of its repository policy.
    pub repository_policy: Option<String>,
}

impl CreationTemplate {
    /// Reads the answer of `DescribeRepositoryCreationTemplates`. What is not stated is what ECR takes then: `MUTABLE`,
    /// `AES256`, no policies.
    ///
    /// Source: ECR user guide, "Repository creation templates", read 2026-11-23.
    pub(super) fn parse_list(text: &str) -> Result<Vec<Self>, String> {
        let answer: Answer = read(text)?;
        Ok(answer.repository_creation_templates.into_iter().map(template).collect())
    }
}

fn template(given: Given) -> CreationTemplate {
    let exclusions = given.image_tag_mutability_exclusion_filters.unwrap_or_default();
    let encryption = given.encryption_configuration;
    CreationTemplate {
        prefix: given.prefix,
        applied_for: given.applied_for.unwrap_or_default(),
        tag_mutability: TagMutability {
            mode: given.image_tag_mutability.unwrap_or_else(|| "MUTABLE".to_owned()),
            exclusion_filters: exclusions
                .into_iter()
                .map(|given| ExclusionFilter { filter_type: given.filter_type, filter: given.filter })
                .collect(),
        },
        encryption_type: encryption
            .as_ref()
            .map_or_else(|| "AES256".to_owned(), |encryption| encryption.encryption_type.clone()),
        kms_key: encryption.and_then(|encryption| encryption.kms_key),
        lifecycle_policy: given.lifecycle_policy.filter(|text| !text.is_empty()),
        repository_policy: given.repository_policy.filter(|text| !text.is_empty()),
    }
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Answer {
    repository_creation_templates: Vec<Given>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Given {
    prefix: String,
    applied_for: Option<Vec<String>>,
    image_tag_mutability: Option<String>,
    image_tag_mutability_exclusion_filters: Option<Vec<GivenFilter>>,
    encryption_configuration: Option<GivenEncryption>,
    lifecycle_policy: Option<String>,
    repository_policy: Option<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct GivenFilter {
    filter_type: String,
    filter: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct GivenEncryption {
    encryption_type: String,
    kms_key: Option<String>,
}
