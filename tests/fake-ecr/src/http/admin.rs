//! What drives the server from outside, below `/_fake/`: the methods of [`Fake`] in JSON.
//!
//! For: tests in other languages; the bodies are documented in the README. A member that is not known is an
//! error, so that a slip in a test is noticed.

use std::collections::BTreeMap;
use std::time::Duration;

use axum::http::Method;
use chrono::{DateTime, TimeDelta, Utc};
use serde::Deserialize;
use serde_json::{Value, json};

use super::answer::Answer;
use crate::state::{Clock, EventTarget, Fault, FaultKind, FaultTimes, Settings};
use crate::wire::iso;
use crate::{Fake, ScanRecord};

/// Answers a request for `/_fake/{path}`.
pub(super) fn answer(fake: &Fake, method: &Method, path: &str, body: &[u8]) -> Answer {
    if let Some(digest) = path.strip_prefix("layers/").filter(|_| method == Method::GET) {
        return match fake.lock().blobs.bytes(digest) {
            Some(bytes) => Answer::bytes(bytes),
            None => Answer::text(404, "no such layer"),
        };
    }
    let done = match (method.as_str(), path) {
        ("GET", "health") => Ok(json!({ "status": "ok", "now": now(fake) })),
        ("GET", "calls") => Ok(calls(fake)),
        ("POST", "reset-calls") => {
            fake.reset_calls();
            Ok(json!({}))
        }
        ("POST", "reset") => {
            fake.reset();
            Ok(json!({}))
        }
        ("GET", "clock") => Ok(json!({ "now": now(fake) })),
        ("POST", "clock") => clock(fake, body),
        ("POST", "faults") => faults(fake, body),
        ("POST", "rates") => rates(fake, body),
        ("POST", "principals") => principal(fake, body),
        ("POST", "organization") => organization(fake, body),
        ("GET", "settings") => Ok(settings_json(&fake.settings())),
        ("POST", "settings") => settings(fake, body),
        ("GET", "events") => Ok(json!({ "events": fake.events() })),
        ("POST", "events") => events(fake, body),
        ("POST", "lifecycle-run") => lifecycle_run(fake, body),
        ("POST", "scans") => scans(fake, body),
        _ => return Answer::json(404, &json!({ "error": format!("no {method} /_fake/{path}") })),
    };
    match done {
        Ok(value) => Answer::json(200, &value),
        Err(error) => Answer::json(400, &json!({ "error": error })),
    }
}

fn now(fake: &Fake) -> String {
    fake.now().format("%Y-%m-%dT%H:%M:%S%.3fZ").to_string()
}

fn read<'a, T: Deserialize<'a>>(body: &'a [u8]) -> Result<T, String> {
    serde_json::from_slice(if body.is_empty() { b"{}" } else { body }).map_err(|error| error.to_string())
}

fn seconds(value: f64) -> Result<TimeDelta, String> {
    let span = Duration::try_from_secs_f64(value.abs()).map_err(|error| error.to_string())?;
    let span = TimeDelta::from_std(span).map_err(|error| error.to_string())?;
    Ok(if value < 0.0 { -span } else { span })
}

fn instant(text: &str) -> Result<DateTime<Utc>, String> {
    let at = DateTime::parse_from_rfc3339(text).map_err(|error| format!("`{text}`: {error}"))?;
    Ok(at.with_timezone(&Utc))
}

