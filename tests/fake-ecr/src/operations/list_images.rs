//! `ListImages`: one row a tag, and one for an image without tags.

use serde_json::{Value, json};

use super::Call;
use super::describe_images::Filter;
use super::repositories::with_token;
use crate::model::ImageRecord;
use crate::state::State;
use crate::wire::{ImageId, Refusal, issue, read_page};

/// `ListImages`.
pub(crate) fn list(state: &mut State, call: &Call<'_>) -> Result<Value, Refusal> {
    let (place, repository) = call.repository(state)?;
    let filter = Filter::read(call.input)?;
    let size = call.input.page_size(1000, 100)?;
    let scope = format!("ListImages {} {} {repository} {}", place.account, place.region, filter.scope());
    let from = read_page(&scope, call.input.string("nextToken")?)?;
    let contents = state.region(&place).contents(&repository).unwrap_or_default();
    // The place is the digest of the last whole image, then how many tags of the next one were listed.
    let (after, skip) = match from.as_deref().and_then(|from| from.split_once(' ')) {
        Some((after, skip)) => (Some(after).filter(|after| !after.is_empty()), skip.parse().unwrap_or(0)),
        None => (None, 0_usize),
    };
    let mut rows: Vec<Value> = Vec::new();
    let mut whole = after.unwrap_or_default().to_owned();
    let mut skip = skip;
    for image in contents.images_from(after).filter(|image| filter.takes(image)) {
        for id in ids(image).into_iter().skip(skip) {
            if rows.len() == size {
                let next = issue(&scope, &format!("{whole} {skip}"));
                return Ok(with_token(json!({ "imageIds": rows }), Some(next)));
            }
            rows.push(id.to_json());
            skip += 1;
        }
        whole.clone_from(&image.digest);
        skip = 0;
    }
    Ok(json!({ "imageIds": rows }))
}

fn ids(image: &ImageRecord) -> Vec<ImageId> {
    let digest = Some(image.digest.clone());
    if image.tags.is_empty() {
        return vec![ImageId { digest, tag: None }];
    }
    image.tags.iter().map(|tag| ImageId { digest: digest.clone(), tag: Some(tag.clone()) }).collect()
}
