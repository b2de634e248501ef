//! The figures of a run, as metrics.

use demurrage_aws::publish::{Gauge, GaugeError};
use demurrage_contract::{Failure, FailureKind};
use demurrage_core::Metric;
use demurrage_report::{CallTotals, RegistryAudits, RegistrySummary, RunAbout, RunPlan, RunSummary};

/// A figure for each metric of each registry, and of the deployment.
pub(crate) fn of(summary: &RunSummary) -> Result<Vec<Gauge>, Failure> {
    let mut gauges = Vec::new();
    for registry in &summary.registries {
        let whose = [&*registry.account, &*registry.region];
        for (metric, value) in of_registry(summary.about, registry) {
            gauges.push(Gauge::new(metric, &whose, value));
        }
        for (metric, value) in registry.audits.iter().flat_map(of_audits) {
            gauges.push(Gauge::new(metric, &whose, value));
        }
        let Some(costs) = &registry.costs else { continue };
        let bytes = [
            (Metric::StoredBytes, Some(costs.stored_bytes)),
            (Metric::ArchivedBytes, Some(costs.archived_bytes)),
            (Metric::ReclaimableBytes, costs.reclaimable_bytes),
        ];
        // What is not known is a gap, and never a zero.
        for (metric, bytes) in bytes {
            let bytes = bytes.map(|bytes| u64::try_from(bytes).unwrap_or(u64::MAX));
            gauges.extend(bytes.map(|bytes| Gauge::new(metric, &whose, bytes)));
        }
        let dollars = [
            (Metric::StorageCost, costs.storage),
            (Metric::ReclaimableCost, costs.reclaimable),
            (Metric::ReplicationCost, costs.replication_high),
        ];
        for (metric, usd) in dollars {
            gauges.extend(usd.map(|usd| Gauge::dollars(metric, &whose, usd)));
        }
    }
    let plan = summary.plan.iter().flat_map(of_plan);
    for (metric, value) in of_deployment(summary).chain(of_all_audits(summary)).chain(plan) {
        gauges.push(Gauge::new(metric, &[&summary.deployment], value));
    }
    gauges
        .into_iter()
        .collect::<Result<_, GaugeError>>()
        .map_err(|error| Failure::new(FailureKind::BadInput, error.to_string()))
}

/// What was read of a registry. A run about settings alone knows nothing of images, and says nothing of them.
fn of_registry(about: RunAbout, registry: &RegistrySummary) -> impl Iterator<Item = (Metric, u64)> {
    let sum = |of: fn(&CallTotals) -> u64| registry.calls.iter().map(of).sum();
    let always = [
        (Metric::Repositories, registry.repositories),
        (Metric::CallsMade, sum(|calls| calls.sent)),
        (Metric::CallsThrottled, sum(|calls| calls.throttled)),
    ];
    let of_images = [
        (Metric::Images, registry.images),
        (Metric::NaiveStoredBytes, registry.naive_stored_bytes),
        (Metric::RepositoriesWithEffectivePolicy, registry.with_effective_policy),
        (Metric::ImagesExpiringNext, registry.expiring_next),
        (Metric::ImagesArchivingNext, registry.archiving_next),
        (Metric::RepositoriesUnread, registry.repositories_unread),
    ];
    always.into_iter().chain(of_images.into_iter().filter(move |_| about == RunAbout::Everything))
}

/// What was found of a registry. Where not all of it was audited, what was found is there all the same, and a zero is
/// not: nobody knows it.
fn of_audits(audits: &RegistryAudits) -> impl Iterator<Item = (Metric, u64)> {
    let figures = [
        (Metric::PromisesBroken, audits.promises_broken),
        (Metric::TagsMoved, audits.tags_moved),
        (Metric::FindingsCritical, audits.critical),
        (Metric::FindingsHigh, audits.high),
        (Metric::FindingsMedium, audits.medium),
        (Metric::FindingsLow, audits.low),
    ];
    let is_whole = audits.is_whole;
    let in_use = [
        (Metric::ImagesInUse, audits.images_in_use.filter(|&images| is_whole || images != 0)),
        (Metric::ImagesInUseExpiring, audits.known_in_use_going()),
    ];
    let in_use = in_use.into_iter().filter_map(|(metric, value)| Some((metric, value?)));
    figures.into_iter().filter(move |(_, value)| is_whole || *value != 0).chain(in_use)
}

