//! What is known to be in use, as the store has it.

use demurrage_contract::Failure;
use demurrage_core::in_use::{KnownUses, UseRecord, UseRules};
use demurrage_core::plan::Source;
use demurrage_store::{Store, sha256};

/// What the records of a store say.
#[derive(Debug, Clone)]
pub struct StoredUses {
    /// What is in use, and how well that is known.
    pub known: KnownUses,
}

impl StoredUses {
    /// What the records of this store say, asked by these rules with what is near any registry of the store.
    ///
    /// # Errors
    /// When one of them cannot be read: what it would have said keeps images; or an inventory, because what is near it is
    /// not known then.
    pub fn of(store: &Store, rules: &UseRules) -> Result<Self, Failure> {
        Self::by(store, &store.rules_of_use(rules)?)
    }

    /// What the records of this store say, asked by these rules and nothing else.
    ///
    /// # Errors
    /// When one of them cannot be read.
    pub fn by(store: &Store, rules: &UseRules) -> Result<Self, Failure> {
        let stored = store.uses()?;
        let source = |(name, record): &(String, UseRecord)| Source {
            name: format!("use/{name}"),
            hash: sha256(record.to_json().as_bytes()).to_string(),
        };
        let sources = stored.iter().map(source).collect();
        let records: Vec<UseRecord> = stored.into_iter().map(|(_, record)| record).collect();
        Ok(Self { known: KnownUses::of(&records, Vec::new(), sources, rules) })
    }
}
