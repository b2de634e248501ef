//! A repository that holds nearly as many images as it may, or will soon.

use super::nearness::{Nearness, Stock};
use crate::audit::counted::counted;
use crate::audit::{Area, Audit, Outcome, RepositoryUnder, Severity};

pub(super) static AUDIT: Audit = Audit {
    id: "images-near-quota",
    area: Area::Capacity,
    title: "The repository is near its quota of images",
    why: "At the quota every push fails, of a release or of a fix as well.",
    help: "Attach a lifecycle policy that caps the images, or ask AWS for a higher quota and write it into the rules.",
    severity: Severity::Medium,
    controls: &[],
};

pub(super) fn check(under: &RepositoryUnder<'_>) -> Outcome {
    let capacity = &under.registry.rules.capacity;
    let quota = capacity.images_per_repository;
    let images = &under.repository.images;
    let mut stock = Stock::of(images.iter().map(|image| image.pushed_at), under.registry.now);
    let unlisted = under.unlisted();
    if unlisted.is_some() {
        // The pace of a part says nothing about the whole.
        stock.recent = None;
    }
    let least = if unlisted.is_some() { "at least " } else { "" };
    match (Nearness::of(&stock, quota, capacity), unlisted) {
        (Some(nearness), _) => {
            let what = format!("{least}{} of {quota}", counted(images.len(), "image"));
            Outcome::of(vec![nearness.flaw(&what, &stock, quota)])
        }
        (None, Some(reason)) => Outcome::NotEvaluated(reason),
        (None, None) => Outcome::Clean,
    }
}
