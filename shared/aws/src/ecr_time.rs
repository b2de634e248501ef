//! Times of the SDKs as times of the core.

use aws_sdk_ecr::primitives::DateTime as SdkTime;
use chrono::{DateTime, Utc};

/// The same instant; nothing where it lies outside what can be told.
pub(crate) fn instant(time: Option<&SdkTime>) -> Option<DateTime<Utc>> {
    time.and_then(|time| DateTime::from_timestamp(time.secs(), time.subsec_nanos()))
}
