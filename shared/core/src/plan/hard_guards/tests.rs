use super::{GuardRules, hard_guards};
use crate::in_use::{Protection, RepositoryUse};
use crate::lifecycle::Relations;
use crate::plan::{ActionKind, HardGuard, Hold};
use crate::{
    Child, Descriptor, Digest, Image, ImageStatus, Manifest, ManifestKind, Repository, Tag, instant,
};
use chrono::{DateTime, Utc};

const EXPIRE: Option<ActionKind> = Some(ActionKind::Expire);
const ARCHIVE: Option<ActionKind> = Some(ActionKind::Archive);

fn digest(number: u8) -> Digest {
    Digest::from_bytes([number; 32])
}

fn now() -> DateTime<Utc> {
    instant::parse("2026-11-01T00:00:00Z").unwrap()
}

/// An image that was pushed in this hour, with this tag.
fn image(number: u8, hour: i64, tag: &str) -> Image {
    let mut image = Image::new(digest(number));
    image.pushed_at = DateTime::from_timestamp(hour * 3600, 0);
    image.tags = [tag].into_iter().filter(|tag| !tag.is_empty()).map(Tag::as_given).collect();
    image
}

fn index(number: u8, hour: i64, tag: &str, children: &[u8]) -> Image {
    let mut manifest = Manifest::new(ManifestKind::OciIndex);
    for &child in children {
        let descriptor = Descriptor { digest: digest(child), media_type: String::new(), size_bytes: 1 };
        manifest.children.push(Child { descriptor, platform: None, attests: None });
    }
    let mut image = image(number, hour, tag);
    image.manifest = Some(Box::new(manifest));
    image
}

fn unread_index(number: u8, hour: i64, tag: &str) -> Image {
    let mut image = image(number, hour, tag);
    image.manifest_media_type = Some("application/vnd.oci.image.index.v1+json".to_owned());
    image
}

fn referrer(number: u8, hour: i64, subject: u8) -> Image {
    let mut image = image(number, hour, "");
    image.subject = Some(digest(subject));
    image
}

struct Asked {
    images: Vec<Image>,
    in_use: Vec<u8>,
    holds: Vec<Hold>,
}

fn asked(images: Vec<Image>) -> Asked {
    Asked { images, in_use: Vec::new(), holds: Vec::new() }
}

impl Asked {
    fn hold(mut self, tag: &str, until: &str) -> Self {
        self.holds.push(Hold {
            account: None,
            region: None,
            repository: "shop/cart".to_owned(),
            tag: Tag::as_given(tag),
            digests: Vec::new(),
            until: instant::parse(until).unwrap(),
            reason: "incident".to_owned(),
            by: "mina".to_owned(),
            made_at: now(),
        });
        self
    }

    fn used(mut self, number: u8) -> Self {
        self.in_use.push(number);
        self
    }

    /// Number and guard of each image that was chosen.
    fn guards(self, chosen: &[Option<ActionKind>]) -> Vec<(u8, &'static str)> {
        let relations = Relations::of(&self.images);
        let used = |image: &Image| {
            self.in_use.contains(&image.digest.as_bytes()[0]).then(|| Protection::InUse(vec![0]))
        };
        let in_use = RepositoryUse { protections: self.images.iter().map(used).collect() };
        let mut repository = Repository::new("shop/cart");
        repository.images = self.images;
        let rules = GuardRules::default();
        let guards = hard_guards(&repository, &relations, &in_use, &rules, &self.holds, chosen, now());
        let named = repository.images.iter().zip(&guards).zip(chosen).filter(|(_, chosen)| chosen.is_some());
        named
            .map(|((image, guard), _)| {
                (image.digest.as_bytes()[0], guard.as_ref().map_or("goes", HardGuard::name))
            })
            .collect()
    }
}

#[test]
fn the_newest_image_stays_and_of_two_of_one_time_both() {
    let images = vec![image(1, 1, "a"), image(2, 3, "b"), image(3, 3, "c")];
    assert_eq!(asked(images).guards(&[EXPIRE; 3]), [(1, "goes"), (2, "newest"), (3, "newest")]);
}

#[test]
fn the_newest_that_has_a_tag_stays_beside_the_newest_of_all() {
    let images = vec![image(1, 1, "a"), image(2, 2, "b"), image(3, 3, "")];
    assert_eq!(asked(images).guards(&[EXPIRE; 3]), [(1, "goes"), (2, "newest"), (3, "newest")]);
}

#[test]
fn an_archived_image_is_not_what_remains() {
    let mut archived = image(3, 3, "c");
    archived.status = ImageStatus::Archived;
    let images = vec![image(1, 1, "a"), image(2, 2, "b"), archived];
    assert_eq!(asked(images.clone()).guards(&[EXPIRE; 3]), [(1, "goes"), (2, "newest"), (3, "goes")]);
    assert_eq!(asked(images[2..].to_vec()).guards(&[EXPIRE]), [(3, "newest")]);
}

#[test]
fn with_the_newest_index_its_children_and_their_signatures_stay() {
    let images = vec![
        index(1, 9, "v2", &[2]),
        image(2, 1, ""),
        referrer(3, 1, 2),
        image(4, 1, "v1"),
        referrer(5, 1, 4),
    ];
    let expected = [(1, "newest"), (2, "part_of_kept"), (3, "part_of_kept"), (4, "goes"), (5, "goes")];
    assert_eq!(asked(images).guards(&[EXPIRE; 5]), expected);
}

