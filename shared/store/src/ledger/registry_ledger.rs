//! The ledger of one registry in a store.

use demurrage_core::ledger::RepositoryLedger;
use demurrage_core::{RegistryKind, Repository};

use super::LedgerWalk;
use super::file::LedgerFile;
use super::learn::{learn_repository, windows};
use super::past::Past;
use crate::{InventoryEntry, Store, StoreError, part};

/// The folder of ledgers in a store.
const LEDGER: &str = "ledger";
/// In the place of an account that is not known, and of the region of a public registry.
const UNKNOWN: &str = "unknown";
const PUBLIC: &str = "public";

/// The ledger of one registry: which image each of its tags was on, as inventories tell it.
#[derive(Debug, Clone)]
pub struct Ledger {
    pub(super) store: Store,
    pub(super) file: LedgerFile,
    pub(super) kind: RegistryKind,
    pub(super) account: Option<String>,
    pub(super) region: String,
}

impl Store {
    /// The ledger of a registry. Nothing is read yet.
    ///
    /// # Errors
    /// When account or region cannot be the name of a folder.
    pub fn ledger(
        &self,
        kind: RegistryKind,
        account: Option<&str>,
        region: &str,
    ) -> Result<Ledger, StoreError> {
        let below = match kind {
            RegistryKind::Private => region,
            RegistryKind::Public => PUBLIC,
        };
        let folder = [LEDGER, account.unwrap_or(UNKNOWN), below];
        if let Some(name) = folder.into_iter().find(|name| !part::is_plain(name)) {
            return Err(StoreError::Name { name: name.to_owned(), store: self.shown() });
        }
        let folder = folder.into_iter().map(str::to_owned).collect();
        Ok(Ledger {
            store: self.clone(),
            file: LedgerFile::new(self.place.clone(), folder),
            kind,
            account: account.map(str::to_owned),
            region: region.to_owned(),
        })
    }

    /// The ledger of the registry that an inventory is of.
    ///
    /// # Errors
    /// As for [`Self::ledger`].
    pub fn ledger_of(&self, entry: &InventoryEntry) -> Result<Ledger, StoreError> {
        self.ledger(entry.kind, entry.registry_id.as_deref(), &entry.region)
    }
}

impl Ledger {
    /// The file as it is shown.
    pub fn shown(&self) -> String {
        self.file.shown()
    }

    /// Goes through the ledger repository by repository; nothing where no inventory was learnt yet.
    ///
    /// # Errors
    /// When the file is damaged, or of a newer format.
    pub fn walk(&self) -> Result<Option<LedgerWalk>, StoreError> {
        let Some(file) = self.file.open()? else { return Ok(None) };
        LedgerWalk::begin(&self.shown(), file).map(Some)
    }

    /// The ledger of one repository; where no inventory was learnt yet, as the inventories of the store tell it. It is
    /// empty where nothing is known of the repository.
    ///
    /// # Errors
    /// When a file is damaged, or of a newer format.
    pub fn repository(&self, name: &str) -> Result<RepositoryLedger, StoreError> {
        let Some(mut walk) = self.walk()? else { return self.of_inventories(name) };
        while let Some((found, ledger)) = walk.next_repository()? {
            if found == name {
                return Ok(ledger);
            }
        }
        Ok(RepositoryLedger::default())
    }

    /// What all inventories of the store tell of a repository.
    fn of_inventories(&self, name: &str) -> Result<RepositoryLedger, StoreError> {
        let entries = self.entries()?.0;
        let mut ledger = RepositoryLedger::default();
        let mut is_known = false;
        for (entry, window) in entries.iter().zip(windows(&entries, &[])) {
            let mut past = Past::begin(&self.store.place, entry)?;
            let mut found: Option<Repository> = None;
            while let Some(repository) = past.next_repository()? {
                if repository.name == name {
                    found = Some(repository);
                    break;
                }
            }
            is_known |= found.is_some();
            if !is_known {
                continue;
            }
            learn_repository(&mut ledger, name, found.as_ref(), entry, window);
        }
        Ok(ledger)
    }

    /// The inventories of the registry that the store has, from the oldest to the newest, and why others cannot be read.
    pub(super) fn entries(&self) -> Result<(Vec<InventoryEntry>, Vec<StoreError>), StoreError> {
        let (mut entries, unreadable) = self.store.readable_inventories()?;
        entries.retain(|entry| {
            entry.kind == self.kind && entry.registry_id == self.account && entry.region == self.region
        });
        Ok((entries, unreadable))
    }
}
