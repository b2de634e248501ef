//! Schedules of `EventBridge` Scheduler that start tasks of ECS; those that are disabled, too.
//!
//! A schedule names a task definition in its target, or calls ECS itself and names it in its input.

use aws_sdk_scheduler::Client;
use aws_sdk_scheduler::types::{ScheduleSummary, Target, TargetSummary};
use futures::StreamExt;
use serde_json::Value;

use super::named::{Absent, Naming};
use super::{AT_ONCE, EcsRead};
use crate::call_error::CallErrorKind;
use crate::workloads::client::ServiceClient;
use crate::workloads::pages;

/// Most entries of a page.
///
/// Source: `EventBridge` Scheduler API reference, `ListSchedules`, read 2026-11-25.
const PAGE_ENTRIES: i32 = 100;
/// What begins the name of a call to ECS, as the target of a schedule.
///
/// Source: `EventBridge` Scheduler user guide, "Using universal targets", read 2026-11-25.
const CALL: &str = ":scheduler:::aws-sdk:ecs:";
/// The calls to ECS that start tasks.
const STARTS: [&str; 2] = ["runTask", "startTask"];

/// Task definitions that schedules name.
pub(super) async fn read(scheduler: &ServiceClient<Client>) -> EcsRead {
    let mut read = EcsRead::new();
    let page = async |token: Option<String>| {
        let send = |client: Client| {
            client.list_schedules().max_results(PAGE_ENTRIES).set_next_token(token.clone()).send()
        };
        let page = scheduler.call("scheduler:ListSchedules", send).await?;
        Ok((Some(page.schedules), page.next_token))
    };
    let listed = pages::read("scheduler:ListSchedules", page).await;
    read.found.gap_of("schedules", listed.failure.as_ref());
    let of_ecs: Vec<&ScheduleSummary> =
        listed.entries.iter().filter(|schedule| is_of_ecs(schedule)).collect();
    let of_schedules =
        futures::stream::iter(of_ecs).map(|schedule| of_schedule(scheduler, schedule)).buffered(AT_ONCE);
    for of_schedule in of_schedules.collect::<Vec<EcsRead>>().await {
        read.add(of_schedule);
    }
    read
}

/// Whether a schedule may start a task: its target is a cluster, a call to ECS, or not told.
fn is_of_ecs(schedule: &ScheduleSummary) -> bool {
    let target = schedule.target().map(TargetSummary::arn);
    target.is_none_or(|arn| arn.split(':').nth(2) == Some("ecs") || arn.contains(CALL))
}

async fn of_schedule(scheduler: &ServiceClient<Client>, schedule: &ScheduleSummary) -> EcsRead {
    let mut read = EcsRead::new();
    let name = schedule.name().unwrap_or_default();
    let told = format!("schedule `{name}`");
    let send = |client: Client| {
        let get = client.get_schedule().name(name);
        get.set_group_name(schedule.group_name().map(str::to_owned)).send()
    };
    let target = match scheduler.call("scheduler:GetSchedule", send).await {
        Ok(answer) => answer.target,
        Err(failure) => {
            let failure = Some(&failure).filter(|failure| failure.kind != CallErrorKind::NotFound);
            read.found.gap_of(&told, failure);
            return read;
        }
    };
    let Some(target) = target else { return read };
    match task_definition(&target) {
        Ok(Some(task_definition)) => {
            read.named.insert(&task_definition, Naming { by: told, since: None, absent: Absent::Unusable });
        }
        Ok(None) => {}
        Err(cause) => read.found.gap(format!("{told}: {cause}")),
    }
    read
}

/// The task definition that a target starts, where it starts one.
fn task_definition(target: &Target) -> Result<Option<String>, &'static str> {
    if let Some(of_ecs) = target.ecs_parameters() {
        return Ok(Some(of_ecs.task_definition_arn().to_owned()));
    }
    let Some((_, call)) = target.arn().split_once(CALL) else { return Ok(None) };
    let input = target.input().and_then(|input| serde_json::from_str::<Value>(input).ok());
    let named = input.as_ref().and_then(|input| input.get("TaskDefinition")).and_then(Value::as_str);
    match named {
        Some(named) => Ok(Some(named.to_owned())),
        None if STARTS.contains(&call) => Err("its input names no task definition"),
        None => Ok(None),
    }
}
