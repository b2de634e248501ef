//! A registry that holds nearly as many repositories as it may, or will soon.

use super::nearness::{Nearness, Stock};
use crate::audit::{Area, Audit, Census, Outcome, RegistryUnder, Severity};
use crate::{RegistryKind, RepositoriesListing};

pub(super) static AUDIT: Audit = Audit {
    id: "repositories-near-quota",
    area: Area::Capacity,
    title: "The registry is near its quota of repositories",
    why: "At the quota nobody can make a repository in this account and region, and what makes them by itself fails: \
          pipelines, replication, pull-through caches.",
    help: "Delete repositories that nobody uses, or ask AWS for a higher quota and write it into the rules.",
    severity: Severity::Medium,
    controls: &[],
};

pub(super) fn check(under: &RegistryUnder<'_>, census: &Census) -> Outcome {
    let capacity = &under.rules.capacity;
    let quota = match under.kind {
        RegistryKind::Private => capacity.repositories,
        RegistryKind::Public => capacity.public_repositories,
    };
    let mut stock = Stock::of(census.repositories.iter().map(|(_, created_at)| *created_at), under.now);
    let is_whole = match census.listing {
        RepositoriesListing::Complete => true,
        RepositoriesListing::CutOff => false,
    };
    if !is_whole {
        // The pace of a part says nothing about the whole.
        stock.recent = None;
    }
    match Nearness::of(&stock, quota, capacity) {
        Some(nearness) => {
            let least = if is_whole { "" } else { "at least " };
            let noun = if stock.count == 1 { "repository" } else { "repositories" };
            let what = format!("{least}{} {noun} of {quota}", stock.count);
            Outcome::of(vec![nearness.flaw(&what, &stock, quota)])
        }
        None if is_whole => Outcome::Clean,
        None => Outcome::NotEvaluated("the repositories were not all listed".to_owned()),
    }
}
