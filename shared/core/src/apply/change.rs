//! What changed about an image since a plan was made.

use std::collections::BTreeSet;
use std::fmt;

use chrono::{DateTime, Utc};

use crate::plan::{ImageAction, Links};
use crate::{Digest, Image, ImageStatus, Tag, instant};

/// What changed about an image since it was planned: for each of these it stays.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Change {
    /// Its tags.
    Tags {
        /// Those that it has now, and the plan does not know of.
        added: Vec<Tag>,
        /// Those that it had, and has no more.
        gone: Vec<Tag>,
    },
    /// It was pushed again.
    PushedAgain {
        /// When.
        at: Option<DateTime<Utc>>,
    },
    /// It was pulled.
    Pulled {
        /// When.
        at: Option<DateTime<Utc>>,
    },
    /// It cannot be changed in the status that it has now.
    Status(ImageStatus),
    /// Other indexes name it.
    Parents {
        /// Those that name it now, and did not.
        added: Vec<Digest>,
        /// Those that named it, and are gone although the plan keeps them.
        gone: Vec<Digest>,
    },
    /// It refers to another image, or to none.
    Subject {
        /// The image that it refers to now.
        now: Option<Digest>,
    },
    /// It has no tag beside those that would be taken off, and would go with the last one.
    LastTag,
}

impl fmt::Display for Change {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Tags { added, gone } => {
                write!(f, "its tags changed since the plan: {}", differences(added, gone, Tag::to_string))
            }
            Self::PushedAgain { at } => write!(f, "it was pushed again{}", on(*at)),
            Self::Pulled { at } => write!(f, "it was pulled since the plan{}", on(*at)),
            Self::Status(status) => write!(f, "its status is {} now", status.as_api()),
            Self::Parents { added, gone } => {
                write!(
                    f,
                    "the indexes that name it changed since the plan: {}",
                    differences(added, gone, Digest::short)
                )
            }
            Self::Subject { now: Some(subject) } => write!(f, "it refers to {} now", subject.short()),
            Self::Subject { now: None } => {
                f.write_str("what it refers to is gone, although the plan keeps it")
            }
            Self::LastTag => f.write_str("it would lose its last tag, and go with it"),
        }
    }
}

fn on(at: Option<DateTime<Utc>>) -> String {
    at.map(|at| format!(", on {}", instant::minute(at))).unwrap_or_default()
}

/// At most so many names are shown of either side.
const SHOWN_MAX: usize = 5;

fn differences<T>(added: &[T], gone: &[T], name: impl Fn(&T) -> String) -> String {
    let side = |sign: char, all: &[T]| -> Vec<String> {
        let mut shown: Vec<String> =
            all.iter().take(SHOWN_MAX).map(|one| format!("{sign}{}", name(one))).collect();
        let rest = all.len().saturating_sub(SHOWN_MAX);
        if 0 < rest {
            shown.push(format!("{sign}{rest} more"));
        }
        shown
    };
    [side('+', added), side('-', gone)].concat().join(" ")
}

/// How the links of an image differ from those that it was planned with.
///
/// `place` is its place among `images`, of which `links` are. What the plan itself takes away (`goes`) may be gone.
pub fn changed_links(
    action: &ImageAction,
    images: &[Image],
    links: &Links<'_>,
    place: u32,
    goes: &BTreeSet<Digest>,
) -> Option<Change> {
    let digest_of = |place: u32| images.get(place as usize).map(|image| image.digest);
    let now: BTreeSet<Digest> = links.parents(place).iter().filter_map(|&parent| digest_of(parent)).collect();
    let then: BTreeSet<Digest> = action.parents.iter().copied().collect();
    let added: Vec<Digest> = now.difference(&then).copied().collect();
    let gone: Vec<Digest> = then.difference(&now).filter(|parent| !goes.contains(parent)).copied().collect();
    if !added.is_empty() || !gone.is_empty() {
        return Some(Change::Parents { added, gone });
    }
    let subject = links.subject(place).and_then(digest_of);
    let went = || subject.is_none() && action.subject.is_some_and(|planned| goes.contains(&planned));
    (subject != action.subject && !went()).then_some(Change::Subject { now: subject })
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::{Change, changed_links};
    use crate::apply::standing::tests::action;
    use crate::lifecycle::Relations;
    use crate::plan::{ActionKind, Links};
    use crate::{Child, Descriptor, Digest, Image, Manifest, ManifestKind, Tag};

    fn digest(number: u8) -> Digest {
        Digest::from_bytes([number; 32])
    }

    fn index(number: u8, child: u8) -> Image {
        let mut manifest = Manifest::new(ManifestKind::OciIndex);
        let descriptor = Descriptor { digest: digest(child), media_type: String::new(), size_bytes: 1 };
        manifest.children.push(Child { descriptor, platform: None, attests: None });
        Image { manifest: Some(Box::new(manifest)), ..Image::new(digest(number)) }
    }

    fn change(parents: &[u8], images: &[Image], goes: &[u8]) -> Option<Change> {
        let mut planned = action(ActionKind::Expire, &[]);
        planned.parents = parents.iter().map(|&number| digest(number)).collect();
        let relations = Relations::of(images);
        let links = Links::of(images, &relations);
        let goes: BTreeSet<Digest> = goes.iter().map(|&number| digest(number)).collect();
        changed_links(&planned, images, &links, 0, &goes)
    }

    #[test]
    fn a_new_index_keeps_its_children_and_one_that_the_plan_took_does_not() {
        let child = Image::new(digest(1));
        assert_eq!(change(&[2], &[child.clone(), index(2, 1)], &[2]), None);
        assert_eq!(change(&[2], std::slice::from_ref(&child), &[2]), None);
        let kept = Change::Parents { added: vec![], gone: vec![digest(2)] };
        assert_eq!(change(&[2], std::slice::from_ref(&child), &[]), Some(kept));
        let new = Change::Parents { added: vec![digest(3)], gone: vec![] };
        assert_eq!(change(&[2], &[child, index(2, 1), index(3, 1)], &[2]), Some(new));
    }

    #[test]
    fn a_subject_that_went_with_the_plan_is_no_change_and_any_other_is() {
        let with = |subject: Option<u8>, there: bool, goes: &[u8]| {
            let mut signature = Image::new(digest(1));
            signature.subject = Some(digest(7));
            let mut images = vec![signature];
            if there {
                images.push(Image::new(digest(7)));
            }
            let mut planned = action(ActionKind::Expire, &[]);
            planned.subject = subject.map(digest);
            let relations = Relations::of(&images);
            let goes: BTreeSet<Digest> = goes.iter().map(|&number| digest(number)).collect();
            changed_links(&planned, &images, &Links::of(&images, &relations), 0, &goes)
        };
        assert_eq!(with(Some(7), true, &[]), None);
        assert_eq!(with(Some(7), false, &[7]), None);
        assert_eq!(with(Some(7), false, &[]), Some(Change::Subject { now: None }));
        assert_eq!(with(None, true, &[]), Some(Change::Subject { now: Some(digest(7)) }));
        assert_eq!(with(None, false, &[]), None, "it was gone before");
    }

    #[test]
    fn a_change_names_what_came_and_what_went_and_not_a_hundred_of_them() {
        let tags = |names: &[&str]| names.iter().map(|name| Tag::as_given(name)).collect();
        let change = Change::Tags { added: tags(&["1.2"]), gone: tags(&["a", "b", "c", "d", "e", "f", "g"]) };
        assert_eq!(change.to_string(), "its tags changed since the plan: +1.2 -a -b -c -d -e -2 more");
    }
}
