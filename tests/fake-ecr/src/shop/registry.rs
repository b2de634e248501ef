//! The files about the registry as a whole.

use super::{
    REGION, REGISTRY_ID,
    json::{Json, texts},
    prefixes::{self, Times},
};
use chrono::{DateTime, Utc};

/// Their names, and what is in them; without `describe-repositories.json`.
pub(super) fn files(now: DateTime<Utc>) -> [(&'static str, Json); 5] {
    let registry =
        vec![("registryId", REGISTRY_ID.into()), ("replicationConfiguration", replication())].into();
    let mounting = vec![("name", "BLOB_MOUNTING".into()), ("value", "DISABLED".into())].into();
    let times = Times::OfTheCli;
    let templates = vec![
        ("registryId", REGISTRY_ID.into()),
        ("repositoryCreationTemplates", prefixes::creation_templates(now, times).into()),
    ];
    let rules = vec![("pullThroughCacheRules", prefixes::cache_rules(now, times).into())];
    [
        ("describe-registry.json", registry),
        ("describe-repository-creation-templates.json", templates.into()),
        ("describe-pull-through-cache-rules.json", rules.into()),
        ("get-registry-scanning-configuration.json", scanning_answer()),
        ("get-account-setting-BLOB_MOUNTING.json", mounting),
    ]
}

/// What customers see is copied to two regions, deletions included; what builds need, to Tokyo only.
pub(super) fn replication() -> Json {
    let abroad = ["ap-northeast-1", "us-east-1"];
    let rules = vec![
        rule(&abroad, &["shop/", "web/", "payments/"], Some(true)),
        rule(&["ap-northeast-1"], &["platform/base-"], None),
    ];
    vec![("rules", rules.into())].into()
}

fn rule(regions: &[&str], prefixes: &[&str], delete: Option<bool>) -> Json {
    let destinations: Vec<Json> = regions
        .iter()
        .map(|region| vec![("region", (*region).into()), ("registryId", REGISTRY_ID.into())].into())
        .collect();
    let filters: Vec<Json> = prefixes
        .iter()
        .map(|prefix| vec![("filter", (*prefix).into()), ("filterType", "PREFIX_MATCH".into())].into())
        .collect();
    let mut fields = vec![("destinations", destinations.into()), ("repositoryFilters", filters.into())];
    if let Some(enabled) = delete {
        fields.push(("deleteReplication", vec![("enabled", enabled.into())].into()));
    }
    fields.into()
}

/// The account that builds the base images may copy them here.
pub(super) fn policy() -> Json {
    let statement: Json = vec![
        ("Sid", "ReplicateFromBuild".into()),
        ("Effect", "Allow".into()),
        ("Principal", vec![("AWS", "arn:aws:iam::210987654321:root".into())].into()),
        ("Action", texts(&["ecr:CreateRepository", "ecr:ReplicateImage"])),
        ("Resource", format!("arn:aws:ecr:{REGION}:{REGISTRY_ID}:repository/platform/*").into()),
    ]
    .into();
    vec![("Version", "2012-10-17".into()), ("Statement", vec![statement].into())].into()
}

fn scanning_answer() -> Json {
    vec![("registryId", REGISTRY_ID.into()), ("scanningConfiguration", scanning())].into()
}

/// What customers see is scanned when it is pushed.
pub(super) fn scanning() -> Json {
    let filters: Vec<Json> = ["shop/*", "payments/*", "web/*"]
        .iter()
        .map(|filter| vec![("filter", (*filter).into()), ("filterType", "WILDCARD".into())].into())
        .collect();
    let rule: Json =
        vec![("scanFrequency", "SCAN_ON_PUSH".into()), ("repositoryFilters", filters.into())].into();
    vec![("scanType", "BASIC".into()), ("rules", vec![rule].into())].into()
}
