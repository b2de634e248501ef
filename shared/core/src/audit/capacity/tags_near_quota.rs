//! An image with nearly as many tags as it may have.

use super::nearness::{Nearness, Stock};
use crate::Image;
use crate::audit::counted::counted;
use crate::audit::{Area, Audit, Outcome, RepositoryUnder, Severity};

pub(super) static AUDIT: Audit = Audit {
    id: "tags-near-quota",
    area: Area::Capacity,
    title: "An image is near its quota of tags",
    why: "At the quota the image takes no further tag: a build whose content did not change cannot be tagged any more.",
    help: "Remove tags that nobody uses; a build that changes nothing needs no tag of its own.",
    severity: Severity::Medium,
    controls: &[],
};

/// How many images are named at the most.
const NAMED_MAX: usize = 3;

pub(super) fn check(under: &RepositoryUnder<'_>) -> Outcome {
    let capacity = &under.registry.rules.capacity;
    let quota = capacity.tags_per_image;
    let mut near: Vec<(&Image, Stock, Nearness)> = under
        .repository
        .images
        .iter()
        .filter_map(|image| {
            let stock = Stock { count: u64::try_from(image.tags.len()).unwrap_or(u64::MAX), recent: None };
            let nearness = Nearness::by_count(stock.count, quota, capacity)?;
            Some((image, stock, nearness))
        })
        .collect();
    // Stable: images with as many tags stay in the order of their digests.
    near.sort_by_key(|(_, stock, _)| std::cmp::Reverse(stock.count));
    let Some((fullest, stock, nearness)) = near.first() else {
        return under.unlisted().map_or(Outcome::Clean, Outcome::NotEvaluated);
    };
    let others = match near.len() - 1 {
        0 => String::new(),
        1 => ", and another image is near it".to_owned(),
        more => format!(", and {more} more images are near it"),
    };
    let what = format!("{} has {} of {quota}", fullest.digest, counted(fullest.tags.len(), "tag"));
    let mut flaw = nearness.flaw(&what, stock, quota);
    flaw.message.push_str(&others);
    let named = near.iter().take(NAMED_MAX);
    let flaw = named.fold(flaw, |flaw, (image, ..)| flaw.with("image", image.digest.to_string()));
    Outcome::of(vec![flaw])
}
