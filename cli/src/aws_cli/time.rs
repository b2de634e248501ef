//! Times in the output of the AWS CLI: ISO 8601 (version 2) or seconds since 1970 (version 1).

use std::fmt;

use chrono::{DateTime, Utc};
use demurrage_core::instant;
use serde::de::{Deserializer, Error, Visitor};

/// For `#[serde(deserialize_with)]`: a time, or nothing.
pub(super) fn optional<'de, D: Deserializer<'de>>(
    deserializer: D,
) -> Result<Option<DateTime<Utc>>, D::Error> {
    deserializer.deserialize_any(Time)
}

struct Time;

impl Visitor<'_> for Time {
    type Value = Option<DateTime<Utc>>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a time, as ISO 8601 text or seconds since 1970")
    }

    fn visit_unit<E: Error>(self) -> Result<Self::Value, E> {
        Ok(None)
    }

    fn visit_str<E: Error>(self, text: &str) -> Result<Self::Value, E> {
        match instant::parse(text) {
            Some(time) => Ok(Some(time)),
            None => Err(E::custom(format!("`{text}` is not a time"))),
        }
    }

    fn visit_u64<E: Error>(self, seconds: u64) -> Result<Self::Value, E> {
        self.visit_str(&seconds.to_string())
    }

    fn visit_i64<E: Error>(self, seconds: i64) -> Result<Self::Value, E> {
        self.visit_str(&seconds.to_string())
    }

    fn visit_f64<E: Error>(self, seconds: f64) -> Result<Self::Value, E> {
        // A double holds today's seconds to a quarter of a microsecond.
        self.visit_str(&format!("{seconds:.6}"))
    }
}
