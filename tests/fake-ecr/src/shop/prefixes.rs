//! What the shop's registry keeps under prefixes: how repositories are made that ECR makes by itself, and what is
//! pulled through. One template has a lifecycle policy, and the one for all others has none.

use chrono::{DateTime, Utc};

use super::{
    REGION, REGISTRY_ID, clock,
    clock::DAY_SECONDS,
    json::{Json, texts},
    policies,
};

/// In which form a time is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Times {
    /// As the AWS CLI prints it.
    OfTheCli,
    /// As the service sends it, in whole seconds since 1970.
    OfTheService,
}

impl Times {
    fn json(self, at: DateTime<Utc>) -> Json {
        match self {
            Self::OfTheCli => clock::iso_seoul(at).into(),
            Self::OfTheService => u64::try_from(at.timestamp()).unwrap_or(0).into(),
        }
    }
}

/// The creation templates, in the order of their prefixes.
pub(super) fn creation_templates(now: DateTime<Utc>, times: Times) -> Vec<Json> {
    let since = |days| times.json(whole_seconds(clock::earlier(now, days * DAY_SECONDS)));
    let all = vec![
        ("prefix", "ROOT".into()),
        ("description", "Whatever is pushed or copied without a repository".into()),
        ("encryptionConfiguration", vec![("encryptionType", "AES256".into())].into()),
        ("imageTagMutability", "MUTABLE".into()),
        ("appliedFor", texts(&["REPLICATION", "CREATE_ON_PUSH"])),
        ("createdAt", since(390)),
        ("updatedAt", since(390)),
    ];
    let tag = |key: &'static str, value: &'static str| {
        Json::from(vec![("Key", key.into()), ("Value", value.into())])
    };
    let cached = vec![
        ("prefix", "docker-hub".into()),
        ("description", "Public images, which can be pulled again".into()),
        ("encryptionConfiguration", vec![("encryptionType", "AES256".into())].into()),
        ("resourceTags", vec![tag("team", "platform"), tag("managed-by", "terraform")].into()),
        ("imageTagMutability", "MUTABLE".into()),
        ("lifecyclePolicy", policies::CACHE_14_DAYS.text().into()),
        ("appliedFor", texts(&["PULL_THROUGH_CACHE"])),
        ("customRoleArn", format!("arn:aws:iam::{REGISTRY_ID}:role/ecr-creation").into()),
        ("createdAt", since(280)),
        ("updatedAt", since(41)),
    ];
    vec![all.into(), cached.into()]
}

/// The rules of pull-through caches, in the order of their prefixes. Nothing is said of `quay` by a template but
/// what holds for all.
pub(super) fn cache_rules(now: DateTime<Utc>, times: Times) -> Vec<Json> {
    let since = |days| times.json(whole_seconds(clock::earlier(now, days * DAY_SECONDS)));
    let secret =
        format!("arn:aws:secretsmanager:{REGION}:{REGISTRY_ID}:secret:ecr-pullthroughcache/hub-a1B2c3");
    let hub = vec![
        ("ecrRepositoryPrefix", "docker-hub".into()),
        ("upstreamRegistryUrl", "registry-1.docker.io".into()),
        ("createdAt", since(280)),
        ("registryId", REGISTRY_ID.into()),
        ("credentialArn", secret.into()),
        ("upstreamRegistry", "docker-hub".into()),
        ("updatedAt", since(280)),
    ];
    let quay = vec![
        ("ecrRepositoryPrefix", "quay".into()),
        ("upstreamRegistryUrl", "quay.io".into()),
        ("createdAt", since(170)),
        ("registryId", REGISTRY_ID.into()),
        ("upstreamRegistry", "quay".into()),
        ("updatedAt", since(170)),
    ];
    vec![hub.into(), quay.into()]
}

/// Both forms of a time say the same then.
fn whole_seconds(at: DateTime<Utc>) -> DateTime<Utc> {
    DateTime::from_timestamp(at.timestamp(), 0).unwrap_or(at)
}