fn calls(fake: &Fake) -> Value {
    let rows: Vec<Value> = fake
        .calls()
        .iter()
        .map(|(key, count)| {
            json!({
                "account": key.account, "region": key.region, "operation": key.operation,
                "calls": count.calls, "throttled": count.throttled, "failed": count.failed,
            })
        })
        .collect();
    json!({ "calls": rows })
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct ClockBody {
    fixed: Option<String>,
    offset_seconds: Option<f64>,
    advance_seconds: Option<f64>,
    real: Option<bool>,
}

fn clock(fake: &Fake, body: &[u8]) -> Result<Value, String> {
    let body: ClockBody = read(body)?;
    if let Some(text) = &body.fixed {
        fake.set_clock(Clock::Fixed(instant(text)?));
    }
    if let Some(offset) = body.offset_seconds {
        fake.set_clock(Clock::Offset(seconds(offset)?));
    }
    if body.real == Some(true) {
        fake.set_clock(Clock::default());
    }
    if let Some(by) = body.advance_seconds {
        fake.advance(seconds(by)?);
    }
    Ok(json!({ "now": now(fake) }))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct FaultBody {
    clear: Option<bool>,
    operation: Option<String>,
    account: Option<String>,
    region: Option<String>,
    kind: Option<String>,
    count: Option<u64>,
    probability: Option<f64>,
    seed: Option<u64>,
    every: Option<u64>,
    delay_ms: Option<u64>,
}

fn faults(fake: &Fake, body: &[u8]) -> Result<Value, String> {
    let body: FaultBody = read(body)?;
    if body.clear == Some(true) {
        fake.clear_faults();
    }
    let Some(kind) = body.kind else { return Ok(json!({})) };
    let kind = match kind.as_str() {
        "http500" => FaultKind::ServerError,
        "throttled" => FaultKind::Throttled,
        "timeout" => FaultKind::Timeout,
        "reset" => FaultKind::Reset,
        "truncated" => FaultKind::Truncated,
        "slow" => FaultKind::Slow(Duration::from_millis(body.delay_ms.unwrap_or(1000))),
        "expired_token" => FaultKind::ExpiredToken,
        "access_denied" => FaultKind::AccessDenied,
        other => return Err(format!("no fault `{other}`")),
    };
    let times = match (body.count, body.probability, body.every) {
        (None, Some(probability), None) => {
            FaultTimes::Probability { probability, seed: body.seed.unwrap_or(0) }
        }
        (None, None, Some(every)) => FaultTimes::Every(every),
        (count, None, None) => FaultTimes::Count(count.unwrap_or(1)),
        _ => return Err("one of `count`, `probability` and `every`".to_owned()),
    };
    let operation = body.operation.unwrap_or_else(|| "*".to_owned());
    fake.add_fault(Fault { operation, account: body.account, region: body.region, kind, times });
    Ok(json!({}))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RateBody {
    clear: Option<bool>,
    published: Option<bool>,
    operation: Option<String>,
    per_second: Option<f64>,
    burst: Option<f64>,
}

fn rates(fake: &Fake, body: &[u8]) -> Result<Value, String> {
    let body: RateBody = read(body)?;
    if body.clear == Some(true) {
        fake.clear_rates();
    }
    if body.published == Some(true) {
        fake.set_published_rates();
    }
    if let Some(per_second) = body.per_second {
        let operation = body.operation.unwrap_or_else(|| "*".to_owned());
        fake.set_rate(&operation, per_second, body.burst.unwrap_or(per_second.max(1.0)));
    }
    Ok(json!({}))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct PrincipalBody {
    access_key: String,
    account: String,
    principal: String,
}

fn principal(fake: &Fake, body: &[u8]) -> Result<Value, String> {
    let body: PrincipalBody = read(body)?;
    fake.add_principal(&body.access_key, &body.account, &body.principal);
    Ok(json!({}))
}

fn organization(fake: &Fake, body: &[u8]) -> Result<Value, String> {
    fake.set_organization(read(body)?);
    Ok(json!({}))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct SettingsBody {
    activating_seconds: Option<f64>,
    preview_seconds: Option<f64>,
    preview_expiry_seconds: Option<f64>,
    layers_required: Option<bool>,
    lifecycle_events: Option<bool>,
    layers_held_bytes: Option<u64>,
}

fn settings(fake: &Fake, body: &[u8]) -> Result<Value, String> {
    let body: SettingsBody = read(body)?;
    let held = fake.settings();
    let span = |given: Option<f64>, held| given.map_or(Ok(held), seconds);
    let settings = Settings {
        activating: span(body.activating_seconds, held.activating)?,
        preview: span(body.preview_seconds, held.preview)?,
        preview_expiry: span(body.preview_expiry_seconds, held.preview_expiry)?,
        layers_required: body.layers_required.unwrap_or(held.layers_required),
        lifecycle_events: body.lifecycle_events.unwrap_or(held.lifecycle_events),
        layers_held_bytes: body.layers_held_bytes.unwrap_or(held.layers_held_bytes),
    };
    let answer = settings_json(&settings);
    fake.set_settings(settings);
    Ok(answer)
}

fn settings_json(settings: &Settings) -> Value {
    json!({
        "activating_seconds": settings.activating.as_seconds_f64(),
        "preview_seconds": settings.preview.as_seconds_f64(),
        "preview_expiry_seconds": settings.preview_expiry.as_seconds_f64(),
        "layers_required": settings.layers_required,
        "lifecycle_events": settings.lifecycle_events,
        "layers_held_bytes": settings.layers_held_bytes,
    })
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct EventsBody {
    file: Option<String>,
    url: Option<String>,
}

fn events(fake: &Fake, body: &[u8]) -> Result<Value, String> {
    let body: EventsBody = read(body)?;
    let target = match (body.file, body.url) {
        (Some(path), None) => EventTarget::File(path.into()),
        (None, Some(url)) => EventTarget::Post(url),
        _ => return Err("one of `file` and `url`".to_owned()),
    };
    fake.send_events(target).map_err(|error| error.to_string())?;
    Ok(json!({}))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RunBody {
    account: Option<String>,
    region: String,
    repository: Option<String>,
}

fn lifecycle_run(fake: &Fake, body: &[u8]) -> Result<Value, String> {
    let body: RunBody = read(body)?;
    let account = body.account.unwrap_or_else(|| crate::DEFAULT_ACCOUNT.to_owned());
    let runs = fake.run_lifecycle(&account, &body.region, body.repository.as_deref());
    let rows: Vec<Value> = runs
        .iter()
        .map(|run| {
            json!({
                "repository": run.repository, "expired": run.expired,
                "transitioned": run.transitioned, "referenced": run.referenced,
            })
        })
        .collect();
    Ok(json!({ "runs": rows, "evaluated_at": iso(fake.now()) }))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct ScanBody {
    account: Option<String>,
    region: String,
    repository: String,
    digest: String,
    status: Option<String>,
    completed_at: Option<String>,
    severity_counts: Option<BTreeMap<String, u32>>,
}

fn scans(fake: &Fake, body: &[u8]) -> Result<Value, String> {
    let body: ScanBody = read(body)?;
    let account = body.account.unwrap_or_else(|| crate::DEFAULT_ACCOUNT.to_owned());
    let completed_at = body.completed_at.map(|text| instant(&text)).transpose()?;
    let scan = ScanRecord {
        status: body.status.unwrap_or_else(|| "COMPLETE".to_owned()),
        completed_at,
        severity_counts: body.severity_counts.unwrap_or_default(),
    };
    fake.set_scan(&account, &body.region, &body.repository, &body.digest, scan);
    Ok(json!({}))
}
