//! Who names whom: indexes and their children, referrers and their subjects.
//!
//! For: pools, and the last step of an evaluation under `index_children = counted`.
//! Assumes: `images` is the whole repository at the start of the run.
//! Leaves out: indexes whose manifest was not read; they name nothing here.

use crate::model::{Image, Status};

/// Whether `index` names `image` as its child.
pub(crate) fn names(index: &Image, image: &Image) -> bool {
    index.children.contains(&image.id)
}

/// Whether an index in the repository names the image.
pub(crate) fn is_child(image: &Image, images: &[Image]) -> bool {
    //= docs/SEMANTICS.md#index-gone
    // Only indexes that are in the repository are asked.
    images.iter().any(|index| names(index, image))
}

/// Whether an index names the image, and every index that does is `Archived`.
pub(crate) fn is_child_of_archived_only(image: &Image, images: &[Image]) -> bool {
    is_child(image, images)
        && images.iter().filter(|index| names(index, image)).all(|index| index.status == Status::Archived)
}

/// Whether the image is a referrer whose subject is in the repository.
pub(crate) fn has_subject_here(image: &Image, images: &[Image]) -> bool {
    //= docs/SEMANTICS.md#referrer-orphan
    // A subject that is not in the repository makes no difference.
    images.iter().any(|other| image.subject == Some(other.id))
}

#[cfg(test)]
mod tests {
    use super::{has_subject_here, is_child, is_child_of_archived_only};
    use crate::fixtures::{index, pushed};
    use crate::model::{Image, Status};

    #[test]
    fn a_child_is_what_an_index_in_the_repository_names() {
        let images = [pushed(1, 1), pushed(2, 1), index(3, 1, &[1, 99])];
        assert!(is_child(&images[0], &images));
        assert!(!is_child(&images[1], &images));
        assert!(!is_child(&images[2], &images));
        assert!(!is_child(&images[0], &images[..2]));
    }

    #[test]
    fn one_index_that_is_not_archived_is_enough_to_differ() {
        let archived = Image { status: Status::Archived, ..index(3, 1, &[1]) };
        let activating = Image { status: Status::Activating, ..index(4, 1, &[1]) };
        assert!(is_child_of_archived_only(&pushed(1, 1), &[pushed(1, 1), archived.clone()]));
        assert!(!is_child_of_archived_only(&pushed(1, 1), &[pushed(1, 1), archived, activating]));
        assert!(!is_child_of_archived_only(&pushed(1, 1), &[pushed(1, 1)]));
    }

    #[test]
    fn a_subject_must_be_in_the_repository() {
        let referrer = Image { subject: Some(1), ..pushed(2, 1) };
        assert!(has_subject_here(&referrer, &[referrer.clone(), pushed(1, 1)]));
        assert!(!has_subject_here(&referrer, &[referrer.clone(), pushed(3, 1)]));
        assert!(!has_subject_here(&pushed(2, 1), &[pushed(2, 1), pushed(1, 1)]));
    }
}
