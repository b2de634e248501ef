//! The settings of a repository.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};

use super::{
    life, policies,
    profile::{DAY_MS, Profile, purpose},
};
use crate::RepositoryRecord;

const KEY: &str = "arn:aws:kms:ap-northeast-2:123456789012:key/8f14e45f-ceea-467f-a0e6-2b1c9d0e7a31";
const PULL_STATEMENT: &str = concat!(
    r#"{"Version":"2012-10-17","Statement":[{"Sid":"PullFromOtherAccounts","Effect":"Allow","#,
    r#""Principal":{"AWS":"arn:aws:iam::210987654321:root"},"#,
    r#""Action":["ecr:BatchGetImage","ecr:GetDownloadUrlForLayer"]}]}"#
);
const TEAMS: [&str; 6] = ["commerce", "payments", "platform", "data", "machine-learning", "logistics"];
const COST_CENTERS: [&str; 4] = ["CC-1100", "CC-1200", "CC-2000", "CC-3100"];

/// Which tags of a repository may move to another image.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Mutability {
    /// All of them.
    Mutable,
    /// None of them.
    Immutable,
    /// None but `latest`.
    LatestMoves,
    /// None but `latest`, `main` and those that begin with `prod`.
    PipelineMoves,
    /// All but those of releases.
    ReleasesFixed,
}

impl Mutability {
    pub(super) fn of(profile: &Profile) -> Self {
        match profile.stream(purpose::SETTINGS, [1, 0]).below(100) {
            0..40 => Self::Mutable,
            40..58 => Self::Immutable,
            58..76 => Self::LatestMoves,
            76..88 => Self::PipelineMoves,
            _ => Self::ReleasesFixed,
        }
    }

    /// True when a second push to this moving tag is accepted.
    pub(super) fn may_move(self, tag: &str) -> bool {
        match self {
            Self::Mutable | Self::ReleasesFixed | Self::PipelineMoves => true,
            Self::Immutable => false,
            Self::LatestMoves => tag == "latest",
        }
    }

    fn setting(self) -> (&'static str, &'static [&'static str]) {
        match self {
            Self::Mutable => ("MUTABLE", &[]),
            Self::Immutable => ("IMMUTABLE", &[]),
            Self::LatestMoves => ("IMMUTABLE_WITH_EXCLUSION", &["latest"]),
            Self::PipelineMoves => ("IMMUTABLE_WITH_EXCLUSION", &["latest", "main", "prod*"]),
            Self::ReleasesFixed => ("MUTABLE_WITH_EXCLUSION", &["v*"]),
        }
    }
}

/// The record of the repository with this name.
pub(super) fn record(profile: &Profile, name: String, now: DateTime<Utc>) -> RepositoryRecord {
    let mut stream = profile.stream(purpose::SETTINGS, [2, 0]);
    let (mutability, exclusions) = Mutability::of(profile).setting();
    let encryption_type = match stream.below(100) {
        0..88 => "AES256",
        88..98 => "KMS",
        _ => "KMS_DSSE",
    };
    let scan_on_push = stream.chance(50);
    let repository_policy = stream.chance(15).then(|| PULL_STATEMENT.to_owned());
    let lifecycle_policy = policies::text(&mut stream);
    let evaluated = life::at(now, stream.between(DAY_MS / 12, DAY_MS));
    let mut resource_tags = BTreeMap::new();
    if stream.chance(75) {
        resource_tags.insert("team".to_owned(), stream.pick(&TEAMS).to_owned());
        resource_tags.insert("managed-by".to_owned(), "terraform".to_owned());
    }
    if stream.chance(60) {
        resource_tags.insert("cost-center".to_owned(), stream.pick(&COST_CENTERS).to_owned());
    }
    RepositoryRecord {
        name,
        created_at: life::at(now, profile.created_age_ms),
        mutability: mutability.to_owned(),
        exclusion_filters: exclusions.iter().map(|filter| (*filter).to_owned()).collect(),
        scan_on_push,
        encryption_type: encryption_type.to_owned(),
        kms_key: (encryption_type != "AES256").then(|| KEY.to_owned()),
        lifecycle_evaluated_at: lifecycle_policy.as_ref().map(|_| evaluated),
        lifecycle_policy,
        repository_policy,
        resource_tags,
    }
}
