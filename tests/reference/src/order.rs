//! Which of two images is newer.
//!
//! For: ranks, and the order of the output. Assumes: ids differ.
//! Leaves out: `now`; a time in the future is ordered as it is, and only its age is zero.

use crate::model::{Class, Image};

/// The time that an image is ordered by in a rule of this class; none if a time is missing.
pub(crate) fn order_time(class: Class, image: &Image) -> Option<i64> {
    match class {
        //= docs/SEMANTICS.md#order-time
        //= docs/SEMANTICS.md#order-restored
        Class::Standard => image.pushed_ms.map(|pushed| image.activated_ms.unwrap_or(pushed)),
        // By archive time, as in the section on the order of the output.
        Class::Archive => image.pushed_ms.and(image.archived_ms),
    }
}

/// Whether `image` is newer than `other` in a rule of this class.
pub(crate) fn is_newer(class: Class, image: &Image, other: &Image) -> bool {
    //= docs/SEMANTICS.md#order-ties
    let wins_tie = image.id < other.id;
    match (order_time(class, image), order_time(class, other)) {
        //= docs/SEMANTICS.md#order-unknown
        (None, Some(_)) => true,
        (Some(_), None) => false,
        (None, None) => wins_tie,
        (Some(time), Some(other_time)) => time > other_time || (time == other_time && wins_tie),
    }
}

#[cfg(test)]
mod tests {
    use super::is_newer;
    use crate::fixtures::{days_ago, pushed};
    use crate::model::{Class, Image};

    #[test]
    fn the_later_push_is_newer() {
        assert!(is_newer(Class::Standard, &pushed(2, 1), &pushed(1, 2)));
        assert!(!is_newer(Class::Standard, &pushed(1, 2), &pushed(2, 1)));
    }

    #[test]
    fn a_restored_image_is_ordered_by_its_activation() {
        let restored = Image { activated_ms: Some(days_ago(1)), ..pushed(2, 100) };
        assert!(is_newer(Class::Standard, &restored, &pushed(1, 2)));
        let restored_before = Image { activated_ms: Some(days_ago(50)), ..pushed(2, 1) };
        assert!(!is_newer(Class::Standard, &restored_before, &pushed(1, 2)));
    }

    #[test]
    fn of_equal_times_the_smaller_digest_is_newer() {
        assert!(is_newer(Class::Standard, &pushed(1, 1), &pushed(2, 1)));
        assert!(!is_newer(Class::Standard, &pushed(2, 1), &pushed(1, 1)));
        assert!(!is_newer(Class::Standard, &pushed(1, 1), &pushed(1, 1)));
    }

    #[test]
    fn an_image_without_a_push_time_is_newer_than_every_image_with_one() {
        let unknown = Image { pushed_ms: None, ..pushed(9, 1) };
        let restored_unknown = Image { activated_ms: Some(days_ago(500)), ..unknown.clone() };
        let future = pushed(1, -100);
        assert!(is_newer(Class::Standard, &unknown, &future));
        assert!(is_newer(Class::Standard, &restored_unknown, &future));
        assert!(!is_newer(Class::Standard, &future, &unknown));
        let unknown_too = Image { id: 8, ..unknown.clone() };
        assert!(is_newer(Class::Standard, &unknown_too, &unknown));
        assert!(!is_newer(Class::Standard, &unknown, &unknown_too));
    }

    #[test]
    fn the_archive_class_is_ordered_by_archive_time() {
        let early = Image { archived_ms: Some(days_ago(9)), ..pushed(1, 10) };
        let late = Image { archived_ms: Some(days_ago(8)), ..pushed(2, 20) };
        assert!(is_newer(Class::Archive, &late, &early));
        assert!(is_newer(Class::Standard, &early, &late));
        let unknown_push = Image { pushed_ms: None, ..early.clone() };
        assert!(is_newer(Class::Archive, &unknown_push, &late));
        let unknown_archive = Image { archived_ms: None, ..early };
        assert!(is_newer(Class::Archive, &unknown_archive, &late));
    }
}
