//! Tasks, task definitions, rules and schedules.

use demurrage_core::in_use::{SourceState, UseSource};
use serde_json::{Value, json};

use super::server::World;
use super::{digest, image, lines, read, state};

const CLUSTER: &str = "arn:aws:ecs:eu-west-1:123456789012:cluster/prod";
/// 1 October and 1 November 2026.
const OCTOBER: i64 = 1_790_812_800;
const NOVEMBER: i64 = 1_793_491_200;

pub(super) fn cluster() -> World {
    World::default().pages("ecs:ListClusters", [json!({ "clusterArns": [CLUSTER] })])
}

fn task_definition(name: &str) -> String {
    format!("arn:aws:ecs:eu-west-1:123456789012:task-definition/{name}")
}

/// A task definition with one container.
pub(super) fn described(name: &str, image: &str) -> Value {
    json!({ "taskDefinition": {
        "taskDefinitionArn": task_definition(name),
        "registeredAt": OCTOBER,
        "containerDefinitions": [{ "name": "app", "image": image }],
    } })
}

fn task(id: &str, containers: &Value) -> Value {
    json!({
        "taskArn": format!("arn:aws:ecs:eu-west-1:123456789012:task/prod/{id}"),
        "group": "service:web",
        "lastStatus": "RUNNING",
        "createdAt": NOVEMBER,
        "taskDefinitionArn": task_definition("web:7"),
        "containers": containers,
    })
}

fn running(id: &str) -> Value {
    task(id, &json!([{ "name": "app", "image": image("web:1"), "imageDigest": digest("a1") }]))
}

#[tokio::test]
async fn running_tasks_use_digests_and_are_told_of_together() {
    let world = cluster()
        .pages(
            "ecs:ListTasks",
            [json!({ "taskArns": ["t1", "t2"], "nextToken": "more" }), json!({ "taskArns": ["t3"] })],
        )
        .pages("ecs:DescribeTasks", [json!({ "tasks": [running("t2"), running("t1"), running("t3")] })])
        .pages("ecs:DescribeTaskDefinition", [described("web:7", &image("web:1"))]);
    let (read, aws) = read(world).await;
    assert_eq!(state(&read, UseSource::Ecs), SourceState::Read);
    assert_eq!(
        lines(&read, UseSource::Ecs),
        [
            "web:1 | 2026-10-01 | task definition `web:7`, container `app`, named by tasks of `service:web` in cluster `prod`",
            "web@sha256:…00a1 | - | task `t1` and 2 more of `service:web` in cluster `prod`, container `app`",
        ]
    );
    assert!(aws.asked("ecs:ListTasks")[1].contains("\"nextToken\":\"more\""));
    assert!(aws.asked("ecs:ListTasks")[0].contains("\"desiredStatus\":\"RUNNING\""));
    assert_eq!(aws.asked("ecs:DescribeTaskDefinition").len(), 1, "once, whoever names it");
}

#[tokio::test]
async fn a_pending_task_uses_what_it_asked_for_when_it_was_created() {
    let pending = task("t1", &json!([{ "name": "app", "image": image("web:1") }]));
    let mut provisioned = task("t2", &json!([]));
    provisioned["group"] = json!("family:web");
    let mut stopped = running("t3");
    stopped["lastStatus"] = json!("STOPPED");
    let world = cluster()
        .pages("ecs:ListTasks", [json!({ "taskArns": ["t1", "t2", "t3"] })])
        .pages("ecs:DescribeTasks", [json!({ "tasks": [pending, provisioned, stopped] })])
        .pages("ecs:DescribeTaskDefinition", [described("web:7", &image("web:1"))]);
    let (read, _) = read(world).await;
    assert_eq!(state(&read, UseSource::Ecs), SourceState::Read);
    assert_eq!(
        lines(&read, UseSource::Ecs),
        [
            "web:1 | 2026-11-01 | task `t1` of `service:web` in cluster `prod`, container `app`",
            "web:1 | 2026-11-01 | task definition `web:7`, container `app`, named by tasks of `family:web` in cluster `prod`",
            "web:1 | 2026-11-01 | task definition `web:7`, container `app`, named by tasks of `service:web` in cluster `prod`",
        ]
    );
}

