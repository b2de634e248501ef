//! Rows as what the core knows: repositories, images, manifests.

use demurrage_core::{
    Child, Descriptor, ExclusionFilter, Image, ImageStatus, Listing, Manifest, ManifestKind, Platform,
    Repository, ScanStatus, ScanSummary, SeverityCounts, Tag, TagMutability,
};

use crate::rows::Row;

/// A repository, without its images.
pub(crate) fn repository(row: &Row<'_>) -> Result<Repository, String> {
    let mut repository = Repository::new(row.text("repository_name")?);
    repository.registry_id = row.optional("registry_id")?.map(str::to_owned);
    repository.arn = row.optional("repository_arn")?.map(str::to_owned);
    repository.created_at = row.time("created_at")?;
    let filters = row.texts("exclusion_filter_types")?.into_iter().zip(row.texts("exclusion_filters")?);
    let mutability = TagMutability {
        mode: row.optional("image_tag_mutability")?.unwrap_or_default().to_owned(),
        exclusion_filters: filters
            .map(|(filter_type, filter)| ExclusionFilter { filter_type, filter })
            .collect(),
    };
    repository.tag_mutability = row.fact("image_tag_mutability_state", mutability)?;
    repository.encryption_type = row.optional("encryption_type")?.map(str::to_owned);
    repository.kms_key = row.optional("kms_key")?.map(str::to_owned);
    repository.scan_on_push = row.boolean("scan_on_push")?;
    let policy = row.optional("lifecycle_policy_text")?.unwrap_or_default().to_owned();
    repository.lifecycle_policy = row.fact("lifecycle_policy_state", policy)?;
    repository.lifecycle_last_evaluated_at = row.time("lifecycle_last_evaluated_at")?;
    let policy = row.optional("repository_policy_text")?.unwrap_or_default().to_owned();
    repository.repository_policy = row.fact("repository_policy_state", policy)?;
    let tags = row.texts("resource_tag_keys")?.into_iter().zip(row.texts("resource_tag_values")?).collect();
    repository.resource_tags = row.fact("resource_tags_state", tags)?;
    repository.listing = listing(row)?;
    repository.notes = row.texts("notes")?;
    Ok(repository)
}

/// Whether the images of a repository are all here.
pub(crate) fn listing(row: &Row<'_>) -> Result<Listing, String> {
    Ok(match row.text("listing")? {
        "complete" => Listing::Complete,
        "cut_off" => Listing::CutOff,
        "failed" => Listing::Failed(row.optional("listing_failure")?.unwrap_or_default().to_owned()),
        other => return Err(format!("`{other}` is no state of a listing")),
    })
}

/// An image; of its manifest what stands beside it, without descriptors.
pub(crate) fn image(row: &Row<'_>) -> Result<Image, String> {
    let mut image = Image::new(row.parsed("image_digest")?);
    image.tags = row.texts("image_tags")?.iter().map(|tag| Tag::as_given(tag)).collect();
    image.pushed_at = row.time("image_pushed_at")?;
    image.last_pulled_at = row.time("last_recorded_pull_time")?;
    image.archived_at = row.time("last_archived_at")?;
    image.activated_at = row.time("last_activated_at")?;
    image.status = ImageStatus::from_api(row.text("image_status")?);
    image.size_bytes = row.number("image_size_bytes")?;
    image.manifest_media_type = row.optional("image_manifest_media_type")?.map(str::to_owned);
    image.artifact_media_type = row.optional("artifact_media_type")?.map(str::to_owned);
    image.subject = row.optional_digest("subject_digest")?;
    image.scan = scan(row)?.map(Box::new);
    image.manifest = manifest(row)?.map(Box::new);
    Ok(image)
}

/// What is known of the scan of an image; nothing where the file is older than its columns.
fn scan(row: &Row<'_>) -> Result<Option<ScanSummary>, String> {
    let Some(critical) = findings(row, "findings_critical")? else { return Ok(None) };
    let count = |name| Ok::<_, String>(findings(row, name)?.unwrap_or_default());
    Ok(Some(ScanSummary {
        status: row.optional("image_scan_status")?.map(ScanStatus::from_api),
        completed_at: row.time("image_scan_completed_at")?,
        severity_counts: SeverityCounts {
            critical,
            high: count("findings_high")?,
            medium: count("findings_medium")?,
            low: count("findings_low")?,
            informational: count("findings_informational")?,
            undefined: count("findings_undefined")?,
        },
    }))
}

fn findings(row: &Row<'_>, name: &str) -> Result<Option<u32>, String> {
    let count = row.number(name)?;
    count.map(u32::try_from).transpose().map_err(|_| format!("`{name}` is out of range"))
}

/// The manifest of an image where it was read, without descriptors.
pub(crate) fn manifest(row: &Row<'_>) -> Result<Option<Manifest>, String> {
    let Some(media_type) = row.optional("manifest_read")? else { return Ok(None) };
    Ok(Some(Manifest {
        artifact_type: row.optional("manifest_artifact_type")?.map(str::to_owned),
        subject: row.optional_digest("manifest_subject")?,
        ..Manifest::new(ManifestKind::from_media_type(media_type))
    }))
}

/// Appends what a row of `descriptors.parquet` says.
pub(crate) fn add_descriptor(manifest: &mut Manifest, row: &Row<'_>) -> Result<(), String> {
    let descriptor = Descriptor {
        digest: row.parsed("digest")?,
        media_type: row.text("media_type")?.to_owned(),
        size_bytes: row.number("size_bytes")?.ok_or("a descriptor without a size")?,
    };
    match row.text("role")? {
        "config" => manifest.config = Some(descriptor),
        "layer" => manifest.layers.push(descriptor),
        "blob" => manifest.blobs.push(descriptor),
        "child" => manifest.children.push(child(descriptor, row)?),
        other => return Err(format!("`{other}` is no role of a descriptor")),
    }
    Ok(())
}

fn child(descriptor: Descriptor, row: &Row<'_>) -> Result<Child, String> {
    let platform = match (row.optional("platform_os")?, row.optional("platform_architecture")?) {
        (Some(os), Some(architecture)) => Some(Platform {
            os: os.to_owned(),
            architecture: architecture.to_owned(),
            variant: row.optional("platform_variant")?.map(str::to_owned),
        }),
        _ => None,
    };
    Ok(Child { descriptor, platform, attests: row.optional_digest("attests")? })
}
