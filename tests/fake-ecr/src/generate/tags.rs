//! The tags of a repository's images: one image for each, as in any registry.

use std::collections::HashMap;

use chrono::{DateTime, Utc};

use super::{
    plan::{Kind, Naming, Unit},
    profile::{Profile, purpose},
    repository::Mutability,
};

const TOPICS: [&str; 10] = [
    "coupon-banner",
    "kakao-login",
    "naver-pay",
    "wishlist",
    "refund-flow",
    "search-v2",
    "dark-mode",
    "gift-card",
    "seller-page",
    "retry-timeout",
];

/// Hands out the tags of pushes, from the oldest to the newest.
#[derive(Debug)]
pub(super) struct Tags<'a> {
    profile: &'a Profile,
    /// How many images have a tag of this date.
    dated: HashMap<String, u32>,
}

impl<'a> Tags<'a> {
    pub(super) fn new(profile: &'a Profile) -> Self {
        Self { profile, dated: HashMap::new() }
    }

    /// The tags that stand at this push for good.
    pub(super) fn of(&mut self, unit: Unit, pushed: DateTime<Utc>) -> Vec<String> {
        let naming = match unit.kind {
            Kind::Build(naming) => naming,
            Kind::Release { .. } | Kind::DockerRelease => Naming::Version,
            Kind::Remains => Naming::Untagged,
        };
        let number = unit.first;
        match naming {
            Naming::Version => {
                vec![format!("v{}.{}.{}", 1 + number / 1_000, number / 20 % 50, number % 20)]
            }
            Naming::Commit => vec![self.commit(number)],
            Naming::Sha => vec![self.sha(number)],
            Naming::PullRequest => vec![format!("pr-{}", 100 + number)],
            Naming::Feature => {
                let topic = self.profile.stream(purpose::TAGS, [number, 0]).pick(&TOPICS);
                vec![format!("feature-{}-{topic}", 100 + number)]
            }
            Naming::Production => {
                let mut tags = vec![self.dated("prod", pushed)];
                if self.profile.stream(purpose::TAGS, [number, 1]).chance(70) {
                    tags.push(self.commit(number));
                }
                tags
            }
            Naming::Nightly => vec![self.dated("nightly", pushed)],
            Naming::BuildNumber => vec![format!("build-{}", 100 + number)],
            Naming::Untagged => Vec::new(),
        }
    }

    /// The tag that moves to each newer push of this kind, where the repository lets it.
    pub(super) fn moving(&self, unit: Unit) -> Option<&'static str> {
        let tag = match unit.kind {
            Kind::Release { .. } | Kind::DockerRelease | Kind::Build(Naming::Version | Naming::Sha) => {
                "latest"
            }
            Kind::Build(Naming::Commit) => "main",
            Kind::Build(Naming::Production) => "prod",
            Kind::Build(
                Naming::PullRequest
                | Naming::Feature
                | Naming::Nightly
                | Naming::BuildNumber
                | Naming::Untagged,
            )
            | Kind::Remains => return None,
        };
        Mutability::of(self.profile).may_move(tag).then_some(tag)
    }

    /// Seven digits that no other number below 2^28 has: multiplying by an odd number is one to one.
    fn commit(&self, number: u64) -> String {
        let salt = self.profile.repository.wrapping_mul(0x9e37_79b9).wrapping_add(self.profile.seed);
        format!("main-{:07x}", number.wrapping_add(salt).wrapping_mul(0x0a3b_195d) & 0x0fff_ffff)
    }

    fn sha(&self, number: u64) -> String {
        let mut stream = self.profile.stream(purpose::TAGS, [number, 2]);
        format!("{:016x}{:016x}{:08x}", stream.next(), stream.next(), stream.next() >> 32)
    }

    /// The date in Seoul, with a number after it from the second image of that day on.
    fn dated(&mut self, name: &str, pushed: DateTime<Utc>) -> String {
        let local = super::life::after(pushed, 9 * 3_600_000);
        let tag = format!("{name}-{}", local.format("%Y-%m-%d"));
        let number = self.dated.entry(tag.clone()).or_insert(0);
        *number += 1;
        if *number == 1 { tag } else { format!("{tag}.{number}") }
    }
}
