//! What a policy does with the images of a repository, by the reference evaluator under its default switches.
//!
//! The evaluator is slow and literal: a repository of thousands of images takes it seconds and more.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use demurrage_reference::{Act, Image, Rule, Status, Switches, evaluate, output_order};

use crate::model::{ImageRecord, ImageStatus};
use crate::state::Contents;

/// One image that a rule acts on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Judged {
    /// The image.
    pub(crate) digest: String,
    /// What is done.
    pub(crate) act: Act,
    /// The priority of the rule.
    pub(crate) priority: u64,
}

/// The images that are acted on, in the order in which they are listed.
pub(crate) fn judge(rules: &[Rule], contents: &Contents, now: DateTime<Utc>) -> Vec<Judged> {
    let images: Vec<&ImageRecord> = contents.images().collect();
    let ids = ids(&images);
    let id = |digest: &String| ids.get(digest).copied().unwrap_or(u64::MAX);
    let given: Vec<Image> = images
        .iter()
        .map(|image| Image {
            id: id(&image.digest),
            tags: image.tags.clone(),
            pushed_ms: Some(image.pushed_at.timestamp_millis()),
            pulled_ms: image.pulled_at.map(|at| at.timestamp_millis()),
            archived_ms: image.archived_at.map(|at| at.timestamp_millis()),
            activated_ms: image.activated_at.map(|at| at.timestamp_millis()),
            status: match image.status {
                ImageStatus::Active => Status::Active,
                ImageStatus::Archived => Status::Archived,
                ImageStatus::Activating => Status::Activating,
            },
            children: image.children.iter().map(id).collect(),
            subject: image.subject.as_ref().map(id),
        })
        .collect();
    let switches = Switches::default();
    let verdicts = evaluate(rules, &given, now.timestamp_millis(), switches);
    output_order(rules, &given, &verdicts, switches)
        .into_iter()
        .filter_map(|at| {
            let (image, verdict) = (images.get(at)?, verdicts.get(at)?);
            Some(Judged { digest: image.digest.clone(), act: verdict.act?, priority: verdict.rule? })
        })
        .collect()
}

/// A number for each digest that is there or is named, in the order of the digests.
fn ids(images: &[&ImageRecord]) -> BTreeMap<String, u64> {
    let mut ids = BTreeMap::new();
    for image in images {
        for digest in [&image.digest].into_iter().chain(&image.children).chain(&image.subject) {
            ids.insert(digest.clone(), 0);
        }
    }
    for (id, number) in ids.values_mut().zip(0..) {
        *id = number;
    }
    ids
}