#[tokio::test]
async fn a_task_that_is_missing_has_ended_and_any_other_failure_is_told() {
    let missing = json!({ "arn": "task/prod/t1", "reason": "MISSING" });
    let other = json!({ "arn": "task/prod/t2", "reason": "ACCESS", "detail": "no" });
    let world = |failures: Value| {
        cluster()
            .pages("ecs:ListTasks", [json!({ "taskArns": ["t1", "t2"] })])
            .pages("ecs:DescribeTasks", [json!({ "tasks": [], "failures": failures })])
    };
    let (both, _) = read(world(json!([missing, missing]))).await;
    assert_eq!(state(&both, UseSource::Ecs), SourceState::Read);
    let (told, _) = read(world(json!([missing, other]))).await;
    let cause = "not read: tasks of cluster `prod`: ACCESS (no) for `t2`";
    assert_eq!(state(&told, UseSource::Ecs), SourceState::Failed(cause.to_owned()));
    let (silent, _) = read(world(json!([missing]))).await;
    let cause = "not read: tasks of cluster `prod`: 1 of 2 asked for are not in the answer";
    assert_eq!(state(&silent, UseSource::Ecs), SourceState::Failed(cause.to_owned()));
}

#[tokio::test]
async fn a_failure_in_the_middle_keeps_what_was_read_and_is_told() {
    let world = World::default()
        .pages("ecs:ListClusters", [json!({ "clusterArns": [CLUSTER, "arn:aws:ecs:::cluster/test"] })])
        .fault_to("ecs:ListTasks", "cluster/test", "AccessDeniedException", "not you")
        .pages("ecs:ListTasks", [json!({ "taskArns": ["t1"] })])
        .pages("ecs:DescribeTasks", [json!({ "tasks": [running("t1")] })])
        .pages("ecs:DescribeTaskDefinition", [described("web:7", &image("web:1"))]);
    let (read, _) = read(world).await;
    assert_eq!(lines(&read, UseSource::Ecs).len(), 2);
    let cause = "not read: tasks of cluster `test`: `ecs:ListTasks` failed: not you (AccessDeniedException)";
    assert_eq!(state(&read, UseSource::Ecs), SourceState::Failed(cause.to_owned()));
    assert_eq!(state(&read, UseSource::Lambda), SourceState::Read);
}

#[tokio::test]
async fn a_list_that_goes_round_is_a_failure_and_one_that_was_throttled_is_asked_again() {
    let round = cluster().pages("ecs:ListServices", [json!({ "serviceArns": [], "nextToken": "again" })]);
    let (read_round, _) = read(round).await;
    let cause =
        "not read: services of cluster `prod`: `ecs:ListServices` failed: it does not end after 2 pages";
    assert_eq!(state(&read_round, UseSource::Ecs), SourceState::Failed(cause.to_owned()));

    let throttled = World::default().throttled_once("ecs:ListClusters", json!({ "clusterArns": [] }));
    let (read_throttled, aws) = read(throttled).await;
    assert_eq!(state(&read_throttled, UseSource::Ecs), SourceState::Read);
    assert_eq!(aws.asked("ecs:ListClusters").len(), 2);
    assert_eq!(read_throttled.calls["ecs:ListClusters"].throttled, 1);
}

#[tokio::test]
async fn a_cluster_that_went_away_uses_nothing() {
    let world = ["ecs:ListTasks", "ecs:ListServices", "ecs:ListDaemons"]
        .into_iter()
        .fold(cluster(), |world, it| world.fault(it, "ClusterNotFoundException", "Cluster not found."));
    let (read, _) = read(world).await;
    assert_eq!(state(&read, UseSource::Ecs), SourceState::Read);
}

