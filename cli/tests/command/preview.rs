//! `demurrage preview` over files: shape, times, manifests, switches.

use crate::support::{Folder, digest, image, images, keep};
use serde_json::json;

#[test]
fn the_json_has_the_shape_of_get_lifecycle_policy_preview() {
    let folder = Folder::new();
    let policy = keep(1);
    folder.write_json("policy.json", &policy);
    let list = [
        image('a', &["v1"], "2026-01-01T09:00:00+09:00"),
        image('b', &[], "2026-01-02T00:00:00.5Z"),
        image('c', &["v3"], "2026-01-03"),
    ];
    folder.write_json("images.json", &images(&list));
    let run = folder
        .run("preview --policy policy.json --images images.json --now 2026-11-01 --format json")
        .expect(0);
    assert_eq!(
        run.json(),
        json!({
            "registryId": "123456789012", "repositoryName": "team/app", "lifecyclePolicyText": policy.to_string(),
            "status": "COMPLETE",
            "previewResults": [
                {"imageTags": ["v1"], "imageDigest": digest('a'), "imagePushedAt": "2026-01-01T00:00:00+00:00",
                 "action": {"type": "EXPIRE"}, "appliedRulePriority": 1, "storageClass": "STANDARD"},
                {"imageDigest": digest('b'), "imagePushedAt": "2026-01-02T00:00:00.500+00:00",
                 "action": {"type": "EXPIRE"}, "appliedRulePriority": 1, "storageClass": "STANDARD"},
            ],
            "summary": {"expiringImageTotalCount": 2},
        })
    );
}

#[test]
fn a_transition_names_its_target_and_is_counted() {
    let folder = Folder::new();
    folder.write_json("policy.json", &json!({"rules": [
        {"rulePriority": 1, "selection": {"tagStatus": "any", "countType": "sinceImagePulled", "countUnit": "days",
         "countNumber": 90}, "action": {"type": "transition", "targetStorageClass": "archive"}},
        {"rulePriority": 2, "selection": {"tagStatus": "any", "storageClass": "archive", "countUnit": "days",
         "countType": "sinceImageTransitioned", "countNumber": 365}, "action": {"type": "expire"}}]}));
    let mut archived = image('b', &["v2"], "2024-01-01");
    archived["imageStatus"] = json!("ARCHIVED");
    archived["lastArchivedAt"] = json!(1_735_689_600.0);
    folder.write_json("images.json", &images(&[image('a', &["v1"], "2026-01-01"), archived]));
    let run = folder
        .run("preview --policy policy.json --images images.json --now 2026-11-01 --format json")
        .expect(0);
    let document = run.json();
    assert_eq!(
        document["previewResults"][0]["action"],
        json!({"type": "TRANSITION", "targetStorageClass": "ARCHIVE"})
    );
    assert_eq!(document["previewResults"][1]["storageClass"], "ARCHIVE");
    assert_eq!(
        document["summary"],
        json!({"expiringImageTotalCount": 1,
               "transitioningImageTotalCounts": [{"targetStorageClass": "ARCHIVE", "imageTotalCount": 1}]})
    );
}

/// An index `f` of the child `a`, as the two files of the AWS CLI.
fn index_and_child(folder: &Folder) {
    let mut index = image('f', &["v9"], "2026-03-01");
    index["imageManifestMediaType"] = json!("application/vnd.oci.image.index.v1+json");
    folder.write_json(
        "images.json",
        &images(&[index, image('a', &[], "2026-01-01"), image('b', &[], "2026-02-01")]),
    );
    let manifest = json!({"schemaVersion": 2, "mediaType": "application/vnd.oci.image.index.v1+json", "manifests": [
        {"mediaType": "application/vnd.oci.image.manifest.v1+json", "digest": digest('a'), "size": 5,
         "platform": {"os": "linux", "architecture": "arm64"}}]});
    let row = json!({"registryId": "123456789012", "repositoryName": "team/app", "imageId": {"imageDigest": digest('f')},
        "imageManifest": manifest.to_string(), "imageManifestMediaType": "application/vnd.oci.image.index.v1+json"});
    folder.write_json("manifests/one.json", &json!({"images": [row], "failures": []}));
    folder.write("lines.jsonl", format!("{row}\n{row}\n"));
    folder.write_json("policy.json", &keep(1));
}

#[test]
fn children_of_an_index_are_left_out_when_its_manifest_is_there() {
    let folder = Folder::new();
    index_and_child(&folder);
    for manifests in ["manifests", "manifests/one.json", "lines.jsonl"] {
        let run = folder
            .run(&format!("preview --policy policy.json --images images.json --manifests {manifests} --now 2026-11-01 --format json"))
            .expect(0);
        assert_eq!(run.json()["summary"]["expiringImageTotalCount"], 1, "{manifests}");
        assert_eq!(run.json()["previewResults"][0]["imageDigest"], digest('b'));
        assert!(!run.stderr.contains("unknown"), "{}", run.stderr);
    }
}

