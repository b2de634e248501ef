//! A plan for programs.

use std::collections::BTreeMap;

use demurrage_core::cost::Usd;
use demurrage_core::instant;
use demurrage_core::plan::{Plan, Refusal, RepositoryAddress, TrippedGuard};
use serde::Serialize;

/// A plan as JSON: where it is, its hash, what it comes to, and what is not in it.
pub fn plan_json<'a>(plan: &'a Plan, path: &'a str) -> impl Serialize + 'a {
    PlanDocument::of(plan, path)
}

/// What stands in the JSON of a plan.
#[derive(Serialize)]
pub(crate) struct PlanDocument<'a> {
    path: &'a str,
    hash: String,
    mode: &'static str,
    made_at: String,
    expires_at: String,
    repositories: u64,
    actions: u64,
    images: u64,
    bytes_freed: u64,
    usd_per_month: Option<Usd>,
    tripped: Vec<TrippedDocument<'a>>,
    kept: BTreeMap<&'a str, u64>,
    pending: u64,
    refused: Vec<RefusedDocument<'a>>,
}

impl<'a> PlanDocument<'a> {
    pub(crate) fn of(plan: &'a Plan, path: &'a str) -> Self {
        Self {
            path,
            hash: plan.hash.to_string(),
            mode: plan.head.mode.name(),
            made_at: instant::format(plan.head.made_at),
            expires_at: instant::format(plan.head.expires_at),
            repositories: plan.repositories(),
            actions: plan.actions(),
            images: plan.images(),
            bytes_freed: plan.bytes_freed(),
            usd_per_month: plan.usd_per_month,
            tripped: plan.head.tripped.iter().map(TrippedDocument::of).collect(),
            kept: plan.kept.iter().map(|(guard, images)| (guard.as_str(), *images)).collect(),
            pending: plan.pending,
            refused: plan.refused.iter().map(RefusedDocument::of).collect(),
        }
    }
}

#[derive(Serialize)]
struct TrippedDocument<'a> {
    guard: &'static str,
    account: Option<&'a str>,
    region: Option<&'a str>,
    repository: Option<&'a str>,
    detail: &'a str,
}

impl<'a> TrippedDocument<'a> {
    fn of(tripped: &'a TrippedGuard) -> Self {
        let place = tripped.repository.as_ref();
        Self {
            guard: tripped.guard.name(),
            account: place.and_then(|place| place.account.as_deref()),
            region: place.map(|place| &*place.region),
            repository: place.map(|place| &*place.name),
            detail: &tripped.detail,
        }
    }
}

/// A repository of which nothing was planned.
#[derive(Serialize)]
pub(crate) struct RefusedDocument<'a> {
    account: Option<&'a str>,
    region: &'a str,
    repository: &'a str,
    reason: &'a str,
}

impl<'a> RefusedDocument<'a> {
    pub(crate) fn of(refusal: &'a Refusal) -> Self {
        let RepositoryAddress { account, region, name } = &refusal.repository;
        Self { account: account.as_deref(), region, repository: name, reason: &refusal.reason }
    }
}
