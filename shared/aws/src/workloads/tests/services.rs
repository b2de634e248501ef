//! Services: their deployments, task sets and revisions.

use demurrage_core::in_use::{SourceState, UseSource};
use serde_json::{Value, json};

use super::ecs::{cluster, described};
use super::server::World;
use super::{digest, image, lines, read, state};

const OCTOBER: i64 = 1_790_812_800;
const NOVEMBER: i64 = 1_793_491_200;
const DAY: i64 = 86_400;

fn service(more: Value) -> Value {
    let mut service = json!({
        "serviceArn": "arn:aws:ecs:eu-west-1:123456789012:service/prod/web",
        "serviceName": "web",
        "desiredCount": 0,
        "createdAt": OCTOBER,
        "taskDefinition": "web:7",
    });
    let Value::Object(more) = more else { panic!("members") };
    service.as_object_mut().unwrap().extend(more);
    service
}

/// A cluster with this service, and task definitions with an image by their own name each.
fn world(service: &Value) -> World {
    let world = cluster()
        .pages("ecs:ListServices", [json!({ "serviceArns": ["web"] })])
        .pages("ecs:DescribeServices", [json!({ "services": [service] })]);
    ["web:5", "web:6", "web:7"].into_iter().fold(world, |world, name| {
        world.pages_to("ecs:DescribeTaskDefinition", name, [described(name, &image(name))])
    })
}

#[tokio::test]
async fn a_service_that_wants_no_task_uses_all_of_its_deployments() {
    let deployments = json!({ "deployments": [
        { "status": "PRIMARY", "taskDefinition": "web:7", "createdAt": NOVEMBER },
        { "status": "ACTIVE", "taskDefinition": "web:6", "createdAt": OCTOBER },
    ] });
    let (read, aws) = read(world(&service(deployments))).await;
    assert_eq!(state(&read, UseSource::Ecs), SourceState::Read);
    assert_eq!(
        lines(&read, UseSource::Ecs),
        [
            "web:6 | 2026-10-01 | task definition `web:6`, container `app`, named by the active deployment of service `web` in cluster `prod`",
            "web:7 | 2026-11-01 | task definition `web:7`, container `app`, named by the primary deployment of service `web` in cluster `prod`",
        ]
    );
    assert!(aws.asked("ecs:DescribeTaskSets").is_empty(), "ECS deploys this one itself");
}

#[tokio::test]
async fn task_sets_are_used_of_services_that_others_deploy() {
    let set =
        |status: &str, name: &str| json!({ "status": status, "taskDefinition": name, "createdAt": NOVEMBER });
    let by_codedeploy = service(json!({
        "deploymentController": { "type": "CODE_DEPLOY" },
        "taskSets": [set("PRIMARY", "web:7"), set("ACTIVE", "web:6")],
    }));
    let refused =
        world(&by_codedeploy).fault("ecs:DescribeTaskSets", "InvalidParameterException", "not external");
    let (of_codedeploy, aws) = read(refused).await;
    assert_eq!(state(&of_codedeploy, UseSource::Ecs), SourceState::Read);
    assert_eq!(lines(&of_codedeploy, UseSource::Ecs).len(), 3);
    assert!(aws.asked("ecs:ListServiceDeployments").is_empty(), "only ECS's own are listed");

    let external = service(json!({ "deploymentController": { "type": "EXTERNAL" }, "taskDefinition": null }));
    let told =
        world(&external).pages("ecs:DescribeTaskSets", [json!({ "taskSets": [set("DRAINING", "web:5")] })]);
    let (of_external, _) = read(told).await;
    assert_eq!(
        lines(&of_external, UseSource::Ecs),
        [
            "web:5 | 2026-11-01 | task definition `web:5`, container `app`, named by the draining task set of service `web` in cluster `prod`",
        ]
    );
}

fn deployment(number: i64, status: &str) -> Value {
    json!({
        "serviceDeploymentArn": format!("d{number}"),
        "targetServiceRevisionArn": format!("service-revision/prod/web/r{number}"),
        "createdAt": OCTOBER + number * DAY,
        "status": status,
    })
}

