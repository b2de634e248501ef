//! What all sources have in common.

use std::collections::BTreeSet;

use demurrage_core::in_use::{SourceState, UseSource};
use serde_json::json;

use super::server::{ACCOUNT, REGION, World};
use super::{now, read, state};
use crate::workloads::WORKLOAD_ACTIONS;

#[tokio::test]
async fn where_nothing_runs_all_sources_were_read_and_have_no_uses() {
    let (read, _) = read(World::default()).await;
    assert_eq!(read.record.account.as_deref(), Some(ACCOUNT));
    assert_eq!(read.record.region.as_deref(), Some(REGION));
    assert_eq!(read.record.read_at, now());
    assert!(read.record.uses.is_empty());
    for source in [UseSource::Ecs, UseSource::Lambda, UseSource::Inspector] {
        assert_eq!(state(&read, source), SourceState::Read, "{source}");
    }
}

/// One of everything, so that every operation is asked for.
fn everything() -> World {
    World::default()
        .pages("ecs:ListClusters", [json!({ "clusterArns": ["cluster/prod"] })])
        .pages("ecs:ListTasks", [json!({ "taskArns": ["t"] })])
        .pages("ecs:ListServices", [json!({ "serviceArns": ["a", "b"] })])
        .pages("ecs:DescribeServices", [json!({ "services": [
            { "serviceName": "a", "currentServiceRevisions": [{ "arn": "r" }], "currentServiceDeployment": "d" },
            { "serviceName": "b", "deploymentController": { "type": "EXTERNAL" } },
        ] })])
        .pages("ecs:ListDaemons", [json!({ "daemonSummariesList": [{ "daemonArn": "d" }] })])
        .pages("ecs:DescribeDaemon", [json!({ "daemon": { "currentRevisions": [{ "arn": "r" }] } })])
        .pages("ecs:ListTaskDefinitionFamilies", [json!({ "families": ["f"] })])
        .pages("ecs:ListTaskDefinitions", [json!({ "taskDefinitionArns": ["task-definition/f:1"] })])
        .pages("events:ListEventBuses", [json!({ "EventBuses": [{ "Name": "default" }] })])
        .pages("events:ListRules", [json!({ "Rules": [{ "Name": "r" }] })])
        .pages("scheduler:ListSchedules", [json!({ "Schedules": [{ "Name": "s" }] })])
        .pages("lambda:ListFunctions", [json!({ "Functions": [{ "FunctionName": "f" }] })])
}

#[tokio::test]
async fn the_actions_are_the_operations_that_are_asked_for() {
    let (_, aws) = read(everything()).await;
    let actions: BTreeSet<String> = WORKLOAD_ACTIONS.iter().map(|&action| action.to_owned()).collect();
    assert_eq!(aws.operations(), actions);
    assert!(WORKLOAD_ACTIONS.is_sorted());
}

#[tokio::test]
async fn credentials_that_are_gone_end_the_questions_of_a_service() {
    let expired = World::default().fault("ecs:ListTasks", "ExpiredTokenException", "the token is expired");
    let gone = expired.before(everything());
    let (read, aws) = read(gone).await;
    assert!(matches!(state(&read, UseSource::Ecs), SourceState::Failed(_)));
    assert_eq!(
        state(&read, UseSource::Lambda),
        SourceState::Failed("not read: `$LATEST` of function `f`: Lambda names no image".to_owned())
    );
    // The same call with credentials that were fetched anew, and then no more.
    assert!(aws.asked("ecs:ListTasks").len() <= 4);
    assert!(aws.asked("ecs:DescribeTasks").is_empty());
}