#[tokio::test]
async fn the_newest_revisions_of_each_family_are_in_use_whoever_runs_them() {
    let of_web = ["web:9", "web:8", "web-admin:3", "web:7"].map(task_definition);
    let world = World::default()
        .pages("ecs:ListTaskDefinitionFamilies", [json!({ "families": ["web"] })])
        .pages(
            "ecs:ListTaskDefinitions",
            [
                json!({ "taskDefinitionArns": of_web[..3], "nextToken": "2" }),
                json!({ "taskDefinitionArns": of_web[3..], "nextToken": "3" }),
            ],
        )
        .pages_to("ecs:DescribeTaskDefinition", "web:9", [described("web:9", &image("web:9"))])
        .pages_to("ecs:DescribeTaskDefinition", "web:8", [described("web:8", "<IMAGE1_NAME>")])
        .pages_to("ecs:DescribeTaskDefinition", "web:7", [described("web:7", "web@sha256:12")]);
    let (read, aws) = read(world).await;
    let by = "named by one of the newest 3 active revisions of `web`";
    let line = format!("web:9 | 2026-10-01 | task definition `web:9`, container `app`, {by}");
    assert_eq!(lines(&read, UseSource::Ecs), [line]);
    let cause = format!(
        "not read: task definition `web:7`, container `app`, {by}: \
         `web@sha256:12` is no reference to an image: behind the `@` stands no digest"
    );
    assert_eq!(state(&read, UseSource::Ecs), SourceState::Failed(cause));
    let asked = aws.asked("ecs:ListTaskDefinitions");
    assert_eq!(asked.len(), 2, "no page more than the newest are on");
    assert!(asked[0].contains("\"sort\":\"DESC\"") && asked[0].contains("\"status\":\"ACTIVE\""));
}

#[tokio::test]
async fn rules_and_schedules_use_task_definitions_and_one_that_is_gone_starts_nothing() {
    let target = |arn: &str, name: &str| {
        json!({
            "Id": name, "Arn": arn, "EcsParameters": { "TaskDefinitionArn": task_definition(name) },
        })
    };
    let universal = "arn:aws:scheduler:::aws-sdk:ecs:runTask";
    let summary =
        |name: &str, arn: &str| json!({ "Name": name, "GroupName": "night", "Target": { "Arn": arn } });
    let schedule = |target: Value| json!({ "Target": target });
    let world = World::default()
        .pages("events:ListEventBuses", [json!({ "EventBuses": [{ "Name": "default" }, { "Name": "shop" }] })])
        .pages_to("events:ListRules", "\"shop\"", [json!({ "Rules": [{ "Name": "nightly" }] })])
        .pages("events:ListTargetsByRule", [json!({ "Targets": [
            target(CLUSTER, "batch"),
            json!({ "Id": "queue", "Arn": "arn:aws:sqs:eu-west-1:123456789012:orders" }),
        ] })])
        .pages("scheduler:ListSchedules", [json!({ "Schedules": [
            summary("report", CLUSTER),
            summary("export", universal),
            summary("dangling", universal),
            summary("odd", universal),
            summary("other", "arn:aws:lambda:eu-west-1:123456789012:function:x"),
        ] })])
        .pages_to("scheduler:GetSchedule", "/report?groupName=night", [schedule(json!({
            "Arn": CLUSTER, "RoleArn": "r", "EcsParameters": { "TaskDefinitionArn": task_definition("report:2") },
        }))])
        .pages_to("scheduler:GetSchedule", "/export", [schedule(json!({
            "Arn": universal, "RoleArn": "r", "Input": "{\"TaskDefinition\":\"export\"}",
        }))])
        .pages_to("scheduler:GetSchedule", "/dangling", [schedule(json!({
            "Arn": universal, "RoleArn": "r", "Input": "{\"TaskDefinition\":\"gone:1\"}",
        }))])
        .pages_to("scheduler:GetSchedule", "/odd", [schedule(json!({ "Arn": universal, "RoleArn": "r", "Input": "{}" }))])
        .fault_to("ecs:DescribeTaskDefinition", "gone:1", "ClientException", "Unable to describe task definition.")
        .pages_to("ecs:DescribeTaskDefinition", "/batch", [described("batch:4", &image("batch:4"))])
        .pages_to("ecs:DescribeTaskDefinition", "report:2", [described("report:2", &image("report:2"))])
        .pages_to("ecs:DescribeTaskDefinition", "export", [described("export:1", &image("export:1"))]);
    let (read, aws) = read(world).await;
    assert_eq!(
        lines(&read, UseSource::Ecs),
        [
            "batch:4 | 2026-10-01 | task definition `batch:4`, container `app`, named by rule `nightly` of event bus `shop`",
            "export:1 | 2026-10-01 | task definition `export:1`, container `app`, named by schedule `export`",
            "report:2 | 2026-10-01 | task definition `report:2`, container `app`, named by schedule `report`",
        ]
    );
    let cause = "not read: schedule `odd`: its input names no task definition";
    assert_eq!(state(&read, UseSource::Ecs), SourceState::Failed(cause.to_owned()));
    assert_eq!(aws.asked("scheduler:GetSchedule").len(), 4, "only those that may start tasks");
}

