//! Sends figures to `CloudWatch` and notices to SNS.

use aws_config::SdkConfig;
use aws_sdk_cloudwatch::primitives::DateTime as Timestamp;
use aws_sdk_cloudwatch::types::{Dimension, MetricDatum, StandardUnit};
use aws_sdk_ecr::config::http::HttpResponse;
use aws_sdk_ecr::error::SdkError;
use aws_sdk_sns::operation::publish::PublishError;
use chrono::{DateTime, Utc};
use demurrage_core::cost::Usd;
use demurrage_core::metric::{NAMESPACE, Unit};

use super::Gauge;
use super::batches::batches;
use super::gauge::Value;
use crate::tries::Tries;
use crate::{CallError, CallErrorKind, Server};

/// As a session has them. The rate is not adapted to what is throttled: with a handful of calls there is none, and it
/// would only wait.
const TRIES: Tries = Tries::OF_SESSION;

/// Clients of `CloudWatch` and SNS in one region.
#[derive(Debug, Clone)]
pub struct Publisher {
    cloudwatch: aws_sdk_cloudwatch::Client,
    sns: aws_sdk_sns::Client,
}

impl Publisher {
    /// A publisher with the credentials of the standard chain. No call is made yet.
    pub async fn open(region: &str) -> Self {
        Self::new(&TRIES.settings(region, None).load().await)
    }

    /// A publisher to a server on this machine, which leaves the standard chain alone.
    pub async fn open_at(region: &str, server: &Server) -> Self {
        Self::new(&TRIES.settings(region, Some(server)).load().await)
    }

    fn new(config: &SdkConfig) -> Self {
        // What a call may have is counted before it is sent; so it is sent as it was counted.
        let cloudwatch =
            aws_sdk_cloudwatch::config::Builder::from(config).disable_request_compression(true).build();
        Self {
            cloudwatch: aws_sdk_cloudwatch::Client::from_conf(cloudwatch),
            sns: aws_sdk_sns::Client::new(config),
        }
    }

    /// Puts figures of one instant, in as few calls as they need.
    ///
    /// `CloudWatch` takes instants of the last two weeks. A call that is repeated, here or by the caller, adds the
    /// same figures at the same instant: their maximum stays what it was.
    ///
    /// # Errors
    /// When a call failed after its retries. Those before it have put their figures, and none after it is made:
    /// all of them may be put again.
    pub async fn put_gauges(&self, timestamp: DateTime<Utc>, gauges: &[Gauge]) -> Result<(), CallError> {
        for batch in batches(gauges) {
            let data = batch.iter().map(|gauge| datum(timestamp, gauge)).collect();
            let call = self.cloudwatch.put_metric_data().namespace(NAMESPACE).set_metric_data(Some(data));
            let sent = call.send().await;
            sent.map_err(|error| CallError::of("cloudwatch:PutMetricData", &error))?;
        }
        Ok(())
    }

    /// Sends a notice to the subscribers of a topic in the same region.
    ///
    /// SNS takes a subject of visible ASCII with fewer than 100 characters, and a text of 256 KiB that is not
    /// empty. Where its answer is lost, the notice is sent again: it can arrive twice.
    ///
    /// # Errors
    /// When the call failed after its retries: there is no such topic, the principal may not publish to it or use
    /// its key, or subject or text are refused.
    pub async fn notify(&self, topic_arn: &str, subject: &str, text: &str) -> Result<(), CallError> {
        let call = self.sns.publish().topic_arn(topic_arn).subject(subject).message(text);
        call.send().await.map_err(|error| notice_error(&error))?;
        Ok(())
    }
}

fn datum(timestamp: DateTime<Utc>, gauge: &Gauge) -> MetricDatum {
    let unit = match gauge.metric().unit() {
        Unit::Count => StandardUnit::Count,
        Unit::Bytes => StandardUnit::Bytes,
        Unit::Seconds => StandardUnit::Seconds,
        Unit::None => StandardUnit::None,
    };
    let dimensions =
        gauge.dimensions().map(|(name, value)| Dimension::builder().name(name).value(value).build());
    MetricDatum::builder()
        .metric_name(gauge.metric().name())
        .set_dimensions(Some(dimensions.collect()))
        .timestamp(Timestamp::from_millis(timestamp.timestamp_millis()))
        .value(match gauge.value() {
            Value::Whole(number) => double(number),
            Value::Dollars(usd) => dollars(usd),
        })
        .unit(unit)
        .build()
}

/// Dollars as `CloudWatch` has them: the nearest number that there is.
fn dollars(usd: Usd) -> f64 {
    // The text has ten decimals, and reading a number is the conversion that rounds once.
    usd.to_string().parse().unwrap_or(f64::NAN)
}

/// The number as `CloudWatch` has it: exactly up to 2^53 (of bytes: 8 PiB), the nearest that there is beyond.
fn double(number: u64) -> f64 {
    const HALF: f64 = 4_294_967_296.0;
    // INVARIANT: both halves are 32 bits wide and exact, so only the sum rounds, and only beyond 2^53.
    let half = |bits: u64| f64::from(u32::try_from(bits & u64::from(u32::MAX)).unwrap_or(u32::MAX));
    half(number >> 32) * HALF + half(number)
}

/// The failure of a notice. SNS has words of its own for what other services call otherwise.
///
/// Source: SNS API reference, "Publish", read 2026-11-24.
fn notice_error(error: &SdkError<PublishError, HttpResponse>) -> CallError {
    let call = CallError::of("sns:Publish", error);
    let kind = match call.code.as_deref() {
        Some("AuthorizationError") => CallErrorKind::Denied,
        Some("NotFound") => CallErrorKind::NotFound,
        Some("KMSThrottling") => CallErrorKind::Throttled,
        Some(_) | None => call.kind,
    };
    CallError { kind, ..call }
}

#[cfg(test)]
mod tests {
    use super::double;

    #[test]
    fn a_number_is_sent_exactly_up_to_two_to_the_53rd_and_as_the_nearest_beyond() {
        let exact = 1_u64 << 53;
        for number in [0, 1, u64::from(u32::MAX), 1 << 32, exact - 1, exact] {
            assert_eq!(format!("{:.0}", double(number)), number.to_string());
        }
        assert_eq!(format!("{:.0}", double(exact + 1)), exact.to_string());
        assert_eq!(format!("{:.0}", double(exact + 3)), (exact + 4).to_string());
        assert_eq!(format!("{:.0}", double(u64::MAX)), "18446744073709551616");
    }
}
