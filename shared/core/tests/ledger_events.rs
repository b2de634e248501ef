//! Events of ECR as `EventBridge` delivers them: the samples of the user guide, what consumers have seen, and what is no
//! event.

#![expect(clippy::unwrap_used, reason = "a test that stops when its own data is wrong")]

use demurrage_core::ledger::{
    CacheSync, EcrAction, EcrEvent, EventError, ImageAction, Observation, Said, Teaching,
};
use demurrage_core::lifecycle::StorageClass;
use demurrage_core::{Digest, Tag};

const DIGEST: &str = "sha256:7f5b2640fe6fb4f46592dfd3410c4a79dac4f89e4782432e0378abcd1234abcd";

fn digest() -> Digest {
    DIGEST.parse().unwrap()
}

fn envelope(detail_type: &str, detail: &str) -> String {
    format!(
        r#"{{"version": "0", "id": "13cde686-328b-6117-af20-0e5566167482", "detail-type": "{detail_type}",
        "source": "aws.ecr", "account": "123456789012", "time": "2019-11-16T01:54:34Z", "region": "us-west-2",
        "resources": [], "detail": {detail}}}"#
    )
}

fn image_action(action: &str, more: &str) -> String {
    let detail = format!(
        r#"{{"result": "SUCCESS", "repository-name": "team/app", "image-digest": "{DIGEST}",
        "action-type": "{action}"{more}}}"#
    );
    envelope("ECR Image Action", &detail)
}

fn action(json: &str) -> EcrAction {
    EcrEvent::parse(json).unwrap().what
}

fn teaching(json: &str) -> Teaching {
    EcrEvent::parse(json).unwrap().teaching()
}

