use chrono::{DateTime, Utc};

use super::{Considered, EarlierChoices, RepositoryDecision, decide_repository};
use crate::in_use::RepositoryUse;
use crate::lifecycle::Relations;
use crate::plan::{ActionKind, Choice, GuardRules, RepositoryAddress};
use crate::{
    Child, Descriptor, Digest, Image, ImageStatus, Manifest, ManifestKind, Repository, Tag, instant,
};

fn digest(number: u8) -> Digest {
    Digest::from_bytes([number; 32])
}

fn now() -> DateTime<Utc> {
    instant::parse("2026-11-01T00:00:00Z").unwrap()
}

fn descriptor(number: u8, size_bytes: u64) -> Descriptor {
    Descriptor { digest: digest(number), media_type: String::new(), size_bytes }
}

/// An image that was pushed on this day, with these layers.
fn image(number: u8, day: i64, tags: &[&str], layers: &[(u8, u64)]) -> Image {
    let mut image = Image::new(digest(number));
    image.pushed_at = DateTime::from_timestamp(day * 86_400, 0);
    image.tags = tags.iter().map(|tag| Tag::as_given(tag)).collect();
    let mut manifest = Manifest::new(ManifestKind::OciImage);
    manifest.layers = layers.iter().map(|&(number, size)| descriptor(number, size)).collect();
    image.manifest = Some(Box::new(manifest));
    image
}

fn index(number: u8, day: i64, tags: &[&str], children: &[u8]) -> Image {
    let mut image = image(number, day, tags, &[]);
    let mut manifest = Manifest::new(ManifestKind::OciIndex);
    for &child in children {
        manifest.children.push(Child { descriptor: descriptor(child, 1), platform: None, attests: None });
    }
    image.manifest = Some(Box::new(manifest));
    image
}

fn choice(kind: ActionKind, tags: &[&str]) -> Choice {
    let tags = tags.iter().map(|tag| Tag::as_given(tag)).collect();
    Choice { kind, tags, rule: "rule 1".to_owned(), reason: "old".to_owned() }
}

fn expire() -> Choice {
    choice(ActionKind::Expire, &[])
}

fn decided(
    images: Vec<Image>,
    chosen: &[Option<Choice>],
    earlier: Option<&EarlierChoices>,
) -> RepositoryDecision {
    let relations = Relations::of(&images);
    let in_use = RepositoryUse { protections: vec![None; images.len()] };
    let mut repository = Repository::new("shop/cart");
    repository.images = images;
    let address =
        RepositoryAddress { account: None, region: "eu-west-1".to_owned(), name: "shop/cart".to_owned() };
    decide_repository(&Considered {
        address: &address,
        repository: &repository,
        relations: &relations,
        chosen,
        in_use: &in_use,
        uses: &[],
        not_in_use: "ECS read: no use",
        guards: &GuardRules::default(),
        holds: &[],
        earlier,
        now: now(),
    })
}

/// Number, kind and bytes of each action, in their order.
fn actions(decision: &RepositoryDecision) -> Vec<(u8, ActionKind, u64)> {
    let actions = decision.plan.actions.iter().filter_map(|action| action.image());
    actions.map(|action| (action.digest.as_bytes()[0], action.kind, action.bytes_freed)).collect()
}

#[test]
fn a_blob_is_freed_by_the_last_action_that_holds_it_and_the_parts_add_up() {
    let gone = ActionKind::Expire;
    let images = vec![
        image(3, 1, &["c"], &[(50, 5), (51, 7)]),
        image(2, 2, &["b"], &[(50, 5), (52, 11)]),
        image(1, 9, &["a"], &[(52, 11), (53, 1)]),
    ];
    let decision = decided(images, &[Some(expire()), Some(expire()), None], None);
    assert_eq!(actions(&decision), [(2, gone, 0), (3, gone, 12)]);
    assert_eq!(decision.before.total() - decision.after.total(), 12);
}