#[tokio::test]
async fn a_task_definition_of_something_that_runs_and_cannot_be_read_is_a_gap() {
    let world = cluster()
        .pages("ecs:ListTasks", [json!({ "taskArns": ["t1"] })])
        .pages("ecs:DescribeTasks", [json!({ "tasks": [task("t1", &json!([]))] })])
        .fault("ecs:DescribeTaskDefinition", "ClientException", "Unable to describe task definition.");
    let (read, _) = read(world).await;
    let cause = "not read: task definition `web:7`, named by tasks of `service:web` in cluster `prod`: \
                 `ecs:DescribeTaskDefinition` failed: Unable to describe task definition. (ClientException)";
    assert_eq!(state(&read, UseSource::Ecs), SourceState::Failed(cause.to_owned()));
}

#[tokio::test]
async fn daemons_use_the_revisions_that_they_run_and_their_last_deployments() {
    let revision = |id: &str, end: &str| {
        json!({
            "daemonRevisionArn": id,
            "createdAt": OCTOBER,
            "containerImages": [{ "containerName": "agent", "image": image("agent:1"), "imageDigest": digest(end) }],
        })
    };
    let mut task_of_daemon = running("t1");
    task_of_daemon["taskDefinitionArn"] =
        json!("arn:aws:ecs:eu-west-1:123456789012:daemon-task-definition/agent:1");
    let world = cluster()
        .pages("ecs:ListTasks", [json!({ "taskArns": ["t1"] })])
        .pages("ecs:DescribeTasks", [json!({ "tasks": [task_of_daemon] })])
        .pages("ecs:ListDaemons", [json!({ "daemonSummariesList": [{ "daemonArn": "daemon/prod/agent" }] })])
        .pages("ecs:DescribeDaemon", [json!({ "daemon": { "currentRevisions": [{ "arn": "r2" }] } })])
        .pages(
            "ecs:ListDaemonDeployments",
            [json!({ "daemonDeployments": [
            { "targetDaemonRevisionArn": "r1", "createdAt": OCTOBER },
            { "targetDaemonRevisionArn": "r2", "createdAt": NOVEMBER },
        ] })],
        )
        .pages(
            "ecs:DescribeDaemonRevisions",
            [json!({ "daemonRevisions": [revision("r1", "d1"), revision("r2", "d2")] })],
        );
    let (read, aws) = read(world).await;
    assert_eq!(state(&read, UseSource::Ecs), SourceState::Read);
    assert_eq!(
        lines(&read, UseSource::Ecs),
        [
            "agent@sha256:…00d1 | - | daemon `agent` in cluster `prod`, container `agent`",
            "agent@sha256:…00d2 | - | daemon `agent` in cluster `prod`, container `agent`",
            "web@sha256:…00a1 | - | task `t1` of `service:web` in cluster `prod`, container `app`",
        ]
    );
    assert!(aws.asked("ecs:DescribeTaskDefinition").is_empty());
    let without = cluster().fault("ecs:ListDaemons", "UnknownOperationException", "");
    assert_eq!(state(&super::read(without).await.0, UseSource::Ecs), SourceState::Read);
}
