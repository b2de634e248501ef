//! Functions with images, their versions and aliases.

use demurrage_core::in_use::{SourceState, UseSource};
use serde_json::{Value, json};

use super::server::World;
use super::{digest, image, lines, now, read, state};
use crate::workloads::{KnownFunctionVersions, WorkloadOptions, WorkloadsRead, read_workloads};

const ARN: &str = "arn:aws:lambda:eu-west-1:123456789012:function:checkout";

fn functions() -> Value {
    json!({ "Functions": [
        { "FunctionName": "checkout", "FunctionArn": ARN, "PackageType": "Image" },
        { "FunctionName": "zipped", "FunctionArn": format!("{ARN}2"), "PackageType": "Zip" },
    ] })
}

fn versions(numbers: &[&str]) -> Value {
    json!({ "Versions": numbers.iter().map(|number| json!({ "Version": number })).collect::<Vec<_>>() })
}

/// A version with an image by digest.
fn resolved(end: &str) -> Value {
    let resolved = image(&format!("checkout@{}", digest(end)));
    json!({ "Code": { "RepositoryType": "ECR", "ImageUri": image("checkout:live"), "ResolvedImageUri": resolved } })
}

fn world(latest: &str, numbers: &[&str]) -> World {
    World::default()
        .pages("lambda:ListFunctions", [functions()])
        .pages("lambda:ListVersionsByFunction", [versions(numbers)])
        .pages_to("lambda:GetFunction", "Qualifier=%24LATEST", [resolved(latest)])
        .pages_to("lambda:GetFunction", "Qualifier=1", [resolved("c1")])
        .pages_to("lambda:GetFunction", "Qualifier=2", [resolved("c2")])
}

async fn read_with(world: World, known: &KnownFunctionVersions, back: u32) -> (WorkloadsRead, super::Aws) {
    let aws = world.start().await;
    let session = aws.session().await;
    let options = WorkloadOptions { lambda_versions_back: back, ..WorkloadOptions::default() };
    let read = read_workloads(&session, &options, known, now()).await;
    (read, aws)
}

#[tokio::test]
async fn every_version_is_used_by_digest_with_the_aliases_that_name_it() {
    let aliases = json!({ "Aliases": [{
        "Name": "live", "FunctionVersion": "1", "RoutingConfig": { "AdditionalVersionWeights": { "2": 0.1 } },
    }] });
    let paged = World::default()
        .pages("lambda:ListFunctions", [json!({ "Functions": [], "NextMarker": "more" }), functions()])
        .pages("lambda:ListAliases", [aliases]);
    // The second version came after versions were listed: the alias names it.
    let (read, aws) = read(paged.before(world("c2", &["$LATEST", "1"]))).await;
    assert_eq!(state(&read, UseSource::Lambda), SourceState::Read);
    assert_eq!(
        lines(&read, UseSource::Lambda),
        [
            "checkout@sha256:…00c1 | - | version 1 of function `checkout`, alias `live`",
            "checkout@sha256:…00c2 | - | `$LATEST` of function `checkout`",
            "checkout@sha256:…00c2 | - | version 2 of function `checkout`, alias `live` with the weight 0.1",
        ]
    );
    assert_eq!(aws.asked("lambda:ListFunctions").len(), 2);
    assert!(aws.asked("lambda:ListFunctions")[1].contains("Marker=more"));
    assert!(aws.asked("lambda:GetFunction").iter().all(|asked| asked.contains("/checkout?")));
    assert_eq!(read.function_versions.versions(), 2);
}

#[tokio::test]
async fn a_published_version_is_asked_about_once_and_latest_every_time() {
    let (first, _) =
        read_with(world("c2", &["$LATEST", "1", "2"]), &KnownFunctionVersions::default(), 3).await;
    let stored = KnownFunctionVersions::from_json(&first.function_versions.to_json()).unwrap();
    let (again, aws) = read_with(world("c2", &["$LATEST", "1", "2"]), &stored, 3).await;
    assert_eq!(again.record, first.record);
    let asked = aws.asked("lambda:GetFunction");
    assert_eq!(asked.len(), 1);
    assert!(asked[0].contains("Qualifier=%24LATEST"));
}

