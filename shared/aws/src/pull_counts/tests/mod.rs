//! Counting over HTTP, against a server that has figures for repositories by their names.

mod server;

use std::num::NonZeroU32;

use axum::http::StatusCode;
use demurrage_core::cost::{PullCounts, PullWindow};
use demurrage_core::instant;

use super::counter::{PAGES_MAX, QUESTIONS_MAX};
use super::{ACTIONS, PullCounter};
use crate::{CallError, CallErrorKind, Session, SessionOptions};
use server::{Answer, CloudWatch, Of};

const REGION: &str = "ap-northeast-2";
/// The second of October 2026, in days since 1970.
const FIRST_DAY: i64 = 20_728;

fn window() -> PullWindow {
    PullWindow::before(instant::parse("2026-11-01T09:30:00Z").unwrap())
}

async fn counter(server: &CloudWatch) -> PullCounter {
    let options = SessionOptions {
        at: Some(server.server()),
        calls_per_second: NonZeroU32::new(1_000),
        ..SessionOptions::default()
    };
    Session::open(REGION, options).await.unwrap().pull_counter(REGION)
}

async fn count(server: &CloudWatch, names: &[&str]) -> Result<PullCounts, CallError> {
    counter(server).await.count(names, window()).await
}

const fn page(of: fn(&str) -> Of) -> Answer {
    Answer::Page { of, next_token: None }
}

/// A repository `7` has seven pulls on the first day and one on the last; `quiet` has no figure.
fn by_name(name: &str) -> Of {
    match name.parse::<u32>() {
        Ok(pulls) => Of::days(&[(FIRST_DAY, f64::from(pulls)), (FIRST_DAY + 29, 1.0)]),
        Err(_) => Of::days(&[]),
    }
}

fn numbered(number: u32) -> Vec<String> {
    (0..number).map(|number| number.to_string()).collect()
}

#[tokio::test]
async fn the_days_of_a_repository_are_added_up_and_one_without_figures_has_no_pulls() {
    let server = CloudWatch::start([page(by_name)]).await;
    let counts = count(&server, &["quiet", "7", "7"]).await.unwrap();
    assert_eq!((counts.of("7"), counts.of("quiet")), (Some(8), Some(0)));
    assert_eq!(counts.unread.len(), 0);
    assert_eq!((&*counts.registry_id, &*counts.region), ("123456789012", REGION));
    let questions = server.questions();
    assert_eq!(questions.len(), 1);
    assert_eq!(questions[0].names, ["7", "quiet"]);
    assert_eq!(questions[0].since_seconds, FIRST_DAY * 86_400);
    assert_eq!(questions[0].until_seconds, (FIRST_DAY + 30) * 86_400);
}

#[tokio::test]
async fn a_call_asks_about_five_hundred_repositories_at_most_and_none_is_lost() {
    let server = CloudWatch::start([page(by_name)]).await;
    let names = numbered(1_001);
    let names: Vec<&str> = names.iter().map(String::as_str).collect();
    let counts = count(&server, &names).await.unwrap();
    assert_eq!(counts.pulls.len(), 1_001);
    assert!((0..1_001_u32).all(|number| counts.of(&number.to_string()) == Some(u64::from(number) + 1)));
    let sizes: Vec<usize> = server.questions().iter().map(|question| question.names.len()).collect();
    assert_eq!(sizes, [500, 500, 1]);
    let server = CloudWatch::start([page(by_name)]).await;
    assert_eq!(count(&server, &[]).await.unwrap().pulls.len(), 0);
    assert_eq!(server.questions().len(), 0);
}

#[tokio::test]
async fn pages_are_put_together_and_a_day_that_comes_twice_counts_once() {
    let first = |name: &str| match name {
        "a" => Of::days(&[(FIRST_DAY, 5.0)]).with_status("PartialData"),
        "b" => Of { status: None, ..Of::days(&[]) },
        _ => Of::days(&[(FIRST_DAY, 1.0)]),
    };
    let second = |name: &str| match name {
        "a" => Of::days(&[(FIRST_DAY, 5.0), (FIRST_DAY + 1, 6.0)]),
        "b" => Of::days(&[(FIRST_DAY, 2.0)]),
        _ => Of { status: None, ..Of::days(&[]) },
    };
    let server =
        CloudWatch::start([Answer::Page { of: first, next_token: Some("more") }, page(second)]).await;
    let counts = count(&server, &["a", "b", "c"]).await.unwrap();
    assert_eq!((counts.of("a"), counts.of("b"), counts.of("c")), (Some(11), Some(2), Some(1)));
    let questions = server.questions();
    let tokens: Vec<Option<&str>> = questions.iter().map(|question| question.next_token.as_deref()).collect();
    assert_eq!(tokens, [None, Some("more")]);
    assert_eq!(questions[0].names, questions[1].names);
}

