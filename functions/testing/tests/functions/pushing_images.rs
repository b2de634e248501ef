//! `on-image-push`: budgets of images that are pushed, and what is read of them.

use std::collections::BTreeMap;
use std::fs;

use fake_ecr::{Caller, Settings as FakeSettings};
use serde_json::json;

use crate::edge::Settings;
use crate::pushing::{edge, event, handle, notices, settings};
use crate::world::{ACCOUNT, SEOUL, World, repository_record};

const INDEX: &str = "application/vnd.oci.image.index.v1+json";
const IMAGE: &str = "application/vnd.oci.image.manifest.v1+json";
const BUDGET: &str = "[[audit.budget]]\nrepositories = \"team/*\"\nmax_bytes = 1000\nmax_tags = 2\n\
                      platforms = [\"linux/amd64\", \"linux/arm64\"]\n";

fn rules(world: &World, text: &str) {
    fs::create_dir_all(world.root()).unwrap();
    fs::write(world.root().join("demurrage.toml"), text).unwrap();
}

/// A world whose function is excluded from pull times, or not, with a budget.
async fn world(is_excluded: bool) -> World {
    let world = if is_excluded { World::of(1, 1).await } else { World::without_exclusion(1, 1).await };
    world.fake().set_settings(FakeSettings { layers_required: false, ..FakeSettings::default() });
    world.fake().load_repository(ACCOUNT, SEOUL, repository_record("team/app", "MUTABLE"), Vec::new());
    rules(&world, BUDGET);
    world.counted();
    world
}

fn put(world: &World, reference: &str, media_type: &str, manifest: &serde_json::Value) -> String {
    let caller = Caller {
        account: ACCOUNT.to_owned(),
        region: SEOUL.to_owned(),
        access_key: "AKIADEMURRAGE".to_owned(),
        principal: "arn:aws:iam::123456789012:user/build".to_owned(),
    };
    let fake = world.fake();
    fake.put_manifest(&caller, "team/app", reference, Some(media_type), &manifest.to_string()).unwrap()
}

/// An image that no other number or text makes.
fn image(layer_bytes: u64, number: u64, text: &str) -> serde_json::Value {
    let blob = |size: u64, letter: char, media_type: &str| json!({"mediaType": media_type, "size": size, "digest": format!("sha256:{}", letter.to_string().repeat(64))});
    json!({
        "schemaVersion": 2,
        "mediaType": IMAGE,
        "config": blob(1, 'c', "application/vnd.oci.image.config.v1+json"),
        "layers": [blob(layer_bytes, 'd', "application/vnd.oci.image.layer.v1.tar+gzip")],
        "annotations": {"number": number.to_string(), "text": text},
    })
}

/// An index of images for these platforms, as `docker buildx` pushes it: first the images, then the index.
fn push_index(world: &World, tag: &str, platforms: &[&str]) -> String {
    let children: Vec<serde_json::Value> = platforms
        .iter()
        .zip(0..)
        .map(|(platform, salt)| {
            let manifest = image(10, salt, tag);
            let text = manifest.to_string();
            let digest = fake_ecr::digest(text.as_bytes());
            put(world, &digest, IMAGE, &manifest);
            let (os, architecture) = platform.split_once('/').unwrap();
            json!({
                "mediaType": IMAGE, "size": text.len(), "digest": digest,
                "platform": {"os": os, "architecture": architecture},
            })
        })
        .collect();
    let index = json!({"schemaVersion": 2, "mediaType": INDEX, "manifests": children});
    put(world, tag, INDEX, &index)
}

