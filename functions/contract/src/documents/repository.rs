//! A repository as it was listed: nobody has to ask for this again.

use chrono::{DateTime, Utc};
use demurrage_core::{ExclusionFilter, Fact, Repository, TagMutability};
use serde::{Deserialize, Serialize};

/// What the listing says of a repository, and how large it was the last time.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct DescribedRepository {
    name: String,
    registry_id: Option<String>,
    arn: Option<String>,
    created_at: Option<DateTime<Utc>>,
    tag_mutability: Option<Mutability>,
    encryption_type: Option<String>,
    kms_key: Option<String>,
    scan_on_push: Option<bool>,
    /// How many images it had in the inventory before; none where there is no telling.
    pub images_before: Option<u64>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
struct Mutability {
    mode: String,
    /// Type and pattern of each.
    exclusion_filters: Vec<(String, String)>,
}

impl DescribedRepository {
    /// What a listing says of a repository.
    pub fn of(repository: &Repository, images_before: Option<u64>) -> Self {
        Self {
            name: repository.name.clone(),
            registry_id: repository.registry_id.clone(),
            arn: repository.arn.clone(),
            created_at: repository.created_at,
            tag_mutability: repository.tag_mutability.present().map(|mutability| Mutability {
                mode: mutability.mode.clone(),
                exclusion_filters: mutability
                    .exclusion_filters
                    .iter()
                    .map(|filter| (filter.filter_type.clone(), filter.filter.clone()))
                    .collect(),
            }),
            encryption_type: repository.encryption_type.clone(),
            kms_key: repository.kms_key.clone(),
            scan_on_push: repository.scan_on_push,
            images_before,
        }
    }

    /// Its name.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The repository of which this is known.
    pub fn repository(&self) -> Repository {
        let mut repository = Repository::new(&self.name);
        repository.registry_id.clone_from(&self.registry_id);
        repository.arn.clone_from(&self.arn);
        repository.created_at = self.created_at;
        repository.tag_mutability = self.tag_mutability.as_ref().map_or(Fact::NotEvaluated, |mutability| {
            let filters = mutability.exclusion_filters.iter().cloned();
            Fact::Present(TagMutability {
                mode: mutability.mode.clone(),
                exclusion_filters: filters
                    .map(|(filter_type, filter)| ExclusionFilter { filter_type, filter })
                    .collect(),
            })
        });
        repository.encryption_type.clone_from(&self.encryption_type);
        repository.kms_key.clone_from(&self.kms_key);
        repository.scan_on_push = self.scan_on_push;
        repository
    }
}
