//! The bytes of layers and configurations, and uploads that are not complete.
//!
//! For: the JSON API and the distribution routes, which share uploads. Assumes: a digest is of SHA-256.
//! Leaves out: which repository has which layer; that is the registry's table of layers.

use std::collections::HashMap;

use axum::body::Bytes;

/// Everything that was uploaded.
#[derive(Debug, Default)]
pub(crate) struct Blobs {
    held: HashMap<String, Bytes>,
    held_bytes: u64,
    uploads: HashMap<String, Upload>,
    started: u64,
}

/// An upload that is not complete.
#[derive(Debug)]
pub(crate) struct Upload {
    /// Account, region and repository that it was started in.
    pub(crate) place: (String, String, String),
    /// What came so far.
    pub(crate) bytes: Vec<u8>,
    /// How many bytes the parts had that came through the API.
    pub(crate) parts: Vec<usize>,
}

impl Blobs {
    /// Starts an upload; its id.
    pub(crate) fn start(&mut self, place: (String, String, String)) -> String {
        self.started += 1;
        let mixed = crate::wire::hash(&format!("upload {}", self.started));
        let id = format!(
            "{:08x}-{:04x}-4{:03x}-8{:03x}-{:012x}",
            self.started,
            mixed >> 48,
            (mixed >> 36) & 0xfff,
            (mixed >> 24) & 0xfff,
            mixed & 0xff_ffff
        );
        self.uploads.insert(id.clone(), Upload { place, bytes: Vec::new(), parts: Vec::new() });
        id
    }

    /// An upload of this place.
    pub(crate) fn upload(&mut self, place: &(String, String, String), id: &str) -> Option<&mut Upload> {
        self.uploads.get_mut(id).filter(|upload| upload.place == *place)
    }

    /// Ends an upload without keeping it.
    pub(crate) fn forget(&mut self, id: &str) {
        self.uploads.remove(id);
    }

    /// Keeps the bytes of a complete upload. False if they would be more than `most` with those that are held.
    pub(crate) fn keep(&mut self, digest: &str, id: &str, most: u64) -> bool {
        let size = self.uploads.get(id).map_or(0, |upload| upload.bytes.len() as u64);
        let new = !self.held.contains_key(digest);
        if new && most < self.held_bytes.saturating_add(size) {
            return false;
        }
        if let Some(upload) = self.uploads.remove(id)
            && new
        {
            self.held_bytes += size;
            self.held.insert(digest.to_owned(), Bytes::from(upload.bytes));
        }
        true
    }

    /// The bytes with this digest.
    pub(crate) fn bytes(&self, digest: &str) -> Option<Bytes> {
        self.held.get(digest).cloned()
    }
}
