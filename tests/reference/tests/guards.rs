//! The hard guards of plans against their slow literal twin, on small generated repositories, uses, holds and choices.

#![expect(clippy::unwrap_used, reason = "a test that stops when its own data is wrong")]

#[cfg(test)]
#[expect(dead_code, reason = "most of it is for the evaluation")]
mod generators;

use std::collections::BTreeSet;

use chrono::DateTime;
use demurrage_core::in_use::{Protection, RepositoryUse};
use demurrage_core::lifecycle::Relations;
use demurrage_core::plan::{ActionKind, GuardRules, Hold, hard_guards};
use demurrage_core::{
    Child, Descriptor, Digest, Image, ImageStatus, Manifest, ManifestKind, Repository, Tag, Wildcard,
};
use demurrage_reference::guards::{Chosen, Guarded, Guards, State};
use generators::for_all;
use proptest::collection::vec;
use proptest::prelude::{Just, Strategy};
use proptest::sample::{select, subsequence};
use proptest::test_runner::TestCaseError;
use proptest::{prop_assert_eq, prop_oneof};

const IMAGES: u8 = 7;
const NOW: i64 = 1_790_000_000;

fn tag() -> impl Strategy<Value = String> {
    let of_another = (1..=IMAGES + 1, select(vec!["", ".sig", ".att"]))
        .prop_map(|(number, end)| format!("sha256-{}{end}", format!("{number:02x}").repeat(32)));
    prop_oneof![
        4 => select(vec!["v1", "v2", "v3"]).prop_map(str::to_owned),
        1 => select(vec!["latest", "held", "freed"]).prop_map(str::to_owned),
        1 => of_another,
    ]
}

fn image() -> impl Strategy<Value = Guarded> {
    let pushed = prop_oneof![12 => select(vec![1, 2, 2, 3, 3, 4]).prop_map(Some), 1 => Just(None)];
    let state = prop_oneof![
        8 => Just(State::Active),
        2 => Just(State::Archived),
        1 => Just(State::Between),
    ];
    let children = prop_oneof![
        6 => Just((false, None)),
        3 => subsequence((1..=IMAGES).collect::<Vec<u8>>(), 0..=3).prop_map(|children| (true, Some(children))),
        1 => Just((true, None)),
    ];
    let subject = prop_oneof![4 => Just(None), 1 => (1..=IMAGES + 1).prop_map(Some)];
    let chosen = prop_oneof![
        6 => Just(Some(Chosen::Expire)),
        2 => Just(Some(Chosen::Archive)),
        1 => Just(Some(Chosen::Untag)),
        2 => Just(None),
    ];
    let rest =
        (select(vec![true, true, true, false]), select(vec![true, false, false, false, false, false, false]));
    (vec(tag(), 0..3), pushed, state, children, subject, chosen, rest).prop_map(
        |(tags, pushed, state, (is_index, children), subject, chosen, (can_run, is_in_use))| Guarded {
            number: 0,
            tags,
            pushed,
            state,
            is_index,
            children,
            subject,
            can_run,
            chosen,
            is_in_use,
        },
    )
}

fn guards() -> impl Strategy<Value = Guards> {
    vec(image(), 1..=usize::from(IMAGES)).prop_map(|mut images| {
        for (number, image) in (1..).zip(&mut images) {
            image.number = number;
            // A digest is in nothing that it is made of.
            image.subject = image.subject.filter(|subject| *subject != number);
            if let Some(children) = &mut image.children {
                children.retain(|child| *child != number);
            }
        }
        Guards {
            images,
            protected: vec!["latest".to_owned()],
            held: vec![("held".to_owned(), NOW + 1), ("freed".to_owned(), NOW)],
            now: NOW,
        }
    })
}

fn digest(number: u8) -> Digest {
    Digest::from_bytes([number; 32])
}

fn translated(guarded: &Guarded) -> Image {
    let mut image = Image::new(digest(guarded.number));
    image.tags = guarded.tags.iter().map(|tag| Tag::as_given(tag)).collect();
    image.pushed_at = guarded.pushed.and_then(|seconds| DateTime::from_timestamp(seconds, 0));
    image.status = match guarded.state {
        State::Active => ImageStatus::Active,
        State::Archived => ImageStatus::Archived,
        State::Between => ImageStatus::Activating,
    };
    image.subject = guarded.subject.map(digest);
    if !guarded.can_run {
        image.artifact_media_type = Some("application/vnd.cncf.helm.config.v1+json".to_owned());
    }
    if guarded.is_index {
        image.manifest_media_type = Some("application/vnd.oci.image.index.v1+json".to_owned());
    }
    if let Some(children) = &guarded.children {
        let mut manifest = Manifest::new(ManifestKind::OciIndex);
        let child = |&number: &u8| Child {
            descriptor: Descriptor { digest: digest(number), media_type: String::new(), size_bytes: 1 },
            platform: None,
            attests: None,
        };
        manifest.children = children.iter().map(child).collect();
        image.manifest = Some(Box::new(manifest));
    }
    image
}

fn kept_by_the_core(guards: &Guards) -> BTreeSet<u8> {
    let mut repository = Repository::new("shop/cart");
    repository.images = guards.images.iter().map(translated).collect();
    let relations = Relations::of(&repository.images);
    let protection = |image: &Guarded| image.is_in_use.then(|| Protection::InUse(vec![0]));
    let in_use = RepositoryUse { protections: guards.images.iter().map(protection).collect() };
    let time = |seconds| DateTime::from_timestamp(seconds, 0).unwrap();
    let hold = |(tag, until): &(String, i64)| Hold {
        account: None,
        region: None,
        repository: "shop/cart".to_owned(),
        tag: Tag::as_given(tag),
        digests: Vec::new(),
        until: time(*until),
        reason: String::new(),
        by: String::new(),
        made_at: time(0),
    };
    let holds: Vec<Hold> = guards.held.iter().map(hold).collect();
    let rules =
        GuardRules { protected_tags: guards.protected.iter().map(|tag| Wildcard::new(tag)).collect() };
    let chosen: Vec<Option<ActionKind>> = guards
        .images
        .iter()
        .map(|image| {
            image.chosen.map(|chosen| match chosen {
                Chosen::Expire => ActionKind::Expire,
                Chosen::Archive => ActionKind::Archive,
                Chosen::Untag => ActionKind::Untag,
            })
        })
        .collect();
    let kept = hard_guards(&repository, &relations, &in_use, &rules, &holds, &chosen, time(guards.now));
    let numbered = guards.images.iter().zip(kept);
    numbered.filter(|(_, guard)| guard.is_some()).map(|(image, _)| image.number).collect()
}

#[test]
fn the_same_images_stay_as_in_the_twin() {
    for_all(&guards(), |guards| {
        prop_assert_eq!(kept_by_the_core(&guards), guards.stay(), "{:#?}", guards);
        Ok::<(), TestCaseError>(())
    });
}
