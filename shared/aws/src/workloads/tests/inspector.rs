//! Images that Amazon Inspector saw in use.

use demurrage_core::in_use::{SourceState, UseSource};
use serde_json::{Value, json};

use super::server::World;
use super::{digest, lines, now, read, state};
use crate::workloads::{KnownFunctionVersions, WorkloadOptions, read_workloads};

fn covered(id: &str, count: i64) -> Value {
    json!({
        "resourceType": "AWS_ECR_CONTAINER_IMAGE",
        "resourceId": id,
        "accountId": "123456789012",
        "scanType": "PACKAGE",
        "resourceMetadata": { "ecrImage": { "inUseCount": count, "lastInUseAt": 1_793_491_200 } },
    })
}

fn arn(end: &str) -> String {
    format!("arn:aws:ecr:us-east-1:210987654321:repository/shop/cart/{}", digest(end))
}

fn status(of_images: &str) -> Value {
    let state = |status: &str| json!({ "status": status, "errorCode": "SUCCESS", "errorMessage": "" });
    let resources = json!({ "ec2": state("ENABLED"), "ecr": state(of_images) });
    json!({ "accounts": [{ "accountId": "123456789012", "state": state("ENABLED"), "resourceState": resources }] })
}

#[tokio::test]
async fn images_with_a_count_are_used_wherever_they_run() {
    let world = World::default()
        .pages("inspector2:BatchGetAccountStatus", [status("ENABLED")])
        .pages("inspector2:ListCoverage", [
            json!({ "coveredResources": [covered(&arn("e1"), 2)], "nextToken": "more" }),
            json!({ "coveredResources": [covered(&arn("e2"), 1), covered(&arn("e3"), 0), covered("arn:odd", 1)] }),
        ]);
    let (read, aws) = read(world).await;
    let cart = "210987654321/us-east-1/shop/cart@sha256:…00";
    assert_eq!(
        lines(&read, UseSource::Inspector),
        [
            format!(
                "{cart}e1 | - | 2 tasks or pods run it, as Amazon Inspector saw, last at 2026-11-01 00:00 UTC"
            ),
            format!(
                "{cart}e2 | - | 1 task or pod runs it, as Amazon Inspector saw, last at 2026-11-01 00:00 UTC"
            ),
        ]
    );
    let cause = "not read: `arn:odd`, of which 1 task or pod runs it, as Amazon Inspector saw, last at 2026-11-01 00:00 UTC";
    assert_eq!(state(&read, UseSource::Inspector), SourceState::Failed(cause.to_owned()));
    let asked = &aws.asked("inspector2:ListCoverage")[0];
    assert!(asked.contains("\"ecrImageInUseCount\":[{\"lowerInclusive\":1}]"), "{asked}");
    assert!(asked.contains("\"AWS_ECR_CONTAINER_IMAGE\""), "{asked}");
}

#[tokio::test]
async fn where_inspector_is_off_it_says_so_and_nothing_is_missing() {
    let off = World::default().pages("inspector2:BatchGetAccountStatus", [status("DISABLED")]);
    let (read_off, aws) = read(off).await;
    let told = "scanning of container images is disabled in Amazon Inspector";
    assert_eq!(state(&read_off, UseSource::Inspector), SourceState::NotEnabled(told.to_owned()));
    assert!(aws.asked("inspector2:ListCoverage").is_empty());

    let says = |message| {
        let denied =
            World::default().fault("inspector2:BatchGetAccountStatus", "AccessDeniedException", "no");
        denied.fault("inspector2:ListCoverage", "AccessDeniedException", message)
    };
    let (not_there, _) = read(says("Inspector is not there for the account")).await;
    let told = "Inspector is not there for the account (AccessDeniedException)";
    assert_eq!(state(&not_there, UseSource::Inspector), SourceState::NotEnabled(told.to_owned()));
    let (denied, _) = read(says("user/finops is not authorized to perform: inspector2:ListCoverage")).await;
    assert!(matches!(state(&denied, UseSource::Inspector), SourceState::Failed(_)));
}

#[tokio::test]
async fn inspector_is_not_asked_where_nobody_wants_it() {
    let aws = World::default().start().await;
    let options = WorkloadOptions { inspector: false, ..WorkloadOptions::default() };
    let session = aws.session().await;
    let read = read_workloads(&session, &options, &KnownFunctionVersions::default(), now()).await;
    let sources: Vec<UseSource> = read.record.sources.iter().map(|record| record.source).collect();
    assert_eq!(sources, [UseSource::Ecs, UseSource::Lambda]);
    assert!(!aws.operations().iter().any(|operation| operation.starts_with("inspector2")));
}
