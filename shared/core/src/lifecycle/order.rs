//! From newest to oldest: the order in which ECR ranks the images of a storage class.

use std::cmp::{Ordering, Reverse};

use chrono::{DateTime, Utc};

use super::StorageClass;
use super::relations::positions;
use crate::{Digest, Image, ImageStatus};

/// The time by which an image of a class is ordered. `None` is newer than every time.
//= docs/SEMANTICS.md#order-time
//= docs/SEMANTICS.md#order-restored
//= docs/SEMANTICS.md#order-unknown
pub(super) fn order_time(image: &Image, class: StorageClass) -> Option<DateTime<Utc>> {
    match class {
        StorageClass::Standard => image.pushed_at.map(|pushed_at| image.activated_at.unwrap_or(pushed_at)),
        StorageClass::Archive => image.archived_at,
    }
}

/// The places of the images of a class, from newest to oldest.
//= docs/SEMANTICS.md#class-standard
//= docs/SEMANTICS.md#class-archive
pub(super) fn newest_first(images: &[Image], class: StorageClass) -> Vec<u32> {
    let status = match class {
        StorageClass::Standard => ImageStatus::Active,
        StorageClass::Archive => ImageStatus::Archived,
    };
    // The keys beside the places: sorting then touches no image.
    let mut keyed: Vec<(Reverse<Newness>, u32)> = positions(images)
        .filter(|(_, image)| image.status == status)
        .map(|(position, image)| (Reverse(Newness::of(image, class)), position))
        .collect();
    keyed.sort_unstable();
    keyed.into_iter().map(|(_, position)| position).collect()
}

/// How new an image is; of two images the greater one is the newer.
//= docs/SEMANTICS.md#order-ties
#[derive(PartialEq, Eq, PartialOrd, Ord)]
struct Newness {
    time: Time,
    digest: Reverse<Digest>,
}

#[derive(PartialEq, Eq, PartialOrd, Ord)]
enum Time {
    Known(DateTime<Utc>),
    Unknown,
}

impl Newness {
    fn of(image: &Image, class: StorageClass) -> Self {
        let time = order_time(image, class).map_or(Time::Unknown, Time::Known);
        Self { time, digest: Reverse(image.digest) }
    }
}

/// The order in which images that one rule acts on are listed: oldest first, then by digest.
pub(super) fn listing_order(a: &Image, b: &Image, class: StorageClass) -> Ordering {
    order_time(a, class).cmp(&order_time(b, class)).then(a.digest.cmp(&b.digest))
}
