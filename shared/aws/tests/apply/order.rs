//! What goes into which call, and in which order calls are made.

use std::sync::{Arc, Mutex};

use demurrage_core::apply::Conclusion;
use demurrage_core::journal::Call;
use demurrage_core::plan::ActionKind;
use fake_ecr::{ImageRecord, ImageStatus};

use crate::registry::{image, index, parsed, repository, signature};
use crate::world::{ACCOUNT, REGION, World, app, expire};

#[tokio::test(flavor = "multi_thread")]
async fn indexes_go_before_their_children_and_referrers_last_each_in_calls_of_their_own() {
    let children: Vec<ImageRecord> =
        (0..3).map(|number| image(&format!("child {number}"), &[], 100)).collect();
    let inner = index(&[&children[0], &children[1]], &[], 99);
    let outer = index(&[&inner, &children[2]], &["multi"], 98);
    let (signed, newest) = (signature(&outer, 97), image("newest", &["newest"], 1));
    let mut all: Vec<&ImageRecord> = children.iter().collect();
    all.extend([&inner, &outer, &signed]);
    let world = app(&all.iter().copied().chain([&newest]).collect::<Vec<_>>()).await;
    let plan = world.plan(&[("app", expire(&all))]).await;
    let report = world.applied(&plan).await;
    assert_eq!(report.conclusion(), Conclusion::AllDone, "{report:#?}");
    let journal = world.journal(&plan);
    let calls: Vec<Vec<String>> = journal
        .entries()
        .iter()
        .map(|entry| match &entry.intent.call {
            Call::Delete { ids } => ids.iter().map(|id| id.digest.unwrap().to_string()).collect(),
            other => panic!("{other:?}"),
        })
        .collect();
    let mut third: Vec<String> = children.iter().map(|child| child.digest.clone()).collect();
    third.sort();
    assert_eq!(calls, [vec![outer.digest], vec![inner.digest], third, vec![signed.digest]]);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_image_with_more_tags_than_a_call_can_name_goes_in_several_that_follow_one_another() {
    let names: Vec<String> = (0..250).map(|number| format!("t{number:03}")).collect();
    let names: Vec<&str> = names.iter().map(String::as_str).collect();
    let (many, newest) = (image("many", &names, 100), image("newest", &["newest"], 1));
    let world = app(&[&many, &newest]).await;
    let plan = world.plan(&[("app", expire(&[&many]))]).await;
    let report = world.applied(&plan).await;
    assert_eq!(report.conclusion(), Conclusion::AllDone, "{report:#?}");
    assert_eq!(world.calls("BatchDeleteImage"), 3);
    assert!(!world.has("app", &many));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_batch_names_a_hundred_ids_and_the_smallest_repository_has_its_turn_first() {
    let old: Vec<ImageRecord> =
        (0..150).map(|n| image(&format!("old {n}"), &[&format!("v{n}")], 100)).collect();
    let newest = image("newest", &["newest"], 1);
    let with = |images: &[ImageRecord]| [images.to_vec(), vec![newest.clone()]].concat();
    let world =
        World::new(vec![(repository("a-large"), with(&old)), (repository("b-small"), with(&old[..1]))]).await;
    let large: Vec<&ImageRecord> = old.iter().collect();
    let plan = world.plan(&[("a-large", expire(&large)), ("b-small", expire(&large[..1]))]).await;
    let report = world.applied(&plan).await;
    assert_eq!(report.conclusion(), Conclusion::AllDone);
    let names: Vec<&str> =
        report.repositories.iter().map(|repository| repository.repository.name.as_str()).collect();
    assert_eq!(names, ["b-small", "a-large"]);
    assert_eq!(world.calls("BatchDeleteImage"), 3);
}

#[tokio::test(flavor = "multi_thread")]
async fn images_are_archived_the_index_before_its_child_and_stay_where_ecr_does_not() {
    let child = image("child", &[], 100);
    let (parent, newest) = (index(&[&child], &["multi"], 99), image("newest", &["newest"], 1));
    let world = app(&[&child, &parent, &newest]).await;
    let both = [&child, &parent].map(|image| (parsed(image), ActionKind::Archive)).to_vec();
    let plan = world.plan(&[("app", both)]).await;
    let report = world.applied(&plan).await;
    assert_eq!((report.repositories[0].archived, report.conclusion()), (2, Conclusion::AllDone));
    let archived = world.fake().images(ACCOUNT, REGION, "app").into_iter();
    assert_eq!(archived.filter(|image| image.status == ImageStatus::Archived).count(), 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_is_changed_before_it_is_written_down() {
    let old: Vec<ImageRecord> =
        (0..120).map(|n| image(&format!("old {n}"), &[&format!("v{n}")], 100)).collect();
    let newest = image("newest", &["newest"], 1);
    let world = app(&old.iter().chain([&newest]).collect::<Vec<_>>()).await;
    let plan = world.plan(&[("app", expire(&old.iter().collect::<Vec<_>>()))]).await;
    let folder = world.folder.path().join("store/journals").join(plan.plan.hash.to_string());
    let seen: Arc<Mutex<Vec<usize>>> = Arc::default();
    let keep = Arc::clone(&seen);
    world.fake().on_call(move |_, operation| {
        if operation == "BatchDeleteImage" {
            let names = std::fs::read_dir(&folder).unwrap().flatten();
            let intents =
                names.filter(|entry| entry.file_name().to_string_lossy().ends_with("-intent.json")).count();
            keep.lock().unwrap().push(intents);
        }
        None
    });
    world.applied(&plan).await;
    assert_eq!(*seen.lock().unwrap(), [1, 2]);
}

#[tokio::test(flavor = "multi_thread")]
async fn without_the_exclusion_manifests_are_not_read_and_what_depends_on_them_stays() {
    let (old, newest) = (image("old", &["old"], 100), image("newest", &["newest"], 1));
    let world = app(&[&old, &newest]).await;
    let plan = world.plan(&[("app", expire(&[&old]))]).await;
    let late = index(&[&old], &["late"], 0);
    crate::registry::change(world.fake(), "app", |images| images.push(late));
    // Whether it is excluded cannot be asked.
    world.fake().on_call(|_, operation| {
        (operation == "ListPullTimeUpdateExclusions").then_some(fake_ecr::FaultKind::AccessDenied)
    });
    let before = world.calls("BatchGetImage");
    let report = world.applied(&plan).await;
    assert_eq!(world.calls("BatchGetImage"), before);
    assert!(world.has("app", &old));
    assert!(World::why_left(&report, &old).contains("may be part of the index"));
}
