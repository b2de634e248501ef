//! The store: a folder, or a prefix of a bucket, that holds inventories and evidence.

use std::collections::BTreeMap;
use std::fmt;
use std::path::{self, Path, PathBuf};
use std::sync::Arc;

use chrono::{DateTime, Utc};
use demurrage_core::{Inventory, Listing, RegistryFacts, Repository};
use object_store::ObjectStore;
use tokio::runtime::Handle;

use crate::bucket::Bucket;
use crate::entry::Description;
use crate::folder::Folder;
use crate::place::Place;
use crate::{
    Depth, Documents, Head, InventoryEntry, InventoryWriter, KnownManifests, ManifestCursor, Part,
    PartWriter, StoreError, Table, Walk, part, read,
};

/// The newest version of the format that this program reads, and that it writes for inventories of parts.
pub const FORMAT_VERSION: u64 = 3;
/// The version that it writes where there are no parts: what readers of that version read as well.
pub(crate) const WHOLE_VERSION: u64 = 2;

/// Characters of the hint in the name of a document: a name of a file may have 255 bytes on most systems.
const HINT_CHARS_MAX: usize = 100;

/// A place of inventories. Opening it touches nothing; writing makes a folder where there is none.
///
/// All of it waits for files or for the network. A store in a bucket waits for a runtime, and is used from
/// outside of it: within a function through `spawn_blocking` or `block_in_place`.
#[derive(Debug, Clone)]
pub struct Store {
    pub(crate) place: Place,
}

impl fmt::Display for Store {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.shown())
    }
}

impl Store {
    /// The store in this folder.
    pub fn new(root: impl Into<PathBuf>) -> Self {
        Self { place: Place::Folder(Folder { root: root.into() }) }
    }

    /// The store below this prefix of a bucket, which messages call `shown_as`: `s3://bucket/prefix`.
    ///
    /// `runtime` has to be one of several threads, or one that is driven meanwhile. What is written, and
    /// what is read, passes through files in the system's temporary folder (`TMPDIR`): as large as the
    /// Parquet files of one inventory.
    pub fn bucket(objects: Arc<dyn ObjectStore>, prefix: &str, runtime: Handle, shown_as: &str) -> Self {
        Self { place: Place::Bucket(Bucket::new(objects, prefix, runtime, shown_as)) }
    }

    /// The folder, or `s3://bucket/prefix`.
    pub fn shown(&self) -> String {
        self.place.shown()
    }

    /// Begins an inventory that is written while it is read.
    ///
    /// A crash at any point leaves the others as they are, and at most something without `inventory.json`,
    /// which no reader looks at.
    ///
    /// # Errors
    /// When the file system refuses.
    pub fn begin(&self, head: &Head) -> Result<InventoryWriter, StoreError> {
        InventoryWriter::begin(&self.place, head)
    }

    /// Adds an inventory beside those that are there: what [`Self::begin`] writes of its parts.
    ///
    /// # Errors
    /// When repositories or images are not in order, or the file system or the bucket refuses.
    pub fn add(&self, inventory: &Inventory) -> Result<InventoryEntry, StoreError> {
        let mut writer = self.begin(&Head {
            kind: inventory.kind,
            registry_id: inventory.registry_id.clone(),
            region: inventory.region.clone(),
            taken_at: inventory.taken_at,
            repositories_listing: inventory.repositories_listing,
        })?;
        for repository in &inventory.repositories {
            for image in &repository.images {
                writer.image(&repository.name, image)?;
            }
            writer.repository(repository)?;
        }
        writer.finish(&inventory.registry, &inventory.notes)
    }

    /// Begins a part of an inventory: some repositories that are written by themselves, into the folder `part` of
    /// the inventory `name`. Both are names that nobody else uses.
    ///
    /// # Errors
    /// When a name is none, or the file system refuses.
    pub fn begin_part(&self, name: &str, part: &str) -> Result<PartWriter, StoreError> {
        PartWriter::begin(&self.place, name, part)
    }