/// The same over all registries.
fn of_all_audits(summary: &RunSummary) -> impl Iterator<Item = (Metric, u64)> {
    let sum = |of: fn(&RegistryAudits) -> u64| {
        summary.registries.iter().filter_map(|registry| registry.audits.as_ref()).map(of).sum()
    };
    let is_whole = summary
        .registries
        .iter()
        .all(|registry| registry.audits.as_ref().is_some_and(|audits| audits.is_whole));
    let is_use_known = is_whole && sum(|audits| audits.in_use_unknown) == 0;
    let figures = [
        (Metric::AllPromisesBroken, sum(|audits| audits.promises_broken), is_whole),
        (Metric::AllTagsMoved, sum(|audits| audits.tags_moved), is_whole),
        (Metric::AllQuotasNear, sum(|audits| audits.quotas_near), is_whole),
        (Metric::AllImagesInUseExpiring, sum(|audits| audits.images_in_use_going), is_use_known),
    ];
    let known = figures.into_iter().filter(|&(_, value, is_known): &(_, u64, _)| is_known || value != 0);
    known.map(|(metric, value, _)| (metric, value))
}

/// What is said of a run itself. One about settings alone is told by its failures, so that nobody takes it for a whole one.
fn of_deployment(summary: &RunSummary) -> impl Iterator<Item = (Metric, u64)> {
    let calls = summary.registries.iter().flat_map(|registry| &registry.calls);
    let always = [
        (Metric::RunCallsThrottled, calls.map(|calls| calls.throttled).sum()),
        (Metric::Failures, summary.failures()),
    ];
    let of_whole = [
        (Metric::RunDuration, summary.duration_seconds()),
        (Metric::SharesFailed, summary.failed_shares.len() as u64),
    ];
    let is_whole = summary.about == RunAbout::Everything;
    always.into_iter().chain(of_whole.into_iter().filter(move |_| is_whole))
}

