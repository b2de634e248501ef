//! Bad days: whatever fails, the same comes of it in the end, nothing is done twice, and the journal has all of it.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use demurrage_core::apply::Conclusion;
use demurrage_core::journal::{Call, ImageId};
use demurrage_core::plan::ActionKind;
use demurrage_store::StoredPlan;
use fake_ecr::{FaultKind, ImageRecord};

use crate::registry::{image, index, parsed, signature};
use crate::world::{World, app, expire};

/// Attempts until it comes to its end.
const ATTEMPTS_MAX: u32 = 8;

/// A registry with everything in it, and a plan for most of it.
async fn small() -> (World, StoredPlan) {
    let child = image("child", &[], 100);
    let parent = index(&[&child], &["multi", "multi-2"], 99);
    let (signed, archive) = (signature(&parent, 98), image("archive", &["archive"], 97));
    let (untag, newest) = (image("untag", &["a", "b"], 96), image("newest", &["newest"], 1));
    let world = app(&[&child, &parent, &signed, &archive, &untag, &newest]).await;
    let mut wishes = expire(&[&child, &parent, &signed]);
    wishes.push((parsed(&archive), ActionKind::Archive));
    wishes.push((parsed(&untag), ActionKind::Untag));
    let plan = world.plan(&[("app", wishes)]).await;
    (world, plan)
}

/// What a registry is after: tags and whether it can be pulled, by digest.
fn state(world: &World) -> BTreeMap<String, (Vec<String>, bool)> {
    use fake_ecr::ImageStatus::Active;
    let images = world.fake().images(crate::world::ACCOUNT, crate::world::REGION, "app");
    images.into_iter().map(|image| (image.digest, (image.tags, image.status == Active))).collect()
}

/// Every id of every call, each of which may be done once.
#[track_caller]
fn nothing_twice(world: &World, plan: &StoredPlan) {
    let mut done: Vec<ImageId> = Vec::new();
    for entry in world.journal(plan).entries() {
        let outcome = entry.outcome.as_ref().unwrap_or_else(|| panic!("{entry:?}"));
        match &entry.intent.call {
            Call::Delete { .. } | Call::Archive { .. } => done.extend(outcome.done.iter().cloned()),
            other => panic!("{other:?}"),
        }
    }
    let all = done.len();
    done.sort();
    done.dedup();
    assert_eq!(done.len(), all, "twice: {done:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_fault_at_any_call_changes_nothing_about_the_end() {
    let (peace, plan) = Box::pin(small()).await;
    peace.fake().reset_calls();
    assert_eq!(peace.applied(&plan).await.conclusion(), Conclusion::AllDone);
    let calls: u64 = peace.fake().calls().values().map(|count| count.calls).sum();
    let after = state(&peace);
    assert!(10 < calls, "{calls}");
    let kinds = [FaultKind::Throttled, FaultKind::ServerError, FaultKind::Reset, FaultKind::Truncated];
    for number in 1..=calls {
        for kind in kinds {
            let (world, plan) = Box::pin(small()).await;
            let seen = Arc::new(AtomicU64::new(0));
            let count = Arc::clone(&seen);
            world
                .fake()
                .on_call(move |_, _| (count.fetch_add(1, Ordering::SeqCst) + 1 == number).then_some(kind));
            let mut report = world.applied(&plan).await;
            for _ in 0..ATTEMPTS_MAX {
                if report.halt.is_none() {
                    break;
                }
                report = world.applied(&plan).await;
            }
            assert_eq!(report.conclusion(), Conclusion::AllDone, "{kind:?} at call {number}: {report:#?}");
            assert_eq!(state(&world), after, "{kind:?} at call {number}");
            assert!(world.journal(&plan).is_finished());
            nothing_twice(&world, &plan);
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_answer_that_is_lost_is_found_out_and_the_rest_goes_on() {
    let old: Vec<ImageRecord> =
        (0..250).map(|n| image(&format!("old {n}"), &[&format!("v{n}")], 100)).collect();
    let newest = image("newest", &["newest"], 1);
    let world = app(&old.iter().chain([&newest]).collect::<Vec<_>>()).await;
    let plan = world.plan(&[("app", expire(&old.iter().collect::<Vec<_>>()))]).await;
    let seen = AtomicU64::new(0);
    world.fake().on_call(move |_, operation| {
        let is_first = operation == "BatchDeleteImage" && seen.fetch_add(1, Ordering::SeqCst) == 0;
        is_first.then_some(FaultKind::Truncated)
    });
    let report = world.applied(&plan).await;
    assert_eq!((report.conclusion(), report.repositories[0].expired), (Conclusion::AllDone, 250));
    assert_eq!(world.calls("BatchDeleteImage"), 3, "the lost one was done, and is not made again");
    let journal = world.journal(&plan);
    let first = journal.entries()[0].outcome.as_ref().unwrap();
    assert_eq!(first.done.len(), 100);
    assert!(first.error.as_ref().unwrap().ends_with("found done: 100 of 100"));
    nothing_twice(&world, &plan);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_that_loses_every_answer_ends_it_after_a_few() {
    let old: Vec<ImageRecord> = (0..900).map(|n| image(&format!("old {n}"), &[], 100)).collect();
    let newest = image("newest", &["newest"], 1);
    let world = app(&old.iter().chain([&newest]).collect::<Vec<_>>()).await;
    let plan = world.plan(&[("app", expire(&old.iter().collect::<Vec<_>>()))]).await;
    world.fake().on_call(|_, operation| (operation == "BatchDeleteImage").then_some(FaultKind::Reset));
    let report = world.applied(&plan).await;
    assert_eq!(report.conclusion(), Conclusion::Failed);
    assert!(world.calls("BatchDeleteImage") <= 6);
    assert_eq!(world.images("app").len(), 901);
}