    /// Adds the inventory that consists of these parts, in the order of their repositories. The same once more
    /// changes nothing.
    ///
    /// # Errors
    /// When there is another inventory of this name, the parts are out of order, or the file system or the bucket
    /// refuses.
    pub fn add_parts(
        &self,
        name: &str,
        head: &Head,
        parts: &[Part],
        registry: &RegistryFacts,
        notes: &[String],
    ) -> Result<InventoryEntry, StoreError> {
        part::check_names(&self.place, name, name)?;
        let folder = self.place.folder_of(name);
        let description = described(head, parts, registry, notes);
        let text = serde_json::to_vec_pretty(&description).map_err(|e| StoreError::corrupt(&folder, e))?;
        let entry =
            InventoryEntry::of(&folder, description).map_err(|e| StoreError::order(&folder, e.to_owned()))?;
        self.place.describe(name, &text)?;
        Ok(entry)
    }

    /// One part as if it were an inventory, whether or not there is one of this name yet.
    ///
    /// # Errors
    /// When a name is none, or the part is not one.
    pub fn part(&self, name: &str, head: &Head, part: &Part) -> Result<InventoryEntry, StoreError> {
        part::check_names(&self.place, name, part.folder())?;
        let folder = self.place.folder_of(name);
        let description = described(head, std::slice::from_ref(part), &RegistryFacts::default(), &[]);
        InventoryEntry::of(&folder, description).map_err(|cause| StoreError::corrupt(folder, cause))
    }

    /// Goes through an inventory repository by repository.
    ///
    /// # Errors
    /// When a file is missing, damaged, or of a newer format.
    pub fn walk(&self, entry: &InventoryEntry, depth: Depth) -> Result<Walk, StoreError> {
        Walk::begin(&self.place, entry, depth)
    }

    /// Name and listing of the repositories in a range of names, both ends with it, in their order.
    ///
    /// # Errors
    /// As for [`Self::walk`].
    pub fn listings(
        &self,
        entry: &InventoryEntry,
        first: &str,
        last: &str,
    ) -> Result<Vec<(String, Listing)>, StoreError> {
        read::listings(&self.place, entry, first, last)
    }

    /// The newest inventories of a private registry, the oldest of them first, at most so many, and why others
    /// cannot be read. Names that say of which registry an inventory is are believed, so that few descriptions are
    /// read however many there are.
    ///
    /// # Errors
    /// When the place cannot be read.
    pub fn newest_of(
        &self,
        account: &str,
        region: &str,
        most: usize,
    ) -> Result<(Vec<InventoryEntry>, Vec<StoreError>), StoreError> {
        self.newest_among(&self.inventory_names()?, account, region, most)
    }

    /// How many images each repository of an inventory has; nothing of those that an older version wrote.
    ///
    /// # Errors
    /// As for [`Self::walk`].
    pub fn image_counts(&self, entry: &InventoryEntry) -> Result<BTreeMap<String, u64>, StoreError> {
        read::image_counts(&self.place, entry)
    }

    /// The paths of the files of one table (`repositories`, `images`, `descriptors`), as they are shown.
    pub fn files_of(&self, entry: &InventoryEntry, table: Table) -> Vec<String> {
        let files = entry.files(table.file()).into_iter();
        files.map(|file| entry.folder.join(file.path()).display().to_string()).collect()
    }

    /// Small objects in a folder of the store, such as `["runs", "20261124T000000Z-1a2b3c4d"]`.
    ///
    /// # Errors
    /// When a name is none.
    pub fn documents(&self, folder: &[&str]) -> Result<Documents, StoreError> {
        Documents::new(&self.place, folder)
    }

    /// All inventories whose writing was finished, from the oldest to the newest.
    ///
    /// # Errors
    /// When the place, or an inventory's description, cannot be read.
    pub fn inventories(&self) -> Result<Vec<InventoryEntry>, StoreError> {
        let (entries, mut unreadable) = self.readable_inventories()?;
        if unreadable.is_empty() { Ok(entries) } else { Err(unreadable.swap_remove(0)) }
    }

