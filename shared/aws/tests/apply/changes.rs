//! What changed since the plan, at each of the moments at which that is looked at, stays.

use std::sync::atomic::{AtomicBool, Ordering};

use chrono::TimeDelta;
use demurrage_core::apply::{Conclusion, HaltKind, RepositoryState};
use demurrage_core::plan::{ActionKind, Hold, Mode};
use demurrage_core::{Tag, Wildcard};
use fake_ecr::{Fake, FaultKind, ImageRecord};

use crate::registry::{change, image, index, parsed, pull, put_tag, repository, signature};
use crate::world::{ACCOUNT, REGION, World, app, expire, now};

/// What others do to the images of `app`.
type Others = Box<dyn Fn(&mut Vec<ImageRecord>) + Send + Sync>;

/// Does it once, when a call of this operation arrives.
fn when(fake: &Fake, operation: &'static str, others: Others) {
    let done = AtomicBool::new(false);
    fake.on_call(move |fake, asked| {
        if asked == operation && !done.swap(true, Ordering::SeqCst) {
            change(fake, "app", &others);
        }
        None::<FaultKind>
    });
}

/// Four old images that go, one that is not asked for, and the newest.
fn images() -> (Vec<ImageRecord>, [ImageRecord; 2]) {
    let old = (0..4).map(|number| image(&format!("old {number}"), &[&format!("v{number}")], 100)).collect();
    (old, [image("other", &["other"], 50), image("newest", &["newest"], 1)])
}

async fn world_of(old: &[ImageRecord], stay: &[ImageRecord]) -> World {
    app(&old.iter().chain(stay).collect::<Vec<_>>()).await
}

#[tokio::test(flavor = "multi_thread")]
async fn in_peace_all_that_was_planned_goes_and_a_second_time_nothing() {
    let (old, stay) = images();
    let untagged = image("untagged", &[], 200);
    let world = world_of(&[old.clone(), vec![untagged.clone()]].concat(), &stay).await;
    let all: Vec<&ImageRecord> = old.iter().chain([&untagged]).collect();
    let plan = world.plan(&[("app", expire(&all))]).await;
    let report = world.applied(&plan).await;
    assert_eq!(report.conclusion(), Conclusion::AllDone, "{report:#?}");
    assert_eq!((report.repositories[0].expired, report.repositories[0].bytes_freed), (5, 5 * 990));
    assert_eq!(world.images("app").len(), 2);
    let journal = world.journal(&plan);
    assert!(journal.is_finished() && journal.entries().iter().all(|entry| entry.outcome.is_some()));
    // The manifests are in the journal, exactly.
    let saved: Vec<_> = world
        .store
        .journal_walk(&plan.plan.hash.to_string())
        .unwrap()
        .flat_map(|entry| entry.unwrap().intent.images)
        .collect();
    assert_eq!(saved.len(), 5);
    for saved in saved {
        let text = saved.manifest.expect("a manifest");
        assert_eq!(fake_ecr::digest(text.as_bytes()), saved.digest.to_string());
    }
    let deletes = world.calls("BatchDeleteImage");
    let again = world.apply(&plan).await.unwrap_err();
    assert!(again.to_string().starts_with("the plan was applied already"), "{again}");
    assert_eq!(world.calls("BatchDeleteImage"), deletes);
}

/// What others do with the first of the old images, by what the report says of it; and whether it is there after.
fn interferences() -> Vec<(&'static str, Others)> {
    let (old, [other, _]) = images();
    let (first, other) = (old[0].digest.clone(), other.digest);
    let of = |change: fn(&mut Vec<ImageRecord>, &str, &str)| -> Others {
        let (first, other) = (first.clone(), other.clone());
        Box::new(move |images| change(images, &first, &other))
    };
    vec![
        ("tags changed since the plan: +new", of(|images, first, _| put_tag(images, "new", first))),
        ("tags changed since the plan: -v0", of(|images, _, other| put_tag(images, "v0", other))),
        (
            "it was pulled since the plan",
            of(|images, first, _| pull(images, first, now() - TimeDelta::hours(1))),
        ),
        (
            "it was pushed again",
            of(|images, first, _| {
                let found = images.iter_mut().find(|image| image.digest == first);
                found.unwrap().pushed_at = now();
            }),
        ),
    ]
}

