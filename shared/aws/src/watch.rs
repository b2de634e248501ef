//! An interceptor that counts what really went over the wire, and hears what the answers say by the way.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Instant;

use aws_sdk_ecr::config::http::HttpResponse;
use aws_sdk_ecr::config::interceptors::{
    BeforeTransmitInterceptorContextRef, FinalizerInterceptorContextRef,
};
use aws_sdk_ecr::config::{ConfigBag, Intercept, RuntimeComponents};
use aws_sdk_ecr::error::BoxError;
use aws_smithy_runtime_api::client::interceptors::dyn_dispatch_hint;
use aws_smithy_runtime_api::client::orchestrator::Metadata;
use chrono::{DateTime, SubsecRound, Utc};

use crate::{Pace, Tally};

/// Counts the attempts of each operation, retries among them, and tells the pace of those that were
/// throttled; keeps what the clock of the service says.
#[derive(Debug, Clone)]
pub struct Watch {
    pace: Pace,
    seen: Arc<Mutex<Seen>>,
}

#[derive(Debug, Default)]
struct Seen {
    tallies: BTreeMap<String, Tally>,
    /// What the service's clock said last, and when that came.
    told: Option<(DateTime<Utc>, Instant)>,
}

impl Watch {
    /// A watch that reports throttling to this pace.
    pub fn new(pace: Pace) -> Self {
        Self { pace, seen: Arc::default() }
    }

    /// What was counted, by operation.
    pub fn tallies(&self) -> BTreeMap<String, Tally> {
        self.seen().tallies.clone()
    }

    /// What the clock of the service says, by its last answer (to the second); this machine's, before any.
    pub fn service_time(&self) -> DateTime<Utc> {
        let now = self.seen().told.map_or_else(
            || DateTime::<Utc>::from(std::time::SystemTime::now()),
            |(told, at)| told + at.elapsed(),
        );
        now.trunc_subsecs(0)
    }

    fn seen(&self) -> std::sync::MutexGuard<'_, Seen> {
        self.seen.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn operation(config: &ConfigBag) -> String {
    config.load::<Metadata>().map_or_else(String::new, |metadata| metadata.name().to_owned())
}

#[dyn_dispatch_hint]
impl Intercept for Watch {
    fn name(&self) -> &'static str {
        "Watch"
    }

    fn read_before_transmit(
        &self,
        _: &BeforeTransmitInterceptorContextRef<'_>,
        _: &RuntimeComponents,
        config: &mut ConfigBag,
    ) -> Result<(), BoxError> {
        self.seen().tallies.entry(operation(config)).or_default().sent += 1;
        Ok(())
    }

    fn read_after_attempt(
        &self,
        context: &FinalizerInterceptorContextRef<'_>,
        _: &RuntimeComponents,
        config: &mut ConfigBag,
    ) -> Result<(), BoxError> {
        // That something is not there is an answer.
        let is_answer = |response: &HttpResponse| says(response.body().bytes(), &["NotFoundException"]);
        let failed =
            !matches!(context.output_or_error(), Some(Ok(_))) && !context.response().is_some_and(is_answer);
        let Some(response) = context.response() else {
            self.seen().tallies.entry(operation(config)).or_default().failed += u64::from(failed);
            return Ok(());
        };
        let throttled =
            response.status().as_u16() == 429 || failed && says(response.body().bytes(), &ASKS_FOR_FEWER);
        if throttled {
            self.pace.throttled();
        }
        let date = response.headers().get("date").and_then(|date| DateTime::parse_from_rfc2822(date).ok());
        let mut seen = self.seen();
        if let Some(date) = date {
            seen.told = Some((date.to_utc(), Instant::now()));
        }
        let tally = seen.tallies.entry(operation(config)).or_default();
        tally.throttled += u64::from(throttled);
        tally.failed += u64::from(failed && !throttled);
        Ok(())
    }
}

/// What an error says that asks for fewer calls.
const ASKS_FOR_FEWER: [&str; 3] = ["Throttl", "TooManyRequests", "Rate exceeded"];

/// Whether the body of an error says one of these. Its type is at its start.
fn says(body: Option<&[u8]>, any: &[&str]) -> bool {
    const ENOUGH_BYTES: usize = 1024;
    let start = body.map(|body| body.get(..ENOUGH_BYTES).unwrap_or(body)).unwrap_or_default();
    let text = String::from_utf8_lossy(start);
    any.iter().any(|said| text.contains(said))
}
