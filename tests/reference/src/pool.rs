//! What a rule selects, as if it were the only rule.
//!
//! For: evaluation. Assumes: `images` is the whole repository.
//! Leaves out: limits; a pool holds images that are far from them.

use crate::model::{Act, Class, Image, List, Rule, Status, Switches};
use crate::reference::{has_subject_here, is_child, is_child_of_archived_only};
use crate::wildcard::wildcard_matches;

/// The images that the rule selects, in the order in which they were given.
pub(crate) fn pool<'a>(rule: &Rule, images: &'a [Image], switches: Switches) -> Vec<&'a Image> {
    //= docs/SEMANTICS.md#independent
    images.iter().filter(|image| is_in_pool(rule, image, images, switches)).collect()
}

/// Whether the rule selects the image.
pub(crate) fn is_in_pool(rule: &Rule, image: &Image, images: &[Image], switches: Switches) -> bool {
    is_of_class(rule.class, image.status)
        && !goes_with_its_subject(image, images, switches)
        && !is_withheld_as_child(rule.act, image, images, switches)
        && is_in_list(&rule.list, &image.tags)
}

/// Whether an image of this status belongs to the class.
fn is_of_class(class: Class, status: Status) -> bool {
    match status {
        //= docs/SEMANTICS.md#class-standard
        Status::Active => class == Class::Standard,
        //= docs/SEMANTICS.md#class-archive
        Status::Archived => class == Class::Archive,
        //= docs/SEMANTICS.md#activating
        Status::Activating => false,
    }
}

/// Whether the image is in no pool because its subject is in the repository.
pub(crate) fn goes_with_its_subject(image: &Image, images: &[Image], switches: Switches) -> bool {
    //= docs/SEMANTICS.md#referrer-follow
    //= docs/SEMANTICS.md#referrer-image
    !switches.referrers_image && has_subject_here(image, images)
}

/// Whether rules with this action may not select the image because it is the child of an index.
fn is_withheld_as_child(act: Act, image: &Image, images: &[Image], switches: Switches) -> bool {
    //= docs/SEMANTICS.md#child-counted
    if switches.children_counted {
        return false;
    }
    match act {
        //= docs/SEMANTICS.md#child-ignored
        Act::Expire => is_child(image, images),
        //= docs/SEMANTICS.md#child-of-archived
        Act::Transition => is_child(image, images) && !is_child_of_archived_only(image, images),
    }
}