/// What a plan does, and whether it waits.
fn of_plan(plan: &RunPlan) -> [(Metric, u64); 3] {
    [
        (Metric::PlanImages, plan.images),
        (Metric::PlanGuardsTripped, plan.tripped.len() as u64),
        (Metric::PlansWaiting, u64::from(plan.waits())),
    ]
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use demurrage_core::Metric;
    use demurrage_core::cost::{PriceList, Usd};
    use demurrage_core::plan::Mode;
    use demurrage_report::{
        RegistryAudits, RegistryCosts, RegistrySummary, RunAbout, RunPlan, RunPrices, RunSummary,
    };

    use super::{of, of_audits, of_plan};

    fn plan(mode: Mode) -> RunPlan {
        RunPlan {
            hash: "a".repeat(64),
            store: "s3://bucket".to_owned(),
            mode,
            expires_at: "2026-11-25T00:00:00Z".parse().unwrap(),
            actions: 5,
            images: 4,
            bytes_freed: 0,
            usd_per_month: None,
            refused: 0,
            kept: 0,
            pending: 0,
            tripped: Vec::new(),
        }
    }

    /// A registry with one finding, that is not known whole.
    fn summary(about: RunAbout) -> RunSummary {
        let at = "2026-11-24T00:00:00Z".parse().unwrap();
        let registry = RegistrySummary {
            account: "123456789012".to_owned(),
            region: "us-east-1".to_owned(),
            audits: Some(RegistryAudits { high: 1, in_use_unknown: 1, ..RegistryAudits::default() }),
            ..RegistrySummary::default()
        };
        RunSummary {
            run: "20261124T000000Z-0".to_owned(),
            deployment: "demurrage".to_owned(),
            started_at: at,
            ended_at: at,
            registries: vec![registry],
            unread_registries: Vec::new(),
            failed_shares: Vec::new(),
            problems: Vec::new(),
            problems_more: 0,
            prices: RunPrices::of(&PriceList::embedded(), at),
            about,
            accounts_inactive: 0,
            plan: Some(plan(Mode::Approve)),
        }
    }

    #[test]
    fn every_metric_of_the_catalogue_has_a_figure_for_each_registry_or_the_deployment() {
        let registry = |region: &str| RegistrySummary {
            account: "123456789012".to_owned(),
            region: region.to_owned(),
            costs: Some(RegistryCosts {
                storage: Some(Usd::ZERO),
                reclaimable_bytes: Some(0),
                reclaimable: Some(Usd::ZERO),
                replication_high: Some(Usd::ZERO),
                ..RegistryCosts::default()
            }),
            audits: Some(RegistryAudits {
                is_whole: true,
                images_in_use: Some(0),
                ..RegistryAudits::default()
            }),
            ..RegistrySummary::default()
        };
        let registries = vec![registry("ap-northeast-2"), registry("us-east-1")];
        let summary = RunSummary { registries, ..summary(RunAbout::Everything) };
        let gauges = of(&summary).unwrap();
        // That one is put when an image is pushed.
        for metric in Metric::ALL.iter().filter(|metric| **metric != Metric::BudgetsBroken) {
            let figures = gauges.iter().filter(|gauge| gauge.metric() == *metric).count();
            let wanted = if metric.dimensions().names() == ["Deployment"] { 1 } else { 2 };
            assert_eq!(figures, wanted, "{metric}");
        }
    }

    #[test]
    fn a_run_without_a_plan_says_nothing_of_plans_and_one_that_does_nothing_says_zeros() {
        let figures = |plan: RunPlan| of_plan(&plan).map(|(_, value)| value);
        assert_eq!(figures(plan(Mode::Approve)), [4, 0, 1]);
        assert_eq!(figures(plan(Mode::Observe)), [4, 0, 0]);
        assert_eq!(figures(plan(Mode::Enforce)), [4, 0, 0]);
        assert_eq!(figures(RunPlan { actions: 0, images: 0, ..plan(Mode::Approve) }), [0, 0, 0]);
        let of_none = of(&RunSummary { plan: None, ..summary(RunAbout::Everything) }).unwrap();
        let plans = [Metric::PlanImages, Metric::PlanGuardsTripped, Metric::PlansWaiting];
        assert!(of_none.iter().all(|gauge| !plans.contains(&gauge.metric())));
    }

    #[test]
    fn a_run_about_settings_alone_says_nothing_of_images_and_is_taken_for_no_whole_run() {
        let gauges = of(&RunSummary { plan: None, ..summary(RunAbout::Settings) }).unwrap();
        let said: BTreeSet<&str> = gauges.iter().map(|gauge| gauge.metric().name()).collect();
        let wanted =
            ["CallsMade", "CallsThrottled", "Failures", "FindingsHigh", "Repositories", "RunCallsThrottled"];
        assert_eq!(said, BTreeSet::from(wanted));
    }

    #[test]
    fn what_was_not_audited_whole_has_no_zero_and_every_finding() {
        let audits = RegistryAudits { promises_broken: 2, high: 1, ..RegistryAudits::default() };
        let figures: Vec<_> = of_audits(&audits).collect();
        assert_eq!(figures, [(Metric::PromisesBroken, 2), (Metric::FindingsHigh, 1)]);
        assert_eq!(of_audits(&RegistryAudits { is_whole: true, ..audits }).count(), 7);
    }

    #[test]
    fn that_no_image_in_use_goes_is_said_only_where_everything_that_uses_images_was_read() {
        let going = |audits: &RegistryAudits| {
            of_audits(audits)
                .find(|(metric, _)| *metric == Metric::ImagesInUseExpiring)
                .map(|(_, value)| value)
        };
        let known = RegistryAudits { is_whole: true, ..RegistryAudits::default() };
        assert_eq!(going(&known), Some(0));
        let unknown = RegistryAudits { in_use_unknown: 1, ..known.clone() };
        assert_eq!(going(&unknown), None);
        assert_eq!(going(&RegistryAudits { images_in_use_going: 2, ..unknown }), Some(2));
        assert_eq!(going(&RegistryAudits { is_whole: false, ..known }), None);
    }
}
