//! What holds and protected tags keep of a repository, chosen by anybody or not.

use chrono::{DateTime, Utc};

use super::hard_guards::tie;
use super::links::{DEPTH_MAX, Links};
use super::{GuardRules, HardGuard, Hold};
use crate::lifecycle::Relations;
use crate::{Image, Repository};

/// Why each image stays that a hold or a protected tag keeps; nothing for the others.
///
/// It is asked where something else than a plan acts on images, such as a policy that ECR runs itself. With a held or a
/// protected image stays what is part of it, what refers to it, and what it refers to. Where the manifest of an index that
/// stays was not read, any image without a tag may be a part of it. Holds of other repositories do nothing here; those of other
/// regions are left out by the caller.
pub fn ties(
    repository: &Repository,
    relations: &Relations,
    rules: &GuardRules,
    holds: &[Hold],
    now: DateTime<Utc>,
) -> Vec<Option<HardGuard>> {
    let images = &repository.images;
    let account = repository.registry_id.as_deref();
    let is_in_force = |hold: &&Hold| hold.is_about(account, None, &repository.name) && hold.holds_at(now);
    let holds: Vec<&Hold> = holds.iter().filter(is_in_force).collect();
    let mut ties = Ties { ties: images.iter().map(|image| tie(image, rules, &holds)).collect() };
    let links = Links::of(images, relations);
    for place in ties.places() {
        let mut at = place;
        for _ in 0..DEPTH_MAX {
            let Some(subject) = links.subject(at) else { break };
            ties.add(subject, HardGuard::PartOfKept { image: place });
            at = subject;
        }
    }
    let mut waiting = ties.places();
    while let Some(above) = waiting.pop() {
        for &below in links.below(above) {
            if ties.add(below, HardGuard::PartOfKept { image: above }) {
                waiting.push(below);
            }
        }
    }
    ties.add_what_may_be_part(images, relations);
    ties.ties
}

struct Ties {
    ties: Vec<Option<HardGuard>>,
}

impl Ties {
    /// The images that stay so far.
    fn places(&self) -> Vec<u32> {
        let all = (0..u32::MAX).zip(&self.ties);
        all.filter(|(_, tie)| tie.is_some()).map(|(place, _)| place).collect()
    }

    /// Adds a reason where there is none; whether there was none.
    fn add(&mut self, place: u32, guard: HardGuard) -> bool {
        match self.ties.get_mut(place as usize) {
            Some(tie @ None) => {
                *tie = Some(guard);
                true
            }
            Some(Some(_)) | None => false,
        }
    }

    fn add_what_may_be_part(&mut self, images: &[Image], relations: &Relations) {
        let stays = |index: &&u32| self.ties.get(**index as usize).is_some_and(Option::is_some);
        let Some(&index) = relations.unread_indexes().iter().find(stays) else { return };
        for (place, image) in (0..u32::MAX).zip(images) {
            if image.tags.is_empty() {
                self.add(place, HardGuard::MayBePartOf { index });
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::ties;
    use crate::lifecycle::Relations;
    use crate::plan::{GuardRules, HardGuard, Hold};
    use crate::{
        Child, Descriptor, Digest, Image, Manifest, ManifestKind, Repository, Tag, Wildcard, instant,
    };

    fn image(number: u8, tags: &[&str]) -> Image {
        let tags = tags.iter().map(|tag| Tag::as_given(tag)).collect();
        Image { tags, ..Image::new(Digest::from_bytes([number; 32])) }
    }

    fn index(number: u8, tags: &[&str], child: Option<u8>) -> Image {
        let mut manifest = Manifest::new(ManifestKind::OciIndex);
        let media_type = Some(manifest.kind.media_type().to_owned());
        manifest.children = child
            .into_iter()
            .map(|child| Child {
                descriptor: Descriptor {
                    digest: Digest::from_bytes([child; 32]),
                    media_type: String::new(),
                    size_bytes: 1,
                },
                platform: None,
                attests: None,
            })
            .collect();
        let manifest = child.map(|_| Box::new(manifest));
        Image { manifest_media_type: media_type, manifest, ..image(number, tags) }
    }

    /// The names of what keeps each image, where `v1` is held until December and `prod*` is protected.
    fn kept(images: Vec<Image>, now: &str) -> Vec<Option<HardGuard>> {
        let hold = Hold {
            account: None,
            region: None,
            repository: "shop/cart".to_owned(),
            tag: Tag::as_given("v1"),
            digests: vec![Digest::from_bytes([9; 32])],
            until: instant::parse("2026-12-01T00:00:00Z").unwrap(),
            reason: "incident 12".to_owned(),
            by: "mina".to_owned(),
            made_at: instant::parse("2026-11-25T00:00:00Z").unwrap(),
        };
        let repository = Repository { images, ..Repository::new("shop/cart") };
        let rules = GuardRules { protected_tags: vec![Wildcard::new("prod*")] };
        let now = instant::parse(now).unwrap();
        ties(&repository, &Relations::of(&repository.images), &rules, &[hold], now)
    }

    fn names(guards: &[Option<HardGuard>]) -> Vec<Option<&'static str>> {
        guards.iter().map(|guard| guard.as_ref().map(HardGuard::name)).collect()
    }

    #[test]
    fn what_is_held_or_protected_stays_with_its_parts_and_what_refers_to_them() {
        let referrer = Image { subject: Some(Digest::from_bytes([2; 32])), ..image(3, &[]) };
        let subject_of_prod = Image { subject: Some(Digest::from_bytes([5; 32])), ..image(4, &["prod-1"]) };
        let images = || {
            vec![
                index(1, &["v1"], Some(2)),
                image(2, &[]),
                referrer.clone(),
                subject_of_prod.clone(),
                image(5, &[]),
                image(6, &["v2"]),
                image(9, &["v2"]),
            ]
        };
        let part = Some("part_of_kept");
        let found = kept(images(), "2026-11-30T00:00:00Z");
        let held = Some("held");
        assert_eq!(names(&found), [held, part, part, Some("protected_tag"), part, None, held]);
        assert_eq!(found[1], Some(HardGuard::PartOfKept { image: 0 }));
        let later = kept(images(), "2026-12-01T00:00:00Z");
        assert_eq!(names(&later), [None, None, None, Some("protected_tag"), part, None, None]);
    }

    #[test]
    fn where_an_index_that_stays_was_not_read_any_image_without_a_tag_may_be_a_part_of_it() {
        let images = vec![index(1, &["v1"], None), image(2, &[]), image(3, &["v3"])];
        let found = kept(images, "2026-11-30T00:00:00Z");
        assert_eq!(names(&found), [Some("held"), Some("may_be_part_of_kept"), None]);
    }
}
