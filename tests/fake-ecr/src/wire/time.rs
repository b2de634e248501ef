//! Instants as the protocols write them.

use chrono::{DateTime, Utc};
use serde_json::Value;

/// Seconds since the epoch with milliseconds, as awsJson1.1 has them.
pub(crate) fn epoch(at: DateTime<Utc>) -> Value {
    let millis = at.timestamp_millis();
    let text = format!("{}.{:03}", millis.div_euclid(1000), millis.rem_euclid(1000));
    text.parse::<f64>().ok().and_then(serde_json::Number::from_f64).map_or(Value::Null, Value::Number)
}

/// `2026-11-23T10:00:00Z`.
pub(crate) fn iso(at: DateTime<Utc>) -> String {
    at.format("%Y-%m-%dT%H:%M:%SZ").to_string()
}

/// The `Date` header.
pub(crate) fn http_date(at: DateTime<Utc>) -> String {
    at.format("%a, %d %b %Y %H:%M:%S GMT").to_string()
}
