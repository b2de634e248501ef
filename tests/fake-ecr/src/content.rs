//! What the distribution routes need of the state: blobs, uploads, manifests, tags.
//!
//! For: `/v2/`. A [`Caller`] comes from `authenticate` and names the registry by account and region.
//! Assumes: names and digests were taken from a path, so nothing is known of them.
//! Leaves out: HTTP.

use std::sync::Arc;

use axum::body::Bytes;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;

use crate::Fake;
use crate::model::ImageRecord;
use crate::operations::{self, Push};
use crate::state::{Caller, Place, State};
use crate::wire::{ImageId, Refusal};

/// A manifest that was pulled.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PulledManifest {
    /// `sha256:…` of the text.
    pub digest: String,
    /// Its media type.
    pub media_type: String,
    /// The text.
    pub text: Arc<str>,
}

fn place(caller: &Caller) -> Place {
    Place::new(&caller.account, &caller.region)
}

fn upload_place(caller: &Caller, repository: &str) -> (String, String, String) {
    (caller.account.clone(), caller.region.clone(), repository.to_owned())
}

fn image_id(reference: &str) -> ImageId {
    if reference.contains(':') {
        ImageId { digest: Some(reference.to_owned()), tag: None }
    } else {
        ImageId { digest: None, tag: Some(reference.to_owned()) }
    }
}

fn no_upload(id: &str) -> Refusal {
    Refusal::new("UploadNotFoundException", format!("The upload with id '{id}' does not exist"))
}

impl Fake {
    /// Who sent this `Authorization` header, which is Basic with the user `AWS` and a token as password; the
    /// account and the region are those of the token. None for anything else, and for an expired token.
    pub fn authenticate(&self, authorization: Option<&str>) -> Option<Caller> {
        let (scheme, encoded) = authorization?.split_once(' ')?;
        let decoded = String::from_utf8(STANDARD.decode(encoded.trim()).ok()?).ok()?;
        let token = decoded.strip_prefix("AWS:").filter(|_| scheme.eq_ignore_ascii_case("basic"))?;
        operations::caller_of_token(&self.lock(), token)
    }

    /// Whether the repository is there.
    pub fn repository_exists(&self, caller: &Caller, repository: &str) -> bool {
        self.lock().region(&place(caller)).has(repository)
    }

    /// Whether the registry mounts blobs across repositories (account setting `BLOB_MOUNTING`).
    pub fn mounts_blobs(&self, caller: &Caller) -> bool {
        let mut state = self.lock();
        let setting = state.region(&place(caller)).account_settings.get("BLOB_MOUNTING");
        setting.is_some_and(|value| value == "ENABLED")
    }

    /// Starts an upload; its id.
    pub fn start_upload(&self, caller: &Caller, repository: &str) -> Result<String, Refusal> {
        let mut state = self.lock();
        existing(&mut state, caller, repository)?;
        Ok(state.blobs.start(upload_place(caller, repository)))
    }

    /// Appends to an upload; how many bytes it has now.
    pub fn append_upload(
        &self,
        caller: &Caller,
        repository: &str,
        id: &str,
        bytes: &[u8],
    ) -> Result<u64, Refusal> {
        let mut state = self.lock();
        let upload = state.blobs.upload(&upload_place(caller, repository), id);
        let upload = upload.ok_or_else(|| no_upload(id))?;
        upload.bytes.extend_from_slice(bytes);
        Ok(upload.bytes.len() as u64)
    }

    /// How many bytes an upload has.
    pub fn upload_bytes(&self, caller: &Caller, repository: &str, id: &str) -> Result<u64, Refusal> {
        let mut state = self.lock();
        let upload = state.blobs.upload(&upload_place(caller, repository), id);
        upload.map(|upload| upload.bytes.len() as u64).ok_or_else(|| no_upload(id))
    }

    /// Completes an upload. `InvalidLayerException` if the bytes have another digest; the upload then stays.
    pub fn complete_upload(
        &self,
        caller: &Caller,
        repository: &str,
        id: &str,
        digest: &str,
    ) -> Result<(), Refusal> {
        operations::complete(&mut self.lock(), &place(caller), repository, id, digest)
    }

    /// Forgets an upload.
    pub fn cancel_upload(&self, caller: &Caller, repository: &str, id: &str) -> Result<(), Refusal> {
        self.upload_bytes(caller, repository, id)?;
        self.lock().blobs.forget(id);
        Ok(())
    }

