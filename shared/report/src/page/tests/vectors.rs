//! The page over every vector of lifecycle policies: what it says goes is what the vector says goes.

use std::collections::BTreeMap;
use std::path::Path;

use chrono::{DateTime, TimeDelta, Utc};
use demurrage_core::{
    Child, Descriptor, Digest, Fact, Image, ImageStatus, Manifest, ManifestKind, Repository,
};
use demurrage_core::{Tag, instant};
use serde_json::Value;

use super::{World, data};

fn digest(id: &str) -> Digest {
    let mut bytes = [0; 32];
    bytes[..id.len()].copy_from_slice(id.as_bytes());
    Digest::from_bytes(bytes)
}

fn image(given: &Value, now: DateTime<Utc>) -> Image {
    let time = |what: &str| {
        let seconds = given[format!("{what}_seconds_ago")].as_f64();
        let days = given[format!("{what}_days_ago")].as_f64().map(|days| days * 86_400.0);
        #[expect(clippy::cast_possible_truncation, reason = "ages of vectors are small decimals")]
        seconds.or(days).map(|seconds| now - TimeDelta::milliseconds((seconds * 1000.0).round() as i64))
    };
    let child = |id: &Value| Child {
        descriptor: Descriptor {
            digest: digest(id.as_str().unwrap()),
            media_type: String::new(),
            size_bytes: 0,
        },
        platform: None,
        attests: None,
    };
    let manifest = given["children"].as_array().map(|children| Manifest {
        children: children.iter().map(child).collect(),
        ..Manifest::new(ManifestKind::OciIndex)
    });
    let is_index = given["manifest_unread"] == true || manifest.is_some();
    Image {
        tags: given["tags"]
            .as_array()
            .unwrap()
            .iter()
            .map(|tag| Tag::as_given(tag.as_str().unwrap()))
            .collect(),
        pushed_at: time("pushed"),
        last_pulled_at: time("pulled"),
        archived_at: time("archived"),
        activated_at: time("activated"),
        status: ImageStatus::from_api(given["status"].as_str().unwrap_or("ACTIVE")),
        manifest_media_type: is_index.then(|| "application/vnd.oci.image.index.v1+json".to_owned()),
        subject: given["subject"].as_str().map(digest),
        manifest: manifest.map(Box::new),
        ..Image::new(digest(given["id"].as_str().unwrap()))
    }
}

#[test]
fn what_goes_next_is_what_each_vector_says() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/vectors/lifecycle");
    let mut seen = 0;
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        let vector: Value = serde_json::from_str(&std::fs::read_to_string(&path).unwrap()).unwrap();
        // The page is asked for under the settings that are usual.
        if vector.get("switches").is_some() {
            continue;
        }
        seen += 1;
        let now = instant::parse(vector["now"].as_str().unwrap()).unwrap();
        let world = World { now, ..World::new() };
        let text = serde_json::json!({ "rules": vector["rules"] }).to_string();
        let repository = Repository {
            images: vector["images"].as_array().unwrap().iter().map(|given| image(given, now)).collect(),
            lifecycle_policy: Fact::Present(format!("{text:<100}")),
            ..Repository::new("team/app")
        };
        let expected: BTreeMap<String, &str> = vector["expect"]
            .as_object()
            .unwrap()
            .iter()
            .map(|(id, expected)| {
                let decision = match expected["action"].as_str() {
                    None => "stays",
                    Some("EXPIRE") => "expires",
                    Some("TRANSITION") => "archives",
                    Some(other) => panic!("no such action: {other}"),
                };
                (digest(id).to_string(), decision)
            })
            .collect();
        let data = data(&world.page(&[repository]).html().unwrap());
        let row = &data["repositories"][0];
        let images = row["detail"]["images"].as_array().unwrap();
        let shown: BTreeMap<String, &str> = images
            .iter()
            .map(|it| (it["digest"].as_str().unwrap().to_owned(), it["decision"].as_str().unwrap()))
            .collect();
        assert_eq!(shown, expected, "{}", path.display());
        assert!(images.iter().all(|it| it["why"] != ""), "{}: each has its reason", path.display());
        let going = expected.values().filter(|it| **it != "stays").count();
        assert_eq!(row["next_images"], going, "{}", path.display());
        let by_rule: u64 =
            data["next"].as_array().unwrap().iter().map(|rule| rule["images"].as_u64().unwrap()).sum();
        assert_eq!(by_rule, going as u64, "{}", path.display());
    }
    assert!(50 < seen, "{seen} vectors");
}