#[test]
fn indexes_go_first_and_what_refers_to_others_last() {
    let mut signature = image(1, 1, &[], &[]);
    signature.subject = Some(digest(3));
    let images =
        vec![signature, image(2, 1, &[], &[]), index(3, 1, &["v1"], &[2]), image(9, 9, &["v9"], &[])];
    let decision = decided(images, &[Some(expire()), Some(expire()), Some(expire()), None], None);
    let order: Vec<u8> = actions(&decision).iter().map(|(number, ..)| *number).collect();
    assert_eq!(order, [3, 2, 1]);
    let child = decision.plan.actions[1].image().unwrap();
    assert_eq!((child.unit, &*child.parents), (digest(3), &[digest(3)][..]));
    assert_eq!(decision.plan.actions[2].image().unwrap().subject, Some(digest(3)));
}

#[test]
fn archiving_frees_nothing_and_what_is_archived_is_not_archived_again() {
    let mut archived = image(2, 1, &["b"], &[(51, 7)]);
    archived.status = ImageStatus::Archived;
    let images = vec![image(1, 1, &["a"], &[(50, 5)]), archived, image(9, 9, &["c"], &[])];
    let archive = || Some(choice(ActionKind::Archive, &[]));
    let decision = decided(images, &[archive(), archive(), None], None);
    assert_eq!(actions(&decision), [(1, ActionKind::Archive, 0)]);
    assert_eq!((decision.after.standard_bytes, decision.after.archived_bytes), (0, 12));
}

#[test]
fn tags_are_taken_off_as_long_as_one_stays() {
    let images = || vec![image(1, 1, &["b", "a", "c"], &[]), image(9, 9, &["v9"], &[])];
    let decision = decided(images(), &[Some(choice(ActionKind::Untag, &["c", "a", "other"])), None], None);
    let action = decision.plan.actions[0].image().unwrap();
    assert_eq!(action.tags, [Tag::as_given("a"), Tag::as_given("c")]);
    let all = decided(images(), &[Some(choice(ActionKind::Untag, &["c", "a", "b"])), None], None);
    assert!(all.plan.actions.is_empty() && all.kept.is_empty());
}

#[test]
fn what_stays_is_told_with_the_guard_that_keeps_it() {
    let decision = decided(
        vec![image(1, 1, &["a"], &[]), image(2, 9, &["b"], &[])],
        &[Some(expire()), Some(expire())],
        None,
    );
    assert_eq!(actions(&decision).len(), 1);
    let [kept] = &decision.kept[..] else { panic!("one stays") };
    assert_eq!((kept.guard.as_str(), kept.digest), ("newest", digest(2)));
}

#[test]
fn in_mode_enforce_only_what_an_earlier_plan_chose_as_it_is_goes() {
    let images = || {
        vec![
            image(1, 1, &["a"], &[]),
            image(2, 1, &["b"], &[]),
            image(3, 1, &["c"], &[]),
            image(9, 9, &["v9"], &[]),
        ]
    };
    let tag = |tag: &str| vec![Tag::as_given(tag)];
    let earlier: EarlierChoices = [
        (digest(1), (ActionKind::Expire, tag("a"))),
        (digest(2), (ActionKind::Expire, tag("before"))),
        (digest(3), (ActionKind::Archive, tag("c"))),
    ]
    .into_iter()
    .collect();
    let decision =
        decided(images(), &[Some(expire()), Some(expire()), Some(expire()), Some(expire())], Some(&earlier));
    assert_eq!(actions(&decision), [(1, ActionKind::Expire, 0)]);
    let waiting: Vec<Digest> = decision.pending.iter().map(|pending| pending.digest).collect();
    assert_eq!(waiting, [digest(2), digest(3)]);
    assert_eq!(decision.kept.len(), 1, "the newest stays, and does not wait");
}

#[test]
fn a_child_does_not_go_while_its_index_waits() {
    let images = vec![index(1, 1, &["v1"], &[2]), image(2, 1, &[], &[]), image(9, 9, &["v9"], &[])];
    let earlier: EarlierChoices = [(digest(2), (ActionKind::Expire, Vec::new()))].into_iter().collect();
    let decision = decided(images, &[Some(expire()), Some(expire()), None], Some(&earlier));
    assert!(decision.plan.actions.is_empty());
    assert_eq!(decision.kept[0].guard, "part_of_kept");
    assert_eq!(decision.pending[0].digest, digest(1));
}
