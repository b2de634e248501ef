//! Our evaluation of what was collected beside the server's own previews.

use std::collections::BTreeMap;

use aws_sdk_ecr::types::TargetStorageClass;
use chrono::{DateTime, Utc};
use demurrage_aws::{AwsPreviewError, Patience, preview_on_aws};
use demurrage_core::lifecycle::{Fate, Outcome, Policy, Relations, Switches, evaluate};
use demurrage_core::{Digest, Repository};

use crate::support::{ACCOUNT, REGION, World};

fn patience() -> Patience {
    Patience { pause: std::time::Duration::from_millis(5), limit: std::time::Duration::from_mins(1) }
}

fn ours(repository: &Repository, policy: &Policy, at: DateTime<Utc>) -> BTreeMap<Digest, Fate> {
    let relations = Relations::of(&repository.images);
    let decisions = evaluate(policy, &repository.images, &relations, at, Switches::default());
    let images = repository.images.iter().zip(decisions);
    images
        .filter(|(_, decision)| decision.outcome != Outcome::Keep)
        .map(|(image, decision)| {
            let rule = &policy.rules()[decision.rule.unwrap()];
            (image.digest, (decision.outcome, rule.priority))
        })
        .collect()
}

fn archived_indexes(world: &World) -> Vec<(String, String)> {
    let mut found = Vec::new();
    for name in &world.names {
        for image in world.fake().images(ACCOUNT, REGION, name) {
            if image.status == fake_ecr::ImageStatus::Archived && !image.children.is_empty() {
                found.push((name.clone(), image.digest));
            }
        }
    }
    found
}

/// Ten registries, each repository with a policy in them.
#[tokio::test(flavor = "multi_thread")]
async fn our_preview_of_what_was_collected_is_the_server_s_own() {
    let (mut repositories, mut acted_on, mut archived) = (0, 0, 0);
    for seed in 1..=10 {
        let world = World::generated(20, 60, seed);
        world.set(|settings| {
            settings.preview = chrono::TimeDelta::zero();
            settings.activating = chrono::TimeDelta::zero();
        });
        // Manifests of archived images cannot be read. So the indexes among them are brought back, looked
        // at, and archived again: what is known of them then comes from the inventory before.
        let archived_indexes = archived_indexes(&world);
        for (name, digest) in &archived_indexes {
            world.move_to(name, digest, TargetStorageClass::Standard).await;
        }
        world.collect().await;
        for (name, digest) in &archived_indexes {
            world.move_to(name, digest, TargetStorageClass::Archive).await;
        }
        world.fake().advance(chrono::TimeDelta::seconds(1));
        let collected = world.collect().await;
        let session = world.session().await;
        let ecr = session.ecr(REGION);
        for repository in &world.read(&collected).repositories {
            let Some(text) = repository.lifecycle_policy.present() else { continue };
            let policy = Policy::parse(text).unwrap();
            let theirs = preview_on_aws(&ecr, &repository.name, None, patience()).await.unwrap();
            assert_eq!(
                ours(repository, &policy, theirs.asked_at),
                theirs.fates,
                "seed {seed}, {}: {text}",
                repository.name
            );
            repositories += 1;
            acted_on += theirs.fates.len();
            archived += theirs.fates.values().filter(|fate| fate.0 == Outcome::Archive).count();
        }
    }
    assert!(100 < repositories && 1_000 < acted_on && 50 < archived, "{repositories} {acted_on} {archived}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_preview_that_is_running_is_waited_for_and_one_that_takes_too_long_is_given_up() {
    let world = World::generated(1, 40, 1);
    world.set(|settings| settings.preview = chrono::TimeDelta::milliseconds(700));
    let session = world.session().await;
    let ecr = session.ecr(REGION);
    let name = &world.names[0];
    let policy = r#"{"rules": [{"rulePriority": 1, "description": "the newest ten are enough for everyone here",
        "selection": {"tagStatus": "any", "countType": "imageCountMoreThan", "countNumber": 10},
        "action": {"type": "expire"}}]}"#;
    let ask = || preview_on_aws(&ecr, name, Some(policy), patience());
    // One slot: the second has to wait until the first has ended.
    let (one, other) = tokio::join!(ask(), ask());
    assert_eq!(one.unwrap().fates, other.unwrap().fates);
    world.set(|settings| settings.preview = chrono::TimeDelta::hours(1));
    let short = Patience { limit: std::time::Duration::from_millis(100), ..patience() };
    let given_up = preview_on_aws(&ecr, name, Some(policy), short).await;
    assert!(matches!(given_up, Err(AwsPreviewError::TooSlow { .. })), "{given_up:?}");
}