    /// The size in bytes of a blob of the repository, if it has it.
    pub fn has_blob(&self, caller: &Caller, repository: &str, digest: &str) -> Option<u64> {
        self.lock().region(&place(caller)).layers.get(repository)?.get(digest).copied()
    }

    /// The bytes of a blob of the repository, if it has it.
    pub fn blob(&self, caller: &Caller, repository: &str, digest: &str) -> Option<Bytes> {
        self.has_blob(caller, repository, digest)?;
        self.lock().blobs.bytes(digest)
    }

    /// Mounts a blob of another repository of the same registry; false if it is not there.
    pub fn mount_blob(&self, caller: &Caller, from: &str, repository: &str, digest: &str) -> bool {
        let Some(size_bytes) = self.has_blob(caller, from, digest) else { return false };
        operations::keep_layer(&mut self.lock(), &place(caller), repository, digest, size_bytes);
        true
    }

    /// Pushes a manifest to a tag or a digest; its digest. The refusals are those of `PutImage`; of these,
    /// `ImageAlreadyExistsException` says that nothing had to be done.
    pub fn put_manifest(
        &self,
        caller: &Caller,
        repository: &str,
        reference: &str,
        media_type: Option<&str>,
        text: &str,
    ) -> Result<String, Refusal> {
        let id = image_id(reference);
        let mut state = self.lock();
        operations::settle(&mut state);
        let pushed = Push { text, media_type, tag: id.tag.as_deref(), digest: id.digest.as_deref() };
        operations::push(&mut state, &place(caller), repository, &pushed).map(|(digest, _)| digest)
    }

    /// Pulls a manifest by tag or digest, and remembers the pull. None if it is not there, or archived.
    pub fn get_manifest(&self, caller: &Caller, repository: &str, reference: &str) -> Option<PulledManifest> {
        let mut state = self.lock();
        operations::settle(&mut state);
        let pulled = operations::pull(&mut state, caller, &place(caller), repository, &image_id(reference));
        pulled.ok().map(|(image, text)| PulledManifest {
            digest: image.digest,
            media_type: image.media_type,
            text,
        })
    }

    /// Looks at a manifest without pulling it, as a HEAD request does.
    pub fn head_manifest(
        &self,
        caller: &Caller,
        repository: &str,
        reference: &str,
    ) -> Option<PulledManifest> {
        let mut state = self.lock();
        operations::settle(&mut state);
        let contents = state.region(&place(caller)).contents(repository)?;
        let id = image_id(reference);
        let image = match (&id.digest, &id.tag) {
            (Some(digest), _) => contents.image(digest)?,
            (None, tag) => contents.tagged(tag.as_deref()?)?,
        };
        let text = contents.manifest(image);
        (image.status == crate::model::ImageStatus::Active).then(|| PulledManifest {
            digest: image.digest.clone(),
            media_type: image.media_type.clone(),
            text,
        })
    }

    /// The tags of active images, by name.
    pub fn tags(&self, caller: &Caller, repository: &str) -> Vec<String> {
        let mut state = self.lock();
        let contents = state.region(&place(caller)).contents(repository).unwrap_or_default();
        contents
            .tags_from(None)
            .filter(|(_, at)| {
                contents
                    .image(&at.digest)
                    .is_some_and(|image| image.status == crate::model::ImageStatus::Active)
            })
            .map(|(tag, _)| tag.to_owned())
            .collect()
    }

    /// The active images that refer to this digest, with the texts of their manifests.
    pub fn referrers(
        &self,
        caller: &Caller,
        repository: &str,
        subject: &str,
    ) -> Vec<(ImageRecord, Arc<str>)> {
        let mut state = self.lock();
        let contents = state.region(&place(caller)).contents(repository).unwrap_or_default();
        let digests = contents.referrers(subject);
        let images = digests.iter().filter_map(|digest| contents.image(digest));
        images
            .filter(|image| image.status == crate::model::ImageStatus::Active)
            .map(|image| (image.clone(), contents.manifest(image)))
            .collect()
    }
}

fn existing(state: &mut State, caller: &Caller, repository: &str) -> Result<(), Refusal> {
    if state.region(&place(caller)).has(repository) {
        Ok(())
    } else {
        Err(Refusal::no_repository(repository, &caller.account))
    }
}
