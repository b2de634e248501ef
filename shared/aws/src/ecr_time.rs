//! Times of the SDKs as times of the core.

use aws_sdk_ecr::primitives::DateTime as SdkTime;
use chrono::{DateTime, SubsecRound, Utc};

/// The same instant, to the microsecond; nothing where it lies outside what can be told.
///
/// The protocol writes seconds since 1970 with decimals, and the SDK reads them into a double, which holds
/// today's to a quarter of a microsecond: `…17.985` comes out as `…17.984999895`.
pub(crate) fn instant(time: Option<&SdkTime>) -> Option<DateTime<Utc>> {
    let time = time.and_then(|time| DateTime::from_timestamp(time.secs(), time.subsec_nanos()))?;
    Some(time.round_subsecs(6))
}

#[cfg(test)]
mod tests {
    use aws_sdk_ecr::primitives::DateTime as SdkTime;

    use super::instant;

    #[test]
    fn a_time_with_decimals_comes_out_as_it_was_written() {
        let read = SdkTime::from_secs_f64(1_769_233_757.985);
        let text = instant(Some(&read)).map(|time| time.to_rfc3339());
        assert_eq!(text.as_deref(), Some("2026-01-24T05:49:17.985+00:00"));
        assert_eq!(instant(None), None);
    }
}
