//! Figures in lists that fit into one call of `CloudWatch` each.

use super::Gauge;

/// Most metrics of one call.
///
/// Source: `CloudWatch` API reference, `PutMetricData`, read 2026-11-24: "no more than 1000 different metrics".
pub(super) const GAUGES_MAX: usize = 1_000;
/// Most bytes that the figures of one call may take: nine tenths of what a call may have.
///
/// Source: `CloudWatch` API reference, `PutMetricData`, read 2026-11-24: "limited to 1 MB in size".
pub(super) const BYTES_MAX: usize = 900_000;

/// Bytes of a figure beside its texts that vary: names of members, instant, number, unit and lengths.
const FIGURE_BYTES: usize = 96;
/// Bytes of a dimension beside its name and value.
const DIMENSION_BYTES: usize = 24;

/// The figures in their order, in as few lists as their number and size allow.
pub(super) fn batches(gauges: &[Gauge]) -> Vec<&[Gauge]> {
    let mut batches = Vec::new();
    let mut rest = gauges;
    while !rest.is_empty() {
        let (batch, others) = rest.split_at(fitting(rest));
        batches.push(batch);
        rest = others;
    }
    batches
}

/// How many of the first figures fit into a call; at least one, which always does.
fn fitting(gauges: &[Gauge]) -> usize {
    let mut bytes = 0;
    let fits = |gauge: &&Gauge| {
        bytes += bytes_at_most(gauge);
        bytes <= BYTES_MAX
    };
    gauges.iter().take(GAUGES_MAX).take_while(fits).count().max(1)
}

/// What a figure takes on the wire, or a little more.
fn bytes_at_most(gauge: &Gauge) -> usize {
    let dimensions = gauge.dimensions().map(|(name, value)| DIMENSION_BYTES + name.len() + value.len());
    FIGURE_BYTES + gauge.metric().name().len() + dimensions.sum::<usize>()
}

#[cfg(test)]
mod tests {
    use demurrage_core::Metric;

    use super::{BYTES_MAX, GAUGES_MAX, batches, bytes_at_most};
    use crate::publish::Gauge;

    fn gauges(number: usize, region: &str) -> Vec<Gauge> {
        (0..number as u64)
            .map(|value| Gauge::new(Metric::Images, &["123456789012", region], value).unwrap())
            .collect()
    }

    #[test]
    fn no_call_has_more_metrics_than_cloudwatch_takes_and_none_is_lost() {
        for (number, wanted) in [
            (0, vec![]),
            (1, vec![1]),
            (GAUGES_MAX, vec![GAUGES_MAX]),
            (GAUGES_MAX + 1, vec![GAUGES_MAX, 1]),
            (2 * GAUGES_MAX + 5, vec![GAUGES_MAX, GAUGES_MAX, 5]),
        ] {
            let gauges = gauges(number, "eu-west-1");
            let batches = batches(&gauges);
            assert_eq!(batches.iter().map(|batch| batch.len()).collect::<Vec<_>>(), wanted);
            assert_eq!(batches.concat(), gauges);
        }
    }

    #[test]
    fn figures_with_long_names_go_in_more_calls() {
        let gauges = gauges(GAUGES_MAX, &"r".repeat(1_024));
        let batches = batches(&gauges);
        assert_eq!(batches.len(), 2);
        for batch in &batches {
            assert!(batch.iter().map(bytes_at_most).sum::<usize>() <= BYTES_MAX);
        }
        assert_eq!(batches.concat(), gauges);
    }
}
