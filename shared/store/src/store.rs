//! The folder that holds the inventories.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use demurrage_core::Inventory;

use crate::commit::{self, MARKER};
use crate::{InventoryEntry, StoreError, read, write};

/// The version of the format that this program writes, and the newest that it reads.
pub const FORMAT_VERSION: u64 = 1;

/// A folder of inventories. Opening it touches nothing; writing makes the folder where there is none.
#[derive(Debug, Clone)]
pub struct Store {
    root: PathBuf,
}

impl Store {
    /// The store in this folder.
    pub fn new(root: impl Into<PathBuf>) -> Self {
        Self { root: root.into() }
    }

    /// The folder.
    pub fn root(&self) -> &Path {
        &self.root
    }

    /// Adds an inventory beside those that are there.
    ///
    /// A crash at any point leaves the others as they are, and a folder without `inventory.json`, which no
    /// reader looks at.
    ///
    /// # Errors
    /// When the file system refuses, or the inventory cannot be written as Parquet.
    pub fn add(&self, inventory: &Inventory) -> Result<InventoryEntry, StoreError> {
        let folder = commit::new_folder(&self.inventories_folder(), inventory.taken_at)?;
        write::write(&folder, inventory)
    }

    /// All inventories whose writing was finished, from the oldest to the newest.
    ///
    /// # Errors
    /// When the folder, or an inventory's description, cannot be read.
    pub fn inventories(&self) -> Result<Vec<InventoryEntry>, StoreError> {
        let folder = self.inventories_folder();
        let listing = match fs::read_dir(&folder) {
            Ok(listing) => listing,
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(Vec::new()),
            Err(error) => return Err(StoreError::io("read", folder)(error)),
        };
        let mut entries = Vec::new();
        for file in listing {
            let path = file.map_err(StoreError::io("read", &folder))?.path();
            if path.join(MARKER).is_file() {
                entries.push(InventoryEntry::read(&path)?);
            }
        }
        entries.sort_by(|a, b| (a.taken_at, &a.folder).cmp(&(b.taken_at, &b.folder)));
        Ok(entries)
    }

    /// The newest inventory of each registry (account and region), in the order of account and region.
    ///
    /// # Errors
    /// As for [`Self::inventories`].
    pub fn newest(&self) -> Result<Vec<InventoryEntry>, StoreError> {
        let mut newest = BTreeMap::new();
        for entry in self.inventories()? {
            newest.insert((entry.registry_id.clone(), entry.region.clone()), entry);
        }
        Ok(newest.into_values().collect())
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
        read::read(entry, wanted)
    }

    fn inventories_folder(&self) -> PathBuf {
        self.root.join("inventories")
    }
}
