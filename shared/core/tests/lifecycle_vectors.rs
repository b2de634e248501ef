//! Every vector of `tests/vectors/lifecycle`: the outcome, the rule and the reason of every image.
//!
//! Ids become digests that order as the ids do; ages become instants before the vector's `now`.

#![expect(
    clippy::indexing_slicing,
    clippy::panic,
    clippy::expect_used,
    clippy::disallowed_methods,
    reason = "a test that reads its data from files, and stops when an assumption fails"
)]

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use chrono::{DateTime, TimeDelta, Utc};
use demurrage_core::lifecycle::{
    AgeUnit, Decision, IndexChildren, Outcome, Policy, Preview, Reason, Referrers, Relations, RestoredAge,
    Switches, evaluate,
};
use demurrage_core::{Child, Descriptor, Digest, Image, ImageStatus, Manifest, ManifestKind, Tag, instant};
use serde::Deserialize;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Vector {
    #[serde(rename = "description")]
    _description: String,
    #[serde(rename = "source")]
    _source: String,
    #[serde(rename = "sentences")]
    _sentences: Vec<String>,
    now: String,
    #[serde(default)]
    switches: BTreeMap<String, String>,
    rules: serde_json::Value,
    images: Vec<VectorImage>,
    expect: BTreeMap<String, Expectation>,
    order: Option<Vec<String>>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct VectorImage {
    id: String,
    tags: Vec<String>,
    pushed_days_ago: Option<f64>,
    pulled_days_ago: Option<f64>,
    archived_days_ago: Option<f64>,
    activated_days_ago: Option<f64>,
    pushed_seconds_ago: Option<i64>,
    pulled_seconds_ago: Option<i64>,
    archived_seconds_ago: Option<i64>,
    activated_seconds_ago: Option<i64>,
    #[serde(default = "active")]
    status: String,
    children: Option<Vec<String>>,
    #[serde(default)]
    manifest_unread: bool,
    subject: Option<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Expectation {
    action: Option<String>,
    rule: Option<u64>,
    reason: String,
    rank: Option<u32>,
    age_days: Option<f64>,
}

const INDEX: &str = "application/vnd.oci.image.index.v1+json";

fn active() -> String {
    "ACTIVE".to_owned()
}

fn digest(id: &str) -> Digest {
    let mut bytes = [0; 32];
    bytes[..id.len()].copy_from_slice(id.as_bytes());
    Digest::from_bytes(bytes)
}

#[expect(clippy::cast_possible_truncation, reason = "ages of vectors are small decimals")]
fn before(now: DateTime<Utc>, days: Option<f64>, seconds: Option<i64>) -> Option<DateTime<Utc>> {
    let by_seconds = seconds.map(TimeDelta::seconds);
    let by_days = days.map(|days| TimeDelta::milliseconds((days * 86_400_000.0).round() as i64));
    by_seconds.or(by_days).map(|age| now - age)
}

fn image(vector: &VectorImage, now: DateTime<Utc>) -> Image {
    let child = |id: &String| Child {
        descriptor: Descriptor { digest: digest(id), media_type: String::new(), size_bytes: 0 },
        platform: None,
        attests: None,
    };
    let manifest = vector.children.as_ref().map(|children| Manifest {
        children: children.iter().map(child).collect(),
        ..Manifest::new(ManifestKind::OciIndex)
    });
    Image {
        tags: vector.tags.iter().map(|tag| Tag::as_given(tag)).collect(),
        pushed_at: before(now, vector.pushed_days_ago, vector.pushed_seconds_ago),
        last_pulled_at: before(now, vector.pulled_days_ago, vector.pulled_seconds_ago),
        archived_at: before(now, vector.archived_days_ago, vector.archived_seconds_ago),
        activated_at: before(now, vector.activated_days_ago, vector.activated_seconds_ago),
        status: ImageStatus::from_api(&vector.status),
        manifest_media_type: (vector.manifest_unread || manifest.is_some()).then(|| INDEX.to_owned()),
        subject: vector.subject.as_deref().map(digest),
        manifest: manifest.map(Box::new),
        ..Image::new(digest(&vector.id))
    }
}

fn switches(given: &BTreeMap<String, String>) -> Switches {
    let mut switches = Switches::default();
    for (name, setting) in given {
        match (&**name, &**setting) {
            ("index_children", "ignored") => switches.index_children = IndexChildren::Ignored,
            ("index_children", "counted") => switches.index_children = IndexChildren::Counted,
            ("referrers", "follow") => switches.referrers = Referrers::Follow,
            ("referrers", "image") => switches.referrers = Referrers::Image,
            ("restored_age", "activated") => switches.restored_age = RestoredAge::Activated,
            ("restored_age", "pushed") => switches.restored_age = RestoredAge::Pushed,
            ("age", "instant") => switches.age = AgeUnit::Instant,
            ("age", "whole_days") => switches.age = AgeUnit::WholeDays,
            other => panic!("no such switch: {other:?}"),
        }
    }
    switches
}

fn policy(rules: &serde_json::Value) -> Policy {
    let text = serde_json::json!({ "rules": rules }).to_string();
    // White space around the object keeps short vectors short and long enough for ECR.
    Policy::parse(&format!("{text:<100}"))
        .unwrap_or_else(|rejection| panic!("the policy is legal: {rejection}"))
}

fn check(
    id: &str,
    expectation: &Expectation,
    decision: &Decision,
    policy: &Policy,
    now: DateTime<Utc>,
) -> Vec<String> {
    let action = decision.outcome.action().map(|action| action.as_api().to_owned());
    let rule = decision.rule.map(|place| policy.rules()[place].priority);
    let (rank, since) = match decision.reason {
        Reason::BeyondCount { rank, .. } | Reason::WithinCount { rank, .. } => (Some(rank), None),
        Reason::OlderThan { since, .. } | Reason::NotOlder { since, .. } => (None, Some(since)),
        _ => (None, None),
    };
    let mut wrong = Vec::new();
    let mut expect = |what: &str, expected: String, found: String| {
        if expected != found {
            wrong.push(format!("{id}: {what}: expected {expected}, found {found}"));
        }
    };
    expect("action", format!("{:?}", expectation.action), format!("{action:?}"));
    expect("rule", format!("{:?}", expectation.rule), format!("{rule:?}"));
    expect("reason", expectation.reason.clone(), decision.reason.name().to_owned());
    if expectation.rank.is_some() {
        expect("rank", format!("{:?}", expectation.rank), format!("{rank:?}"));
    }
    if let (Some(days), Some(since)) = (expectation.age_days, since) {
        let age = (now - since).max(TimeDelta::zero()).as_seconds_f64() / 86_400.0;
        if 0.001 < (age - days).abs() {
            expect("age", days.to_string(), age.to_string());
        }
    }
    wrong
}

fn vector(path: &Path) -> datatest_stable::Result<()> {
    let vector: Vector = serde_json::from_str(&std::fs::read_to_string(path)?)?;
    let now = instant::parse(&vector.now).expect("now is an instant");
    let images: Vec<Image> = vector.images.iter().map(|given| image(given, now)).collect();
    let policy = policy(&vector.rules);
    let named: BTreeSet<_> = vector.expect.keys().collect();
    assert_eq!(named, vector.images.iter().map(|image| &image.id).collect(), "expect names every image");

    let decisions = evaluate(&policy, &images, &Relations::of(&images), now, switches(&vector.switches));
    let mut wrong = Vec::new();
    for (given, decision) in vector.images.iter().zip(&decisions) {
        assert_eq!(
            decision.outcome == Outcome::Keep,
            vector.expect[&given.id].action.is_none(),
            "{}",
            given.id
        );
        wrong.extend(check(&given.id, &vector.expect[&given.id], decision, &policy, now));
    }
    if let Some(order) = &vector.order {
        let preview = Preview::of(&policy, &images, &decisions);
        let listed: Vec<_> = preview.acted_on.iter().map(|&at| &vector.images[at as usize].id).collect();
        assert_eq!(listed, order.iter().collect::<Vec<_>>(), "order");
    }
    if wrong.is_empty() { Ok(()) } else { Err(wrong.join("\n").into()) }
}

datatest_stable::harness! {
    { test = vector, root = "../../tests/vectors/lifecycle", pattern = r"\.json$" },
}