fn revision(number: i64) -> Value {
    json!({
        "serviceRevisionArn": format!("service-revision/prod/web/r{number}"),
        "createdAt": OCTOBER + number * DAY,
        "containerImages": [
            { "containerName": "app", "image": image("web:1"), "imageDigest": digest(&format!("b{number}")) },
            { "containerName": "log", "image": "log:1" },
        ],
    })
}

#[tokio::test]
async fn the_last_successful_deployments_and_those_under_way_are_used_by_digest() {
    let listed = [
        deployment(1, "SUCCESSFUL"),
        deployment(2, "SUCCESSFUL"),
        deployment(3, "STOPPED"),
        deployment(4, "ROLLBACK_SUCCESSFUL"),
        deployment(5, "SUCCESSFUL"),
        deployment(6, "SUCCESSFUL"),
        deployment(7, "ROLLBACK_FAILED"),
        deployment(8, "IN_PROGRESS"),
    ];
    let revisions = [2, 4, 5, 6, 7, 8].map(revision);
    let described = json!({ "serviceDeployments": [
        { "serviceDeploymentArn": "d8", "sourceServiceRevisions": [{ "arn": "service-revision/prod/web/r6" }],
          "targetServiceRevision": { "arn": "service-revision/prod/web/r8" } },
        { "serviceDeploymentArn": "d2", "sourceServiceRevisions": [{ "arn": "service-revision/prod/web/r9" }] },
        {}, {}, {}, {},
    ] });
    let world =
        world(&service(json!({ "currentServiceRevisions": [{ "arn": "service-revision/prod/web/r6" }] })))
            .pages(
                "ecs:ListServiceDeployments",
                [
                    json!({ "serviceDeployments": listed[..3], "nextToken": "more" }),
                    json!({ "serviceDeployments": listed[3..] }),
                ],
            )
            .pages("ecs:DescribeServiceDeployments", [described])
            .pages(
                "ecs:DescribeServiceRevisions",
                [json!({
                    "serviceRevisions": revisions,
                    "failures": [{ "arn": "service-revision/prod/web/r9", "reason": "MISSING" }],
                })],
            );
    let (read, aws) = read(world).await;
    assert_eq!(state(&read, UseSource::Ecs), SourceState::Read);
    let asked = aws.asked("ecs:DescribeServiceDeployments");
    assert_eq!(asked, ["/ {\"serviceDeploymentArns\":[\"d2\",\"d4\",\"d5\",\"d6\",\"d7\",\"d8\"]}"]);
    let asked = &aws.asked("ecs:DescribeServiceRevisions")[0];
    assert!(asked.contains("/r9\"") && !asked.contains("/r1\"") && !asked.contains("/r3\""), "{asked}");
    let lines = lines(&read, UseSource::Ecs);
    for number in [2, 4, 5, 6, 7, 8] {
        let by_digest = format!(
            "web@sha256:…00b{number} | - | revision `r{number}` of service `web` in cluster `prod`, container `app`"
        );
        assert!(lines.contains(&by_digest), "{by_digest}\n{lines:#?}");
    }
    let by_tag = "log:1 | 2026-10-09 | revision `r8` of service `web` in cluster `prod`, container `log`";
    assert!(lines.contains(&by_tag.to_owned()), "{lines:#?}");
}

#[tokio::test]
async fn without_a_list_of_service_deployments_task_definitions_are_what_is_known() {
    let fault = |code| world(&service(json!({}))).fault("ecs:ListServiceDeployments", code, "Unknown");
    for code in ["UnknownOperationException", "InvalidAction"] {
        let (read, _) = read(fault(code)).await;
        assert_eq!(state(&read, UseSource::Ecs), SourceState::Read, "{code}");
        assert_eq!(
            lines(&read, UseSource::Ecs),
            [
                "web:7 | 2026-10-01 | task definition `web:7`, container `app`, named by service `web` in cluster `prod`, \
             where no list of service deployments is known",
            ]
        );
    }
    let (denied, _) = read(fault("AccessDeniedException")).await;
    assert!(matches!(state(&denied, UseSource::Ecs), SourceState::Failed(_)));
    assert_eq!(lines(&denied, UseSource::Ecs).len(), 1, "what was read stays");
}