#[test]
fn an_index_without_manifest_is_named_and_its_children_are_taken_for_images() {
    let folder = Folder::new();
    index_and_child(&folder);
    let run = folder
        .run("preview --policy policy.json --images images.json --now 2026-11-01 --format json")
        .expect(0);
    assert!(
        run.stderr.contains(&digest('f')) && run.stderr.contains("children are unknown"),
        "{}",
        run.stderr
    );
    assert_eq!(run.json()["summary"]["expiringImageTotalCount"], 2);
    let run = folder
        .run(
            "preview --policy policy.json --images images.json --now 2026-11-01 --format json --all-settings",
        )
        .expect(0);
    assert_eq!(run.json()["previewResults"][0]["dependsOn"], json!(["unread_manifests"]));
}

#[test]
fn all_settings_say_which_decisions_depend_on_a_switch() {
    let folder = Folder::new();
    index_and_child(&folder);
    let common = "preview --policy policy.json --images images.json --manifests manifests --now 2026-11-01 --format json";
    let run = folder.run(&format!("{common} --all-settings")).expect(0);
    assert_eq!(run.json()["previewResults"][0]["dependsOn"], json!([]));
    assert_eq!(run.json()["otherwiseActedOn"], json!([]));
    let counted = folder.run(&format!("{common} --index-children counted")).expect(0);
    assert_eq!(counted.json()["previewResults"], folder.run(common).expect(0).json()["previewResults"]);
}

#[test]
fn a_cut_off_listing_is_evaluated_and_ends_with_code_4() {
    let folder = Folder::new();
    folder.write_json("policy.json", &keep(1));
    for key in ["nextToken", "NextToken"] {
        let mut list = images(&[image('a', &["v1"], "2026-01-01"), image('b', &["v2"], "2026-01-02")]);
        list[key] = json!("more");
        folder.write_json("images.json", &list);
        let run = folder
            .run("preview --policy policy.json --images images.json --now 2026-11-01 --format json")
            .expect(4);
        assert_eq!(run.json()["summary"]["expiringImageTotalCount"], 1);
        assert!(run.stderr.contains("nextToken"), "{}", run.stderr);
    }
}

#[test]
fn a_time_after_now_and_an_unknown_media_type_are_warnings() {
    let folder = Folder::new();
    folder.write_json("policy.json", &keep(5));
    let mut odd = image('a', &["two words"], "2027-01-01");
    odd["imageManifestMediaType"] = json!("application/x-novel");
    odd["somethingNew"] = json!({"a": 1});
    folder.write_json("images.json", &images(&[odd]));
    let run = folder.run("preview --policy policy.json --images images.json --now 2026-11-01").expect(0);
    assert!(run.stderr.contains("after now") && run.stderr.contains("application/x-novel"), "{}", run.stderr);
}

#[test]
fn the_wrapped_output_of_get_lifecycle_policy_is_a_policy_also_from_stdin() {
    let folder = Folder::new();
    let wrapped = json!({"registryId": "1", "repositoryName": "team/app", "lastEvaluatedAt": 1_730_000_000.1,
        "lifecyclePolicyText": keep(1).to_string()});
    folder.write_json("wrapped.json", &wrapped);
    folder.write_json("images.json", &images(&[]));
    let run = folder.run("preview --policy wrapped.json --images images.json --format json").expect(0);
    assert_eq!(run.json()["lifecyclePolicyText"], keep(1).to_string());
    assert_eq!(run.json()["previewResults"], json!([]));
}

#[test]
fn the_table_gives_every_image_its_reason() {
    let folder = Folder::new();
    folder.write_json("policy.json", &keep(1));
    let list = [
        image('a', &["v1", "w"], "2026-01-01"),
        image('b', &[], "2026-01-02"),
        image('c', &["v3"], "2026-01-03"),
    ];
    folder.write_json("images.json", &images(&list));
    let run = folder.run("preview --policy policy.json --images images.json --now 2026-11-01").expect(0);
    insta::assert_snapshot!(run.stdout);
}

#[test]
fn a_reader_that_closes_early_is_no_failure() {
    let folder = Folder::new();
    folder.write_json("policy.json", &keep(1));
    let many: Vec<_> = (0..2000_u32)
        .map(|n| {
            let mut one = image('a', &["v"], "2026-01-01");
            one["imageDigest"] = json!(format!("sha256:{n:064x}"));
            one
        })
        .collect();
    folder.write_json("images.json", &images(&many));
    let mut child = folder
        .command()
        .args(["preview", "--policy", "policy.json", "--images", "images.json", "--format", "json"])
        .stdout(std::process::Stdio::piped())
        .stderr(std::process::Stdio::null())
        .spawn()
        .expect("the command starts");
    drop(child.stdout.take());
    assert_eq!(child.wait().expect("it ends").code(), Some(0));
}
