//! The tags of the members of a family.

use super::{clock, family::Naming, random::Random, repository::Mutability};
use chrono::{DateTime, Utc};
use std::collections::BTreeSet;

const WORK: &[&str] = &[
    "coupon",
    "checkout",
    "wishlist",
    "kakao-login",
    "naver-pay",
    "delivery",
    "review",
    "search",
    "banner",
    "point",
    "refund",
    "gift",
    "seller",
    "stock",
    "push",
];
const CHANGE: &[&str] =
    &["redesign", "retry", "cache", "v2", "cleanup", "timeout", "tracing", "a11y", "dark-mode", "bulk"];

/// Hands out tags, each once: a tag points at one image.
#[derive(Debug)]
pub(super) struct Tags {
    used: BTreeSet<String>,
    mutability: Mutability,
}

impl Tags {
    /// For a repository without images.
    pub(super) fn new(mutability: Mutability) -> Self {
        Self { used: BTreeSet::new(), mutability }
    }

    /// The tags of member `place` of a family (0 is the newest), which was pushed then; `count` is how
    /// many there are of this naming, the families before it left out.
    pub(super) fn of_member(
        &mut self,
        naming: Naming,
        (place, count): (u64, u64),
        pushed: DateTime<Utc>,
        random: &mut Random,
    ) -> Vec<String> {
        let number = count - place;
        let date = clock::seoul(pushed).format("%Y-%m-%d");
        let commit = random.digest().hex();
        let (wanted, moving) = match naming {
            Naming::Version => (vec![format!("v{}", version(number))], "latest"),
            Naming::PublicVersion => (vec![version(number)], "latest"),
            Naming::Commit => (vec![format!("main-{commit:.7}")], "main"),
            Naming::Sha => (vec![format!("{commit:.40}")], "latest"),
            Naming::PullRequest => (vec![format!("pr-{}", 4_200 - place * 3)], ""),
            Naming::Feature => (vec![format!("feature-{}", topic(random))], ""),
            Naming::Date => (vec![date.to_string()], "latest"),
            Naming::Environment(name) => (environment(name, &date.to_string(), &commit, random), name),
            Naming::BuildNumber => (vec![format!("build-{}", 100 + number * 2)], ""),
            Naming::Cache => (vec![format!("cache-feature-{}", topic(random))], "cache-main"),
            Naming::Untagged => (Vec::new(), ""),
        };
        let mut tags: Vec<String> = wanted.iter().map(|tag| self.claim(tag)).collect();
        if place == 0 && self.may_have_moved(moving) {
            tags.push(moving.to_owned());
        }
        tags
    }

    /// The tag itself, or with a number after it when another image has it.
    pub(super) fn claim(&mut self, tag: &str) -> String {
        let mut free = tag.to_owned();
        let mut next = 2_u32;
        while !self.used.insert(free.clone()) {
            free = format!("{tag}.{next}");
            next += 1;
        }
        free
    }

    /// True when the repository lets this tag move, and no image has it yet.
    fn may_have_moved(&mut self, tag: &str) -> bool {
        !tag.is_empty() && self.mutability.may_move(tag) && self.used.insert(tag.to_owned())
    }
}

fn version(number: u64) -> String {
    format!("{}.{}.{}", 1 + number / 60, number / 5 % 12, number % 5)
}

fn topic(random: &mut Random) -> String {
    format!("{}-{}", random.word(WORK), random.word(CHANGE))
}

/// An image reaches an environment by a second tag: some keep the commit's, some have two environments.
fn environment(name: &str, date: &str, commit: &str, random: &mut Random) -> Vec<String> {
    let mut tags = vec![format!("{name}-{date}")];
    let (with_commit, with_staging) = (random.chance(60), random.chance(12));
    if with_commit {
        tags.push(format!("main-{commit:.7}"));
    }
    if with_staging && name == "prod" {
        tags.push(format!("staging-{date}"));
    }
    tags
}
