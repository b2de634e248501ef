//! One figure of a metric, with whose it is.

use std::fmt;

use demurrage_core::Metric;
use demurrage_core::cost::Usd;

/// Longest value of a dimension, in bytes.
///
/// Source: `CloudWatch` API reference, "Dimension", read 2026-11-24.
const DIMENSION_VALUE_BYTES_MAX: usize = 1_024;

/// One figure: what it measures, whose it is, and how much it is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Gauge {
    metric: Metric,
    // INVARIANT: one value for each dimension of the metric, in their order, and each of them one that
    // CloudWatch takes.
    dimension_values: Vec<String>,
    value: Value,
}

/// How much a figure is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Value {
    /// So many.
    Whole(u64),
    /// So many dollars.
    Dollars(Usd),
}

impl fmt::Display for Value {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Whole(number) => number.fmt(f),
            Self::Dollars(usd) => usd.fmt(f),
        }
    }
}

impl Gauge {
    /// A figure with the values of the metric's dimensions, in their order: account and region of a registry, or
    /// the name of the deployment.
    ///
    /// # Errors
    /// When there are more or fewer values than the metric has dimensions, or `CloudWatch` would not take one.
    pub fn new(metric: Metric, dimension_values: &[&str], value: u64) -> Result<Self, GaugeError> {
        Self::of(metric, dimension_values, Value::Whole(value))
    }

    /// The same, in dollars.
    ///
    /// # Errors
    /// As for [`Self::new`].
    pub fn dollars(metric: Metric, dimension_values: &[&str], usd: Usd) -> Result<Self, GaugeError> {
        Self::of(metric, dimension_values, Value::Dollars(usd))
    }

    fn of(metric: Metric, dimension_values: &[&str], value: Value) -> Result<Self, GaugeError> {
        let names = metric.dimensions().names();
        if dimension_values.len() != names.len() {
            return Err(GaugeError::NumberOfDimensions {
                metric,
                wanted: names.len(),
                given: dimension_values.len(),
            });
        }
        for (&dimension, &given) in names.iter().zip(dimension_values) {
            if let Some(wrong) = wrong_with(given) {
                return Err(GaugeError::DimensionValue { dimension, given: given.to_owned(), wrong });
            }
        }
        let dimension_values = dimension_values.iter().map(|&value| value.to_owned()).collect();
        Ok(Self { metric, dimension_values, value })
    }

    /// What it measures.
    pub const fn metric(&self) -> Metric {
        self.metric
    }

    /// How much it is, in the unit of the metric.
    pub(super) const fn value(&self) -> Value {
        self.value
    }

    /// Whose it is: names of dimensions, each with its value.
    pub fn dimensions(&self) -> impl Iterator<Item = (&'static str, &str)> {
        let names = self.metric.dimensions().names().iter().copied();
        names.zip(self.dimension_values.iter().map(String::as_str))
    }
}

/// What keeps `CloudWatch` from taking the value of a dimension.
///
/// Source: `CloudWatch` API reference, "Dimension", read 2026-11-24.
fn wrong_with(value: &str) -> Option<&'static str> {
    if DIMENSION_VALUE_BYTES_MAX < value.len() {
        return Some("it has more than 1,024 characters");
    }
    if !value.bytes().all(|byte| byte == b' ' || byte.is_ascii_graphic()) {
        return Some("it has characters beside the visible ones of ASCII");
    }
    if value.trim_ascii().is_empty() {
        return Some("there is nothing in it");
    }
    value.starts_with(':').then_some("it begins with a colon")
}

/// Why a figure cannot be one of its metric.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum GaugeError {
    /// The metric has other dimensions.
    #[error("the metric `{metric}` has {wanted} dimensions, and {given} values are given")]
    NumberOfDimensions {
        /// The metric.
        metric: Metric,
        /// How many dimensions it has.
        wanted: usize,
        /// How many values were given.
        given: usize,
    },
    /// `CloudWatch` does not take the value.
    #[error("`{given}` cannot be the dimension `{dimension}` of a metric: {wrong}")]
    DimensionValue {
        /// The name of the dimension.
        dimension: &'static str,
        /// The value.
        given: String,
        /// What is wrong with it, as a fragment.
        wrong: &'static str,
    },
}

#[cfg(test)]
mod tests {
    use demurrage_core::Metric;

    use super::{Gauge, GaugeError};

    #[test]
    fn a_figure_has_a_value_for_each_dimension_of_its_metric() {
        let gauge = Gauge::new(Metric::Images, &["123456789012", "eu-west-1"], 7).unwrap();
        let dimensions: Vec<_> = gauge.dimensions().collect();
        assert_eq!(dimensions, [("Account", "123456789012"), ("Region", "eu-west-1")]);
        let error = Gauge::new(Metric::RunDuration, &["123456789012", "eu-west-1"], 7).unwrap_err();
        assert_eq!(
            error,
            GaugeError::NumberOfDimensions { metric: Metric::RunDuration, wanted: 1, given: 2 }
        );
        assert_eq!(error.to_string(), "the metric `RunDuration` has 1 dimensions, and 2 values are given");
    }

    #[test]
    fn a_figure_has_only_what_cloudwatch_takes_for_the_value_of_a_dimension() {
        let longest = "a".repeat(1_024);
        for taken in ["demurrage", "my stack", "a:b", "~!", &longest] {
            assert!(Gauge::new(Metric::Failures, &[taken], 0).is_ok(), "{taken}");
        }
        let too_long = "a".repeat(1_025);
        for refused in ["", "  ", ":a", "café", "a\nb", "a\tb", "a\u{7f}", &too_long] {
            let error = Gauge::new(Metric::Failures, &[refused], 0).unwrap_err();
            assert!(
                matches!(&error, GaugeError::DimensionValue { dimension: "Deployment", given, .. } if given == refused),
                "{error}"
            );
        }
    }
}
