//! What the pages of one answer say of each repository.

use std::collections::BTreeMap;

use aws_sdk_cloudwatch::operation::get_metric_data::GetMetricDataOutput;
use aws_sdk_cloudwatch::types::{MessageData, MetricDataResult, StatusCode};

use super::counter::query_id;

/// The figures of several repositories, by their places in the question.
#[derive(Debug)]
pub(super) struct Figures {
    series: BTreeMap<String, Series>,
    /// What `CloudWatch` says of the whole answer.
    messages: Vec<String>,
}

/// The days of one repository.
#[derive(Debug, Default)]
struct Series {
    /// Pulls by the beginning of the day: a day that comes twice counts once.
    days: BTreeMap<(i64, u32), f64>,
    /// What the last page says of them; nothing where no page did.
    status: Option<StatusCode>,
    messages: Vec<String>,
}

/// What came of one repository.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Outcome {
    /// So many pulls.
    Counted(u64),
    /// Not all of it came: it may when it is asked for again.
    NotWhole(String),
    /// It cannot be read.
    Refused(String),
}

impl Figures {
    /// Nothing of so many repositories.
    pub(super) fn new(repositories: usize) -> Self {
        let series = (0..repositories).map(|place| (query_id(place), Series::default())).collect();
        Self { series, messages: Vec::new() }
    }

    /// Adds a page. What it says of things that were not asked about is left out.
    pub(super) fn add(&mut self, page: GetMetricDataOutput) {
        self.messages.extend(page.messages.into_iter().flatten().filter_map(text));
        for result in page.metric_data_results.into_iter().flatten() {
            if let Some(series) = result.id.as_ref().and_then(|id| self.series.get_mut(id)) {
                series.add(result);
            }
        }
    }

    /// What came of the repository at this place.
    pub(super) fn outcome(&self, place: usize) -> Outcome {
        let Some(series) = self.series.get(&query_id(place)) else {
            return Outcome::Refused("it was not asked about".to_owned());
        };
        let with_messages = |cause: &str| {
            let messages = series.messages.iter().chain(&self.messages).map(String::as_str);
            [cause].into_iter().chain(messages).collect::<Vec<_>>().join(": ")
        };
        match &series.status {
            None => Outcome::NotWhole(with_messages("CloudWatch says nothing of it")),
            Some(StatusCode::Complete) => match series.pulls() {
                Ok(pulls) => Outcome::Counted(pulls),
                Err(odd) => {
                    Outcome::Refused(format!("CloudWatch gives `{odd}`, which is no number of pulls"))
                }
            },
            Some(StatusCode::PartialData) => {
                Outcome::NotWhole(with_messages("CloudWatch gives only a part of its days"))
            }
            Some(StatusCode::InternalError) => Outcome::NotWhole(with_messages("CloudWatch failed")),
            Some(StatusCode::Forbidden) => Outcome::Refused(with_messages("CloudWatch may not say")),
            Some(other) => {
                Outcome::Refused(with_messages(&format!("CloudWatch answers `{}`", other.as_str())))
            }
        }
    }
}

impl Series {
    fn add(&mut self, result: MetricDataResult) {
        let days = result.timestamps.into_iter().flatten().map(|day| (day.secs(), day.subsec_nanos()));
        self.days.extend(days.zip(result.values.into_iter().flatten()));
        // An answer without a status has nothing to say against its figures.
        self.status = Some(result.status_code.unwrap_or(StatusCode::Complete));
        self.messages.extend(result.messages.into_iter().flatten().filter_map(text));
    }

    /// The sum of the days, or the figure that is none.
    fn pulls(&self) -> Result<u64, f64> {
        self.days.values().try_fold(0_u64, |sum, &figure| {
            // A number that is whole and not negative is written with digits alone.
            let pulls: u64 = figure.to_string().parse().map_err(|_| figure)?;
            Ok(sum.saturating_add(pulls))
        })
    }
}

/// A message with its code.
fn text(message: MessageData) -> Option<String> {
    match (message.value, message.code) {
        (Some(value), Some(code)) => Some(format!("{value} ({code})")),
        (one, other) => one.or(other),
    }
}
