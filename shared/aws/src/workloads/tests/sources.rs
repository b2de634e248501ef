//! What all sources have in common.

use std::collections::BTreeSet;

use demurrage_core::in_use::{SourceState, UseSource};
use serde_json::json;

use super::server::{ACCOUNT, REGION, World};
use super::{digest, image, now, read, state};
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

/// One of everything, so that every operation is asked for, and all of it is answered.
fn everything() -> World {
    let with_image = json!([{ "name": "app", "image": image("app:1") }]);
    let task = json!({ "taskArn": "t", "taskDefinitionArn": "f:1", "containers": with_image });
    let service = json!({
        "serviceName": "a", "currentServiceRevisions": [{ "arn": "r1" }], "currentServiceDeployment": "d1",
    });
    let external = json!({ "serviceName": "b", "deploymentController": { "type": "EXTERNAL" } });
    let deployment = json!({
        "serviceDeploymentArn": "d1", "status": "SUCCESSFUL", "targetServiceRevisionArn": "r1",
    });
    let replaced = json!({ "serviceDeploymentArn": "d1", "sourceServiceRevisions": [{ "arn": "r0" }] });
    let digests = json!([{ "containerName": "app", "image": image("app:1"), "imageDigest": digest("1") }]);
    let revision = |arn: &str| json!({ "serviceRevisionArn": arn, "containerImages": digests });
    let revisions = [revision("r0"), revision("r1")];
    let daemon = json!({ "daemonRevisionArn": "dr", "containerImages": digests });
    let described = json!({ "taskDefinition": { "containerDefinitions": with_image } });
    let target = json!({ "Id": "t", "Arn": "a", "EcsParameters": { "TaskDefinitionArn": "f:5" } });
    let of_ecs = json!({ "Arn": "a", "RoleArn": "r", "EcsParameters": { "TaskDefinitionArn": "f:2" } });
    World::default()
        .pages("ecs:ListClusters", [json!({ "clusterArns": ["cluster/prod"] })])
        .pages("ecs:ListTasks", [json!({ "taskArns": ["t"] })])
        .pages("ecs:DescribeTasks", [json!({ "tasks": [task] })])
        .pages("ecs:ListServices", [json!({ "serviceArns": ["a", "b"] })])
        .pages("ecs:DescribeServices", [json!({ "services": [service, external] })])
        .pages("ecs:ListServiceDeployments", [json!({ "serviceDeployments": [deployment] })])
        .pages("ecs:DescribeServiceDeployments", [json!({ "serviceDeployments": [replaced] })])
        .pages("ecs:DescribeServiceRevisions", [json!({ "serviceRevisions": revisions })])
        .pages("ecs:DescribeTaskSets", [json!({ "taskSets": [{ "taskDefinition": "f:3" }] })])
        .pages("ecs:ListDaemons", [json!({ "daemonSummariesList": [{ "daemonArn": "d" }] })])
        .pages("ecs:DescribeDaemon", [json!({ "daemon": { "currentRevisions": [{ "arn": "dr" }] } })])
        .pages("ecs:DescribeDaemonRevisions", [json!({ "daemonRevisions": [daemon] })])
        .pages("ecs:ListTaskDefinitionFamilies", [json!({ "families": ["f"] })])
        .pages("ecs:ListTaskDefinitions", [json!({ "taskDefinitionArns": ["task-definition/f:4"] })])
        .pages("ecs:DescribeTaskDefinition", [described])
        .pages("events:ListEventBuses", [json!({ "EventBuses": [{ "Name": "default" }] })])
        .pages("events:ListRules", [json!({ "Rules": [{ "Name": "r" }] })])
        .pages("events:ListTargetsByRule", [json!({ "Targets": [target] })])
        .pages("scheduler:ListSchedules", [json!({ "Schedules": [{ "Name": "s" }] })])
        .pages("scheduler:GetSchedule", [json!({ "Target": of_ecs })])
        .pages("lambda:ListFunctions", [json!({ "Functions": [{ "FunctionName": "f" }] })])
        .pages("lambda:GetFunction", [json!({ "Code": { "ImageUri": image("f:1") } })])
}

#[tokio::test]
async fn the_actions_are_the_operations_that_are_asked_for() {
    let (_, aws) = read(everything()).await;
    let mut actions: BTreeSet<String> = WORKLOAD_ACTIONS.iter().map(|&action| action.to_owned()).collect();
    // Which needs no permission.
    actions.insert("sts:GetCallerIdentity".to_owned());
    assert_eq!(aws.operations(), actions);
    assert!(WORKLOAD_ACTIONS.is_sorted());
}

#[tokio::test]
async fn credentials_that_are_gone_end_the_questions_of_a_service() {
    let expired = World::default().fault("ecs:ListTasks", "ExpiredTokenException", "the token is expired");
    let gone = expired.before(everything());
    let (read, aws) = read(gone).await;
    assert!(matches!(state(&read, UseSource::Ecs), SourceState::Failed(_)));
    assert_eq!(state(&read, UseSource::Lambda), SourceState::Read);
    // The same call with credentials that were fetched anew, and then no more.
    assert!(aws.asked("ecs:ListTasks").len() <= 4);
    assert!(aws.asked("ecs:DescribeTasks").is_empty());
}

/// But for the call that asks whether Inspector is on, whose answer another one gives as well.
#[tokio::test]
async fn a_source_of_which_any_call_fails_is_a_failed_one_and_keeps_what_it_read() {
    let (whole, _) = read(everything()).await;
    let sources = &whole.record.sources;
    assert!(sources.iter().all(|source| source.state == SourceState::Read), "{sources:?}");
    let without = |&action: &&'static str| async move {
        let denied = World::default().fault(action, "AccessDeniedException", "not authorized to perform it");
        (action, read(denied.before(everything())).await.0)
    };
    for (action, read) in futures::future::join_all(WORKLOAD_ACTIONS.iter().map(without)).await {
        let failed = match action.split_once(':').unwrap().0 {
            "ecs" | "events" | "scheduler" => UseSource::Ecs,
            "lambda" => UseSource::Lambda,
            _ => UseSource::Inspector,
        };
        for source in [UseSource::Ecs, UseSource::Lambda, UseSource::Inspector] {
            let state = state(&read, source);
            let is_failed = matches!(&state, SourceState::Failed(cause) if cause.contains(action));
            let should_be = source == failed && action != "inspector2:BatchGetAccountStatus";
            assert_eq!(is_failed, should_be, "{action}: {source}: {state:?}");
        }
        let known: Vec<String> = whole.record.uses.iter().map(|used| used.reference.to_string()).collect();
        let mut read = read.record.uses.iter().map(|used| used.reference.to_string()).peekable();
        assert!(read.peek().is_some() && read.all(|reference| known.contains(&reference)), "{action}");
    }
}
