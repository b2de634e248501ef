//! The specification's requests one by one, and where ECR is particular.

use crate::client::{ACCOUNT, INDEX, MANIFEST, REGION, Registry, sha256};

#[test]
fn who_has_no_token_is_told_how_to_come_in() {
    let registry = Registry::start();
    for authorization in ["", "Basic QVdTOm5vdGhpbmc=", "Bearer x"] {
        let answer = registry.send("GET", "/v2/", &[("authorization", authorization)], b"");
        assert_eq!(answer.status, 401);
        assert!(answer.header("www-authenticate").starts_with("Basic realm=\"http"), "{answer:?}");
    }
    let answer = registry.ask("GET", "/v2/", &[], b"");
    assert_eq!((answer.status, answer.header("docker-distribution-api-version")), (200, "registry/2.0"));
}

#[test]
fn a_repository_is_not_made_by_pushing_to_it() {
    let registry = Registry::start();
    for (method, path) in [("POST", "blobs/uploads/"), ("GET", "tags/list"), ("PUT", "manifests/v1")] {
        let answer = registry.ask(method, &format!("/v2/team/none/{path}"), &[], b"");
        let message = format!(
            "The repository with name 'team/none' does not exist in the registry with id '{ACCOUNT}'"
        );
        assert_eq!((answer.status, answer.error()), (404, ("NAME_UNKNOWN".to_owned(), message)));
    }
}

#[test]
fn a_blob_comes_in_chunks_and_goes_in_parts() {
    let registry = Registry::start();
    let started = registry.ask("POST", "/v2/team/app/blobs/uploads/", &[], b"");
    assert_eq!((started.status, started.header("range")), (202, "0-0"));
    let place = started.header("location").to_owned();
    assert_eq!(started.header("docker-upload-uuid"), place.rsplit('/').next().unwrap());
    let chunk = registry.ask("PATCH", &place, &[("content-range", "0-4")], b"01234");
    assert_eq!((chunk.status, chunk.header("range")), (202, "0-4"));
    let gap = registry.ask("PATCH", &place, &[("content-range", "7-9")], b"789");
    assert_eq!((gap.status, gap.header("range")), (416, "0-4"));
    assert_eq!(registry.ask("GET", &place, &[], b"").header("range"), "0-4");
    let digest = sha256(b"0123456789");
    let wrong = registry.ask("PUT", &format!("{place}?digest={}", sha256(b"other")), &[], b"");
    assert_eq!((wrong.status, wrong.error().0.as_str()), (400, "DIGEST_INVALID"));
    let done = registry.ask("PUT", &format!("{place}?digest={digest}"), &[], b"56789");
    assert_eq!((done.status, done.header("docker-content-digest")), (201, digest.as_str()));
    assert_eq!(registry.ask("GET", &place, &[], b"").error().0, "BLOB_UPLOAD_UNKNOWN");

    let blob = format!("/v2/team/app/blobs/{digest}");
    assert_eq!(registry.ask("GET", &blob, &[], b"").body, b"0123456789");
    let head = registry.ask("HEAD", &blob, &[], b"");
    assert_eq!((head.status, head.header("content-length"), head.body.len()), (200, "10", 0));
    let part = registry.ask("GET", &blob, &[("range", "bytes=3-5")], b"");
    assert_eq!(
        (part.status, part.header("content-range"), part.body.as_slice()),
        (206, "bytes 3-5/10", b"345".as_slice())
    );
    assert_eq!(registry.ask("GET", &blob, &[("range", "bytes=10-")], b"").status, 416);
    let elsewhere = registry.ask("GET", &format!("/v2/team/fixed/blobs/{digest}"), &[], b"");
    assert_eq!((elsewhere.status, elsewhere.error().0.as_str()), (404, "BLOB_UNKNOWN"));
}

#[test]
fn an_upload_that_was_cancelled_is_unknown() {
    let registry = Registry::start();
    let place = registry.ask("POST", "/v2/team/app/blobs/uploads/", &[], b"").header("location").to_owned();
    assert_eq!(registry.ask("DELETE", &place, &[], b"").status, 204);
    assert_eq!(registry.ask("PATCH", &place, &[], b"x").error().0, "BLOB_UPLOAD_UNKNOWN");
}

