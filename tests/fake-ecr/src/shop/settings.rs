//! What a repository is set to, before it is written in one form or another.

use super::{
    REGION, REGISTRY_ID,
    clock::{self, DAY_SECONDS},
    image::Image,
    json::{Json, texts},
    random::Random,
    repository::Repository,
};
use chrono::{DateTime, Utc};

/// Some days before the first push.
pub(super) fn created_at(images: &[Image], now: DateTime<Utc>) -> DateTime<Utc> {
    let first_push = images.iter().map(|image| image.when.pushed).min().unwrap_or(now);
    clock::earlier(first_push, 2 * DAY_SECONDS + 5_417)
}

/// When the lifecycle policy last ran, within a day before `now`.
pub(super) fn evaluated_at(repository: &Repository, now: DateTime<Utc>, seed: u64) -> DateTime<Utc> {
    let mut random = Random::seeded(seed, &format!("evaluated/{}", repository.name));
    clock::earlier(now, random.between(2 * 3_600, 23 * 3_600))
}

/// True where customers look.
pub(super) fn scan_on_push(repository: &Repository) -> bool {
    matches!(area(repository.name), "shop" | "payments" | "web")
}

/// The key of payments; all others leave encryption to S3.
pub(super) fn kms_key(repository: &Repository) -> Option<String> {
    let key = format!("arn:aws:kms:{REGION}:{REGISTRY_ID}:key/5d0c1a3e-7b42-4f6e-9a55-2c81e0f3b764");
    (area(repository.name) == "payments").then_some(key)
}

/// The text of the repository's own policy: base images are for all accounts of the company, and
/// Lambda needs a statement to read an image.
pub(super) fn policy_text(repository: &Repository) -> Option<String> {
    let (sid, principal) = match area(repository.name) {
        "platform" => {
            let accounts = texts(&["arn:aws:iam::210987654321:root", "arn:aws:iam::345678901234:root"]);
            ("PullFromOtherAccounts", vec![("AWS", accounts)])
        }
        "lambda" => ("LambdaPull", vec![("Service", "lambda.amazonaws.com".into())]),
        _ => return None,
    };
    let statement: Json = vec![
        ("Sid", sid.into()),
        ("Effect", "Allow".into()),
        ("Principal", principal.into()),
        ("Action", texts(&["ecr:BatchGetImage", "ecr:GetDownloadUrlForLayer"])),
    ]
    .into();
    let policy = vec![("Version", "2012-10-17".into()), ("Statement", vec![statement].into())];
    Some(Json::from(policy).indented(2))
}

/// The tags of the repository itself, keys and values: what the company shares its bill by. Nobody tagged
/// the caches; of some repositories nobody asked.
pub(super) fn resource_tags(repository: &Repository) -> Option<Vec<(&'static str, &'static str)>> {
    let (team, cost_center) = match area(repository.name) {
        "shop" | "web" => ("commerce", "CC-1100"),
        "payments" => ("payments", "CC-1200"),
        "platform" | "lambda" => ("platform", "CC-2000"),
        "data" => ("data", "CC-3100"),
        "ml" => ("machine-learning", "CC-3200"),
        "cache" => return Some(Vec::new()),
        _ => return None,
    };
    Some(vec![("team", team), ("cost-center", cost_center), ("managed-by", "terraform")])
}

/// The first part of a repository's name.
fn area(name: &str) -> &str {
    name.split('/').next().unwrap_or(name)
}