/// Whether an image with these tags is one that the list asks for.
//= docs/SEMANTICS.md#artifact-tags
// No tag is looked at for what it might say about the image.
fn is_in_list(list: &List, tags: &[String]) -> bool {
    match list {
        //= docs/SEMANTICS.md#any
        List::Any => true,
        //= docs/SEMANTICS.md#untagged
        List::Untagged => tags.is_empty(),
        //= docs/SEMANTICS.md#tagged-all-entries
        //= docs/SEMANTICS.md#entries-different-tags
        //= docs/SEMANTICS.md#extra-tags
        List::Patterns(entries) => {
            entries.iter().all(|entry| tags.iter().any(|tag| wildcard_matches(entry, tag)))
        }
        //= docs/SEMANTICS.md#prefix
        List::Prefixes(entries) => {
            entries.iter().all(|entry| tags.iter().any(|tag| tag.starts_with(entry.as_str())))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{is_in_list, is_of_class, pool};
    use crate::fixtures::{index, keep, patterns, prefixes, pushed, strings};
    use crate::model::{Act, Class, Image, List, Rule, Status, Switches};

    fn ids(rule: &Rule, images: &[Image], switches: Switches) -> Vec<u64> {
        pool(rule, images, switches).iter().map(|image| image.id).collect()
    }

    const COUNTED: Switches = Switches {
        children_counted: true,
        referrers_image: false,
        restored_age_pushed: false,
        age_whole_days: false,
    };
    const AS_IMAGE: Switches = Switches {
        children_counted: false,
        referrers_image: true,
        restored_age_pushed: false,
        age_whole_days: false,
    };

    #[test]
    fn each_class_holds_one_status_and_none_holds_activating() {
        assert!(is_of_class(Class::Standard, Status::Active));
        assert!(!is_of_class(Class::Standard, Status::Archived));
        assert!(!is_of_class(Class::Standard, Status::Activating));
        assert!(!is_of_class(Class::Archive, Status::Active));
        assert!(is_of_class(Class::Archive, Status::Archived));
        assert!(!is_of_class(Class::Archive, Status::Activating));
    }

    #[test]
    fn any_takes_all_and_untagged_takes_only_images_without_tags() {
        assert!(is_in_list(&List::Any, &strings(&[])));
        assert!(is_in_list(&List::Any, &strings(&["a"])));
        assert!(is_in_list(&List::Untagged, &strings(&[])));
        assert!(!is_in_list(&List::Untagged, &strings(&["a"])));
    }

    #[test]
    fn every_entry_must_match_some_tag() {
        let both = patterns(&["alpha*", "beta*"]);
        assert!(!is_in_list(&both, &strings(&["alpha-1"])));
        assert!(!is_in_list(&both, &strings(&["beta-1"])));
        assert!(is_in_list(&both, &strings(&["beta-1", "alpha-1"])));
        assert!(is_in_list(&both, &strings(&["x", "beta-1", "alpha-1"])));
        assert!(is_in_list(&patterns(&["a*", "*b"]), &strings(&["ab"])));
    }

    #[test]
    fn an_untagged_image_matches_no_entry() {
        assert!(!is_in_list(&patterns(&["*"]), &strings(&[])));
        assert!(!is_in_list(&prefixes(&[""]), &strings(&[])));
    }

    #[test]
    fn a_prefix_is_literal_and_case_sensitive() {
        assert!(is_in_list(&prefixes(&["w1"]), &strings(&["w1.2"])));
        assert!(is_in_list(&prefixes(&["w1"]), &strings(&["w1"])));
        assert!(!is_in_list(&prefixes(&["w1"]), &strings(&["aw1"])));
        assert!(!is_in_list(&prefixes(&["W1"]), &strings(&["w1"])));
        assert!(!is_in_list(&prefixes(&["w*"]), &strings(&["w1"])));
        assert!(!is_in_list(&prefixes(&["a", "b"]), &strings(&["ab"])));
        assert!(is_in_list(&prefixes(&["a", "ab"]), &strings(&["ab"])));
    }

    #[test]
    fn artifact_tags_are_ordinary_tags() {
        let tag = format!("sha256-{}.sig", "0".repeat(64));
        assert!(is_in_list(&patterns(&["sha256-*.sig"]), std::slice::from_ref(&tag)));
        assert!(is_in_list(&List::Any, std::slice::from_ref(&tag)));
        assert!(!is_in_list(&List::Untagged, &[tag]));
    }

    #[test]
    fn a_child_is_in_no_pool_unless_counted_with_or_without_tags() {
        let tagged_child = Image { tags: strings(&["a"]), ..pushed(2, 1) };
        let images = [pushed(1, 1), tagged_child, index(3, 1, &[1, 2])];
        assert_eq!(ids(&keep(1, List::Any, 1), &images, Switches::default()), [3]);
        assert_eq!(ids(&keep(1, List::Any, 1), &images, COUNTED), [1, 2, 3]);
    }

    #[test]
    fn only_transition_rules_select_a_child_of_archived_indexes() {
        let images = [pushed(1, 1), Image { status: Status::Archived, ..index(3, 1, &[1]) }];
        let expire = keep(1, List::Any, 1);
        let transition = Rule { act: Act::Transition, ..expire.clone() };
        assert_eq!(ids(&expire, &images, Switches::default()), [0_u64; 0]);
        assert_eq!(ids(&transition, &images, Switches::default()), [1]);
        let one_more = [images[0].clone(), images[1].clone(), index(4, 1, &[1])];
        assert_eq!(ids(&transition, &one_more, Switches::default()), [4]);
    }

    #[test]
    fn a_referrer_is_in_no_pool_while_its_subject_is_in_the_repository() {
        let images = [
            pushed(1, 1),
            Image { subject: Some(1), ..pushed(2, 1) },
            Image { subject: Some(9), ..pushed(3, 1) },
        ];
        assert_eq!(ids(&keep(1, List::Any, 1), &images, Switches::default()), [1, 3]);
        assert_eq!(ids(&keep(1, List::Any, 1), &images, AS_IMAGE), [1, 2, 3]);
    }
}
