//! Token buckets: how many calls a second an operation takes in one account and region.
//!
//! For: throttling as ECR does it. Assumes: the machine's clock, not the server's, which may stand still.

use std::collections::BTreeMap;
use std::time::Instant;

/// The rates that AWS publishes, in calls a second per account and region.
/// Source: user guide, service quotas, read 2026-11-23.
pub const PUBLISHED_RATES: [(&str, f64); 8] = [
    ("BatchCheckLayerAvailability", 1000.0),
    ("BatchGetImage", 2000.0),
    ("CompleteLayerUpload", 100.0),
    ("GetAuthorizationToken", 500.0),
    ("GetDownloadUrlForLayer", 3000.0),
    ("InitiateLayerUpload", 100.0),
    ("PutImage", 10.0),
    ("UploadLayerPart", 500.0),
];

/// The limits and the buckets.
#[derive(Debug, Default)]
pub(crate) struct Rates {
    limits: BTreeMap<String, Limit>,
    buckets: BTreeMap<(String, String, String), Bucket>,
}

#[derive(Debug, Clone, Copy)]
struct Limit {
    per_second: f64,
    burst: f64,
}

#[derive(Debug, Clone, Copy)]
struct Bucket {
    tokens: f64,
    filled: Instant,
}

impl Rates {
    /// Limits an operation, `*` for all that have no limit of their own.
    pub(crate) fn limit(&mut self, operation: &str, per_second: f64, burst: f64) {
        self.limits.insert(operation.to_owned(), Limit { per_second, burst });
        self.buckets.clear();
    }

    /// Limits nothing any more.
    pub(crate) fn clear(&mut self) {
        *self = Self::default();
    }

    /// Takes a token; false if there is none.
    pub(crate) fn take(&mut self, account: &str, region: &str, operation: &str, now: Instant) -> bool {
        let Some(limit) = self.limits.get(operation).or_else(|| self.limits.get("*")).copied() else {
            return true;
        };
        let key = (account.to_owned(), region.to_owned(), operation.to_owned());
        let bucket = self.buckets.entry(key).or_insert(Bucket { tokens: limit.burst, filled: now });
        let gained = now.saturating_duration_since(bucket.filled).as_secs_f64() * limit.per_second;
        bucket.tokens = (bucket.tokens + gained).min(limit.burst);
        bucket.filled = now;
        if bucket.tokens < 1.0 {
            return false;
        }
        bucket.tokens -= 1.0;
        true
    }
}

#[cfg(test)]
mod tests {
    use std::time::{Duration, Instant};

    use super::Rates;

    #[test]
    fn a_bucket_gives_its_burst_then_its_rate_in_each_region_of_its_own() {
        let mut rates = Rates::default();
        let now = Instant::now();
        rates.limit("PutImage", 10.0, 2.0);
        let take = |rates: &mut Rates, region, at| rates.take("1", region, "PutImage", at);
        assert!(take(&mut rates, "a", now) && take(&mut rates, "a", now));
        assert!(!take(&mut rates, "a", now));
        assert!(take(&mut rates, "b", now));
        assert!(!take(&mut rates, "a", now + Duration::from_millis(99)));
        assert!(take(&mut rates, "a", now + Duration::from_millis(101)));
    }
}
