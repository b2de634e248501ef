//! Publishing over HTTP, to a server that keeps what comes.

mod recorder;

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use demurrage_core::{Metric, instant};

use super::{ACTIONS, Gauge, Publisher};
use crate::CallErrorKind;
use recorder::{Answer, Recorder};

const REGION: &str = "ap-northeast-2";
const TOPIC: &str = "arn:aws:sns:ap-northeast-2:123456789012:demurrage";

fn started() -> DateTime<Utc> {
    instant::parse("2026-11-24T19:15:46Z").unwrap()
}

async fn publisher(recorder: &Recorder) -> Publisher {
    Publisher::open_at(REGION, &recorder.server()).await
}

/// A figure for each metric, no two alike.
fn one_of_each() -> Vec<Gauge> {
    let figures = (0..).map(|number| number * 1_000_003);
    let gauge = |(&metric, value): (&Metric, u64)| match metric.dimensions().names().len() {
        1 => Gauge::new(metric, &["my stack"], value).unwrap(),
        _ => Gauge::new(metric, &["123456789012", REGION], value).unwrap(),
    };
    Metric::ALL.iter().zip(figures).map(gauge).collect()
}

fn figures(number: u64) -> Vec<Gauge> {
    let gauge = |value| Gauge::new(Metric::Images, &["123456789012", REGION], value).unwrap();
    (0..number).map(gauge).collect()
}

#[tokio::test]
async fn each_figure_arrives_with_its_name_unit_dimensions_value_and_the_instant() {
    let recorder = Recorder::start([]).await;
    let sent = one_of_each();
    publisher(&recorder).await.put_gauges(started(), &sent).await.unwrap();
    let calls = recorder.metric_calls();
    assert_eq!(calls.len(), 1);
    assert_eq!(calls[0].namespace, "Demurrage");
    assert_eq!(calls[0].figures.len(), Metric::ALL.len());
    for (figure, gauge) in calls[0].figures.iter().zip(&sent) {
        assert_eq!(figure.name, gauge.metric().name());
        assert_eq!(figure.unit, gauge.metric().unit().name());
        let dimensions: Vec<_> =
            gauge.dimensions().map(|(name, value)| (name.to_owned(), value.to_owned())).collect();
        assert_eq!(figure.dimensions, dimensions);
        assert_eq!(figure.value.to_string(), gauge.value().to_string());
        assert_eq!(figure.timestamp_seconds, started().timestamp());
    }
}

#[tokio::test]
async fn more_figures_than_a_call_may_have_go_in_several_each_below_a_megabyte() {
    let recorder = Recorder::start([]).await;
    publisher(&recorder).await.put_gauges(started(), &figures(2_500)).await.unwrap();
    let calls = recorder.metric_calls();
    assert_eq!(calls.iter().map(|call| call.figures.len()).collect::<Vec<_>>(), [1_000, 1_000, 500]);
    let arrived: Vec<String> =
        calls.iter().flat_map(|call| &call.figures).map(|figure| figure.value.to_string()).collect();
    assert_eq!(arrived, (0..2_500).map(|value| value.to_string()).collect::<Vec<_>>());
    // The longest names that there are.
    let region = "r".repeat(1_024);
    let long =
        |value| Gauge::new(Metric::RepositoriesWithEffectivePolicy, &[&region, &region], value).unwrap();
    let long: Vec<_> = (0..1_000).map(long).collect();
    publisher(&recorder).await.put_gauges(started(), &long).await.unwrap();
    let calls = recorder.metric_calls().split_off(3);
    assert_eq!(calls.iter().map(|call| call.figures.len()).sum::<usize>(), 1_000);
    assert!(calls.iter().all(|call| call.body_bytes <= super::batches::BYTES_MAX));
}

#[tokio::test]
async fn no_figure_is_no_call() {
    let recorder = Recorder::start([]).await;
    publisher(&recorder).await.put_gauges(started(), &[]).await.unwrap();
    assert_eq!(recorder.metric_calls().len(), 0);
}

#[tokio::test]
async fn a_throttled_or_failed_call_is_repeated_with_the_same_figures() {
    for fault in [Answer::Throttle, Answer::Fail] {
        let recorder = Recorder::start([fault, Answer::Accept]).await;
        publisher(&recorder).await.put_gauges(started(), &figures(3)).await.unwrap();
        let calls = recorder.metric_calls();
        assert_eq!(calls.len(), 2, "{fault:?}");
        assert_eq!(calls[0], calls[1], "{fault:?}");
    }
}

#[tokio::test]
async fn a_call_that_is_denied_is_not_repeated_and_the_next_is_not_made() {
    let recorder = Recorder::start([Answer::Accept, Answer::Deny]).await;
    let error = publisher(&recorder).await.put_gauges(started(), &figures(2_500)).await.unwrap_err();
    assert_eq!((error.kind, &*error.operation), (CallErrorKind::Denied, ACTIONS[0]), "{error}");
    assert_eq!(error.help(), "allow `cloudwatch:PutMetricData` to the principal");
    assert_eq!(recorder.metric_calls().len(), 2);
}

#[tokio::test]
async fn a_notice_arrives_as_it_was_written() {
    let recorder = Recorder::start([]).await;
    let (subject, text) = ("Demurrage: 1 share failed", "first & second\n100 % of \u{fc}=+ \"x\"\n");
    publisher(&recorder).await.notify(TOPIC, subject, text).await.unwrap();
    let wanted = [("Action", "Publish"), ("Message", text), ("Subject", subject), ("TopicArn", TOPIC)];
    let forms = recorder.notices();
    assert_eq!(forms.len(), 1);
    let wanted: BTreeMap<String, String> =
        wanted.into_iter().map(|(name, value)| (name.to_owned(), value.to_owned())).collect();
    assert_eq!(forms[0].iter().filter(|(name, _)| *name != "Version").count(), 4);
    assert!(wanted.iter().all(|(name, value)| forms[0].get(name) == Some(value)), "{forms:?}");
}

#[tokio::test]
async fn a_notice_that_is_throttled_is_sent_again() {
    let recorder = Recorder::start([Answer::Throttle]).await;
    publisher(&recorder).await.notify(TOPIC, "subject", "text").await.unwrap();
    let notices = recorder.notices();
    assert_eq!(notices.len(), 2);
    assert_eq!(notices[0], notices[1]);
}

#[tokio::test]
async fn a_notice_that_is_denied_or_without_its_topic_says_so_at_once() {
    for (answer, kind) in [(Answer::Deny, CallErrorKind::Denied), (Answer::NotThere, CallErrorKind::NotFound)]
    {
        let recorder = Recorder::start([answer]).await;
        let error = publisher(&recorder).await.notify(TOPIC, "subject", "text").await.unwrap_err();
        assert_eq!((error.kind, &*error.operation), (kind, ACTIONS[1]), "{error}");
        assert_eq!(recorder.notices().len(), 1);
    }
}
