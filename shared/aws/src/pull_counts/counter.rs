//! Asks `CloudWatch` for the pulls of repositories, as many in a call as it takes.

use std::collections::BTreeMap;
use std::sync::{Arc, PoisonError, RwLock};

use aws_config::SdkConfig;
use aws_sdk_cloudwatch::Client;
use aws_sdk_cloudwatch::config::IdentityCache;
use aws_sdk_cloudwatch::operation::get_metric_data::GetMetricDataOutput;
use aws_sdk_cloudwatch::primitives::DateTime as Timestamp;
use aws_sdk_cloudwatch::types::{Dimension, Metric, MetricDataQuery, MetricStat};
use demurrage_core::cost::{PullCounts, PullWindow};

use super::figures::{Figures, Outcome};
use crate::caller::Caller;
use crate::{CallError, Pace, Watch, pace};

const OPERATION: &str = "cloudwatch:GetMetricData";
/// Most repositories of one call.
///
/// Source: `CloudWatch` API reference, `GetMetricData`, read 2026-11-24: "up to 500 `MetricDataQuery` structures".
pub(super) const QUERIES_MAX: usize = 500;
/// Seconds of a datapoint: a day.
const PERIOD_SECONDS: i32 = 86_400;
/// Most pages of one answer. Thirty days of 500 repositories are less than one page may have (100,800 datapoints).
pub(super) const PAGES_MAX: usize = 100;
/// How often a repository is asked about whose answer was not whole.
pub(super) const QUESTIONS_MAX: usize = 3;

/// A client of `CloudWatch` in the region of a private registry. Clones share its pace and its counts.
#[derive(Debug, Clone)]
pub struct PullCounter {
    client: Arc<RwLock<Client>>,
    caller: Caller,
    registry_id: String,
    region: String,
}

impl PullCounter {
    pub(crate) fn new(config: &SdkConfig, registry_id: &str, region: &str, pace: Pace) -> Self {
        let caller = Caller::new(pace);
        let builder = aws_sdk_cloudwatch::config::Builder::from(config).interceptor(caller.watch.clone());
        let config = builder.retry_partition(pace::retries(&format!("pulls-{region}"))).build();
        Self {
            client: Arc::new(RwLock::new(Client::from_conf(config))),
            caller,
            registry_id: registry_id.to_owned(),
            region: region.to_owned(),
        }
    }

    /// What went over the wire so far.
    pub const fn watch(&self) -> &Watch {
        &self.caller.watch
    }

    /// The pulls of these repositories in a window. Names may come in any order; each is asked about once.
    ///
    /// A repository of which `CloudWatch` has no figure was not pulled from. One of which the answer was not whole is asked
    /// about again, and then named as unread. Where a call fails after its retries no further one is made, and all that
    /// was not asked about is unread.
    ///
    /// # Errors
    /// When a call failed before anything was counted, or the principal may not make it.
    pub async fn count(&self, repositories: &[&str], window: PullWindow) -> Result<PullCounts, CallError> {
        let mut names = repositories.to_vec();
        names.sort_unstable();
        names.dedup();
        let mut counts = PullCounts {
            registry_id: self.registry_id.clone(),
            region: self.region.clone(),
            window,
            pulls: BTreeMap::new(),
            unread: BTreeMap::new(),
        };
        let mut failure: Option<CallError> = None;
        for batch in names.chunks(QUERIES_MAX) {
            if let Some(failure) = &failure {
                let unread = batch.iter().map(|&name| (name.to_owned(), failure.to_string()));
                counts.unread.extend(unread);
                continue;
            }
            failure = self.count_batch(batch, &mut counts).await.err();
        }
        match failure {
            Some(failure) if failure.kind.ends_the_run() || counts.pulls.is_empty() => Err(failure),
            Some(_) | None => Ok(counts),
        }
    }

    /// Counts the pulls of as many repositories as one call takes. What a failed call leaves open is unread.
    async fn count_batch(&self, names: &[&str], counts: &mut PullCounts) -> Result<(), CallError> {
        let mut open = names.to_vec();
        for question in 1..=QUESTIONS_MAX {
            let figures = match self.ask(&open, counts.window).await {
                Ok(figures) => figures,
                Err(failure) => {
                    counts.unread.extend(open.iter().map(|&name| (name.to_owned(), failure.to_string())));
                    return Err(failure);
                }
            };
            let mut again = Vec::new();
            for (place, name) in open.into_iter().enumerate() {
                match figures.outcome(place) {
                    Outcome::Counted(pulls) => {
                        counts.pulls.insert(name.to_owned(), pulls);
                    }
                    Outcome::NotWhole(_) if question < QUESTIONS_MAX => again.push(name),
                    Outcome::NotWhole(cause) | Outcome::Refused(cause) => {
                        counts.unread.insert(name.to_owned(), cause);
                    }
                }
            }
            if again.is_empty() {
                break;
            }
            open = again;
        }
        Ok(())
    }

    /// All pages of one question.
    async fn ask(&self, names: &[&str], window: PullWindow) -> Result<Figures, CallError> {
        let queries: Vec<MetricDataQuery> =
            names.iter().enumerate().map(|(place, name)| query(place, name)).collect();
        let mut figures = Figures::new(names.len());
        let mut next_token = None;
        for _ in 0..PAGES_MAX {
            let page = self.page(queries.clone(), window, next_token).await?;
            next_token = page.next_token.clone().filter(|token| !token.is_empty());
            figures.add(page);
            if next_token.is_none() {
                return Ok(figures);
            }
        }
        Err(CallError::endless(OPERATION, PAGES_MAX))
    }

    async fn page(
        &self,
        queries: Vec<MetricDataQuery>,
        window: PullWindow,
        next_token: Option<String>,
    ) -> Result<GetMetricDataOutput, CallError> {
        let client = || self.client.read().unwrap_or_else(PoisonError::into_inner).clone();
        let send = || {
            client()
                .get_metric_data()
                .set_metric_data_queries(Some(queries.clone()))
                .start_time(Timestamp::from_secs(window.since().timestamp()))
                .end_time(Timestamp::from_secs(window.until().timestamp()))
                .set_next_token(next_token.clone())
                .send()
        };
        self.caller.call(OPERATION, send, || self.renew()).await
    }

    /// The same client, which has forgotten its credentials.
    fn renew(&self) {
        let mut client = self.client.write().unwrap_or_else(PoisonError::into_inner);
        let cache = IdentityCache::lazy().build();
        *client = Client::from_conf(client.config().to_builder().identity_cache(cache).build());
    }
}

/// The question for one repository, which is known by its place.
///
/// Source: ECR user guide, "Amazon ECR repository metrics", read 2026-11-23.
fn query(place: usize, name: &str) -> MetricDataQuery {
    let dimension = Dimension::builder().name("RepositoryName").value(name).build();
    let metric = Metric::builder()
        .namespace("AWS/ECR")
        .metric_name("RepositoryPullCount")
        .dimensions(dimension)
        .build();
    let of_a_day = MetricStat::builder().metric(metric).period(PERIOD_SECONDS).stat("Sum").build();
    MetricDataQuery::builder().id(query_id(place)).metric_stat(of_a_day).build()
}

/// The name of a question within a call: it has to begin with a small letter.
pub(super) fn query_id(place: usize) -> String {
    format!("r{place}")
}
