//! What Amazon ECS runs, may start, or ran until lately.
//!
//! Tasks and revisions of services name digests; all else names task definitions, whose images may be tags. Leaves out what
//! calls `RunTask` by itself.

mod clusters;
mod daemons;
mod families;
mod history;
mod named;
mod rules;
mod schedules;
mod services;
mod task_definitions;
mod tasks;

use std::collections::BTreeMap;
use std::num::NonZeroU32;

use demurrage_core::in_use::UseSource;

use super::client::{ServiceClient, service_client};
use super::found::Found;
use crate::{CallError, Session, Tally};
use named::Named;

/// Calls per second of each operation. ECS counts calls by kinds of resources and tells no figures that hold for all accounts; its
/// own deployments and consoles draw on the same ones.
///
/// Source: ECS API reference, "Request throttling for the Amazon ECS API", read 2026-11-25; the number is ours.
const CALLS_PER_SECOND: NonZeroU32 = NonZeroU32::MIN.saturating_add(9);
/// Most entries of a page of any list of ECS.
///
/// Source: ECS API reference, `maxResults` of `ListClusters`, `ListTasks`, `ListServices`, `ListTaskDefinitions`, read 2026-11-25.
const PAGE_ENTRIES: i32 = 100;
/// Questions that are under way at a time, beside what the pace allows.
const AT_ONCE: usize = 8;

/// Clients of Amazon ECS, and of those that start tasks at a time.
#[derive(Debug)]
pub(super) struct Ecs {
    containers: ServiceClient<aws_sdk_ecs::Client>,
    events: ServiceClient<aws_sdk_eventbridge::Client>,
    scheduler: ServiceClient<aws_sdk_scheduler::Client>,
}

/// What a part of ECS said: uses, and task definitions that it names.
#[derive(Debug)]
struct EcsRead {
    found: Found,
    named: Named,
}

impl EcsRead {
    fn new() -> Self {
        Self { found: Found::new(UseSource::Ecs), named: Named::default() }
    }

    fn add(&mut self, other: Self) {
        self.found.add(other.found);
        self.named.add(other.named);
    }
}

impl Ecs {
    pub(super) fn new(session: &Session) -> Self {
        Self {
            containers: service_client!(aws_sdk_ecs, session, CALLS_PER_SECOND),
            events: service_client!(aws_sdk_eventbridge, session, CALLS_PER_SECOND),
            scheduler: service_client!(aws_sdk_scheduler, session, CALLS_PER_SECOND),
        }
    }

    pub(super) fn calls(&self) -> BTreeMap<String, Tally> {
        let mut calls = self.containers.calls("ecs");
        calls.extend(self.events.calls("events"));
        calls.extend(self.scheduler.calls("scheduler"));
        calls
    }

    /// All that it uses, with the newest revisions of each family.
    pub(super) async fn read(&self, revisions: u32) -> Found {
        let mut read = EcsRead::new();
        let (of_clusters, of_rules, of_schedules, of_families) = tokio::join!(
            clusters::read(&self.containers),
            rules::read(&self.events),
            schedules::read(&self.scheduler),
            families::read(&self.containers, revisions)
        );
        for part in [of_clusters, of_rules, of_schedules, of_families] {
            read.add(part);
        }
        // Last, so that each revision is described once, whoever named it.
        read.found.add(task_definitions::read(&self.containers, &read.named).await);
        read.found
    }
}

/// The name at the end of an ARN, or of what is none.
fn name_of(arn: &str) -> &str {
    arn.rsplit_once('/').map_or(arn, |(_, name)| name)
}

/// Whether what was asked about is gone, or going: it runs nothing.
///
/// Source: ECS API reference, errors of `ListTasks`, `DescribeTaskSets` and `ListServiceDeployments`, read 2026-11-25.
fn is_gone(failure: &CallError) -> bool {
    const GONE: [&str; 3] =
        ["ClusterNotFoundException", "ServiceNotFoundException", "ServiceNotActiveException"];
    GONE.iter().any(|code| failure.is(code))
}

/// Looks at what an answer about many says that it could not: what is missing went away since it was listed, and anything else
/// is a gap. So is an answer that is silent about some.
///
/// Source: ECS developer guide, "API failure reasons", read 2026-11-25: `MISSING` is "could not be found".
fn look_at_failures(found: &mut Found, what: &str, answer: &BatchAnswer<'_>) {
    for failure in answer.failures {
        let reason = failure.reason.as_deref().unwrap_or_default();
        if reason != "MISSING" {
            let arn = failure.arn.as_deref().unwrap_or_default();
            let detail = failure.detail.as_deref().map_or_else(String::new, |detail| format!(" ({detail})"));
            found.gap(format!("{what}: {reason}{detail} for `{}`", name_of(arn)));
        }
    }
    let silent = answer.asked.saturating_sub(answer.described + answer.failures.len());
    if silent != 0 {
        found.gap(format!("{what}: {silent} of {} asked for are not in the answer", answer.asked));
    }
}

/// An answer about many.
struct BatchAnswer<'a> {
    asked: usize,
    described: usize,
    failures: &'a [aws_sdk_ecs::types::Failure],
}
