//! The files of one repository, as the AWS CLI would have written them.

use super::{
    REGION, REGISTRY_ID, clock,
    image::Image,
    json::Json,
    policy::Policy,
    repository::{Lifecycle, Manifests, Repository},
    settings,
};
use chrono::{DateTime, Utc};

/// The files in the repository's own folder: their names, and what is in them.
pub(super) fn files(
    repository: &Repository,
    images: &[Image],
    now: DateTime<Utc>,
    seed: u64,
) -> Vec<(&'static str, Json)> {
    let details: Vec<Json> = images.iter().map(|image| image.detail(REGISTRY_ID, repository.name)).collect();
    let mut files = vec![("describe-images.json", vec![("imageDetails", details.into())].into())];
    if repository.manifests != Manifests::NotRead {
        files.push(("batch-get-image.json", manifests(repository, images)));
    }
    match repository.lifecycle {
        Lifecycle::Policy(policy) => {
            files.push(("get-lifecycle-policy.json", lifecycle(repository, policy, now, seed)));
        }
        Lifecycle::None => {
            let answer = vec![("__type", "LifecyclePolicyNotFoundException".into())];
            files.push(("get-lifecycle-policy.json", answer.into()));
        }
        Lifecycle::NotRead => {}
    }
    if let Some(policy) = settings::policy_text(repository) {
        let answer = vec![
            ("registryId", REGISTRY_ID.into()),
            ("repositoryName", repository.name.into()),
            ("policyText", policy.into()),
        ];
        files.push(("get-repository-policy.json", answer.into()));
    }
    if let Some(tags) = settings::resource_tags(repository) {
        let tag =
            |(key, value): &(&str, &str)| vec![("Key", (*key).into()), ("Value", (*value).into())].into();
        let tags: Vec<Json> = tags.iter().map(tag).collect();
        files.push(("list-tags-for-resource.json", vec![("tags", tags.into())].into()));
    }
    files
}

/// The repository as `aws ecr describe-repositories` shows it.
pub(super) fn description(repository: &Repository, images: &[Image], now: DateTime<Utc>) -> Json {
    let name = repository.name;
    let created = settings::created_at(images, now);
    let mut fields = vec![
        ("repositoryArn", format!("arn:aws:ecr:{REGION}:{REGISTRY_ID}:repository/{name}").into()),
        ("registryId", REGISTRY_ID.into()),
        ("repositoryName", name.into()),
        ("repositoryUri", format!("{REGISTRY_ID}.dkr.ecr.{REGION}.amazonaws.com/{name}").into()),
        ("createdAt", clock::iso_seoul(created).into()),
    ];
    let (mutability, exclusions) = repository.mutability.setting();
    fields.push(("imageTagMutability", mutability.into()));
    if !exclusions.is_empty() {
        let filters: Vec<Json> = exclusions
            .iter()
            .map(|filter| vec![("filterType", "WILDCARD".into()), ("filter", (*filter).into())].into())
            .collect();
        fields.push(("imageTagMutabilityExclusionFilters", filters.into()));
    }
    let scanned = settings::scan_on_push(repository);
    fields.push(("imageScanningConfiguration", vec![("scanOnPush", scanned.into())].into()));
    let encryption = match settings::kms_key(repository) {
        Some(key) => vec![("encryptionType", "KMS".into()), ("kmsKey", key.into())],
        None => vec![("encryptionType", "AES256".into())],
    };
    fields.push(("encryptionConfiguration", encryption.into()));
    fields.into()
}

fn manifests(repository: &Repository, images: &[Image]) -> Json {
    let refused =
        |image: &&Image| repository.manifests == Manifests::ReadWhileActive && image.when.life.is_archived();
    let read: Vec<Json> = images
        .iter()
        .filter(|image| !refused(image))
        .map(|image| image.manifest_entry(REGISTRY_ID, repository.name))
        .collect();
    let failures: Vec<Json> = images.iter().filter(refused).map(Image::manifest_failure).collect();
    vec![("images", read.into()), ("failures", failures.into())].into()
}

fn lifecycle(repository: &Repository, policy: &Policy, now: DateTime<Utc>, seed: u64) -> Json {
    let evaluated = settings::evaluated_at(repository, now, seed);
    vec![
        ("registryId", REGISTRY_ID.into()),
        ("repositoryName", repository.name.into()),
        ("lifecyclePolicyText", policy.text().into()),
        ("lastEvaluatedAt", clock::iso_seoul(evaluated).into()),
    ]
    .into()
}
