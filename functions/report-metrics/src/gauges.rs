//! The figures of a run, as metrics.

use demurrage_aws::publish::{Gauge, GaugeError};
use demurrage_contract::{Failure, FailureKind};
use demurrage_core::Metric;
use demurrage_report::{CallTotals, RegistrySummary, RunSummary};

/// A figure for each metric of each registry, and of the deployment.
pub(crate) fn of(summary: &RunSummary) -> Result<Vec<Gauge>, Failure> {
    let mut gauges = Vec::new();
    for registry in &summary.registries {
        let whose = [&*registry.account, &*registry.region];
        for (metric, value) in of_registry(registry) {
            gauges.push(Gauge::new(metric, &whose, value));
        }
        let Some(costs) = &registry.costs else { continue };
        let bytes = [
            (Metric::StoredBytes, costs.stored_bytes),
            (Metric::ArchivedBytes, costs.archived_bytes),
            (Metric::ReclaimableBytes, costs.reclaimable_bytes),
        ];
        for (metric, bytes) in bytes {
            gauges.push(Gauge::new(metric, &whose, u64::try_from(bytes).unwrap_or(u64::MAX)));
        }
        // What is not known is a gap, and never a zero.
        let dollars = [
            (Metric::StorageCost, costs.storage),
            (Metric::ReclaimableCost, costs.reclaimable),
            (Metric::ReplicationCost, costs.replication_high),
        ];
        for (metric, usd) in dollars {
            gauges.extend(usd.map(|usd| Gauge::dollars(metric, &whose, usd)));
        }
    }
    for (metric, value) in of_deployment(summary) {
        gauges.push(Gauge::new(metric, &[&summary.deployment], value));
    }
    gauges
        .into_iter()
        .collect::<Result<_, GaugeError>>()
        .map_err(|error| Failure::new(FailureKind::BadInput, error.to_string()))
}

fn of_registry(registry: &RegistrySummary) -> [(Metric, u64); 9] {
    let sum = |of: fn(&CallTotals) -> u64| registry.calls.iter().map(of).sum();
    [
        (Metric::Repositories, registry.repositories),
        (Metric::Images, registry.images),
        (Metric::NaiveStoredBytes, registry.naive_stored_bytes),
        (Metric::RepositoriesWithEffectivePolicy, registry.with_effective_policy),
        (Metric::ImagesExpiringNext, registry.expiring_next),
        (Metric::ImagesArchivingNext, registry.archiving_next),
        (Metric::CallsMade, sum(|calls| calls.sent)),
        (Metric::CallsThrottled, sum(|calls| calls.throttled)),
        (Metric::RepositoriesUnread, registry.repositories_unread),
    ]
}

fn of_deployment(summary: &RunSummary) -> [(Metric, u64); 4] {
    let calls = summary.registries.iter().flat_map(|registry| &registry.calls);
    [
        (Metric::RunDuration, summary.duration_seconds()),
        (Metric::SharesFailed, summary.failed_shares.len() as u64),
        (Metric::RunCallsThrottled, calls.map(|calls| calls.throttled).sum()),
        (Metric::Failures, summary.failures()),
    ]
}

#[cfg(test)]
mod tests {
    use demurrage_core::Metric;
    use demurrage_core::cost::Usd;
    use demurrage_report::{RegistryCosts, RegistrySummary, RunSummary};

    use super::of;

    #[test]
    fn every_metric_of_the_catalogue_has_a_figure_for_each_registry_or_the_deployment() {
        let registry = |region: &str| RegistrySummary {
            account: "123456789012".to_owned(),
            region: region.to_owned(),
            costs: Some(RegistryCosts {
                storage: Some(Usd::ZERO),
                reclaimable: Some(Usd::ZERO),
                replication_high: Some(Usd::ZERO),
                ..RegistryCosts::default()
            }),
            ..RegistrySummary::default()
        };
        let at = "2026-11-24T00:00:00Z".parse().unwrap();
        let summary = RunSummary {
            run: "20261124T000000Z-0".to_owned(),
            deployment: "demurrage".to_owned(),
            started_at: at,
            ended_at: at,
            registries: vec![registry("ap-northeast-2"), registry("us-east-1")],
            unread_registries: Vec::new(),
            failed_shares: Vec::new(),
            problems: Vec::new(),
            problems_more: 0,
        };
        let gauges = of(&summary).unwrap();
        for metric in Metric::ALL {
            let figures = gauges.iter().filter(|gauge| gauge.metric() == *metric).count();
            let wanted = if metric.dimensions().names() == ["Deployment"] { 1 } else { 2 };
            assert_eq!(figures, wanted, "{metric}");
        }
    }
}
