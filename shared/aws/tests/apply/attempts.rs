//! What an attempt that goes on says of those before it, and what it looks at again after ECR wanted fewer calls.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use demurrage_aws::apply::ApplyError;
use demurrage_core::apply::{Conclusion, HaltKind, RepositoryState};
use demurrage_core::plan::OtherReaders;
use demurrage_store::{StopOrder, Store, StoredPlan};
use fake_ecr::{FaultKind, ImageRecord};
use tokio::sync::Notify;

use crate::registry::{change, image, pull, put_tag, repository};
use crate::world::{ACCOUNT, REGION, World, app, expire, now};

#[tokio::test(flavor = "multi_thread")]
async fn a_tag_that_went_with_an_untagged_image_is_told_of_although_the_process_was_killed_then() {
    let (old, newest) = (image("old", &[], 100), image("newest", &["newest"], 1));
    let world = app(&[&old, &newest]).await;
    let plan = world.plan(&[("app", expire(&[&old]))]).await;
    let (killed, went) = (Arc::new(Notify::new()), AtomicU64::new(0));
    let (kill, digest) = (Arc::clone(&killed), old.digest.clone());
    world.fake().on_call(move |fake, operation| {
        if operation == "BatchDeleteImage" {
            change(fake, "app", |images| put_tag(images, "new", &digest));
            went.store(1, Ordering::SeqCst);
        } else if went.swap(2, Ordering::SeqCst) == 1 {
            kill.notify_one();
            return Some(FaultKind::Reset);
        }
        None
    });
    tokio::select! {
        ended = world.apply(&plan) => panic!("it is killed before its end: {ended:?}"),
        () = killed.notified() => {}
    }
    world.fake().clear_hook();
    assert!(!world.has("app", &old));
    let report = world.applied(&plan).await;
    assert_eq!((&report.halt, report.conclusion()), (&None, Conclusion::LookAtIt), "{report:#?}");
    let [odd] = report.repositories[0].odd.as_slice() else { panic!("{report:#?}") };
    assert_eq!(
        odd,
        &format!("ECR says that `new` of {} is gone, which was not asked for", old.digest),
        "it names what went"
    );
    let Err(ApplyError::Finished { report }) = world.apply(&plan).await else { panic!("it is finished") };
    assert_eq!(report.conclusion(), Conclusion::LookAtIt, "it is in what is kept, too");
}

/// Two old images that go, and the newest.
async fn two() -> (World, StoredPlan, [ImageRecord; 2]) {
    let old = [image("old 1", &["v1"], 100), image("old 2", &["v2"], 99)];
    let newest = image("newest", &["newest"], 1);
    let world = app(&[&old[0], &old[1], &newest]).await;
    let plan = world.plan(&[("app", expire(&[&old[0], &old[1]]))]).await;
    (world, plan, old)
}

#[tokio::test(flavor = "multi_thread")]
async fn after_a_throttled_deletion_everything_is_looked_at_again_before_the_next_one() {
    let (world, plan, old) = two().await;
    let (seen, pulled) = (AtomicU64::new(0), old[0].digest.clone());
    world.fake().on_call(move |fake, operation| {
        let is_first = operation == "BatchDeleteImage" && seen.fetch_add(1, Ordering::SeqCst) == 0;
        if is_first {
            change(fake, "app", |images| pull(images, &pulled, now()));
        }
        is_first.then_some(FaultKind::Throttled)
    });
    let report = world.applied(&plan).await;
    assert_eq!((report.conclusion(), report.repositories[0].expired), (Conclusion::Partly, 1));
    assert!(world.has("app", &old[0]), "it was pulled while ECR throttled");
    assert!(World::why_left(&report, &old[0]).contains("pulled"), "{report:#?}");
    assert!(!world.has("app", &old[1]));
    let journal = world.journal(&plan);
    let first = journal.entries()[0].outcome.as_ref().unwrap();
    assert!(first.done.is_empty() && first.error.as_ref().unwrap().contains("Throttl"), "{first:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn while_ecr_throttles_an_order_to_stop_is_heard() {
    let (world, plan, _) = two().await;
    let store = Store::new(world.folder.path().join("store"));
    world.fake().on_call(move |_, operation| {
        let is_deletion = operation == "BatchDeleteImage";
        if is_deletion {
            let order = StopOrder { at: now(), by: "mina".to_owned(), reason: "incident".to_owned() };
            store.put_stop(&order).unwrap();
        }
        is_deletion.then_some(FaultKind::Throttled)
    });
    let report = world.applied(&plan).await;
    assert_eq!(report.halt.as_ref().map(|halt| halt.kind), Some(HaltKind::StopOrder));
    assert_eq!((world.calls("BatchDeleteImage"), world.images("app").len()), (1, 3));
}

/// A policy that lets another account pull.
fn lets_pull() -> String {
    let statement = r#"{"Sid":"others","Effect":"Allow","Principal":{"AWS":"arn:aws:iam::210987654321:root"},"Action":["ecr:BatchGetImage","ecr:GetDownloadUrlForLayer"]}"#;
    format!(r#"{{"Version":"2012-10-17","Statement":[{statement}]}}"#)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_repository_from_which_another_account_may_pull_by_now_is_left_alone() {
    let (mut world, plan, _) = two().await;
    let mut record = repository("app");
    record.repository_policy = Some(lets_pull());
    let images = world.fake().images(ACCOUNT, REGION, "app");
    world.fake().load_repository(ACCOUNT, REGION, record, images);
    let report = world.applied(&plan).await;
    let RepositoryState::Refused(why) = &report.repositories[0].state else { panic!("{report:#?}") };
    assert_eq!(
        why,
        "who may pull from it is not as it was planned: others may pull from it, and what they use was not read: 210987654321"
    );
    assert_eq!((report.conclusion(), world.calls("BatchDeleteImage")), (Conclusion::Partly, 0));
    // A team may say that others use nothing that goes.
    world.options.other_readers = OtherReaders::Ignore;
    assert_eq!(world.applied(&plan).await.conclusion(), Conclusion::AllDone);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_plan_of_which_nothing_could_go_is_open_to_be_applied_again() {
    let (world, plan, old) = two().await;
    world.uses.lock().unwrap().extend(["app:v1".to_owned(), "app:v2".to_owned()]);
    for _ in 0..2 {
        let report = world.applied(&plan).await;
        assert_eq!((report.conclusion(), report.repositories[0].left.len()), (Conclusion::Partly, 2));
        assert!(!world.journal(&plan).is_finished());
    }
    world.uses.lock().unwrap().clear();
    assert_eq!(world.applied(&plan).await.conclusion(), Conclusion::AllDone);
    assert!(world.journal(&plan).is_finished() && !world.has("app", &old[0]));
}