#[test]
fn a_blob_is_mounted_only_where_the_account_says_so() {
    let registry = Registry::start();
    let digest = registry.upload("team/app", b"layer");
    let mount = format!("/v2/team/fixed/blobs/uploads/?mount={digest}&from=team%2Fapp");
    assert_eq!(registry.ask("POST", &mount, &[], b"").status, 202);
    registry.call("PutAccountSetting", r#"{"name":"BLOB_MOUNTING","value":"ENABLED"}"#);
    let mounted = registry.ask("POST", &mount, &[], b"");
    assert_eq!((mounted.status, mounted.header("docker-content-digest")), (201, digest.as_str()));
    assert_eq!(registry.ask("GET", &format!("/v2/team/fixed/blobs/{digest}"), &[], b"").body, b"layer");
    let absent = mount.replace(&digest, &sha256(b"absent"));
    assert_eq!(registry.ask("POST", &absent, &[], b"").status, 202);
}

#[test]
fn a_push_is_an_image_and_a_pull_is_remembered() {
    let registry = Registry::start();
    let (digest, text) = registry.push("team/app", "v1", "layer");
    let images = || registry.server.registry().images(ACCOUNT, REGION, "team/app");
    let [image] = images().try_into().unwrap();
    assert_eq!((&image.digest, &image.tags, image.pulled_at), (&digest, &vec!["v1".to_owned()], None));
    let head = registry.ask("HEAD", "/v2/team/app/manifests/v1", &[], b"");
    assert_eq!((head.status, head.header("docker-content-digest")), (200, digest.as_str()));
    assert_eq!(head.header("content-length"), text.len().to_string());
    assert_eq!(images()[0].pulled_at, None);
    for reference in ["v1", digest.as_str()] {
        let answer = registry.ask("GET", &format!("/v2/team/app/manifests/{reference}"), &[], b"");
        assert_eq!((answer.status, answer.header("content-type")), (200, MANIFEST));
        assert_eq!(answer.text(), text);
    }
    assert!(images()[0].pulled_at.is_some());
    let event = registry.server.registry().events().pop().unwrap();
    assert_eq!(
        (&event["detail"]["action-type"], &event["detail"]["image-tag"]),
        (&"PUSH".into(), &"v1".into())
    );
}

#[test]
fn a_manifest_that_is_not_taken_is_unknown() {
    let registry = Registry::start();
    registry.push("team/app", "v1", "layer");
    let path = "/v2/team/app/manifests/v1";
    let refused = registry.ask("GET", path, &[("accept", INDEX)], b"");
    assert_eq!((refused.status, refused.error().0.as_str()), (404, "MANIFEST_UNKNOWN"));
    assert_eq!(registry.server.registry().images(ACCOUNT, REGION, "team/app")[0].pulled_at, None);
    let both = format!("{INDEX}, {MANIFEST}");
    assert_eq!(registry.ask("GET", path, &[("accept", &both)], b"").status, 200);
    assert_eq!(registry.ask("GET", "/v2/team/app/manifests/v2", &[], b"").error().0, "MANIFEST_UNKNOWN");
}

#[test]
fn an_archived_image_cannot_be_pulled() {
    let registry = Registry::start();
    registry.push("team/app", "v1", "layer");
    registry.call(
        "UpdateImageStorageClass",
        r#"{"repositoryName":"team/app","imageId":{"imageTag":"v1"},"targetStorageClass":"ARCHIVE"}"#,
    );
    for method in ["GET", "HEAD"] {
        assert_eq!(registry.ask(method, "/v2/team/app/manifests/v1", &[], b"").status, 404);
    }
}

#[test]
fn a_fixed_tag_is_invalid_for_a_second_push_and_a_movable_one_moves() {
    let registry = Registry::start();
    let (_, text) = registry.push("team/fixed", "v1", "one");
    let message = "The image tag 'v1' already exists in the 'team/fixed' repository and cannot be overwritten \
                   because the repository is immutable.";
    let again = registry.put("team/fixed", "v1", MANIFEST, &text);
    assert_eq!((again.status, again.error()), (400, ("TAG_INVALID".to_owned(), message.to_owned())));

    let (first, text) = registry.push("team/app", "v1", "one");
    assert_eq!(registry.put("team/app", "v1", MANIFEST, &text).status, 201);
    let (second, _) = registry.push("team/app", "v1", "two");
    let tags: Vec<(String, Vec<String>)> = registry
        .server
        .registry()
        .images(ACCOUNT, REGION, "team/app")
        .into_iter()
        .map(|image| (image.digest, image.tags))
        .collect();
    let mut expected = vec![(first, Vec::new()), (second, vec!["v1".to_owned()])];
    expected.sort();
    assert_eq!(tags, expected);
}

#[test]
fn what_a_manifest_names_has_to_be_there() {
    let registry = Registry::start();
    let (digest, text) = registry.push("team/app", "v1", "layer");
    let elsewhere = registry.put("team/fixed", "v1", MANIFEST, &text);
    assert_eq!((elsewhere.status, elsewhere.error().0.as_str()), (404, "MANIFEST_BLOB_UNKNOWN"));
    let index = |child: &str| {
        format!(
            r#"{{"schemaVersion":2,"mediaType":"{INDEX}","manifests":[{{"mediaType":"{MANIFEST}","digest":"{child}","size":{}}}]}}"#,
            text.len()
        )
    };
    let orphan = registry.put("team/app", "all", INDEX, &index(&sha256(b"absent")));
    assert_eq!((orphan.status, orphan.error().0.as_str()), (404, "MANIFEST_BLOB_UNKNOWN"));
    assert_eq!(registry.put("team/app", "all", INDEX, &index(&digest)).status, 201);
    let wrong = registry.put("team/app", &sha256(b"other"), INDEX, &index(&digest));
    assert_eq!((wrong.status, wrong.error().0.as_str()), (400, "DIGEST_INVALID"));
    let broken = registry.put("team/app", "broken", MANIFEST, "{");
    assert_eq!((broken.status, broken.error().0.as_str()), (400, "MANIFEST_INVALID"));
}

#[test]
fn nothing_is_deleted_by_these_routes() {
    let registry = Registry::start();
    let (digest, _) = registry.push("team/app", "v1", "layer");
    let layer = sha256(b"layer");
    for path in [format!("manifests/{digest}"), "manifests/v1".to_owned(), format!("blobs/{layer}")] {
        let answer = registry.ask("DELETE", &format!("/v2/team/app/{path}"), &[], b"");
        assert_eq!((answer.status, answer.error().0.as_str()), (405, "UNSUPPORTED"));
    }
    assert_eq!(registry.ask("GET", "/v2/_catalog", &[], b"").status, 404);
}

#[test]
fn tags_come_in_pages_that_follow_each_other() {
    let registry = Registry::start();
    let (_, text) = registry.push("team/app", "t00", "layer");
    for number in 1..7 {
        assert_eq!(registry.put("team/app", &format!("t{number:02}"), MANIFEST, &text).status, 201);
    }
    let mut path = "/v2/team/app/tags/list?n=3".to_owned();
    let mut pages = Vec::new();
    loop {
        let answer = registry.ask("GET", &path, &[], b"");
        pages.push(answer.json()["tags"].as_array().unwrap().len());
        let link = answer.header("link");
        let Some(next) = link.strip_prefix('<').and_then(|link| link.strip_suffix(">; rel=\"next\"")) else {
            break;
        };
        next.clone_into(&mut path);
    }
    assert_eq!(pages, [3, 3, 1]);
    let many = registry.ask("GET", "/v2/team/app/tags/list?n=1001", &[], b"");
    assert_eq!(many.error().0, "UNSUPPORTED");
}

#[test]
fn referrers_of_a_digest_are_an_index() {
    let registry = Registry::start();
    let (subject, _) = registry.push("team/app", "v1", "layer");
    let config = registry.upload("team/app", b"{}");
    let path = format!("/v2/team/app/referrers/{subject}");
    let signature = format!(
        r#"{{"schemaVersion":2,"mediaType":"{MANIFEST}","artifactType":"application/x-signature","config":{{"mediaType":"application/vnd.oci.empty.v1+json","digest":"{config}","size":2}},"layers":[],"subject":{{"mediaType":"{MANIFEST}","digest":"{subject}","size":1}},"annotations":{{"by":"us"}}}}"#
    );
    assert_eq!(registry.ask("GET", &path, &[], b"").json()["manifests"], serde_json::json!([]));
    let pushed = registry.put("team/app", &sha256(signature.as_bytes()), MANIFEST, &signature);
    assert_eq!((pushed.status, pushed.header("oci-subject")), (201, subject.as_str()));
    let answer = registry.ask("GET", &path, &[], b"");
    assert_eq!((answer.status, answer.header("content-type")), (200, INDEX));
    assert_eq!(
        answer.json()["manifests"],
        serde_json::json!([{
            "mediaType": MANIFEST, "digest": sha256(signature.as_bytes()), "size": signature.len(),
            "artifactType": "application/x-signature", "annotations": { "by": "us" },
        }])
    );
    let other = registry.ask("GET", &format!("{path}?artifactType=application%2Fx-sbom"), &[], b"");
    assert_eq!(
        (other.header("oci-filters-applied"), &other.json()["manifests"]),
        ("artifactType", &serde_json::json!([]))
    );
}