#[test]
fn a_child_that_a_second_index_names_goes_with_the_last_of_them_alone() {
    let images =
        || vec![index(1, 1, "v1", &[3]), index(2, 2, "v2", &[3]), image(3, 1, ""), image(9, 9, "v9")];
    let both = asked(images()).guards(&[EXPIRE, EXPIRE, EXPIRE, None]);
    assert_eq!(both, [(1, "goes"), (2, "goes"), (3, "goes")]);
    let one = asked(images()).guards(&[EXPIRE, None, EXPIRE, None]);
    assert_eq!(one, [(1, "goes"), (3, "part_of_kept")]);
    let archived = asked(images()).guards(&[EXPIRE, ARCHIVE, EXPIRE, None]);
    assert_eq!(archived, [(1, "goes"), (2, "goes"), (3, "part_of_kept")]);
    let with_it = asked(images()).guards(&[EXPIRE, ARCHIVE, ARCHIVE, None]);
    assert_eq!(with_it, [(1, "goes"), (2, "goes"), (3, "goes")]);
}

#[test]
fn protected_and_held_tags_keep_their_image_until_the_hold_ends() {
    let images = || vec![image(1, 1, "latest"), image(2, 1, "v1"), image(9, 9, "v9")];
    let chosen = [EXPIRE, EXPIRE, None];
    assert_eq!(asked(images()).guards(&chosen), [(1, "protected_tag"), (2, "goes")]);
    let held = asked(images()).hold("v1", "2026-11-01T00:00:01Z");
    assert_eq!(held.guards(&chosen), [(1, "protected_tag"), (2, "held")]);
    let over = asked(images()).hold("v1", "2026-11-01T00:00:00Z");
    assert_eq!(over.guards(&chosen), [(1, "protected_tag"), (2, "goes")]);
}

#[test]
fn what_a_held_signature_signs_stays() {
    let mut signature = referrer(2, 1, 1);
    signature.tags = vec![Tag::as_given("signed")];
    let images = vec![image(1, 1, "v1"), signature, image(9, 9, "v9")];
    let held = asked(images).hold("signed", "2026-12-01");
    assert_eq!(held.guards(&[EXPIRE, EXPIRE, None]), [(1, "part_of_kept"), (2, "held")]);
}

#[test]
fn while_an_index_of_unknown_parts_stays_nothing_goes() {
    let images = || vec![unread_index(1, 1, "v1"), image(2, 1, ""), image(3, 1, "v3"), image(9, 9, "v9")];
    let stays = asked(images()).guards(&[None, EXPIRE, ARCHIVE, None]);
    assert_eq!(stays, [(2, "may_be_part_of_kept"), (3, "may_be_part_of_kept")]);
    let goes = asked(images()).guards(&[EXPIRE, EXPIRE, EXPIRE, None]);
    assert_eq!(goes, [(1, "goes"), (2, "goes"), (3, "goes")]);
}

#[test]
fn what_is_in_use_keeps_its_reason_whatever_else_would_keep_it() {
    let images = vec![image(1, 1, "latest"), image(9, 9, "v9")];
    assert_eq!(asked(images).used(1).guards(&[EXPIRE, None]), [(1, "in_use")]);
}

#[test]
fn an_unknown_time_or_status_keeps_an_image() {
    let mut unknown = image(1, 1, "a");
    unknown.pushed_at = None;
    let mut activating = image(2, 1, "b");
    activating.status = ImageStatus::Activating;
    let images = vec![unknown, activating, image(9, 9, "v9")];
    assert_eq!(asked(images).guards(&[EXPIRE, EXPIRE, None]), [(1, "unknown_time"), (2, "activating")]);
}

#[test]
fn images_without_a_root_stay_where_nothing_else_would_be_left() {
    let images = vec![referrer(1, 1, 2), referrer(2, 1, 1)];
    assert_eq!(asked(images).guards(&[EXPIRE; 2]), [(1, "last_image"), (2, "last_image")]);
}

#[test]
fn a_tag_is_taken_off_a_part_of_what_stays_and_never_off_what_is_in_use() {
    let untag = Some(ActionKind::Untag);
    let images = || vec![index(1, 9, "v2", &[2]), image(2, 1, "v2-amd64")];
    assert_eq!(asked(images()).guards(&[None, untag]), [(2, "goes")]);
    assert_eq!(asked(images()).used(2).guards(&[None, untag]), [(2, "in_use")]);
}

#[test]
fn a_hold_keeps_the_image_that_its_tag_was_on_and_the_one_that_it_is_on() {
    let images = vec![image(1, 1, ""), image(2, 2, "v1"), image(3, 3, ""), image(4, 4, "v9")];
    let mut world = asked(images).hold("v1", "2027-01-01");
    world.holds[0].digests = vec![Digest::from_bytes([1; 32])];
    let chosen = [Some(ActionKind::Expire), Some(ActionKind::Expire), Some(ActionKind::Expire), None];
    let relations = Relations::of(&world.images);
    let mut repository = Repository::new("shop/cart");
    repository.images.clone_from(&world.images);
    let in_use = RepositoryUse { protections: vec![None; 4] };
    let guards =
        hard_guards(&repository, &relations, &in_use, &GuardRules::default(), &world.holds, &chosen, now());
    let said: Vec<Option<String>> =
        guards.iter().map(|guard| Some(guard.as_ref()?.detail(&repository.images, &[]))).collect();
    let of = |text: &str| Some(text.to_owned());
    assert_eq!(
        said,
        [
            of("it had the tag `v1` when that was held, until 2027-01-01 00:00 UTC: incident"),
            of("the tag `v1` is held until 2027-01-01 00:00 UTC: incident"),
            None,
            None
        ]
    );
}