#[tokio::test]
async fn what_is_not_whole_is_asked_about_again_and_by_itself() {
    let first = |name: &str| match name {
        "a" => Of::days(&[(FIRST_DAY, 5.0)]).with_status("InternalError"),
        "b" => Of::days(&[(FIRST_DAY, 5.0)]).with_status("PartialData"),
        "c" => Of { status: None, ..Of::days(&[]) },
        _ => by_name(name),
    };
    let server = CloudWatch::start([page(first), page(|_| Of::days(&[(FIRST_DAY, 3.0)]))]).await;
    let counts = count(&server, &["a", "b", "c", "7"]).await.unwrap();
    assert_eq!(
        [counts.of("a"), counts.of("b"), counts.of("c"), counts.of("7")],
        [Some(3), Some(3), Some(3), Some(8)]
    );
    assert_eq!(server.questions()[1].names, ["a", "b", "c"]);
}

#[tokio::test]
async fn a_partial_answer_that_stays_so_is_no_count_and_the_others_are() {
    let of = |name: &str| match name {
        "a" => Of { message: Some("try again"), ..Of::days(&[(FIRST_DAY, 5.0)]).with_status("PartialData") },
        _ => by_name(name),
    };
    let server = CloudWatch::start([page(of)]).await;
    let counts = count(&server, &["a", "7"]).await.unwrap();
    assert_eq!((counts.of("a"), counts.of("7")), (None, Some(8)));
    assert_eq!(counts.unread["a"], "CloudWatch gives only a part of its days: try again (Internal)");
    assert_eq!(server.questions().len(), QUESTIONS_MAX);
}

#[tokio::test]
async fn what_is_forbidden_unheard_of_or_no_number_is_unread_at_once() {
    let of = |name: &str| match name {
        "forbidden" => Of::days(&[]).with_status("Forbidden"),
        "new" => Of::days(&[]).with_status("Sampled"),
        "half" => Of::days(&[(FIRST_DAY, 2.5)]),
        "less" => Of::days(&[(FIRST_DAY, -1.0)]),
        _ => by_name(name),
    };
    let server = CloudWatch::start([page(of)]).await;
    let counts = count(&server, &["forbidden", "new", "half", "less", "7"]).await.unwrap();
    let unread: Vec<(&str, &str)> =
        counts.unread.iter().map(|(name, cause)| (name.as_str(), cause.as_str())).collect();
    assert_eq!(
        unread,
        [
            ("forbidden", "CloudWatch may not say"),
            ("half", "CloudWatch gives `2.5`, which is no number of pulls"),
            ("less", "CloudWatch gives `-1`, which is no number of pulls"),
            ("new", "CloudWatch answers `Sampled`"),
        ]
    );
    assert_eq!(counts.of("7"), Some(8));
    assert_eq!(server.questions().len(), 1);
}

#[tokio::test]
async fn a_throttled_or_failed_call_is_repeated_and_the_watch_has_seen_it() {
    for (status, code, throttled) in [
        (StatusCode::BAD_REQUEST, "Throttling", 1),
        (StatusCode::INTERNAL_SERVER_ERROR, "InternalServiceFault", 0),
    ] {
        let server = CloudWatch::start([Answer::Fault(status, code), page(by_name)]).await;
        let counter = counter(&server).await;
        let counts = counter.count(&["7"], window()).await.unwrap();
        assert_eq!(counts.of("7"), Some(8), "{code}");
        let tally = counter.watch().tallies()["GetMetricData"];
        assert_eq!((tally.sent, tally.throttled, tally.failed), (2, throttled, 1 - throttled), "{code}");
    }
}

#[tokio::test]
async fn a_call_that_is_denied_is_not_repeated() {
    let server = CloudWatch::start([Answer::Fault(StatusCode::FORBIDDEN, "AccessDenied")]).await;
    let names = numbered(501);
    let names: Vec<&str> = names.iter().map(String::as_str).collect();
    let error = count(&server, &names).await.unwrap_err();
    assert_eq!((error.kind, &*error.operation), (CallErrorKind::Denied, ACTIONS[0]), "{error}");
    assert_eq!(error.help(), "allow `cloudwatch:GetMetricData` to the principal");
    assert_eq!(server.questions().len(), 1);
}

#[tokio::test]
async fn a_call_that_fails_later_leaves_what_was_counted_and_names_the_rest() {
    let refused = Answer::Fault(StatusCode::BAD_REQUEST, "InvalidParameterCombination");
    let server = CloudWatch::start([page(by_name), refused]).await;
    let names = numbered(1_200);
    let names: Vec<&str> = names.iter().map(String::as_str).collect();
    let counts = count(&server, &names).await.unwrap();
    assert_eq!((counts.pulls.len(), counts.unread.len()), (500, 700));
    assert!(counts.unread.values().all(|cause| cause.contains("InvalidParameterCombination")));
    assert_eq!(server.questions().len(), 2);
}

#[tokio::test]
async fn pages_without_an_end_are_given_up() {
    let server = CloudWatch::start([Answer::Page { of: by_name, next_token: Some("more") }]).await;
    let error = count(&server, &["7"]).await.unwrap_err();
    assert_eq!(error.kind, CallErrorKind::Refused, "{error}");
    assert_eq!(server.questions().len(), PAGES_MAX);
}