#[tokio::test]
async fn images_that_a_function_had_before_are_used_as_far_back_as_is_asked_for() {
    let (mut read, _) =
        read_with(world("c1", &["$LATEST", "1", "2"]), &KnownFunctionVersions::default(), 3).await;
    for latest in ["c3", "c4"] {
        (read, _) = read_with(world(latest, &["$LATEST"]), &read.function_versions, 3).await;
    }
    assert_eq!(
        lines(&read, UseSource::Lambda),
        [
            "checkout@sha256:…00c1 | - | `$LATEST` of function `checkout`, as it was before",
            "checkout@sha256:…00c1 | - | version 1 of function `checkout`, which was there before",
            "checkout@sha256:…00c2 | - | version 2 of function `checkout`, which was there before",
            "checkout@sha256:…00c3 | - | `$LATEST` of function `checkout`, as it was before",
            "checkout@sha256:…00c4 | - | `$LATEST` of function `checkout`",
        ]
    );
    let (one_back, _) = read_with(world("c4", &["$LATEST"]), &read.function_versions, 1).await;
    assert_eq!(
        lines(&one_back, UseSource::Lambda),
        [
            "checkout@sha256:…00c2 | - | version 2 of function `checkout`, which was there before",
            "checkout@sha256:…00c3 | - | `$LATEST` of function `checkout`, as it was before",
            "checkout@sha256:…00c4 | - | `$LATEST` of function `checkout`",
        ]
    );
    let gone = World::default().pages("lambda:ListFunctions", [json!({ "Functions": [] })]);
    let (gone, _) = read_with(gone, &one_back.function_versions, 1).await;
    assert!(
        gone.record.uses.is_empty() && gone.function_versions.is_empty(),
        "a function that is gone runs nothing"
    );
}

#[tokio::test]
async fn what_was_not_listed_stays_known_and_is_used() {
    let (first, _) =
        read_with(world("c1", &["$LATEST", "1", "2"]), &KnownFunctionVersions::default(), 3).await;
    let fails = |operation| World::default().fault(operation, "ServiceException", "not now");
    let of_functions = World::default().fault("lambda:ListFunctions", "InvalidParameterValueException", "no");
    let (read, _) = read_with(of_functions, &first.function_versions, 0).await;
    let cause = "not read: functions: `lambda:ListFunctions` failed: no (InvalidParameterValueException)";
    assert_eq!(state(&read, UseSource::Lambda), SourceState::Failed(cause.to_owned()));
    assert_eq!(read.function_versions, first.function_versions);

    let of_versions = fails("lambda:ListVersionsByFunction").before(world("c1", &[]));
    let (read, _) = read_with(of_versions, &first.function_versions, 0).await;
    assert!(matches!(state(&read, UseSource::Lambda), SourceState::Failed(_)));
    assert_eq!(lines(&read, UseSource::Lambda).len(), 3, "both versions, and the one that is not published");
    assert_eq!(read.function_versions, first.function_versions);

    let of_latest = fails("lambda:GetFunction").before(world("c1", &["$LATEST", "1", "2"]));
    let (read, _) = read_with(of_latest, &first.function_versions, 0).await;
    let cause =
        "not read: `$LATEST` of function `checkout`: `lambda:GetFunction` failed: not now (ServiceException)";
    assert_eq!(state(&read, UseSource::Lambda), SourceState::Failed(cause.to_owned()));
    assert_eq!(lines(&read, UseSource::Lambda).len(), 3, "what it was when it was last read");
}

#[tokio::test]
async fn without_a_digest_the_tag_counts_as_of_the_last_change() {
    let by_tag = json!({
        "Configuration": { "LastModified": "2026-10-01T09:30:00.000+0000" },
        "Code": { "RepositoryType": "ECR", "ImageUri": image("checkout:live") },
    });
    let of_versions = World::default().pages("lambda:GetFunction", [by_tag]);
    let (read, _) = read(of_versions.before(world("c1", &["1"]))).await;
    assert_eq!(
        lines(&read, UseSource::Lambda),
        [
            "checkout:live | 2026-10-01 | `$LATEST` of function `checkout`",
            "checkout:live | 2026-10-01 | version 1 of function `checkout`",
        ]
    );
    assert_eq!(read.function_versions.versions(), 0, "a tag is not what a version keeps");
}

#[tokio::test]
async fn a_version_that_went_away_uses_nothing_and_one_without_an_image_is_a_gap() {
    let gone =
        World::default().fault_to("lambda:GetFunction", "Qualifier=1", "ResourceNotFoundException", "gone");
    let (read_gone, _) = read(gone.before(world("c2", &["1", "2"]))).await;
    assert_eq!(state(&read_gone, UseSource::Lambda), SourceState::Read);
    assert_eq!(lines(&read_gone, UseSource::Lambda).len(), 2);

    let of_nothing = World::default().pages_to("lambda:GetFunction", "Qualifier=1", [json!({ "Code": {} })]);
    let (read, _) = read(of_nothing.before(world("c2", &["1", "2"]))).await;
    let cause = "not read: version 1 of function `checkout`: Lambda names no image";
    assert_eq!(state(&read, UseSource::Lambda), SourceState::Failed(cause.to_owned()));
    assert_eq!(lines(&read, UseSource::Lambda).len(), 2);
}