fn beyond(world: &World) -> Vec<String> {
    let lines = notices(world);
    let beyond =
        lines.iter().flat_map(|notice| notice.lines()).filter_map(|line| line.strip_prefix("beyond"));
    beyond.map(|line| line.trim().to_owned()).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn an_index_is_judged_when_its_tag_arrives_and_lacks_what_it_has_not() {
    let world = world(true).await;
    let edge = edge(&world, settings());
    let whole = push_index(&world, "1.0", &["linux/amd64", "linux/arm64", "unknown/unknown"]);
    handle(&world, &edge, &event("PUSH", Some("1.0"), &whole, 0)).await.unwrap();
    assert_eq!(beyond(&world), [""; 0]);
    let half = push_index(&world, "1.1", &["linux/amd64"]);
    // Its parts come before it, without a tag.
    handle(&world, &edge, &event("PUSH", None, &half, 1)).await.unwrap();
    assert_eq!(beyond(&world), [""; 0]);
    handle(&world, &edge, &event("PUSH", Some("1.1"), &half, 2)).await.unwrap();
    assert_eq!(beyond(&world), ["it is not there for linux/arm64"]);
    let names: Vec<String> = world.recorder.figures().into_iter().map(|figure| figure.name).collect();
    assert_eq!(names, ["BudgetsBroken"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_single_image_where_two_platforms_are_asked_for_lacks_one_for_certain() {
    let world = world(true).await;
    let edge = edge(&world, settings());
    let digest = put(&world, "1.0", IMAGE, &image(10, 0, ""));
    handle(&world, &edge, &event("PUSH", Some("1.0"), &digest, 0)).await.unwrap();
    let wanted = "it is one image for one platform, and has to be there for linux/amd64, linux/arm64";
    assert_eq!(beyond(&world), [wanted]);
}

#[tokio::test(flavor = "multi_thread")]
async fn size_and_tags_are_judged_by_what_ecr_lists() {
    let world = world(true).await;
    let edge = edge(&world, settings());
    rules(&world, "[[audit.budget]]\nrepositories = \"*\"\nmax_bytes = 1000\nmax_tags = 2\n");
    let large = put(&world, "1.0", IMAGE, &image(2_000, 0, ""));
    handle(&world, &edge, &event("PUSH", Some("1.0"), &large, 0)).await.unwrap();
    let found = beyond(&world);
    assert!(found.len() == 1 && found[0].ends_with("bytes of at most 1000"), "{found:?}");
    let small = image(10, 1, "");
    let digest = ["2.0", "2.1", "2.2"].map(|tag| put(&world, tag, IMAGE, &small))[2].clone();
    handle(&world, &edge, &event("PUSH", Some("2.2"), &digest, 1)).await.unwrap();
    assert_eq!(beyond(&world), ["it has 3 tags of at most 2"]);
    // No platform is asked for: no manifest is read.
    assert_eq!(world.counted(), BTreeMap::from([("DescribeImages".to_owned(), 2)]));
}

#[tokio::test(flavor = "multi_thread")]
async fn where_pulls_are_recorded_no_manifest_is_read_unless_it_may_be() {
    let world = world(false).await;
    let half = push_index(&world, "1.0", &["linux/amd64"]);
    world.counted();
    let careful = edge(&world, settings());
    for minutes in 0..2 {
        handle(&world, &careful, &event("PUSH", Some("1.0"), &half, minutes)).await.unwrap();
    }
    assert_eq!(beyond(&world), [""; 0], "what is not known is not missing");
    let asked =
        BTreeMap::from([("DescribeImages".to_owned(), 2), ("ListPullTimeUpdateExclusions".to_owned(), 1)]);
    assert_eq!(world.counted(), asked);
    let pulled = |world: &World| {
        world.fake().images(ACCOUNT, SEOUL, "team/app").iter().any(|image| image.pulled_at.is_some())
    };
    assert!(!pulled(&world));
    let careless = edge(&world, Settings { may_pull: true, ..settings() });
    handle(&world, &careless, &event("PUSH", Some("1.0"), &half, 3)).await.unwrap();
    assert_eq!(beyond(&world), ["it is not there for linux/arm64"]);
    assert!(pulled(&world));
}

#[tokio::test(flavor = "multi_thread")]
async fn an_image_that_is_gone_again_and_a_repository_without_a_budget_are_not_judged() {
    let world = world(true).await;
    let edge = edge(&world, settings());
    let gone = format!("sha256:{}", "e".repeat(64));
    handle(&world, &edge, &event("PUSH", Some("1.0"), &gone, 0)).await.unwrap();
    let mut other = event("PUSH", Some("1.0"), &gone, 1);
    other["detail"]["repository-name"] = json!("other/app");
    handle(&world, &edge, &other).await.unwrap();
    assert!(notices(&world).is_empty());
    assert_eq!(world.counted(), BTreeMap::from([("DescribeImages".to_owned(), 1)]));
}

#[tokio::test(flavor = "multi_thread")]
async fn an_archived_image_is_not_pulled_and_lacks_nothing_that_is_known() {
    let world = world(true).await;
    let edge = edge(&world, settings());
    let half = push_index(&world, "1.0", &["linux/amd64"]);
    let repository = world.fake().repository(ACCOUNT, SEOUL, "team/app").unwrap();
    let mut images = world.fake().images(ACCOUNT, SEOUL, "team/app");
    for image in &mut images {
        image.status = fake_ecr::ImageStatus::Archived;
    }
    world.fake().load_repository(ACCOUNT, SEOUL, repository, images);
    handle(&world, &edge, &event("PUSH", Some("1.0"), &half, 0)).await.unwrap();
    assert_eq!(beyond(&world), [""; 0]);
}
