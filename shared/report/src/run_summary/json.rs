//! The summary of a run for programs: everything, as it is.

use demurrage_core::instant;
use serde_json::{Value, json};

use super::{
    CallTotals, FailedShare, RegistryCosts, RegistrySummary, RegistryWhole, RunAbout, RunPlan, RunSummary,
    audits,
};

/// The version of the document's format. It changes when a reader of the one before would be misled.
const FORMAT_VERSION: u32 = 1;

/// One object. Texts are in it letter by letter, and lists whole: whoever shows them has to mind what they are.
pub fn run_summary_json(summary: &RunSummary) -> Value {
    let unread = summary.unread_registries.iter().map(
        |unread| json!({ "registryId": unread.account, "region": unread.region, "cause": unread.cause }),
    );
    json!({
        "formatVersion": FORMAT_VERSION,
        "run": summary.run,
        "deployment": summary.deployment,
        "status": summary.status().name(),
        "startedAt": instant::format(summary.started_at),
        "endedAt": instant::format(summary.ended_at),
        "durationSeconds": summary.duration_seconds(),
        "failures": summary.failures(),
        "unreadRegistries": unread.collect::<Vec<_>>(),
        "failedShares": summary.failed_shares.iter().map(share).collect::<Vec<_>>(),
        "accountsInactive": summary.accounts_inactive,
        "problems": summary.problems,
        "problemsMore": summary.problems_more,
        "prices": summary.prices.json(),
        "settingsOnly": summary.about == RunAbout::Settings,
        "plan": summary.plan.as_ref().map(RunPlan::json),
        "registries": summary.registries.iter().map(registry).collect::<Vec<_>>(),
    })
}

fn share(share: &FailedShare) -> Value {
    json!({
        "share": share.share,
        "registryId": share.account,
        "region": share.region,
        "repositories": share.repositories,
        "firstRepositoryName": share.first,
        "lastRepositoryName": share.last,
        "cause": share.cause,
    })
}

fn registry(registry: &RegistrySummary) -> Value {
    let lint = registry.lint.iter().map(
        |line| json!({ "severity": line.severity.name(), "id": line.id, "repositories": line.repositories }),
    );
    let going = registry.going_next.iter().map(|line| {
        json!({ "repositoryName": line.repository, "expiring": line.expiring, "archiving": line.archiving })
    });
    let findings = registry.findings.iter().map(|line| {
        json!({
            "repositoryName": line.repository,
            "severity": line.severity.name(),
            "id": line.id,
            "message": line.message,
        })
    });
    json!({
        "registryId": registry.account,
        "region": registry.region,
        "repositories": registry.repositories,
        "repositoriesUnread": registry.repositories_unread,
        "images": registry.images,
        "naiveStoredBytes": registry.naive_stored_bytes,
        "costs": registry.costs.as_ref().map(RegistryCosts::json),
        "audits": registry.audits.as_ref().map(audits::json),
        "whole": registry.whole.as_ref().map(RegistryWhole::json),
        "unreadUses": registry.unread_uses,
        "repositoriesWithPolicy": registry.with_policy,
        "repositoriesWithEffectivePolicy": registry.with_effective_policy,
        "rejectedPolicies": registry.rejected_policies,
        "imagesExpiringNext": registry.expiring_next,
        "imagesArchivingNext": registry.archiving_next,
        "manifestsUnread": registry.manifests_unread,
        "isPullExcluded": registry.is_pull_excluded,
        "lint": lint.collect::<Vec<_>>(),
        "goingNext": going.collect::<Vec<_>>(),
        "findings": findings.collect::<Vec<_>>(),
        "calls": registry.calls.iter().map(calls).collect::<Vec<_>>(),
    })
}

fn calls(line: &CallTotals) -> Value {
    json!({
        "operation": line.operation,
        "sent": line.sent,
        "throttled": line.throttled,
        "failed": line.failed,
    })
}
