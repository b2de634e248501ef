//! A repository, with its settings and images.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};

use crate::{Fact, Image, TagMutability};

/// One repository of one registry.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Repository {
    /// Its name, such as `team/app`.
    pub name: String,
    /// The twelve-digit account that owns it, where known.
    pub registry_id: Option<String>,
    /// Its Amazon resource name, where known.
    pub arn: Option<String>,
    /// When it was created.
    pub created_at: Option<DateTime<Utc>>,
    /// Which of its tags may move.
    pub tag_mutability: Fact<TagMutability>,
    /// `AES256`, `KMS` or `KMS_DSSE`.
    pub encryption_type: Option<String>,
    /// The key, where the type is not `AES256`.
    pub kms_key: Option<String>,
    /// The deprecated setting of the repository itself; what counts is the registry's scanning.
    pub scan_on_push: Option<bool>,
    /// The text of the attached lifecycle policy.
    pub lifecycle_policy: Fact<String>,
    /// When ECR last ran the lifecycle policy.
    pub lifecycle_last_evaluated_at: Option<DateTime<Utc>>,
    /// The text of the repository policy.
    pub repository_policy: Fact<String>,
    /// The resource tags of the repository.
    pub resource_tags: Fact<BTreeMap<String, String>>,
    /// Whether `images` is all of it.
    pub listing: Listing,
    /// The images, in the order of their digests.
    pub images: Vec<Image>,
    /// What else went wrong or looked odd while it was read, one sentence each.
    pub notes: Vec<String>,
}

impl Repository {
    /// A repository of which only the name is known.
    pub fn new(name: &str) -> Self {
        Self {
            name: name.to_owned(),
            registry_id: None,
            arn: None,
            created_at: None,
            tag_mutability: Fact::NotEvaluated,
            encryption_type: None,
            kms_key: None,
            scan_on_push: None,
            lifecycle_policy: Fact::NotEvaluated,
            lifecycle_last_evaluated_at: None,
            repository_policy: Fact::NotEvaluated,
            resource_tags: Fact::NotEvaluated,
            listing: Listing::Complete,
            images: Vec::new(),
            notes: Vec::new(),
        }
    }
}

/// Whether the images of a repository are all known.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Listing {
    /// All images are known.
    Complete,
    /// There are more pages than were read: some images are unknown.
    CutOff,
    /// The images could not be read, for this reason; none is known.
    Failed(String),
}
