//! What scans found, where a test or a generator says that there was one. Nothing is scanned here.
//!
//! Source: API model; user guide, image-scanning and archive-image; read 2026-11-23: scans of `AWS_NATIVE` basic
//! scanning do not show in `DescribeImages`, and an archived image keeps no results. Leaves out: the findings
//! themselves; there are only their numbers.

use serde_json::{Map, Value, json};

use super::Call;
use super::find::{self, Found};
use crate::model::{ImageRecord, ImageStatus, ScanRecord};
use crate::state::{Region, State};
use crate::wire::{ImageId, Refusal, epoch};

/// `DescribeImageScanFindings`.
pub(crate) fn describe(state: &mut State, call: &Call<'_>) -> Result<Value, Refusal> {
    let (place, repository) = call.repository(state)?;
    call.input.page_size(1000, 100)?;
    let id = call.input.structure("imageId")?;
    let id = id.ok_or_else(|| Refusal::parameter("imageId", "Member must not be null"))?.as_image_id()?;
    let region = state.region(&place);
    let contents = region.contents(&repository).unwrap_or_default();
    let Found::Image(image) = find::find(&contents, &id) else {
        return Err(find::no_image(&id, &repository, &place.account));
    };
    let scan = region.scan(&repository, &image.digest).cloned();
    let scan = scan.ok_or_else(|| no_scan(&id, &repository, &place.account))?;
    let answered = ImageId { digest: Some(image.digest.clone()), tag: id.tag };
    let mut answer = Map::new();
    answer.insert("registryId".into(), place.account.as_str().into());
    answer.insert("repositoryName".into(), repository.into());
    answer.insert("imageId".into(), answered.to_json());
    answer.insert("imageScanStatus".into(), status(image, &scan));
    if let Some(mut findings) = summary(image, &scan) {
        findings.insert("findings".into(), json!([]));
        answer.insert("imageScanFindings".into(), findings.into());
    }
    Ok(answer.into())
}

fn no_scan(id: &ImageId, repository: &str, account: &str) -> Refusal {
    let quoted = |text: &Option<String>| text.as_deref().unwrap_or("null").to_owned();
    Refusal::new(
        "ScanNotFoundException",
        format!(
            "Image scan does not exist for the image with '{{imageDigest:'{}', imageTag:'{}'}}' in the \
             repository with name '{repository}' in the registry with id '{account}'",
            quoted(&id.digest),
            quoted(&id.tag)
        ),
    )
}

fn status(image: &ImageRecord, scan: &ScanRecord) -> Value {
    let status = if image.status == ImageStatus::Archived { "IMAGE_ARCHIVED" } else { &scan.status };
    json!({ "status": status })
}

/// What a completed scan found; none where there are no results.
fn summary(image: &ImageRecord, scan: &ScanRecord) -> Option<Map<String, Value>> {
    let completed_at = scan.completed_at.filter(|_| image.status != ImageStatus::Archived)?;
    let mut summary = Map::new();
    summary.insert("imageScanCompletedAt".into(), epoch(completed_at));
    summary.insert("vulnerabilitySourceUpdatedAt".into(), epoch(completed_at));
    summary.insert("findingSeverityCounts".into(), json!(scan.severity_counts));
    Some(summary)
}

/// What `DescribeImages` says of the scan of this image.
pub(crate) fn in_listing(region: &Region, repository: &str, image: &ImageRecord) -> Map<String, Value> {
    let mut members = Map::new();
    let Some(scan) = region.scan(repository, &image.digest).filter(|_| shows_in_listings(region)) else {
        return members;
    };
    members.insert("imageScanStatus".into(), status(image, scan));
    if let Some(summary) = summary(image, scan) {
        members.insert("imageScanFindingsSummary".into(), summary.into());
    }
    members
}

/// Whether the scanning of this registry is of a kind that fills listings: enhanced, or basic by Clair.
fn shows_in_listings(region: &Region) -> bool {
    let kind = region.scanning.as_ref().and_then(|scanning| scanning.get("scanType")).and_then(Value::as_str);
    let basic = region.account_settings.get("BASIC_SCAN_TYPE_VERSION").map(String::as_str);
    kind == Some("ENHANCED") || basic == Some("CLAIR")
}
