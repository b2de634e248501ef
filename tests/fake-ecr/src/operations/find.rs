//! Finding an image by digest, by tag or by both, and what is said when it cannot be found.

use serde_json::{Value, json};

use crate::model::ImageRecord;
use crate::state::Contents;
use crate::wire::{ImageId, Refusal, is_digest, is_tag};

/// What became of looking for an image.
pub(crate) enum Found<'a> {
    /// It is there.
    Image(&'a ImageRecord),
    /// It is not, for this reason.
    Failed(Failure),
}

/// A code and a reason, as they stand in `failures`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Failure {
    /// `failureCode`.
    pub(crate) code: &'static str,
    /// `failureReason`.
    pub(crate) reason: String,
}

impl Failure {
    /// A failure with this code and reason.
    pub(crate) fn new(code: &'static str, reason: impl Into<String>) -> Self {
        Self { code, reason: reason.into() }
    }

    /// The failure of this id as the API writes it.
    pub(crate) fn to_json(&self, id: &ImageId) -> Value {
        json!({ "imageId": id.to_json(), "failureCode": self.code, "failureReason": self.reason })
    }
}

/// Looks for an image.
pub(crate) fn find<'a>(contents: &'a Contents, id: &ImageId) -> Found<'a> {
    match seek(contents, id) {
        Ok(image) => Found::Image(image),
        Err(failure) => Found::Failed(failure),
    }
}

fn seek<'a>(contents: &'a Contents, id: &ImageId) -> Result<&'a ImageRecord, Failure> {
    let not_found = || Failure::new("ImageNotFound", "Requested image not found");
    if let Some(digest) = &id.digest
        && !is_digest(digest)
    {
        let reason = "Invalid request parameters: image digest should satisfy the regex \
                      '[a-zA-Z0-9-_+.]+:[a-fA-F0-9]+'";
        return Err(Failure::new("InvalidImageDigest", reason));
    }
    if id.tag.as_deref().is_some_and(|tag| !is_tag(tag)) {
        return Err(Failure::new(
            "InvalidImageTag",
            "Invalid request parameters: image tag should satisfy the regex '[a-zA-Z0-9_][a-zA-Z0-9._-]{0,127}'",
        ));
    }
    match (&id.digest, &id.tag) {
        (None, None) => Err(Failure::new(
            "MissingDigestAndTag",
            "Invalid request parameters: both tag and digest cannot be null",
        )),
        (Some(digest), None) => contents.image(digest).ok_or_else(not_found),
        (None, Some(tag)) => contents.tagged(tag).ok_or_else(not_found),
        (Some(digest), Some(tag)) => match contents.tagged(tag) {
            Some(image) if image.digest == *digest => Ok(image),
            Some(_) => Err(Failure::new(
                "ImageTagDoesNotMatchDigest",
                format!("Requested image tag '{tag}' does not match requested image digest '{digest}'"),
            )),
            None => Err(not_found()),
        },
    }
}

/// `ImageNotFoundException` about this id.
pub(crate) fn no_image(id: &ImageId, repository: &str, account: &str) -> Refusal {
    let quoted = |text: &Option<String>| text.as_deref().unwrap_or("null").to_owned();
    Refusal::new(
        "ImageNotFoundException",
        format!(
            "The image with imageId {{imageDigest:'{}', imageTag:'{}'}} does not exist within the repository \
             with name '{repository}' in the registry with id '{account}'",
            quoted(&id.digest),
            quoted(&id.tag)
        ),
    )
}
