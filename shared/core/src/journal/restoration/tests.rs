//! What can come back, and in which order.

use std::collections::BTreeMap;

use crate::journal::{
    BlobState, Call, Entry, ImageId, Intent, Losses, Obstacle, Outcome, Restoration, SavedImage, Way,
    blobs_needed, pushed_out, restorations,
};
use crate::lifecycle::Policy;
use crate::plan::RepositoryAddress;
use crate::{Digest, Image, ImageStatus, Tag, instant};

fn digest(byte: u8) -> Digest {
    Digest::from_bytes([byte; 32])
}

fn tag(text: &str) -> Tag {
    Tag::as_given(text)
}

/// An image with one layer, of the same number and a hundred more.
fn manifest(byte: u8) -> String {
    format!(
        r#"{{"schemaVersion":2,"mediaType":"application/vnd.oci.image.manifest.v1+json","layers":[{{"mediaType":"x","digest":"{}","size":1}}]}}"#,
        digest(byte + 100)
    )
}

fn index(children: &[u8]) -> String {
    let children: Vec<String> = children
        .iter()
        .map(|&child| format!(r#"{{"mediaType":"x","digest":"{}","size":1}}"#, digest(child)))
        .collect();
    let children = children.join(",");
    format!(
        r#"{{"schemaVersion":2,"mediaType":"application/vnd.oci.image.index.v1+json","manifests":[{children}]}}"#
    )
}

fn saved(byte: u8, tags: &[&str], manifest: Option<String>) -> SavedImage {
    SavedImage {
        digest: digest(byte),
        tags: tags.iter().map(|text| tag(text)).collect(),
        manifest,
        media_type: None,
        pushed_at: instant::parse("2026-10-01"),
        last_pulled_at: None,
        size_bytes: None,
        parents: Vec::new(),
        subject: None,
        status: ImageStatus::Active,
        rule: "retention `builds`".to_owned(),
        reason: "it is old".to_owned(),
    }
}

fn repository() -> RepositoryAddress {
    RepositoryAddress { account: None, region: "eu-west-1".to_owned(), name: "app".to_owned() }
}

fn entry(call: Call, images: Vec<SavedImage>, done: Option<Vec<ImageId>>) -> Entry {
    let at = instant::parse("2026-11-25").unwrap();
    let plan = String::new();
    let intent =
        Intent { number: 1, plan: plan.clone(), writer: plan, at, repository: repository(), call, images };
    let outcome = done.map(|done| Outcome { number: 1, at, done, failures: Vec::new(), error: None });
    Entry { intent, outcome }
}

/// The ids of a deletion of these images: pairs, or the digest alone.
fn ids(images: &[SavedImage]) -> Vec<ImageId> {
    let mut ids = Vec::new();
    for image in images {
        ids.extend(
            image.tags.iter().map(|tag| ImageId { digest: Some(image.digest), tag: Some(tag.clone()) }),
        );
        if image.tags.is_empty() {
            ids.push(ImageId { digest: Some(image.digest), tag: None });
        }
    }
    ids
}

fn deleted(images: Vec<SavedImage>) -> Losses {
    let ids = ids(&images);
    let mut losses = Losses::default();
    losses.learn(&entry(Call::Delete { ids: ids.clone() }, images, Some(ids)));
    losses
}

fn decide(losses: &Losses, present: &[Image], gone: &[u8]) -> Vec<Restoration> {
    let Some((_, losses)) = losses.repositories().next() else { return Vec::new() };
    let state = |blob: Digest| {
        let is_gone = gone.iter().any(|&byte| digest(byte) == blob);
        (blob, if is_gone { BlobState::Missing } else { BlobState::Available })
    };
    let blobs: BTreeMap<Digest, BlobState> = blobs_needed(losses, present).into_iter().map(state).collect();
    restorations(losses, present, &blobs)
}

fn present(byte: u8, tags: &[&str]) -> Image {
    let mut image = Image::new(digest(byte));
    image.tags = tags.iter().map(|text| tag(text)).collect();
    image.pushed_at = instant::parse("2026-10-02");
    image
}

#[test]
fn children_come_before_their_index_and_what_refers_to_an_image_comes_last() {
    let mut signature = saved(1, &[], Some(manifest(1)));
    signature.subject = Some(digest(2));
    let index = saved(2, &["v1"], Some(index(&[8, 9])));
    let children = [saved(9, &[], Some(manifest(9))), saved(8, &[], Some(manifest(8)))];
    let [nine, eight] = children;
    let all = decide(&deleted(vec![signature, index, nine, eight]), &[], &[]);
    let order: Vec<Digest> = all.iter().map(|restoration| restoration.digest).collect();
    assert_eq!(order, [digest(8), digest(9), digest(2), digest(1)]);
    assert!(all.iter().all(|restoration| restoration.way == Way::Put), "{all:?}");
}

#[test]
fn an_image_without_its_manifest_a_layer_or_a_child_cannot_come_back() {
    let images = vec![
        saved(1, &[], None),
        saved(2, &[], Some(manifest(2))),
        saved(3, &[], Some(index(&[2]))),
        saved(4, &[], Some(index(&[70]))),
        saved(5, &[], Some("{".to_owned())),
        saved(6, &[], Some(index(&[60]))),
    ];
    let all = decide(&deleted(images), &[present(60, &[])], &[102]);
    let ways: BTreeMap<Digest, Way> = all.into_iter().map(|it| (it.digest, it.way)).collect();
    let obstacle = |byte: u8| match &ways[&digest(byte)] {
        Way::Impossible(obstacle) => obstacle.clone(),
        way @ (Way::Put | Way::Tags | Way::Activate | Way::Nothing) => panic!("{way:?}"),
    };
    assert_eq!(obstacle(1), Obstacle::NoManifest);
    assert_eq!(obstacle(2), Obstacle::Blobs { missing: 1, archived: 0, of: 1 });
    assert_eq!(obstacle(3), Obstacle::Child(digest(2)));
    assert_eq!(obstacle(4), Obstacle::Child(digest(70)));
    assert!(matches!(obstacle(5), Obstacle::Manifest { .. }));
    assert_eq!(ways[&digest(6)], Way::Put);
}

#[test]
fn a_tag_comes_back_where_it_is_on_nothing_and_stays_where_it_is() {
    let images = vec![saved(1, &["latest", "v1"], Some(manifest(1))), saved(2, &["v2"], Some(manifest(2)))];
    let all = decide(&deleted(images), &[present(2, &["stays"]), present(9, &["latest"])], &[]);
    let expected = Restoration {
        digest: digest(1),
        way: Way::Put,
        tags: vec![tag("v1")],
        tags_elsewhere: vec![(tag("latest"), digest(9))],
    };
    assert_eq!(all[0], expected);
    let expected =
        Restoration { digest: digest(2), way: Way::Tags, tags: vec![tag("v2")], tags_elsewhere: Vec::new() };
    assert_eq!(all[1], expected);
}

#[test]
fn a_tag_that_two_lost_one_after_another_comes_back_once_to_the_one_that_was_pushed_last() {
    let mut older = saved(9, &["latest"], Some(manifest(9)));
    older.pushed_at = instant::parse("2026-09-01");
    let all = decide(&deleted(vec![older, saved(1, &["latest"], Some(manifest(1)))]), &[], &[]);
    assert_eq!((&*all[0].tags, all[0].digest), (&[tag("latest")][..], digest(1)));
    assert_eq!(all[1].tags_elsewhere, [(tag("latest"), digest(1))]);
    assert_eq!(all[1].tags, []);
}

#[test]
fn what_is_there_needs_nothing_and_what_was_archived_is_brought_back() {
    let mut losses = deleted(vec![saved(1, &["v1"], Some(manifest(1)))]);
    for byte in [2, 3] {
        let id = ImageId { digest: Some(digest(byte)), tag: None };
        let call = Call::Archive { digest: digest(byte) };
        losses.learn(&entry(call, vec![saved(byte, &["a"], None)], Some(vec![id])));
    }
    let mut archived = present(2, &["a"]);
    archived.status = ImageStatus::Archived;
    let all = decide(&losses, &[present(1, &["v1"]), archived, present(3, &["b"])], &[]);
    let ways: Vec<&Way> = all.iter().map(|restoration| &restoration.way).collect();
    assert_eq!(ways, [&Way::Nothing, &Way::Activate, &Way::Nothing]);
}

#[test]
fn only_what_was_done_is_lost_and_of_a_call_without_an_outcome_everything_may_be() {
    let images = vec![saved(1, &["a", "b"], None), saved(2, &[], None)];
    let done = vec![ImageId { digest: Some(digest(1)), tag: Some(tag("b")) }];
    let call = Call::Delete { ids: ids(&images) };
    let mut losses = Losses::default();
    losses.learn(&entry(call.clone(), images.clone(), Some(done)));
    let (_, of_repository) = losses.repositories().next().unwrap();
    assert_eq!(of_repository.len(), 1);
    assert_eq!(of_repository[&digest(1)].tags, [tag("b")]);
    losses.learn(&entry(call, images, None));
    let (_, of_repository) = losses.repositories().next().unwrap();
    assert_eq!(of_repository.len(), 2);
    assert_eq!(of_repository[&digest(1)].tags, [tag("a"), tag("b")]);
}

#[test]
fn an_index_that_is_wanted_brings_its_children_along() {
    let mut child = saved(8, &[], Some(manifest(8)));
    child.parents = vec![digest(2)];
    let losses = deleted(vec![saved(2, &["v1"], Some(index(&[8]))), child, saved(7, &[], None)]);
    let losses = losses.only(|_, loss| loss.tags.contains(&tag("v1")));
    let all = decide(&losses, &[], &[]);
    let order: Vec<Digest> = all.iter().map(|restoration| restoration.digest).collect();
    assert_eq!(order, [digest(8), digest(2)]);
}

#[test]
fn an_image_that_comes_back_as_new_pushes_another_out_of_a_window_of_the_newest() {
    let policy = r#"{"rules": [{"rulePriority": 3, "selection": {"tagStatus": "any",
        "countType": "imageCountMoreThan", "countNumber": 1}, "action": {"type": "expire"}}]}"#;
    let policy = Policy::parse(policy).unwrap();
    let now = instant::parse("2026-11-25").unwrap();
    let mut restored = present(1, &["v1"]);
    restored.pushed_at = Some(now);
    let out = pushed_out(&policy, &[present(2, &["v2"])], std::slice::from_ref(&restored), now);
    let told: Vec<_> = out.iter().map(|out| (out.digest, out.rule, out.comes_back)).collect();
    assert_eq!(told, [(digest(2), Some(3), false)]);
    assert_eq!(pushed_out(&policy, &[], &[restored], now), []);
}
