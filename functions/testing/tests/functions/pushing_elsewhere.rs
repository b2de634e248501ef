//! `on-image-push` and events of other accounts: their settings are asked by the role that they have for it.

use fake_ecr::{Fault, FaultKind, FaultTimes, RepositoryRecord};
use serde_json::{Value, json};

use crate::pushing::{edge, handle, notices, pushed, settings};
use crate::several_accounts::{OTHER, with_role};
use crate::world::{DUBLIN, World, repository_record};

const ARN: &str = "arn:aws:ecr:eu-west-1:210987654321:repository/team/app";

fn elsewhere(letter: char, minutes: i64) -> Value {
    let mut event = pushed("1.0", letter, minutes);
    event["account"] = json!(OTHER);
    event["region"] = json!(DUBLIN);
    event
}

/// A world in which another account has a repository of this mode, and this function no role for it.
async fn world(mode: &str) -> World {
    let world = World::of(1, 1).await;
    let repository: RepositoryRecord = repository_record("team/app", mode);
    world.fake().load_repository(OTHER, DUBLIN, repository, Vec::new());
    world
}

fn asked(world: &World, operation: &str) -> Vec<(String, u64)> {
    let calls = world.fake().calls().into_iter().filter(|(key, _)| key.operation == operation);
    calls.map(|(key, count)| (key.account, count.calls)).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn the_setting_of_a_repository_elsewhere_is_asked_by_the_role_of_its_account() {
    let world = with_role(world("IMMUTABLE").await);
    let edge = edge(&world, settings());
    for (letter, minutes) in [('a', 0), ('b', 1), ('c', 2)] {
        handle(&world, &edge, &elsewhere(letter, minutes)).await.unwrap();
    }
    let notices = notices(&world);
    assert_eq!(notices.len(), 2);
    assert!(notices[0].contains("account     210987654321\nregion      eu-west-1\n"), "{notices:?}");
    assert!(notices[0].contains("setting     IMMUTABLE: it does not let this tag move\n"), "{notices:?}");
    assert_eq!(asked(&world, "AssumeRole"), [(OTHER.to_owned(), 1)]);
    assert_eq!(asked(&world, "DescribeRepositories"), [(OTHER.to_owned(), 1)], "and of no other account");
    assert_eq!(world.recorder.figures()[0].of, [OTHER, DUBLIN]);
}

#[tokio::test(flavor = "multi_thread")]
async fn where_the_role_is_refused_the_tag_is_learnt_and_the_notice_says_what_is_not_known() {
    let world = with_role(world("MUTABLE").await);
    world.fake().add_fault(Fault {
        operation: "AssumeRole".to_owned(),
        account: Some(OTHER.to_owned()),
        region: None,
        kind: FaultKind::AccessDenied,
        times: FaultTimes::Every(1),
    });
    let edge = edge(&world, settings());
    for (letter, minutes) in [('a', 0), ('b', 1)] {
        handle(&world, &edge, &elsewhere(letter, minutes)).await.unwrap();
    }
    assert!(world.table.items().keys().any(|(repository, _)| repository == ARN));
    let notices = notices(&world);
    let wanted = "setting     not known: `sts:AssumeRole` failed: the role `arn:aws:iam::210987654321:role/demurrage-read`";
    assert!(notices[0].contains(wanted), "{notices:?}");
    assert_eq!(asked(&world, "DescribeRepositories"), []);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_event_of_an_account_for_which_there_is_no_role_is_learnt_and_told_without_asking_anybody() {
    let world = world("MUTABLE").await;
    let edge = edge(&world, settings());
    for (letter, minutes) in [('a', 0), ('b', 1)] {
        handle(&world, &edge, &elsewhere(letter, minutes)).await.unwrap();
    }
    assert!(world.table.items().keys().any(|(repository, _)| repository == ARN));
    let notices = notices(&world);
    let wanted = "there is no role by which account 210987654321 could be read";
    assert!(notices[0].contains(wanted), "{notices:?}");
    assert!(world.counted().is_empty());
    assert_eq!(world.recorder.figures()[0].of, [OTHER, DUBLIN]);
}
