//! Bad input: a clear message, exit code 2, and a store that is as it was.

use std::fs;

use crate::support::{Folder, digest, image, images, keep, registry};
use serde_json::json;

/// What `preview` says of a policy and images, with exit code 2.
fn refused(policy: &[u8], list: &[u8], says: &[&str]) {
    let folder = Folder::new();
    folder.write("policy.json", policy);
    folder.write("images.json", list);
    let run = folder
        .run("preview --policy policy.json --images images.json --now 2026-11-01 --format json")
        .expect(2);
    assert_eq!(run.stdout, "", "no data beside an error");
    for part in says {
        assert!(run.stderr.contains(part), "`{part}` is not in: {}", run.stderr);
    }
}

fn good_policy() -> Vec<u8> {
    keep(1).to_string().into_bytes()
}

fn good_images() -> Vec<u8> {
    images(&[image('a', &["v1"], "2026-01-01")]).to_string().into_bytes()
}

#[test]
fn a_policy_that_is_not_json_or_truncated_is_refused_with_its_place() {
    refused(b"rules: []", &good_images(), &["not JSON", "line 1 column 1"]);
    let mut cut = good_policy();
    cut.truncate(120);
    refused(&cut, &good_images(), &["not JSON", "Could not map policyString"]);
}

#[test]
fn a_policy_that_is_too_long_has_too_many_rules_or_unknown_keys_is_refused() {
    let mut long = keep(1);
    long["rules"][0]["description"] = json!("x".repeat(31_000));
    refused(long.to_string().as_bytes(), &good_images(), &["30,720 characters"]);
    let rule = |n: u64| {
        json!({"rulePriority": n, "selection": {"tagStatus": "tagged", "tagPrefixList": [format!("p{n}-")],
        "countType": "imageCountMoreThan", "countNumber": 1}, "action": {"type": "expire"}})
    };
    let rules: Vec<_> = (1..=51).map(rule).collect();
    refused(json!({ "rules": rules }).to_string().as_bytes(), &good_images(), &["51 rules", "at most 50"]);
    let mut unknown = keep(1);
    unknown["rules"][0]["selection"]["tagStatsu"] = json!("any");
    unknown["rules"][0]["action"]["typ"] = json!("expire");
    refused(
        unknown.to_string().as_bytes(),
        &good_images(),
        &["`tagStatsu`", "`typ`", "not allowed by the schema"],
    );
}

#[test]
fn images_that_are_not_json_truncated_or_something_else_are_refused() {
    refused(&good_policy(), b"<html>", &["images.json"]);
    let mut cut = good_images();
    cut.truncate(100);
    refused(&good_policy(), &cut, &["cut off"]);
    refused(&good_policy(), b"", &["empty"]);
    refused(&good_policy(), b"{\"repositories\": []}", &["imageDetails"]);
    refused(&good_policy(), b"\xff\xfe", &["UTF-8"]);
}

#[test]
fn a_digest_of_the_wrong_length_a_bad_time_and_a_negative_size_are_refused() {
    for (key, value, says) in [
        ("imageDigest", json!("sha256:abc"), "followed by 3 characters"),
        ("imagePushedAt", json!("yesterday"), "`yesterday` is not a time"),
        ("imageSizeInBytes", json!(-1), "negative"),
        ("subjectManifestDigest", json!("sha512:abc"), "is not a digest"),
    ] {
        let mut bad = image('a', &["v1"], "2026-01-01");
        bad[key] = value;
        refused(&good_policy(), images(&[bad]).to_string().as_bytes(), &[says]);
    }
}

#[test]
fn a_manifest_with_a_negative_size_is_refused_with_the_image_and_the_size() {
    let manifest = |size: i64| {
        let layer = json!({"mediaType": "application/vnd.oci.image.layer.v1.tar", "digest": digest('e'), "size": size});
        let text =
            json!({"mediaType": "application/vnd.oci.image.manifest.v1+json", "layers": [layer]}).to_string();
        json!({"images": [{"imageId": {"imageDigest": digest('a')}, "imageManifest": text}]})
    };
    let folder = Folder::new();
    folder.write("policy.json", good_policy());
    folder.write("images.json", good_images());
    let arguments =
        "preview --policy policy.json --images images.json --manifests manifests.json --now 2026-11-01";
    folder.write_json("manifests.json", &manifest(0));
    folder.run(arguments).expect(0);
    folder.write_json("manifests.json", &manifest(-1));
    let run = folder.run(arguments).expect(2);
    assert_eq!(run.stdout, "", "no data beside an error");
    for part in ["manifests.json", &digest('a'), "`-1`"] {
        assert!(run.stderr.contains(part), "`{part}` is not in: {}", run.stderr);
    }
}

