//! Bytes that only untagged images hold which nothing refers to.

use crate::Image;
use crate::audit::counted::counted;
use crate::audit::{Area, Audit, Confidence, Flaw, Outcome, RepositoryUnder, Severity};
use crate::cost::Blobs;
use crate::lifecycle::Relations;

pub(super) static AUDIT: Audit = Audit {
    id: "untagged-unreferenced",
    area: Area::Hygiene,
    title: "Untagged images that nothing refers to hold bytes of their own",
    why: "A tag that moves leaves its old image behind, and it is paid for until somebody deletes it.",
    help: "Add a rule for untagged images to the lifecycle policy, after a look at what runs by digest: deployments that name \
           a digest need their image without a tag.",
    severity: Severity::Low,
    controls: &[],
};

pub(super) fn check(under: &RepositoryUnder<'_>) -> Outcome {
    if let Some(reason) = under.unlisted() {
        return Outcome::NotEvaluated(reason);
    }
    let images = &under.repository.images;
    let needed = needed(images, under.relations);
    let unneeded = needed.iter().filter(|needed| !**needed).count();
    let blobs = Blobs::of(images);
    let bytes = only_held_by_unneeded(&blobs, &needed);
    if bytes < u128::from(under.registry.rules.untagged_bytes) || bytes == 0 {
        return Outcome::Clean;
    }
    // An index that was not read may need any of them.
    let unread = under.relations.unread_indexes().len();
    if 0 < unread {
        return Outcome::NotEvaluated(format!(
            "manifests of indexes were not read ({unread}), so that nobody knows which images they need"
        ));
    }
    let guessed = blobs.images_without_manifest().len();
    let (confidence, most) =
        if guessed == 0 { (Confidence::Certain, "") } else { (Confidence::Likely, "up to ") };
    let (hold, refers) = if unneeded == 1 { ("holds", "it") } else { ("hold", "them") };
    let message = format!(
        "{} {hold} {most}{} that no other image needs, and nothing refers to {refers}",
        counted(unneeded, "untagged image"),
        size(bytes)
    );
    let flaw = Flaw::new(AUDIT.severity, confidence, message)
        .with("images", unneeded.to_string())
        .with("bytes", bytes.to_string());
    Outcome::of(vec![if guessed == 0 {
        flaw
    } else {
        flaw.with("images-without-manifest", guessed.to_string())
    }])
}

/// Which images something needs: a tag, an index that is needed, the image that they refer to, or one that refers to
/// them and is needed by itself.
fn needed(images: &[Image], relations: &Relations) -> Vec<bool> {
    // For each image those that are needed where it is.
    let mut needs: Vec<Vec<u32>> = vec![Vec::new(); images.len()];
    for place in places(images) {
        let subject = relations.subject(place);
        let (parents, subject_needs) =
            (relations.parents(place).iter().copied(), subject.map(|of| (of, place)));
        let pairs = parents.map(|index| (index, place)).chain(subject_needs);
        for (of, needed) in pairs.chain(subject.map(|subject| (place, subject))) {
            if let Some(needs) = needs.get_mut(of as usize) {
                needs.push(needed);
            }
        }
    }
    let mut needed: Vec<bool> = images.iter().map(|image| !image.tags.is_empty()).collect();
    let mut waiting: Vec<u32> =
        places(images).zip(&needed).filter_map(|(place, is_needed)| is_needed.then_some(place)).collect();
    while let Some(place) = waiting.pop() {
        for &other in needs.get(place as usize).into_iter().flatten() {
            if let Some(is_needed) = needed.get_mut(other as usize)
                && !std::mem::replace(is_needed, true)
            {
                waiting.push(other);
            }
        }
    }
    needed
}

/// Bytes of the blobs of which every holder is an image that nothing needs.
fn only_held_by_unneeded(blobs: &Blobs, needed: &[bool]) -> u128 {
    let mut holders = vec![0_u32; blobs.all().len()];
    for (place, _) in (0..u32::MAX).zip(needed).filter(|(_, needed)| !**needed) {
        for &blob in blobs.of_image(place) {
            if let Some(count) = holders.get_mut(blob as usize) {
                *count += 1;
            }
        }
    }
    let only = blobs.all().iter().zip(holders).filter(|(blob, holders)| blob.holders == *holders);
    only.map(|(blob, _)| u128::from(blob.size_bytes)).sum()
}

fn places(images: &[Image]) -> impl Iterator<Item = u32> {
    (0..u32::MAX).zip(images).map(|(place, _)| place)
}

/// Bytes in the largest of the usual units of which there is one at least, with a decimal, rounded down.
fn size(bytes: u128) -> String {
    let units = [(1 << 30, "GB"), (1 << 20, "MB"), (1 << 10, "KB")];
    match units.into_iter().find(|(unit, _)| *unit <= bytes) {
        Some((unit, name)) => {
            let tenths = bytes * 10 / unit;
            format!("{}.{} {name}", tenths / 10, tenths % 10)
        }
        None => format!("{bytes} bytes"),
    }
}
