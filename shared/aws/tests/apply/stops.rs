//! What ends an apply early, and what is left then.

use std::sync::atomic::{AtomicU32, Ordering};

use chrono::TimeDelta;
use demurrage_aws::apply::ApplyError;
use demurrage_core::apply::{ApplyReport, Conclusion, HaltKind, NotApplicable, RepositoryState};
use demurrage_core::plan::Mode;
use demurrage_store::{StopOrder, Store, StoredPlan};
use fake_ecr::{FaultKind, ImageRecord};

use crate::registry::{change, image, pull};
use crate::world::{World, app, expire, now};

/// Three hundred images that go, in three batches, and the newest.
async fn three_batches() -> (World, StoredPlan) {
    let old: Vec<ImageRecord> =
        (0..300).map(|n| image(&format!("old {n}"), &[&format!("v{n}")], 100)).collect();
    let newest = image("newest", &["newest"], 1);
    let world = app(&old.iter().chain([&newest]).collect::<Vec<_>>()).await;
    let plan = world.plan(&[("app", expire(&old.iter().collect::<Vec<_>>()))]).await;
    (world, plan)
}

fn halt(report: &ApplyReport) -> HaltKind {
    report.halt.as_ref().unwrap_or_else(|| panic!("{report:#?}")).kind
}

