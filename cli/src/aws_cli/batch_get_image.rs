//! The output of `aws ecr batch-get-image`: manifests.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use demurrage_core::{Digest, Manifest, Repository, parse_manifest};
use serde::Deserialize;

use super::describe_images::bad_digest;
use super::documents;
use crate::failure::Failure;

/// Manifests by the digests of their images.
#[derive(Debug, Default)]
pub(crate) struct Manifests {
    by_digest: BTreeMap<Digest, Manifest>,
    /// Images that the AWS CLI could not read.
    pub(crate) failures: usize,
}

impl Manifests {
    /// Adds what a file holds, or every file of a folder whose name ends with `.json`, `.jsonl` or `.ndjson`.
    ///
    /// # Errors
    /// When a file is not such output, or a manifest cannot be read or has two texts. In a folder, a file of
    /// JSON that is something else is left out.
    pub(crate) fn add_path(&mut self, path: &Path) -> Result<(), Failure> {
        if !path.is_dir() {
            return self.add_file(path, Other::IsWrong);
        }
        let mut files: Vec<PathBuf> = Vec::new();
        for entry in fs::read_dir(path).map_err(Failure::read(path))? {
            let file = entry.map_err(Failure::read(path))?.path();
            let name = file.extension().and_then(|extension| extension.to_str());
            if file.is_file() && matches!(name, Some("json" | "jsonl" | "ndjson")) {
                files.push(file);
            }
        }
        files.sort();
        if files.is_empty() {
            return Err(Failure::content(
                path,
                "the folder holds no `.json` file",
                "name the folder of the manifests",
            ));
        }
        files.iter().try_for_each(|file| self.add_file(file, Other::IsLeftOut))
    }

    /// Adds what one file holds.
    pub(crate) fn add_file(&mut self, path: &Path, other: Other) -> Result<(), Failure> {
        let text = documents::text(path)?;
        for document in documents::each::<Document<'_>>(path, &text)? {
            self.add_document(path, document, other)?;
        }
        Ok(())
    }

    fn add_document(&mut self, path: &Path, document: Document<'_>, other: Other) -> Result<(), Failure> {
        let Document { images, failures, image_id, image_manifest, image_manifest_media_type } = document;
        self.failures += failures.map_or(0, |failures| failures.len());
        match (images, image_id, image_manifest) {
            (Some(images), _, _) => images.iter().try_for_each(|row| self.add(path, row)),
            // A line for each image, as `jq -c '.images[]'` writes them.
            (None, Some(image_id), Some(image_manifest)) => {
                self.add(path, &Row { image_id, image_manifest, image_manifest_media_type })
            }
            (None, _, _) => match other {
                Other::IsLeftOut => Ok(()),
                Other::IsWrong => {
                    let help = "`--manifests` takes the output of `aws ecr batch-get-image`";
                    Err(Failure::content(path, "it holds no `images`", help))
                }
            },
        }
    }

    fn add(&mut self, path: &Path, row: &Row<'_>) -> Result<(), Failure> {
        let digest: Digest = row.image_id.image_digest.parse().map_err(|error| bad_digest(path, &error))?;
        let media_type = row.image_manifest_media_type.as_deref();
        let manifest = parse_manifest(&row.image_manifest, media_type)
            .map_err(|error| Failure::content(path, format!("{digest}: {error}"), ""))?;
        match self.by_digest.get(&digest) {
            Some(known) if *known != manifest => {
                let cause = format!("{digest} has two different manifests");
                Err(Failure::content(path, cause, "read the manifests again"))
            }
            _ => {
                self.by_digest.insert(digest, manifest);
                Ok(())
            }
        }
    }

    /// Gives the images of a repository their manifests.
    pub(crate) fn attach(&self, repository: &mut Repository) {
        for image in &mut repository.images {
            if let Some(manifest) = self.by_digest.get(&image.digest) {
                image.subject = image.subject.or(manifest.subject);
                image.manifest = Some(Box::new(manifest.clone()));
            }
        }
    }
}

/// What a document that holds no manifests is.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Other {
    /// An error.
    IsWrong,
    /// None of our business.
    IsLeftOut,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Document<'a> {
    #[serde(borrow)]
    images: Option<Vec<Row<'a>>>,
    failures: Option<Vec<serde::de::IgnoredAny>>,
    #[serde(borrow)]
    image_id: Option<ImageId<'a>>,
    #[serde(borrow)]
    image_manifest: Option<Cow<'a, str>>,
    #[serde(borrow)]
    image_manifest_media_type: Option<Cow<'a, str>>,
}

/// Source: API model, `Image`, read 2026-11-23.
#[expect(clippy::struct_field_names, reason = "the names of the API")]
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Row<'a> {
    #[serde(borrow)]
    image_id: ImageId<'a>,
    #[serde(borrow)]
    image_manifest: Cow<'a, str>,
    #[serde(borrow)]
    image_manifest_media_type: Option<Cow<'a, str>>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct ImageId<'a> {
    #[serde(borrow)]
    image_digest: Cow<'a, str>,
}
