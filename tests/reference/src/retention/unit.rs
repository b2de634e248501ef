//! What goes together.

use super::model::{Image, Repository, Status, Tag, Way};

impl Repository {
    pub(super) fn image(&self, image: usize) -> Option<&Image> {
        self.images.get(image)
    }

    pub(super) fn status(&self, image: usize) -> Option<Status> {
        self.image(image).map(|image| image.status)
    }

    fn all(&self) -> std::ops::Range<usize> {
        0..self.images.len()
    }

    fn is_named_by(&self, child: usize, index: usize) -> bool {
        let (Some(child), Some(index)) = (self.image(child), self.image(index)) else { return false };
        index.children.as_ref().is_some_and(|children| children.contains(&child.id))
    }

    fn refers_to(&self, referrer: usize, subject: usize) -> bool {
        let (Some(referrer), Some(subject)) = (self.image(referrer), self.image(subject)) else {
            return false;
        };
        referrer.subject == Some(subject.id)
    }

    fn is_link(&self, tag: &Tag, from: usize, to: usize) -> bool {
        from != to && self.image(to).is_some_and(|image| tag.link == Some(image.id))
    }

    fn is_linked_to(&self, from: usize, to: usize) -> bool {
        self.image(from).is_some_and(|image| image.tags.iter().any(|tag| self.is_link(tag, from, to)))
    }

    /// Whether it hangs on the other one.
    pub(super) fn hangs_on(&self, part: usize, holder: usize) -> bool {
        self.is_named_by(part, holder) || self.refers_to(part, holder) || self.is_linked_to(part, holder)
    }

    pub(super) fn holders(&self, image: usize) -> Vec<usize> {
        self.all().filter(|&holder| self.hangs_on(image, holder)).collect()
    }

    fn own_tags(&self, image: usize) -> Vec<String> {
        let of_image = self.image(image).map_or(&[][..], |image| &image.tags);
        let is_own = |tag: &&Tag| !self.all().any(|other| self.is_link(tag, image, other));
        of_image.iter().filter(is_own).map(|tag| tag.text.clone()).collect()
    }

    /// The ways to look at an image.
    pub(super) fn ways(&self, image: usize) -> Vec<Way> {
        let tags = self.own_tags(image);
        if tags.is_empty() { vec![Way::Untagged] } else { tags.into_iter().map(Way::Tag).collect() }
    }

    /// Whether rules look at it: at what hangs on nothing, and at what has a tag of its own and refers to nothing by its
    /// manifest.
    pub(super) fn is_judged(&self, image: usize) -> bool {
        let refers = self.all().any(|subject| self.refers_to(image, subject));
        self.holders(image).is_empty() || (!refers && !self.own_tags(image).is_empty())
    }

    /// Whether it counts among the newest.
    pub(super) fn is_counted(&self, image: usize) -> bool {
        self.is_judged(image) && !self.all().any(|index| self.is_named_by(image, index))
    }

    /// An image and all that hangs on it, directly or not.
    pub(super) fn unit(&self, image: usize) -> Vec<usize> {
        let mut unit = vec![image];
        loop {
            let next = self
                .all()
                .find(|part| !unit.contains(part) && unit.iter().any(|&holder| self.hangs_on(*part, holder)));
            match next {
                Some(part) => unit.push(part),
                None => return unit,
            }
        }
    }

    /// Whether an index other than this image was not read.
    pub(super) fn unread_but(&self, image: usize) -> bool {
        self.all().any(|other| other != image && self.image(other).is_some_and(|i| i.children.is_none()))
    }

    /// Whether an image at which rules do not look may be part of an index that was not read.
    pub(super) fn may_be_part(&self, image: usize) -> bool {
        let refers = self.all().any(|other| self.refers_to(image, other) || self.is_linked_to(image, other));
        !self.is_judged(image) && !refers && self.unread_but(image)
    }
}