#[tokio::test(flavor = "multi_thread")]
async fn an_order_to_stop_is_heard_before_the_next_batch_and_after_it_is_lifted_the_rest_is_done() {
    let (world, plan) = three_batches().await;
    let store = Store::new(world.folder.path().join("store"));
    let order = StopOrder { at: now(), by: "mina".to_owned(), reason: "incident".to_owned() };
    let put = order.clone();
    world.fake().on_call(move |_, operation| {
        if operation == "BatchDeleteImage" {
            store.put_stop(&put).unwrap();
        }
        None
    });
    let report = world.applied(&plan).await;
    assert_eq!((halt(&report), report.conclusion()), (HaltKind::StopOrder, Conclusion::Partly));
    assert_eq!(report.halt.unwrap().detail, "mina ordered to stop: incident");
    assert_eq!((world.images("app").len(), report.repositories[0].expired), (201, 100));
    assert_eq!(report.repositories[0].state, RepositoryState::Broken);
    world.fake().clear_hook();
    assert_eq!(world.applied(&plan).await.conclusion(), Conclusion::Partly);
    assert_eq!(world.images("app").len(), 201);
    world.store.lift_stop(&order).unwrap();
    let report = world.applied(&plan).await;
    assert_eq!((report.conclusion(), report.repositories[0].expired), (Conclusion::AllDone, 300));
    assert_eq!(world.images("app").len(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_plan_that_expires_meanwhile_is_not_gone_on_with() {
    let (world, plan) = three_batches().await;
    *world.time.lock().unwrap() = now() + TimeDelta::hours(24);
    let refused = world.apply(&plan).await.unwrap_err();
    assert!(matches!(refused, ApplyError::NotApplicable(NotApplicable::Expired { .. })), "{refused}");
    assert_eq!(world.images("app").len(), 301);
}

#[tokio::test(flavor = "multi_thread")]
async fn plans_that_are_looked_at_are_refused() {
    let (old, newest) = (image("old", &["old"], 100), image("newest", &["newest"], 1));
    let world = app(&[&old, &newest]).await;
    let plan = world.plan_of(&[("app", expire(&[&old]))], &[], Mode::Observe).await;
    let refused = world.apply(&plan).await.unwrap_err();
    assert!(matches!(refused, ApplyError::NotApplicable(NotApplicable::Observed)), "{refused}");
}

#[tokio::test(flavor = "multi_thread")]
async fn uses_older_than_a_quarter_of_an_hour_are_read_again_and_old_ones_end_it() {
    let (world, plan) = three_batches().await;
    *world.reading_age.lock().unwrap() = TimeDelta::minutes(16);
    let report = world.applied(&plan).await;
    assert_eq!((halt(&report), report.conclusion()), (HaltKind::UseUnknown, Conclusion::Partly));
    assert_eq!(world.images("app").len(), 301);
    *world.reading_age.lock().unwrap() = TimeDelta::minutes(15);
    assert_eq!(world.applied(&plan).await.conclusion(), Conclusion::AllDone);
}

#[tokio::test(flavor = "multi_thread")]
async fn uses_that_grow_old_between_batches_are_read_anew_and_what_is_used_by_then_stays() {
    let (world, plan) = three_batches().await;
    let world = std::sync::Arc::new(world);
    let of_hook = std::sync::Arc::downgrade(&world);
    let calls = AtomicU32::new(0);
    world.fake().on_call(move |_, operation| {
        if operation == "BatchDeleteImage"
            && calls.fetch_add(1, Ordering::SeqCst) == 0
            && let Some(world) = of_hook.upgrade()
        {
            *world.time.lock().unwrap() += TimeDelta::minutes(20);
            let all = (0..300).map(|number| format!("app:v{number}"));
            world.uses.lock().unwrap().extend(all);
        }
        None
    });
    let report = world.applied(&plan).await;
    assert_eq!(*world.readings.lock().unwrap(), 2);
    assert_eq!(report.repositories[0].expired, 100);
    assert_eq!(report.repositories[0].left.len(), 200);
    assert!(report.repositories[0].left[0].why.starts_with("it is in use"));
    assert_eq!(report.conclusion(), Conclusion::Partly);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_batch_of_which_half_changed_ends_it() {
    let (world, plan) = three_batches().await;
    world.fake().on_call(|fake, operation| {
        if operation == "BatchDeleteImage" {
            change(fake, "app", |images| {
                let digests: Vec<String> = images.iter().map(|image| image.digest.clone()).collect();
                digests.iter().step_by(2).for_each(|digest| pull(images, digest, now()));
            });
        }
        None
    });
    let report = world.applied(&plan).await;
    assert_eq!((halt(&report), report.conclusion()), (HaltKind::Suspicious, Conclusion::LookAtIt));
    assert_eq!(world.calls("BatchDeleteImage"), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_repository_that_lost_more_than_half_of_its_images_otherwise_ends_it() {
    let (world, plan) = three_batches().await;
    change(world.fake(), "app", |images| images.truncate(150));
    let report = world.applied(&plan).await;
    assert_eq!(halt(&report), HaltKind::Suspicious);
    assert_eq!(world.calls("BatchDeleteImage"), 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_refusal_ends_it_and_is_in_the_journal() {
    let (world, plan) = three_batches().await;
    world.fake().on_call(|_, operation| (operation == "BatchDeleteImage").then_some(FaultKind::AccessDenied));
    let report = world.applied(&plan).await;
    assert_eq!((halt(&report), report.conclusion()), (HaltKind::CallFailed, Conclusion::Failed));
    assert_eq!(world.calls("BatchDeleteImage"), 1);
    let journal = world.journal(&plan);
    let outcome = journal.entries()[0].outcome.as_ref().unwrap();
    assert!(outcome.error.as_ref().unwrap().contains("AccessDenied"));
    world.fake().clear_hook();
    let report = world.applied(&plan).await;
    assert_eq!((report.conclusion(), world.images("app").len()), (Conclusion::AllDone, 1));
}

#[tokio::test(flavor = "multi_thread")]
async fn who_asks_it_to_end_or_gives_it_no_time_finds_nothing_half_done() {
    let (world, plan) = three_batches().await;
    let mut world = world;
    world.options.until = Some(tokio::time::Instant::now());
    assert_eq!(halt(&world.applied(&plan).await), HaltKind::TimeIsUp);
    world.options.until = None;
    let stop = world.stop.clone();
    world.fake().on_call(move |_, operation| {
        if operation == "BatchDeleteImage" {
            stop.now();
        }
        None
    });
    let report = world.applied(&plan).await;
    assert_eq!((halt(&report), report.conclusion()), (HaltKind::Interrupted, Conclusion::Interrupted));
    assert_eq!(world.images("app").len(), 201);
    assert!(world.journal(&plan).open_entries().next().is_none());
}