#[test]
fn two_repositories_and_one_digest_with_two_stories_are_refused() {
    let mut other = image('b', &["v2"], "2026-01-01");
    other["repositoryName"] = json!("team/web");
    let list = images(&[image('a', &["v1"], "2026-01-01"), other]);
    refused(&good_policy(), list.to_string().as_bytes(), &["two repositories", "team/app", "team/web"]);
    let list = images(&[image('a', &["v1"], "2026-01-01"), image('a', &["v1"], "2026-01-02")]);
    refused(&good_policy(), list.to_string().as_bytes(), &[&digest('a'), "different facts"]);
}

#[test]
fn the_same_image_twice_with_the_same_facts_is_one_image() {
    let folder = Folder::new();
    folder.write("policy.json", good_policy());
    let list = images(&[
        image('a', &["v1", "w"], "2026-01-01"),
        image('a', &["w", "v1"], "2026-01-01"),
        image('b', &[], "2026-01-02"),
    ]);
    folder.write_json("images.json", &list);
    let run = folder
        .run("preview --policy policy.json --images images.json --now 2026-11-01 --format json")
        .expect(0);
    assert_eq!(run.json()["summary"]["expiringImageTotalCount"], 1);
}

#[test]
fn missing_files_and_folders_in_their_place_are_refused() {
    let folder = Folder::new();
    folder.write("policy.json", good_policy());
    folder.write("images.json", good_images());
    fs::create_dir(folder.path("empty")).expect("a folder is made");
    for (arguments, says) in [
        ("preview --policy none.json --images images.json", "none.json"),
        ("preview --policy policy.json --images none.json", "no such file"),
        ("preview --policy policy.json --images empty", "a file is wanted"),
        ("preview --policy empty --images images.json", "a file is wanted"),
        ("preview --policy policy.json --images images.json --manifests empty", "no `.json` file"),
        ("preview --policy policy.json --images images.json --manifests images.json", "no `images`"),
        ("preview --images images.json", "--policy FILE"),
        ("import none --region ap-northeast-2", "no such file"),
        ("import policy.json --region ap-northeast-2", "a folder is wanted"),
        ("import empty --region ap-northeast-2", "neither"),
        ("import empty --region Seoul", "not a region"),
        ("preview --policy policy.json --images images.json --now soon", "not a time"),
        ("preview", "no inventory"),
        ("lint none.json", "none.json"),
        ("compare policy.json none.json --images images.json", "none.json"),
        (
            "compare policy.json policy.json --images images.json --terraform-plan policy.json",
            "cannot be used with",
        ),
    ] {
        let run = folder.run(arguments).expect(2);
        assert!(run.stderr.contains(says), "{arguments}: `{says}` is not in: {}", run.stderr);
        assert_eq!(run.stdout, "", "{arguments}");
    }
    assert!(!folder.path("store").exists(), "nothing was written");
}

#[test]
fn bad_arguments_of_explain_are_refused() {
    let folder = Folder::new();
    folder.write("policy.json", good_policy());
    folder.write("images.json", good_images());
    for (reference, says) in [
        ("team/app:two words", "not a tag"),
        ("team/app@sha256:abc", "followed by 3 characters"),
        ("team/app:v9", "no image with the tag `v9`"),
        ("team/web:v1", "no repository `team/web`"),
        ("Team/App", "not the name of a repository"),
    ] {
        let run = folder
            .run_args(&["explain", reference, "--images", "images.json", "--policy", "policy.json"])
            .expect(2);
        assert!(run.stderr.contains(says), "{reference}: {}", run.stderr);
    }
}

#[test]
fn a_bad_file_about_the_registry_leaves_the_store_untouched() {
    let folder = Folder::new();
    registry(&folder);
    folder.run("import aws --region ap-northeast-2 --taken-at 2026-03-01").expect(0);
    let before = listing(&folder);
    folder.write("aws/describe-repositories.json", "{\"repositories\": [");
    folder.run("import aws --region ap-northeast-2 --taken-at 2026-04-01").expect(2);
    assert_eq!(listing(&folder), before);
}

/// The files of the store.
fn listing(folder: &Folder) -> Vec<std::path::PathBuf> {
    let mut files = Vec::new();
    let mut open = vec![folder.path("store")];
    while let Some(path) = open.pop() {
        for entry in fs::read_dir(path).expect("a folder").flatten() {
            if entry.path().is_dir() { open.push(entry.path()) } else { files.push(entry.path()) }
        }
    }
    files.sort();
    files
}
