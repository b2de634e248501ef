//! That looking leaves `lastRecordedPullTime` as it is, unless somebody says otherwise.

use std::collections::BTreeMap;

use chrono::{DateTime, TimeDelta, Utc};
use demurrage_aws::collect::PullTimes;
use demurrage_aws::{Exclusion, ExclusionError, register_pull_time_exclusion};

use crate::support::{ACCOUNT, KEY, REGION, ROLE, World, now};

fn pull_times(world: &World) -> BTreeMap<(String, String), Option<DateTime<Utc>>> {
    world
        .names
        .iter()
        .flat_map(|name| {
            let images = world.fake().images(ACCOUNT, REGION, name);
            images.into_iter().map(move |image| ((name.clone(), image.digest), image.pulled_at))
        })
        .collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn with_the_exclusion_manifests_are_read_and_pull_times_stay() {
    let world = World::generated(10, 60, 4);
    let before = pull_times(&world);
    world.fake().advance(TimeDelta::days(1));
    let collected = world.collect().await;
    assert_eq!(collected.exclusion, Some(Exclusion::Present { arn: ROLE.to_owned() }));
    assert_eq!(collected.unread.active, 0);
    assert!(0 < world.counted()["BatchGetImage"]);
    assert_eq!(pull_times(&world), before);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_first_look_without_it_goes_without_manifests_and_pull_times_stay() {
    let world = World::generated(10, 60, 4);
    let before = pull_times(&world);
    world.fake().advance(TimeDelta::days(1));
    let session = world.session().await;
    let collected = world.collect_as(&session, &world.store, PullTimes::LeaveAsTheyAre).await;
    assert_eq!(collected.exclusion, Some(Exclusion::Absent));
    assert!(collected.unread.indexes != 0 && collected.unread.indexes < collected.unread.active);
    assert_eq!(world.counted().get("BatchGetImage"), None);
    assert_eq!(pull_times(&world), before);
    assert_eq!(collected.problems, Vec::<String>::new());
}

#[tokio::test(flavor = "multi_thread")]
async fn allowed_to_falsify_them_it_reads_everything_once_and_every_active_image_looks_used() {
    let world = World::generated(10, 60, 4);
    world.fake().advance(TimeDelta::days(1));
    let today = now() + TimeDelta::days(1);
    let session = world.session().await;
    world.collect_as(&session, &world.store, PullTimes::MayBeFalsified).await;
    for ((name, digest), pulled_at) in pull_times(&world) {
        let image = world.fake().images(ACCOUNT, REGION, &name).into_iter().find(|i| i.digest == digest);
        if image.is_some_and(|image| image.status == fake_ecr::ImageStatus::Active) {
            assert_eq!(pulled_at, Some(today), "{name} {digest}");
        }
    }
    // What is known needs no exclusion any more.
    world.counted();
    let again = world.collect_as(&session, &world.store, PullTimes::LeaveAsTheyAre).await;
    assert_eq!((again.unread.active, world.counted().get("BatchGetImage")), (0, None));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_role_that_people_sign_in_with_is_not_registered() {
    let world = World::generated(1, 1, 1);
    world.fake().add_principal(
        KEY,
        ACCOUNT,
        "arn:aws:sts::123456789012:assumed-role/AWSReservedSSO_Admin_0123456789abcdef/kim",
    );
    let session = world.session().await;
    let ecr = session.ecr(REGION);
    for given in [None, Some(ROLE)] {
        let refused = register_pull_time_exclusion(&ecr, &session, given).await.unwrap_err();
        assert!(matches!(refused, ExclusionError::People { .. }), "{refused}");
    }
    assert_eq!(world.counted().get("RegisterPullTimeUpdateExclusion"), None, "ECR is not even asked");
}

#[tokio::test(flavor = "multi_thread")]
async fn another_principal_s_arn_is_refused_and_a_second_registration_is_no_failure() {
    let world = World::generated(1, 1, 1);
    let session = world.session().await;
    let ecr = session.ecr(REGION);
    for other in [
        "arn:aws:iam::123456789012:role/Other",
        "arn:aws:iam::999999999999:role/finops/Demurrage",
        "arn:aws-cn:iam::123456789012:role/finops/Demurrage",
        "hello",
    ] {
        let refused = register_pull_time_exclusion(&ecr, &session, Some(other)).await.unwrap_err();
        assert!(matches!(refused, ExclusionError::SomebodyElse { .. }), "{refused}");
    }
    assert_eq!(world.counted().get("RegisterPullTimeUpdateExclusion"), None, "ECR is not even asked");
    for _ in 0..2 {
        assert_eq!(register_pull_time_exclusion(&ecr, &session, Some(ROLE)).await.unwrap(), ROLE);
    }
}
