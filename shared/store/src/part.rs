//! A part of an inventory: some of its repositories, written by itself.
//!
//! Whoever collects a registry in shares writes each share as a part, into a folder of its own below that of the
//! inventory, and tells of it by handing on its [`Part`]. The inventory exists when its description, which
//! names all parts, is put there.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::StoreError;
use crate::entry::FileFacts;
use crate::place::Place;

/// What is known of a part that was written: enough to read it, and to check that it is what was written.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Part {
    /// The folder of its files, below that of the inventory.
    pub(crate) folder: String,
    pub(crate) repositories: u64,
    pub(crate) images: u64,
    pub(crate) descriptors: u64,
    pub(crate) image_size_sum_bytes: u64,
    pub(crate) images_of_largest: u64,
    pub(crate) descriptors_of_largest: u64,
    pub(crate) children_of_largest: u64,
    pub(crate) tag_bytes_of_largest: u64,
    /// The first and the last repository; none where it has none.
    pub(crate) first: Option<String>,
    pub(crate) last: Option<String>,
    /// Name → what was written.
    pub(crate) files: BTreeMap<String, FileFacts>,
}

impl Part {
    /// The folder of its files, below that of the inventory.
    pub fn folder(&self) -> &str {
        &self.folder
    }

    /// How many repositories it has.
    pub const fn repositories(&self) -> u64 {
        self.repositories
    }

    /// How many images it has.
    pub const fn images(&self) -> u64 {
        self.images
    }

    /// How many blobs and children the manifests of its images name, each once for each manifest.
    pub const fn descriptors(&self) -> u64 {
        self.descriptors
    }

    /// The sizes of its images added up, which counts a layer once for each image that has it.
    pub const fn image_size_sum_bytes(&self) -> u64 {
        self.image_size_sum_bytes
    }

    /// How many images its largest repository has.
    pub const fn images_of_largest(&self) -> u64 {
        self.images_of_largest
    }

    /// How many blobs and children the manifests of one repository name, at most.
    pub const fn descriptors_of_largest(&self) -> u64 {
        self.descriptors_of_largest
    }

    /// How many children the indexes of one repository name, at most.
    pub const fn children_of_largest(&self) -> u64 {
        self.children_of_largest
    }

    /// How long the tags of one repository are together, at most.
    pub const fn tag_bytes_of_largest(&self) -> u64 {
        self.tag_bytes_of_largest
    }

    /// The name of its first repository; none where it has none.
    pub fn first(&self) -> Option<&str> {
        self.first.as_deref()
    }

    /// The name of its last repository; none where it has none.
    pub fn last(&self) -> Option<&str> {
        self.last.as_deref()
    }
}

/// Whether parts lie in folders of their own and one after another in the order of names.
pub(crate) fn check_order(parts: &[Part]) -> Result<(), &'static str> {
    let mut end: Option<&str> = None;
    for part in parts {
        if !is_plain(&part.folder) {
            return Err("the folder of a part has a name that no part has");
        }
        match (&part.first, &part.last) {
            (Some(first), Some(last)) => {
                if end.is_some_and(|end| &**first <= end) || last < first {
                    return Err("its parts are out of order");
                }
                end = Some(last);
            }
            (None, None) => {}
            (Some(_), None) | (None, Some(_)) => return Err("a part ends where it does not begin"),
        }
    }
    Ok(())
}

/// Refuses names of an inventory and of a part that would not stay in the store.
pub(crate) fn check_names(place: &Place, inventory: &str, part: &str) -> Result<(), StoreError> {
    match [inventory, part].into_iter().find(|name| !is_plain(name)) {
        Some(name) => Err(StoreError::Name { name: name.to_owned(), store: place.shown() }),
        None => Ok(()),
    }
}

/// Whether a name stays in the folder in which it is used: it comes from a file that anybody may have changed.
pub(crate) fn is_plain(name: &str) -> bool {
    let plain = |c: char| c.is_ascii_alphanumeric() || "-_.".contains(c);
    !name.is_empty() && name.len() <= 200 && !name.starts_with('.') && name.chars().all(plain)
}
