//! `DescribeImages`: one row a digest, the active ones unless the filter says otherwise.

use serde_json::{Map, Value, json};

use super::find::{self, Found};
use super::repositories::with_token;
use super::{Call, scan_findings, storage};
use crate::model::{ImageRecord, ImageStatus};
use crate::state::{Contents, Place, Region, State};
use crate::wire::{Input, Refusal, epoch, issue, read_page};

/// Which images are asked for.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Filter {
    tags: &'static str,
    status: Option<&'static str>,
}

impl Filter {
    /// Reads `filter`.
    pub(crate) fn read(input: &Input) -> Result<Self, Refusal> {
        let Some(filter) = input.structure("filter")? else { return Ok(Self { tags: "ANY", status: None }) };
        Ok(Self {
            tags: filter.one_of("tagStatus", &["TAGGED", "UNTAGGED", "ANY"])?.unwrap_or("ANY"),
            status: filter.one_of("imageStatus", &["ACTIVE", "ARCHIVED", "ACTIVATING", "ANY"])?,
        })
    }

    /// Whether this image is meant.
    pub(crate) fn takes(self, image: &ImageRecord) -> bool {
        self.takes_tagged(!image.tags.is_empty())
            && match self.status {
                None => image.status == ImageStatus::Active,
                Some("ANY") => true,
                Some(status) => storage::status_name(image.status) == status,
            }
    }

    /// Whether images that are or are not tagged are meant.
    pub(crate) fn takes_tagged(self, tagged: bool) -> bool {
        match self.tags {
            "TAGGED" => tagged,
            "UNTAGGED" => !tagged,
            _ => true,
        }
    }

    /// The filter in the scope of a page token.
    pub(crate) fn scope(self) -> String {
        format!("{} {}", self.tags, self.status.unwrap_or("ACTIVE"))
    }
}

/// `DescribeImages`.
pub(crate) fn describe(state: &mut State, call: &Call<'_>) -> Result<Value, Refusal> {
    let (place, repository) = call.repository(state)?;
    let filter = Filter::read(call.input)?;
    let (images, next) = page(state, call, &place, &repository, filter)?;
    let region = state.region(&place);
    let rows: Vec<Value> = images.iter().map(|image| detail(&place, region, &repository, image)).collect();
    Ok(with_token(json!({ "imageDetails": rows }), next))
}

/// The images of the ids, or a page of all that the filter takes.
pub(crate) fn page(
    state: &mut State,
    call: &Call<'_>,
    place: &Place,
    repository: &str,
    filter: Filter,
) -> Result<(Vec<ImageRecord>, Option<String>), Refusal> {
    let ids = call.input.image_ids()?;
    let size = call.input.page_size(1000, 100)?;
    let token = call.input.string("nextToken")?;
    let contents = state.region(place).contents(repository).unwrap_or_default();
    if let Some(ids) = ids {
        if call.input.raw("maxResults").is_some() || token.is_some() {
            return Err(Refusal::new(
                "InvalidParameterException",
                "Invalid parameter at 'imageIds': cannot be used with 'nextToken' or 'maxResults'",
            ));
        }
        let filter = call.input.raw("filter").map(|_| filter);
        return named(&contents, &ids, filter, repository, place).map(|images| (images, None));
    }
    let scope = format!("DescribeImages {} {} {repository} {}", place.account, place.region, filter.scope());
    let from = read_page(&scope, token)?;
    let mut found = contents.images_from(from.as_deref()).filter(|image| filter.takes(image));
    let images: Vec<ImageRecord> = found.by_ref().take(size).cloned().collect();
    let next = found.next().and(images.last()).map(|last| issue(&scope, &last.digest));
    Ok((images, next))
}

/// One image for each digest that the ids name; one that is not there refuses the call.
fn named(
    contents: &Contents,
    ids: &[crate::wire::ImageId],
    filter: Option<Filter>,
    repository: &str,
    place: &Place,
) -> Result<Vec<ImageRecord>, Refusal> {
    let mut images: Vec<ImageRecord> = Vec::new();
    for id in ids {
        match find::find(contents, id) {
            Found::Image(image) => {
                let known = images.iter().any(|held| held.digest == image.digest);
                if !known && filter.is_none_or(|filter| filter.takes(image)) {
                    images.push(image.clone());
                }
            }
            Found::Failed(failure) if failure.code == "ImageNotFound" => {
                return Err(find::no_image(id, repository, &place.account));
            }
            Found::Failed(failure) if failure.code == "ImageTagDoesNotMatchDigest" => {
                return Err(find::no_image(id, repository, &place.account));
            }
            Found::Failed(failure) => {
                return Err(Refusal::new("InvalidParameterException", failure.reason));
            }
        }
    }
    Ok(images)
}

/// `ImageDetail`.
fn detail(place: &Place, region: &Region, repository: &str, image: &ImageRecord) -> Value {
    let mut row = basics(place, repository, image);
    row.extend(scan_findings::in_listing(region, repository, image));
    row.insert("imageStatus".into(), storage::status_name(image.status).into());
    if let Some(subject) = &image.subject {
        row.insert("subjectManifestDigest".into(), subject.as_str().into());
    }
    let times = [
        ("lastRecordedPullTime", image.pulled_at),
        ("lastArchivedAt", image.archived_at),
        ("lastActivatedAt", image.activated_at),
    ];
    for (name, at) in times {
        if let Some(at) = at {
            row.insert(name.into(), epoch(at));
        }
    }
    Value::Object(row)
}

/// What ECR and ECR Public both say of an image.
pub(crate) fn basics(place: &Place, repository: &str, image: &ImageRecord) -> Map<String, Value> {
    let mut row = Map::new();
    row.insert("registryId".into(), place.account.as_str().into());
    row.insert("repositoryName".into(), repository.into());
    row.insert("imageDigest".into(), image.digest.as_str().into());
    if !image.tags.is_empty() {
        row.insert("imageTags".into(), image.tags.clone().into());
    }
    row.insert("imageSizeInBytes".into(), image.size_bytes.into());
    row.insert("imagePushedAt".into(), epoch(image.pushed_at));
    row.insert("imageManifestMediaType".into(), image.media_type.as_str().into());
    if let Some(artifact_type) = &image.artifact_type {
        row.insert("artifactMediaType".into(), artifact_type.as_str().into());
    }
    row
}
