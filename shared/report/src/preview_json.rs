//! A preview in the shape of `aws ecr get-lifecycle-policy-preview`.

use chrono::{DateTime, Utc};
use demurrage_core::lifecycle::{Action, Certainty, Decision, Policy, Preview};
use demurrage_core::{Digest, Image, ImageStatus, Repository, instant};
use serde::{Serialize, Serializer};

use crate::known_use::{KnownUse, UseRow};
use crate::listing_name::listing_name;

/// A repository, the policy that was evaluated over it, and what came out.
#[derive(Debug, Clone)]
pub struct PreviewDocument<'a> {
    /// The repository.
    pub repository: &'a Repository,
    /// The policy.
    pub policy: &'a Policy,
    /// When.
    pub now: DateTime<Utc>,
    /// The decision about each image.
    pub decisions: Vec<Decision>,
    /// Those that are acted on.
    pub preview: Preview,
    /// How certain each decision is, where that was asked for.
    pub certainties: Option<Vec<Certainty>>,
    /// What is known to be in use, where that was asked for.
    pub in_use: Option<KnownUse<'a>>,
}

impl PreviewDocument<'_> {
    /// How many of the images that are acted on are in use, or are or may be parts of such ones; nothing where nobody
    /// said what is in use.
    pub fn acted_on_in_use(&self) -> Option<usize> {
        Some(self.in_use.as_ref()?.count(self.preview.acted_on.iter().copied()))
    }
}

/// One document for one repository, as it is serialised.
///
/// Source: API model, `GetLifecyclePolicyPreviewResponse`, read 2026-11-23; optional members that have no
/// value are left out, as the AWS CLI does. Where not all images are known, `listing` says so, and the status is
/// one that the API does not have. With `certainties` each result says what it depends on
/// (`dependsOn`, empty: certain), and images that only other settings act on are listed apart. With `in_use` each result
/// that is in use says by what (`inUse`), and `summary` counts them.
pub fn preview_json<'a>(document: &'a PreviewDocument<'a>) -> impl Serialize + 'a {
    let results = document.preview.acted_on.iter().filter_map(|&image| result(document, image)).collect();
    let archiving = document.preview.archiving;
    let listing = listing_name(&document.repository.listing);
    Document {
        registry_id: document.repository.registry_id.as_deref(),
        repository_name: Some(&*document.repository.name).filter(|name| !name.is_empty()),
        lifecycle_policy_text: document.policy.text(),
        status: if listing.is_none() { "COMPLETE" } else { "INCOMPLETE" },
        listing,
        preview_results: results,
        otherwise_acted_on: otherwise(document),
        summary: Summary {
            expiring_image_total_count: document.preview.expiring,
            transitioning_image_total_counts: (archiving != 0)
                .then_some([Transitioning { target_storage_class: "ARCHIVE", image_total_count: archiving }]),
            in_use_image_total_count: document.acted_on_in_use(),
        },
    }
}

fn result<'a>(document: &'a PreviewDocument<'a>, position: u32) -> Option<ResultRow<'a>> {
    let image = document.repository.images.get(position as usize)?;
    let decision = document.decisions.get(position as usize)?;
    let rule = document.policy.rules().get(decision.rule?)?;
    let certainty = document.certainties.as_ref().and_then(|all| all.get(position as usize));
    Some(ResultRow {
        image_tags: image.tags.iter().map(demurrage_core::Tag::as_str).collect(),
        image_digest: image.digest,
        image_pushed_at: image.pushed_at.map(instant::format),
        action: match decision.outcome.action()? {
            Action::Expire => ActionRow { action_type: "EXPIRE", target_storage_class: None },
            Action::Archive => ActionRow { action_type: "TRANSITION", target_storage_class: Some("ARCHIVE") },
        },
        applied_rule_priority: rule.priority,
        storage_class: storage_class(image),
        depends_on: certainty.map(Certainty::names),
        in_use: document.in_use.as_ref().and_then(|known| known.row(&document.repository.images, position)),
    })
}

fn storage_class(image: &Image) -> &'static str {
    match image.status {
        ImageStatus::Archived => "ARCHIVE",
        ImageStatus::Active | ImageStatus::Activating | ImageStatus::Unrecognised => "STANDARD",
    }
}

/// The images that are kept under the chosen settings and acted on under others.
fn otherwise<'a>(document: &'a PreviewDocument<'a>) -> Option<Vec<Otherwise<'a>>> {
    let certainties = document.certainties.as_ref()?;
    let images = document.repository.images.iter().zip(&document.decisions).zip(certainties);
    Some(
        images
            .filter(|((_, decision), certainty)| {
                decision.outcome.action().is_none() && !certainty.is_certain()
            })
            .map(|((image, _), certainty)| Otherwise {
                image_tags: image.tags.iter().map(demurrage_core::Tag::as_str).collect(),
                image_digest: image.digest,
                depends_on: certainty.names(),
            })
            .collect(),
    )
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Document<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    registry_id: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    repository_name: Option<&'a str>,
    lifecycle_policy_text: &'a str,
    status: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    listing: Option<&'static str>,
    preview_results: Vec<ResultRow<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    otherwise_acted_on: Option<Vec<Otherwise<'a>>>,
    summary: Summary,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct ResultRow<'a> {
    #[serde(skip_serializing_if = "Vec::is_empty")]
    image_tags: Vec<&'a str>,
    #[serde(serialize_with = "text")]
    image_digest: Digest,
    #[serde(skip_serializing_if = "Option::is_none")]
    image_pushed_at: Option<String>,
    action: ActionRow,
    applied_rule_priority: u64,
    storage_class: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    depends_on: Option<Vec<&'static str>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    in_use: Option<UseRow<'a>>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct ActionRow {
    #[serde(rename = "type")]
    action_type: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    target_storage_class: Option<&'static str>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Otherwise<'a> {
    #[serde(skip_serializing_if = "Vec::is_empty")]
    image_tags: Vec<&'a str>,
    #[serde(serialize_with = "text")]
    image_digest: Digest,
    depends_on: Vec<&'static str>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Summary {
    expiring_image_total_count: usize,
    #[serde(skip_serializing_if = "Option::is_none")]
    transitioning_image_total_counts: Option<[Transitioning; 1]>,
    #[serde(skip_serializing_if = "Option::is_none")]
    in_use_image_total_count: Option<usize>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Transitioning {
    target_storage_class: &'static str,
    image_total_count: usize,
}

/// A digest as its text.
pub(crate) fn text<S: Serializer>(digest: &Digest, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.collect_str(digest)
}
