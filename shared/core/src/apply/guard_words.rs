//! Why a hard guard keeps an image, in words.

use crate::in_use::{Protection, Use};
use crate::plan::HardGuard;
use crate::{Image, instant};

/// Why the guard keeps an image: a fragment that reads alone. `images` are those that the guard was asked of, `uses` those
/// that it knew.
pub fn guard_words(guard: &HardGuard, images: &[Image], uses: &[Use]) -> String {
    match guard {
        HardGuard::InUse { why: Protection::InUse(places) } => {
            let first = places.first().and_then(|&place| uses.get(place as usize));
            let evidence = first.map_or("something that is not known any more", |found| &found.evidence);
            match places.len() {
                0 | 1 => format!("it is in use: {evidence}"),
                more => format!("it is in use: {evidence}, and {} more", more - 1),
            }
        }
        HardGuard::InUse { why: Protection::PartOf(image) } => {
            format!("it belongs to {}, which is in use", name(images, *image))
        }
        HardGuard::InUse { why: Protection::MayBePartOf(image) } => {
            format!("it may belong to {}, which is in use: a manifest was not read", name(images, *image))
        }
        HardGuard::PartOfKept { image } => format!("it belongs to {}, which stays", name(images, *image)),
        HardGuard::MayBePartOf { index } => {
            format!(
                "it may be part of the index {}, of which the manifest was not read",
                name(images, *index)
            )
        }
        HardGuard::Newest => "it is the newest image of the repository".to_owned(),
        HardGuard::LastImage => "without it nothing could be pulled from the repository".to_owned(),
        HardGuard::ProtectedTag(tag) => format!("it has the protected tag `{tag}`"),
        HardGuard::Held { tag, until, reason } => {
            let until = instant::minute(*until);
            format!("its tag `{tag}` is held until {until}: {reason}")
        }
        HardGuard::HeldBefore { tag, until, reason } => {
            let until = instant::minute(*until);
            format!("it had the tag `{tag}` when that was held, until {until}: {reason}")
        }
        HardGuard::UnknownTime => "nobody knows when it was pushed".to_owned(),
        HardGuard::Activating => "it is on the way out of the archive class".to_owned(),
    }
}

fn name(images: &[Image], place: u32) -> String {
    images.get(place as usize).map_or_else(|| "another image".to_owned(), |image| image.digest.short())
}

#[cfg(test)]
mod tests {
    use super::guard_words;
    use crate::in_use::{Protection, Use, UseSource};
    use crate::plan::HardGuard;
    use crate::{Digest, Image};

    #[test]
    fn a_use_is_named_by_its_evidence_and_a_kept_image_by_its_digest() {
        let images = [Image::new(Digest::from_bytes([0xab; 32]))];
        let uses = [Use {
            reference: "app:1".parse().unwrap(),
            evidence: "service cart".to_owned(),
            source: UseSource::Ecs,
            since: None,
        }];
        let in_use = HardGuard::InUse { why: Protection::InUse(vec![0, 3]) };
        assert_eq!(guard_words(&in_use, &images, &uses), "it is in use: service cart, and 1 more");
        let kept = HardGuard::PartOfKept { image: 0 };
        assert_eq!(guard_words(&kept, &images, &uses), "it belongs to abababababab, which stays");
    }
}