/// The sample event of a push, with one part of its text replaced.
fn push_with(from: &str, to: &str) -> String {
    let push = image_action("PUSH", r#", "image-tag": "latest""#);
    assert!(push.contains(from), "{from} is not in the event");
    push.replace(from, to)
}

#[test]
fn a_push_and_a_delete_with_a_tag_are_about_that_tag() {
    let at = "2019-11-16T01:54:34Z".parse().unwrap();
    let tag = Tag::as_given("latest");
    for (action, said) in [("PUSH", Said::Pushed(digest())), ("DELETE", Said::Deleted(digest()))] {
        let event = EcrEvent::parse(&image_action(action, r#", "image-tag": "latest""#)).unwrap();
        assert_eq!(event.id, "13cde686-328b-6117-af20-0e5566167482");
        assert_eq!(
            event.repository().unwrap().to_string(),
            "arn:aws:ecr:us-west-2:123456789012:repository/team/app"
        );
        let observation = Observation { at, said };
        assert_eq!(event.teaching(), Teaching::Tag { tag: tag.clone(), observation });
    }
}

#[test]
fn a_tag_that_is_missing_null_or_empty_is_none() {
    let at = "2019-11-16T01:54:34Z".parse().unwrap();
    for more in ["", r#", "image-tag": null"#, r#", "image-tag": """#] {
        assert_eq!(teaching(&image_action("PUSH", more)), Teaching::Nothing);
        assert_eq!(teaching(&image_action("DELETE", more)), Teaching::Deletion { digest: digest(), at });
    }
}

#[test]
fn a_fraction_of_a_second_is_cut_off_and_an_offset_is_counted() {
    let time = |text| EcrEvent::parse(&push_with("2019-11-16T01:54:34Z", text)).unwrap().at.to_rfc3339();
    assert_eq!(time("2019-11-16T01:54:34.999Z"), "2019-11-16T01:54:34+00:00");
    assert_eq!(time("2019-11-16T03:54:34+02:00"), "2019-11-16T01:54:34+00:00");
}

#[test]
fn an_image_that_was_archived_or_restored_keeps_its_tags() {
    let archived = image_action(
        "UPDATE_STORAGE_CLASS",
        r#", "target-storage-class": "ARCHIVE", "manifest-media-type": "application/vnd.oci.image.manifest.v1+json""#,
    );
    let restored = image_action(
        "UPDATE_STORAGE_CLASS",
        r#", "target-storage-class": "STANDARD", "last-activated-at": "2025-10-10T19:13:02.74Z""#,
    );
    let actions = [&archived, &restored].map(|json| match action(json) {
        EcrAction::Image { action, .. } => action,
        other => panic!("{other:?}"),
    });
    let last_activated_at = Some("2025-10-10T19:13:02.740Z".parse().unwrap());
    assert_eq!(
        actions,
        [
            ImageAction::UpdateStorageClass { target: StorageClass::Archive, last_activated_at: None },
            ImageAction::UpdateStorageClass { target: StorageClass::Standard, last_activated_at },
        ]
    );
    assert_eq!(teaching(&archived), Teaching::Nothing);
    assert_eq!(teaching(&restored), Teaching::Nothing);
}

#[test]
fn a_referrer_is_an_image_of_its_own_kind() {
    let json = image_action("DELETE", "").replace("ECR Image Action", "ECR Referrer Action");
    assert!(matches!(action(&json), EcrAction::Referrer { action: ImageAction::Delete, .. }));
    assert!(matches!(teaching(&json), Teaching::Deletion { .. }));
}

#[test]
fn a_replication_names_its_source_and_teaches_nothing_about_tags() {
    let detail = format!(
        r#"{{"result": "SUCCESS", "repository-name": "team/app", "image-digest": "{DIGEST}", "image-tag": "v1",
        "source-account": "999999999999", "source-region": "eu-west-1", "action-type": "REPLICATE"}}"#
    );
    let json = envelope("ECR Replication Action", &detail);
    let EcrAction::Replicated { image, source_account, source_region } = action(&json) else {
        panic!("a replication")
    };
    assert_eq!((source_account.as_str(), source_region.as_str()), ("999999999999", "eu-west-1"));
    assert_eq!(image.tag, Some(Tag::as_given("v1")));
    assert_eq!(teaching(&json), Teaching::Nothing);
}

#[test]
fn a_pull_through_a_cache_succeeded_or_failed() {
    let detail = |rest: &str| {
        envelope(
            "ECR Pull Through Cache Action",
            &format!(
                r#"{{"rule-version": "1", "ecr-repository-prefix": "docker-hub", "upstream-registry-url":
                "registry-1.docker.io", "repository-name": "docker-hub/library/nginx", "image-tag": "1", {rest}}}"#
            ),
        )
    };
    let sync = |json: &str| match action(json) {
        EcrAction::PulledThrough { sync, .. } => sync,
        other => panic!("{other:?}"),
    };
    let succeeded = detail(&format!(r#""sync-status": "SUCCESS", "image-digest": "{DIGEST}""#));
    assert_eq!(sync(&succeeded), CacheSync::Succeeded { digest: Some(digest()) });
    assert_eq!(teaching(&succeeded), Teaching::Nothing);
    let failed = detail(
        r#""sync-status": "FAILED", "failure-code": "UpstreamError", "failure-reason": "no such tag""#,
    );
    let (code, reason) = (Some("UpstreamError".to_owned()), Some("no such tag".to_owned()));
    assert_eq!(sync(&failed), CacheSync::Failed { code, reason });
}

#[test]
fn what_is_not_known_yet_is_no_error() {
    let unknown = |detail_type: &str, action: Option<&str>| EcrAction::Unknown {
        detail_type: detail_type.to_owned(),
        action: action.map(str::to_owned),
    };
    assert_eq!(
        action(&envelope("ECR Image Scan", r#"{"scan-status": "COMPLETE", "image-tags": []}"#)),
        unknown("ECR Image Scan", None)
    );
    assert_eq!(
        action(&envelope("ECR Artifact Action", r#"{"action-type": "SIGN"}"#)),
        unknown("ECR Artifact Action", Some("SIGN"))
    );
    assert_eq!(action(&image_action("RENAME", "")), unknown("ECR Image Action", Some("RENAME")));
    assert_eq!(
        action(&image_action("UPDATE_STORAGE_CLASS", r#", "target-storage-class": "GLACIER""#)),
        unknown("ECR Image Action", Some("UPDATE_STORAGE_CLASS"))
    );
    assert_eq!(teaching(&envelope("ECR Scan Resource Change", r#"{"action-type": 7}"#)), Teaching::Nothing);
}

#[test]
fn what_did_not_succeed_is_no_fact_and_no_error_whatever_else_it_lacks() {
    let failed = envelope("ECR Image Action", r#"{"result": "FAILURE", "action-type": "PUSH"}"#);
    let expected = EcrAction::Unsuccessful {
        detail_type: "ECR Image Action".to_owned(),
        result: Some("FAILURE".to_owned()),
    };
    assert_eq!(action(&failed), expected);
    assert_eq!(teaching(&failed), Teaching::Nothing);
    assert_eq!(
        action(&push_with(r#""result": "SUCCESS", "#, "")),
        EcrAction::Unsuccessful { detail_type: "ECR Image Action".to_owned(), result: None }
    );
}

#[test]
fn what_is_wrong_with_an_event_is_said_with_its_place() {
    let error = |json: &str| EcrEvent::parse(json).unwrap_err().to_string();
    let cases = [
        (push_with(r#""account": "123456789012", "#, ""), "the event has nothing at /account"),
        (
            push_with(r#""123456789012""#, r#""12345678901""#),
            "/account is `12345678901`: it should be an account of twelve digits",
        ),
        (push_with(r#""region": "us-west-2","#, ""), "the event has nothing at /region"),
        (push_with("us-west-2", "US-WEST"), "/region is `US-WEST`: it should be the code of a region"),
        (push_with(r#""2019-11-16T01:54:34Z""#, "1573869274"), "/time is not a text"),
        (push_with("T01:54:34Z", ""), "/time is `2019-11-16`: it should be a time of RFC 3339"),
        (
            push_with(r#""repository-name": "team/app", "#, ""),
            "the event has nothing at /detail/repository-name",
        ),
        (
            push_with("team/app", "Team App"),
            "/detail/repository-name is `Team App`: it should be the name of a repository",
        ),
        (
            push_with("abcd1234abcd", "abcd1234"),
            "/detail/image-digest: `sha256:7f5b2640fe6fb4f46592dfd3410c4a79dac4f89e4782432e0378abcd1234` is not a \
             digest: `sha256:` is followed by 60 characters, not by 64",
        ),
        (
            push_with("latest", "two words"),
            "/detail/image-tag: `two words` is not a tag: ` ` is not a letter, a digit, `_`, `.` or `-`",
        ),
        (push_with(r#""latest""#, "[]"), "/detail/image-tag is not a text"),
        (
            push_with("aws.ecr", "aws.inspector2"),
            "/source is `aws.inspector2`: an event of ECR has `aws.ecr`",
        ),
        (push_with(r#""id": "#, r#""ID": "#), "the event has nothing at /id"),
        (
            push_with(r#""action-type": "PUSH", "#, r#""action": 1, "#),
            "the event has nothing at /detail/action-type",
        ),
        ("[1]".to_owned(), "the event has nothing at /source"),
        ("{".to_owned(), "the event is not JSON: EOF while parsing an object at line 1 column 1"),
    ];
    for (json, message) in cases {
        assert_eq!(error(&json), message);
    }
}

#[test]
fn an_event_of_256_kib_is_read_and_a_longer_one_is_not() {
    let push = push_with("latest", "latest");
    let filled = |bytes: usize| format!("{push}{}", " ".repeat(bytes - push.len()));
    assert!(EcrEvent::parse(&filled(256 * 1024)).is_ok());
    let error = EcrEvent::parse(&filled(256 * 1024 + 1)).unwrap_err();
    assert_eq!(error, EventError::TooLong { bytes: 262_145, bytes_max: 262_144 });
}

#[test]
fn the_partition_is_that_of_the_region() {
    let arn =
        |region: &str| EcrEvent::parse(&push_with("us-west-2", region)).unwrap().repository().unwrap().arn();
    for (region, partition) in [
        ("cn-north-1", "aws-cn"),
        ("us-gov-west-1", "aws-us-gov"),
        ("eusc-de-east-1", "aws-eusc"),
        ("us-iso-east-1", "aws-iso"),
        ("us-isob-east-1", "aws-iso-b"),
        ("eu-isoe-west-1", "aws-iso-e"),
        ("us-isof-south-1", "aws-iso-f"),
        ("ap-new-9", "aws"),
    ] {
        assert_eq!(arn(region), format!("arn:{partition}:ecr:{region}:123456789012:repository/team/app"));
    }
}

#[test]
fn what_an_error_repeats_of_an_event_is_bounded() {
    let long = "A".repeat(10_000);
    let error = EcrEvent::parse(&push_with("team/app", &long)).unwrap_err().to_string();
    assert!(error.len() < 300, "{} bytes", error.len());
}
