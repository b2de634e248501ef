//! Lifecycle policy previews: one slot a repository, made of the images and the clock at the start.
//!
//! Source: API model; user guide, `lpp_creation`; read 2026-11-23. How long a result stays is not documented.

use std::time::Instant;

use demurrage_reference::{Act, Class};
use serde_json::{Map, Value, json};

use super::describe_images::Filter;
use super::find::{self, Found};
use super::repositories::with_token;
use super::{Call, lifecycle};
use crate::model::ImageStatus;
use crate::policy::{self, Judged};
use crate::state::{Contents, Place, Preview, PreviewRow, State};
use crate::wire::{ImageId, Refusal, epoch, issue, read_page};

/// `StartLifecyclePolicyPreview`.
pub(crate) fn start(state: &mut State, call: &Call<'_>) -> Result<Value, Refusal> {
    let (place, name) = call.repository(state)?;
    let given = call.input.string("lifecyclePolicyText")?.map(str::to_owned);
    let attached = state.region(&place).record(&name).and_then(|record| record.lifecycle_policy);
    let text = given.or(attached).ok_or_else(|| lifecycle::none(&place, &name))?;
    let rules = policy::read(&text)?;
    if status(state, &place, &name) == Some("IN_PROGRESS") {
        return Err(Refusal::new(
            "LifecyclePolicyPreviewInProgressException",
            format!(
                "The previous lifecycle policy preview request for the repository with name '{name}' in the \
                 registry with id '{}' has not completed. Please try again later.",
                place.account
            ),
        ));
    }
    let now = state.now();
    let contents = state.region(&place).contents(&name).unwrap_or_default();
    let judged = policy::judge(&rules, &contents, now);
    let preview = Preview {
        text: text.clone(),
        started_at: now,
        started: Instant::now(),
        takes: state.settings.preview,
        stays: state.settings.preview_expiry,
        summary: summary(&judged),
        rows: judged.iter().filter_map(|judged| row(&contents, judged)).collect(),
    };
    state.region(&place).previews.insert(name.clone(), preview);
    Ok(json!({
        "registryId": place.account,
        "repositoryName": name,
        "lifecyclePolicyText": text,
        "status": status(state, &place, &name),
    }))
}

fn summary(judged: &[Judged]) -> Value {
    let count = |act: Act| judged.iter().filter(|judged| judged.act == act).count();
    let mut summary = Map::new();
    summary.insert("expiringImageTotalCount".into(), count(Act::Expire).into());
    let transitions = count(Act::Transition);
    if 0 < transitions {
        let counts = json!([{ "targetStorageClass": "ARCHIVE", "imageTotalCount": transitions }]);
        summary.insert("transitioningImageTotalCounts".into(), counts);
    }
    Value::Object(summary)
}

fn row(contents: &Contents, judged: &Judged) -> Option<PreviewRow> {
    let image = contents.image(&judged.digest)?;
    let action = match judged.act {
        Act::Expire => json!({ "type": "EXPIRE" }),
        Act::Transition => json!({ "type": "TRANSITION", "targetStorageClass": "ARCHIVE" }),
    };
    let class = if image.status == ImageStatus::Archived { Class::Archive } else { Class::Standard };
    let row = json!({
        "imageTags": image.tags,
        "imageDigest": image.digest,
        "imagePushedAt": epoch(image.pushed_at),
        "action": action,
        "appliedRulePriority": judged.priority,
        "storageClass": if class == Class::Archive { "ARCHIVE" } else { "STANDARD" },
    });
    Some(PreviewRow { digest: image.digest.clone(), tags: image.tags.clone(), row })
}

/// The status of the repository's preview, if it has one.
fn status(state: &mut State, place: &Place, name: &str) -> Option<&'static str> {
    let now = state.now();
    let preview = state.region(place).previews.get(name)?;
    let since = now - preview.started_at;
    let machine = preview.started.elapsed();
    let done = preview.takes <= since || preview.takes.to_std().is_ok_and(|takes| takes <= machine);
    Some(if !done {
        "IN_PROGRESS"
    } else if preview.stays <= since {
        "EXPIRED"
    } else {
        "COMPLETE"
    })
}

/// `LifecyclePolicyPreviewNotFoundException`.
fn no_preview(place: &Place, name: &str) -> Refusal {
    Refusal::new(
        "LifecyclePolicyPreviewNotFoundException",
        format!(
            "There is no lifecycle policy preview for the repository with name '{name}' in the registry with id \
             '{}'",
            place.account
        ),
    )
}

/// The digests that ids mean; of an image that has gone since, the one that the id says.
fn digests(contents: &Contents, ids: &[ImageId]) -> Vec<String> {
    let digest = |id: &ImageId| match find::find(contents, id) {
        Found::Image(image) => Some(image.digest.clone()),
        Found::Failed(_) => id.digest.clone(),
    };
    ids.iter().filter_map(digest).collect()
}

/// `GetLifecyclePolicyPreview`.
pub(crate) fn get(state: &mut State, call: &Call<'_>) -> Result<Value, Refusal> {
    let (place, name) = call.repository(state)?;
    let ids = call.input.image_ids()?;
    let size = call.input.page_size(100, 100)?;
    let token = call.input.string("nextToken")?;
    let filter = Filter::read(call.input)?;
    if ids.is_some() && (call.input.raw("maxResults").is_some() || token.is_some()) {
        return Err(Refusal::new(
            "InvalidParameterException",
            "Invalid parameter at 'imageIds': cannot be used with 'nextToken' or 'maxResults'",
        ));
    }
    let status = status(state, &place, &name).ok_or_else(|| no_preview(&place, &name))?;
    let preview = state.region(&place).previews.get(&name).cloned();
    let preview = preview.ok_or_else(|| no_preview(&place, &name))?;
    // A token is of the preview that issued it.
    let began = preview.started_at.timestamp_millis();
    let scope = format!(
        "GetLifecyclePolicyPreview {} {} {name} {began} {}",
        place.account,
        place.region,
        filter.scope()
    );
    let from = read_page(&scope, token)?.and_then(|from| from.parse::<usize>().ok()).unwrap_or(0);
    let mut answer = json!({
        "registryId": place.account,
        "repositoryName": name,
        "lifecyclePolicyText": preview.text,
        "status": status,
        "previewResults": [],
    });
    let Some(object) = answer.as_object_mut() else { return Ok(answer) };
    if status != "COMPLETE" {
        return Ok(answer);
    }
    let contents = state.region(&place).contents(&name).unwrap_or_default();
    let named = ids.map(|ids| digests(&contents, &ids));
    let rows: Vec<&PreviewRow> = preview
        .rows
        .iter()
        .filter(|row| filter.takes_tagged(!row.tags.is_empty()))
        .filter(|row| named.as_ref().is_none_or(|named| named.contains(&row.digest)))
        .collect();
    let page: Vec<&Value> = rows.iter().skip(from).take(size).map(|row| &row.row).collect();
    let until = from.saturating_add(page.len());
    object.insert("previewResults".into(), json!(page));
    object.insert("summary".into(), preview.summary.clone());
    let next = (until < rows.len()).then(|| issue(&scope, &until.to_string()));
    Ok(with_token(answer, next))
}
