//! The files of one repository, as the AWS CLI would have written them.

use super::{
    REGION, REGISTRY_ID,
    clock::{self, DAY_SECONDS},
    image::Image,
    json::{Json, texts},
    policy::Policy,
    random::Random,
    repository::{Lifecycle, Manifests, Repository},
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
    if let Some(statement) = statement(repository) {
        let policy = vec![("Version", "2012-10-17".into()), ("Statement", vec![statement].into())];
        let answer = vec![
            ("registryId", REGISTRY_ID.into()),
            ("repositoryName", repository.name.into()),
            ("policyText", Json::from(policy).indented(2).into()),
        ];
        files.push(("get-repository-policy.json", answer.into()));
    }
    if let Some(tags) = resource_tags(repository) {
        files.push(("list-tags-for-resource.json", vec![("tags", tags.into())].into()));
    }
    files
}

/// The repository as `aws ecr describe-repositories` shows it.
pub(super) fn description(repository: &Repository, images: &[Image], now: DateTime<Utc>) -> Json {
    let name = repository.name;
    let first_push = images.iter().map(|image| image.when.pushed).min().unwrap_or(now);
    let created = clock::earlier(first_push, 2 * DAY_SECONDS + 5_417);
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
    let scanned = matches!(area(name), "shop" | "payments" | "web");
    fields.push(("imageScanningConfiguration", vec![("scanOnPush", scanned.into())].into()));
    let encryption = if area(name) == "payments" {
        let key = format!("arn:aws:kms:{REGION}:{REGISTRY_ID}:key/5d0c1a3e-7b42-4f6e-9a55-2c81e0f3b764");
        vec![("encryptionType", "KMS".into()), ("kmsKey", key.into())]
    } else {
        vec![("encryptionType", "AES256".into())]
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
    let mut random = Random::seeded(seed, &format!("evaluated/{}", repository.name));
    let evaluated = clock::earlier(now, random.between(2 * 3_600, 23 * 3_600));
    vec![
        ("registryId", REGISTRY_ID.into()),
        ("repositoryName", repository.name.into()),
        ("lifecyclePolicyText", policy.text().into()),
        ("lastEvaluatedAt", clock::iso_seoul(evaluated).into()),
    ]
    .into()
}

/// The statement of the repository's own policy: base images are for all accounts of the company, and
/// Lambda needs a statement to read an image.
fn statement(repository: &Repository) -> Option<Json> {
    let (sid, principal) = match area(repository.name) {
        "platform" => {
            let accounts = texts(&["arn:aws:iam::210987654321:root", "arn:aws:iam::345678901234:root"]);
            ("PullFromOtherAccounts", vec![("AWS", accounts)])
        }
        "lambda" => ("LambdaPull", vec![("Service", "lambda.amazonaws.com".into())]),
        _ => return None,
    };
    let actions = texts(&["ecr:BatchGetImage", "ecr:GetDownloadUrlForLayer"]);
    Some(
        vec![
            ("Sid", sid.into()),
            ("Effect", "Allow".into()),
            ("Principal", principal.into()),
            ("Action", actions),
        ]
        .into(),
    )
}

/// The tags of the repository itself: what the company shares its bill by. Nobody tagged the caches.
fn resource_tags(repository: &Repository) -> Option<Vec<Json>> {
    let (team, cost_center) = match area(repository.name) {
        "shop" | "web" => ("commerce", "CC-1100"),
        "payments" => ("payments", "CC-1200"),
        "platform" | "lambda" => ("platform", "CC-2000"),
        "data" => ("data", "CC-3100"),
        "ml" => ("machine-learning", "CC-3200"),
        "cache" => return Some(Vec::new()),
        _ => return None,
    };
    let tag = |key: &str, value: &str| vec![("Key", key.into()), ("Value", value.into())].into();
    Some(vec![tag("team", team), tag("cost-center", cost_center), tag("managed-by", "terraform")])
}

/// The first part of a repository's name.
fn area(name: &str) -> &str {
    name.split('/').next().unwrap_or(name)
}