    /// The inventories whose descriptions can be read, from the oldest to the newest, and why the others
    /// cannot: for callers that can do without some, and say so.
    ///
    /// # Errors
    /// When the place cannot be read.
    pub fn readable_inventories(&self) -> Result<(Vec<InventoryEntry>, Vec<StoreError>), StoreError> {
        let (mut entries, mut unreadable) = (Vec::new(), Vec::new());
        for (name, text) in self.place.descriptions(self.place.names()?)? {
            match InventoryEntry::parse(&self.place.folder_of(&name), &text) {
                Ok(entry) => entries.push(entry),
                Err(error) => unreadable.push(error),
            }
        }
        entries.sort_by(|a, b| (a.taken_at, &a.folder).cmp(&(b.taken_at, &b.folder)));
        Ok((entries, unreadable))
    }

    /// The inventory of this name, `20261101T000000Z-0000`, or at a path that ends in it.
    ///
    /// # Errors
    /// When there is none, or its description cannot be read.
    pub fn find(&self, wanted: &str) -> Result<InventoryEntry, StoreError> {
        let no_such = || StoreError::NoSuch { wanted: wanted.to_owned(), store: self.shown() };
        let given = Path::new(wanted);
        let name = given.file_name().and_then(|name| name.to_str()).ok_or_else(no_such)?;
        let folder = self.place.folder_of(name);
        let is_here = folder.ends_with(given)
            || path::absolute(&folder).is_ok_and(|folder| path::absolute(given).is_ok_and(|it| it == folder));
        let text = if is_here { self.place.description(name)? } else { None };
        InventoryEntry::parse(&folder, &text.ok_or_else(no_such)?)
    }

    /// Reads an inventory, with those of its repositories whose names `wanted` takes.
    ///
    /// # Errors
    /// When a file is missing, damaged, or of a newer format.
    pub fn read(
        &self,
        entry: &InventoryEntry,
        wanted: impl Fn(&str) -> bool,
    ) -> Result<Inventory, StoreError> {
        read::read(&self.place, entry, wanted)
    }

    /// The repositories of an inventory, in the order of their names, without images.
    ///
    /// # Errors
    /// As for [`Self::read`].
    pub fn repositories(&self, entry: &InventoryEntry) -> Result<Vec<Repository>, StoreError> {
        read::repositories(&self.place, entry)
    }

    /// Which manifests an inventory knows; asked in the order of names.
    ///
    /// # Errors
    /// As for [`Self::read`].
    pub fn known_manifests(&self, entry: &InventoryEntry) -> Result<KnownManifests, StoreError> {
        KnownManifests::open(&self.place, entry)
    }

    /// The manifests of an inventory; asked in the order of names and digests.
    ///
    /// # Errors
    /// As for [`Self::read`].
    pub fn manifests(&self, entry: &InventoryEntry) -> Result<ManifestCursor, StoreError> {
        ManifestCursor::open(&self.place, entry)
    }

    /// Keeps a document about what AWS was asked and answered, for ever and under a new name; returns its
    /// place.
    ///
    /// The name holds the time and `name_hint`, in which everything but letters, digits, `.`, `_` and `-` of
    /// ASCII becomes `-`, and of which 100 characters are kept.
    ///
    /// # Errors
    /// When the file system or the bucket refuses.
    pub fn add_evidence(
        &self,
        name_hint: &str,
        taken_at: DateTime<Utc>,
        json_text: &str,
    ) -> Result<String, StoreError> {
        let plain = |c: char| if c.is_ascii_alphanumeric() || "._-".contains(c) { c } else { '-' };
        let hint: String = name_hint.chars().map(plain).take(HINT_CHARS_MAX).collect();
        self.place.add_evidence(taken_at, &format!("-{hint}.json"), json_text)
    }

    /// Name and text of each document, in the order of their names, which is that of their times.
    ///
    /// # Errors
    /// When the place or a document cannot be read.
    pub fn evidence(&self) -> Result<Vec<(String, String)>, StoreError> {
        let mut all = self.place.evidence()?;
        all.sort();
        Ok(all)
    }
}

fn described(head: &Head, parts: &[Part], registry: &RegistryFacts, notes: &[String]) -> Description {
    let sum = |count: fn(&Part) -> u64| {
        let all = parts.iter().map(count).fold(0, u64::saturating_add);
        usize::try_from(all).unwrap_or(usize::MAX)
    };
    Description {
        repositories: sum(Part::repositories),
        images: sum(Part::images),
        parts: Some(parts.to_vec()),
        ..head.description(FORMAT_VERSION, registry, notes)
    }
}
