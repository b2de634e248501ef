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
    let mut needed: Vec<bool> = images.iter().map(|image| !image.tags.is_empty()).collect();
    let mut waiting: Vec<u32> = places(images).collect();
    // Each round needs one more at least, or is the last.
    loop {
        let is_needed = |needed: &[bool], place: u32| needed.get(place as usize).copied().unwrap_or(false);
        let before = waiting.len();
        waiting.retain(|&place| {
            let by_parent = relations.parents(place).iter().any(|&index| is_needed(&needed, index));
            let subject = relations.subject(place);
            let by_subject = subject.is_some_and(|subject| is_needed(&needed, subject));
            if !(is_needed(&needed, place) || by_parent || by_subject) {
                return true;
            }
            for place in std::iter::once(place).chain(subject) {
                if let Some(needed) = needed.get_mut(place as usize) {
                    *needed = true;
                }
            }
            false
        });
        if waiting.len() == before {
            return needed;
        }
    }
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
