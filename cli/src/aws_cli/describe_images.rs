//! The output of `aws ecr describe-images`.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::path::Path;

use chrono::{DateTime, Utc};
use demurrage_core::{Image, ImageStatus, Listing, Repository, ScanStatus, ScanSummary, Tag};
use serde::Deserialize;

use super::{documents, time};
use crate::failure::Failure;

/// Reads the images of one repository. Its name is empty where the file holds no image.
///
/// # Errors
/// When the file is not such output, holds images of two repositories, or tells two things of one image.
pub(crate) fn read(path: &Path) -> Result<Repository, Failure> {
    let text = documents::text(path)?;
    let mut repository = Repository::new("");
    for page in documents::each::<Page<'_>>(path, &text)? {
        // Of several pages the last one says whether there are more.
        let is_cut_off = page.next_token.or(page.next_token_of_cli).is_some();
        repository.listing = if is_cut_off { Listing::CutOff } else { Listing::Complete };
        for detail in page.image_details {
            add(path, &mut repository, detail)?;
        }
    }
    repository.images.sort_by_key(|image| image.digest);
    drop_repeated(path, &mut repository)?;
    Ok(repository)
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Page<'a> {
    #[serde(borrow)]
    image_details: Vec<Detail<'a>>,
    next_token: Option<serde::de::IgnoredAny>,
    /// What the AWS CLI itself writes for `--max-items`.
    #[serde(rename = "NextToken")]
    next_token_of_cli: Option<serde::de::IgnoredAny>,
}

/// Source: API model, `ImageDetail`, read 2026-11-23.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Detail<'a> {
    #[serde(borrow)]
    registry_id: Option<Cow<'a, str>>,
    #[serde(borrow)]
    repository_name: Option<Cow<'a, str>>,
    #[serde(borrow)]
    image_digest: Cow<'a, str>,
    image_tags: Option<Vec<Cow<'a, str>>>,
    image_size_in_bytes: Option<i64>,
    #[serde(default, deserialize_with = "time::optional")]
    image_pushed_at: Option<DateTime<Utc>>,
    #[serde(default, deserialize_with = "time::optional")]
    last_recorded_pull_time: Option<DateTime<Utc>>,
    #[serde(default, deserialize_with = "time::optional")]
    last_archived_at: Option<DateTime<Utc>>,
    #[serde(default, deserialize_with = "time::optional")]
    last_activated_at: Option<DateTime<Utc>>,
    #[serde(borrow)]
    image_status: Option<Cow<'a, str>>,
    image_manifest_media_type: Option<String>,
    artifact_media_type: Option<String>,
    #[serde(borrow)]
    subject_manifest_digest: Option<Cow<'a, str>>,
    #[serde(borrow)]
    image_scan_status: Option<ScanStatusOf<'a>>,
    #[serde(borrow)]
    image_scan_findings_summary: Option<Findings<'a>>,
}

/// Source: API model, `ImageScanStatus`, read 2026-11-23.
#[derive(Deserialize)]
struct ScanStatusOf<'a> {
    #[serde(borrow)]
    status: Option<Cow<'a, str>>,
}

/// Source: API model, `ImageScanFindingsSummary`, read 2026-11-23.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Findings<'a> {
    #[serde(default, deserialize_with = "time::optional")]
    image_scan_completed_at: Option<DateTime<Utc>>,
    #[serde(borrow, default)]
    finding_severity_counts: Option<BTreeMap<Cow<'a, str>, u32>>,
}

fn add(path: &Path, repository: &mut Repository, detail: Detail<'_>) -> Result<(), Failure> {
    if let Some(name) = &detail.repository_name {
        if repository.name.is_empty() {
            name.as_ref().clone_into(&mut repository.name);
        } else if repository.name != **name {
            let cause = format!("it holds images of two repositories, `{}` and `{name}`", repository.name);
            return Err(Failure::content(path, cause, "use one file for each repository"));
        }
    }
    if let Some(registry_id) = &detail.registry_id {
        match &repository.registry_id {
            None => repository.registry_id = Some(registry_id.as_ref().to_owned()),
            Some(known) if *known != **registry_id => {
                let cause = format!("it holds images of two registries, `{known}` and `{registry_id}`");
                return Err(Failure::content(path, cause, "use one file for each repository"));
            }
            Some(_) => {}
        }
    }
    repository.images.push(image(path, detail)?);
    Ok(())
}

fn image(path: &Path, detail: Detail<'_>) -> Result<Image, Failure> {
    let digest = |text: &str| text.parse().map_err(|error| bad_digest(path, &error));
    let mut image = Image::new(digest(&detail.image_digest)?);
    image.size_bytes = match detail.image_size_in_bytes.map(u64::try_from).transpose() {
        Ok(size) => size,
        Err(_) => {
            return Err(Failure::content(path, format!("the size of {} is negative", image.digest), ""));
        }
    };
    image.tags = detail.image_tags.iter().flatten().map(|tag| Tag::as_given(tag)).collect();
    image.pushed_at = detail.image_pushed_at;
    image.last_pulled_at = detail.last_recorded_pull_time;
    image.archived_at = detail.last_archived_at;
    image.activated_at = detail.last_activated_at;
    image.status = detail.image_status.as_deref().map_or(ImageStatus::Active, ImageStatus::from_api);
    image.manifest_media_type = detail.image_manifest_media_type;
    image.artifact_media_type = detail.artifact_media_type;
    image.subject = detail.subject_manifest_digest.as_deref().map(digest).transpose()?;
    image.scan = scan(detail.image_scan_status, detail.image_scan_findings_summary).map(Box::new);
    Ok(image)
}

/// What the listing says of the scan of an image; nothing where it says neither how it stands nor when it was.
fn scan(status: Option<ScanStatusOf<'_>>, findings: Option<Findings<'_>>) -> Option<ScanSummary> {
    let mut scan = ScanSummary::never();
    scan.status = status.and_then(|status| status.status).map(|status| ScanStatus::from_api(&status));
    if let Some(findings) = findings {
        scan.completed_at = findings.image_scan_completed_at;
        for (severity, count) in findings.finding_severity_counts.into_iter().flatten() {
            scan.severity_counts.add(&severity, count);
        }
    }
    (!scan.is_never()).then_some(scan)
}

pub(super) fn bad_digest(path: &Path, error: &demurrage_core::DigestError) -> Failure {
    Failure::content(path, error.to_string(), "write the output of the AWS CLI again")
}

/// Keeps one of several equal entries: pages that were read while images were pushed may overlap.
fn drop_repeated(path: &Path, repository: &mut Repository) -> Result<(), Failure> {
    let sorted_tags = |image: &Image| {
        let mut tags = image.tags.clone();
        tags.sort();
        tags
    };
    for pair in repository.images.windows(2) {
        let [one, other] = pair else { continue };
        if one.digest != other.digest {
            continue;
        }
        let same_rest =
            Image { tags: Vec::new(), ..one.clone() } == Image { tags: Vec::new(), ..other.clone() };
        if !same_rest || sorted_tags(one) != sorted_tags(other) {
            let cause = format!("{} stands twice in it, with different facts", one.digest);
            return Err(Failure::content(path, cause, "list the repository again"));
        }
    }
    repository.images.dedup_by_key(|image| image.digest);
    Ok(())
}