#[tokio::test(flavor = "multi_thread")]
async fn what_changed_between_plan_and_apply_stays() {
    for (why, others) in interferences() {
        let (old, stay) = images();
        let world = world_of(&old, &stay).await;
        let plan = world.plan(&[("app", expire(&old.iter().collect::<Vec<_>>()))]).await;
        change(world.fake(), "app", &others);
        let report = world.applied(&plan).await;
        assert_eq!(report.conclusion(), Conclusion::Partly, "{why}");
        let said = World::why_left(&report, &old[0]);
        assert!(said.contains(why), "{said}");
        assert!(world.has("app", &old[0]));
        assert_eq!(world.images("app").len(), 3, "the others went");
        assert_eq!(report.repositories[0].expired, 3);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_changed_between_the_listing_and_the_last_look_stays() {
    for (why, others) in interferences() {
        let (old, stay) = images();
        let world = world_of(&old, &stay).await;
        let plan = world.plan(&[("app", expire(&old.iter().collect::<Vec<_>>()))]).await;
        // Manifests are read after the listing, and before the last look.
        when(world.fake(), "BatchGetImage", others);
        let report = world.applied(&plan).await;
        let said = World::why_left(&report, &old[0]);
        assert!(said.contains(why), "{said}");
        assert!(world.has("app", &old[0]));
        assert_eq!(world.images("app").len(), 3);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn between_the_last_look_and_the_call_a_tag_that_came_or_moved_keeps_its_image() {
    for (tag, on_first) in [("new", true), ("v0", false)] {
        let (old, stay) = images();
        let world = world_of(&old, &stay).await;
        let plan = world.plan(&[("app", expire(&old.iter().collect::<Vec<_>>()))]).await;
        let on = if on_first { old[0].digest.clone() } else { stay[0].digest.clone() };
        when(world.fake(), "BatchDeleteImage", Box::new(move |images| put_tag(images, tag, &on)));
        let report = world.applied(&plan).await;
        assert!(world.has("app", &old[0]), "{tag}");
        assert!(world.has("app", &stay[0]), "{tag}");
        let tags = &world.images("app")[if on_first { &old[0].digest } else { &stay[0].digest }];
        assert!(tags.iter().any(|held| held == tag), "{tag}");
        assert_eq!(report.conclusion(), Conclusion::Partly, "{report:#?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_tag_that_is_put_on_an_untagged_image_during_the_call_is_the_race_that_ecr_leaves_and_is_reported()
{
    let (old, [untagged, newest]) =
        (image("old", &["old"], 100), [image("untagged", &[], 100), image("newest", &["newest"], 1)]);
    let world = app(&[&old, &untagged, &newest]).await;
    let plan = world.plan(&[("app", expire(&[&old, &untagged]))]).await;
    let digest = untagged.digest.clone();
    when(world.fake(), "BatchDeleteImage", Box::new(move |images| put_tag(images, "new", &digest)));
    let report = world.applied(&plan).await;
    assert!(!world.has("app", &untagged));
    assert_eq!(report.halt.as_ref().map(|halt| halt.kind), Some(HaltKind::Suspicious));
    assert_eq!(report.conclusion(), Conclusion::LookAtIt);
    assert!(report.halt.unwrap().detail.contains("`new`"));
}

#[tokio::test(flavor = "multi_thread")]
async fn an_index_that_came_between_the_last_look_and_the_call_keeps_its_child() {
    let (child, newest) = (image("child", &[], 100), image("newest", &["newest"], 1));
    let world = app(&[&child, &newest]).await;
    let plan = world.plan(&[("app", expire(&[&child]))]).await;
    let new = index(&[&child], &["multi"], 0);
    when(world.fake(), "BatchDeleteImage", Box::new(move |images| images.push(new.clone())));
    let report = world.applied(&plan).await;
    assert!(world.has("app", &child));
    assert!(World::why_left(&report, &child).starts_with("an index names it now"));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_new_index_keeps_its_child_and_what_refers_to_it() {
    let child = image("child", &[], 100);
    let (signed, newest) = (signature(&child, 99), image("newest", &["newest"], 1));
    let world = app(&[&child, &signed, &newest]).await;
    let plan = world.plan(&[("app", expire(&[&child, &signed]))]).await;
    let new = index(&[&child], &["multi"], 0);
    change(world.fake(), "app", |images| images.push(new));
    let report = world.applied(&plan).await;
    assert_eq!(world.images("app").len(), 4);
    assert!(World::why_left(&report, &child).contains("the indexes that name it changed"));
    assert!(World::why_left(&report, &signed).starts_with("it belongs to"));
}

#[tokio::test(flavor = "multi_thread")]
async fn an_index_that_is_kept_by_a_tag_during_the_call_keeps_its_children_and_its_signature() {
    let child = image("child", &[], 100);
    let parent = index(&[&child], &["multi"], 99);
    let (signed, newest) = (signature(&parent, 98), image("newest", &["newest"], 1));
    let world = app(&[&child, &parent, &signed, &newest]).await;
    let plan = world.plan(&[("app", expire(&[&child, &parent, &signed]))]).await;
    let digest = parent.digest.clone();
    when(world.fake(), "BatchDeleteImage", Box::new(move |images| put_tag(images, "new", &digest)));
    let report = world.applied(&plan).await;
    assert_eq!(world.images("app").len(), 4, "{report:#?}");
    assert_eq!(world.calls("BatchDeleteImage"), 1);
    assert!(World::why_left(&report, &child).starts_with("it belongs to"));
    assert!(World::why_left(&report, &signed).starts_with("it belongs to"));
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_in_use_held_or_protected_by_now_stays_with_all_that_belongs_to_it() {
    let (old, stay) = images();
    let world = World {
        guards: demurrage_core::plan::GuardRules { protected_tags: vec![Wildcard::new("v2")] },
        ..world_of(&old, &stay).await
    };
    let plan = world.plan(&[("app", expire(&old.iter().collect::<Vec<_>>()))]).await;
    let used = format!("{ACCOUNT}.dkr.ecr.{REGION}.amazonaws.com/app@{}", old[0].digest);
    world.uses.lock().unwrap().push(used);
    let hold = Hold {
        account: None,
        region: None,
        repository: "app".to_owned(),
        tag: Tag::as_given("v1"),
        digests: Vec::new(),
        until: now() + TimeDelta::days(1),
        reason: "incident 12".to_owned(),
        by: "mina".to_owned(),
        made_at: now(),
    };
    world.store.add_hold(&hold).unwrap();
    let report = world.applied(&plan).await;
    assert!(World::why_left(&report, &old[0]).starts_with("it is in use: task of"));
    assert!(World::why_left(&report, &old[1]).ends_with("incident 12"));
    assert_eq!(World::why_left(&report, &old[2]), "it has the protected tag `v2`");
    assert_eq!(world.images("app").len(), 5);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_newest_image_stays_also_where_a_newer_one_was_taken_away() {
    let (old, newer, newest) =
        (image("old", &["old"], 100), image("newer", &["newer"], 50), image("newest", &["newest"], 1));
    let world = app(&[&old, &newer, &newest]).await;
    let plan = world.plan(&[("app", expire(&[&old, &newer]))]).await;
    change(world.fake(), "app", |images| images.retain(|image| image.digest != newest.digest));
    let report = world.applied(&plan).await;
    assert!(World::why_left(&report, &newer).contains("newest"));
    assert_eq!(world.images("app").len(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_others_took_away_is_done_already_and_a_repository_that_is_gone_or_opted_out_is_refused() {
    let (old, stay) = images();
    let all: Vec<ImageRecord> = old.iter().chain(&stay).cloned().collect();
    let world = World::new(vec![(repository("app"), all.clone()), (repository("web"), all)]).await;
    let old: Vec<&ImageRecord> = old.iter().collect();
    let plan = world.plan(&[("app", expire(&old))]).await;
    change(world.fake(), "app", |images| images.retain(|image| image.digest != old[0].digest));
    let report = world.applied(&plan).await;
    assert_eq!((report.repositories[0].already, report.repositories[0].expired), (1, 3));
    assert_eq!(report.conclusion(), Conclusion::AllDone);
    let enforced = world.plan_of(&[("web", expire(&old))], &[], Mode::Enforce).await;
    let report = world.applied(&enforced).await;
    assert!(
        matches!(&report.repositories[0].state, RepositoryState::Refused(why) if why.contains("demurrage")),
        "{report:#?}"
    );
    assert_eq!(report.conclusion(), Conclusion::Partly);
    assert_eq!(world.images("web").len(), 6);
    // It may opt in, and be applied then.
    let mut record = world.fake().repository(ACCOUNT, REGION, "web").unwrap();
    record.resource_tags.insert("demurrage".to_owned(), "enforce".to_owned());
    let images = world.fake().images(ACCOUNT, REGION, "web");
    world.fake().load_repository(ACCOUNT, REGION, record, images);
    assert_eq!(world.applied(&enforced).await.conclusion(), Conclusion::AllDone);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_gone_that_nobody_planned_is_an_alarm() {
    let (old, stay) = images();
    let world = world_of(&old, &stay).await;
    let plan = world.plan(&[("app", expire(&[&old[0]]))]).await;
    let victim = stay[0].digest.clone();
    when(world.fake(), "BatchDeleteImage", Box::new(move |images| images.retain(|it| it.digest != victim)));
    let report = world.applied(&plan).await;
    assert_eq!(report.conclusion(), Conclusion::LookAtIt);
    assert_eq!(report.repositories[0].unplanned[0].digest, parsed(&stay[0]));
}

#[tokio::test(flavor = "multi_thread")]
async fn tags_are_taken_off_and_never_the_last_one() {
    let (old, newest) = (image("old", &["a", "b"], 100), image("newest", &["newest"], 1));
    let world = app(&[&old, &newest]).await;
    let plan = world.plan(&[("app", vec![(parsed(&old), ActionKind::Untag)])]).await;
    let report = world.applied(&plan).await;
    assert_eq!((report.repositories[0].untagged, report.conclusion()), (1, Conclusion::AllDone));
    assert_eq!(world.images("app")[&old.digest], ["b"]);
    let world = app(&[&old, &newest]).await;
    let plan = world.plan(&[("app", vec![(parsed(&old), ActionKind::Untag)])]).await;
    change(world.fake(), "app", |images| {
        for image in images {
            image.tags.retain(|tag| tag != "b");
        }
    });
    let report = world.applied(&plan).await;
    assert!(World::why_left(&report, &old).contains("last tag"));
    assert_eq!(world.images("app")[&old.digest], ["a"]);
}
