//! That one part of a plan met something that concerns all of it: `journals/HASH/halt.json`, put once.
//!
//! Parts of a plan are applied by several at a time, each with a journal of its own. Who meets something wrong puts it here, and
//! the others look for it before each batch.

use demurrage_core::plan::PlanHash;
use serde::{Deserialize, Serialize};

use crate::journal::JOURNALS;
use crate::{Documents, Store, StoreError};

const HALT: &str = "halt.json";
/// The form that this program writes and reads.
const FORMAT_VERSION: u64 = 1;

/// What a part of a plan met that concerns all of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PlanHalt {
    /// The part, by its place.
    pub part: usize,
    /// The kind of reason, by its name.
    pub kind: String,
    /// The reason, in a fragment that reads alone.
    pub detail: String,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct StoredHalt {
    format_version: u64,
    part: usize,
    kind: String,
    detail: String,
}

impl Store {
    /// What a part of this plan met that concerns all of it, where one did.
    ///
    /// # Errors
    /// When it cannot be read, or is of a newer format: then nobody knows, and who asks has to stop.
    pub fn plan_halt(&self, plan: &PlanHash) -> Result<Option<PlanHalt>, StoreError> {
        let stored = self.beside_journal(plan)?.read_versioned::<StoredHalt>(HALT, FORMAT_VERSION)?;
        Ok(stored.map(|StoredHalt { part, kind, detail, .. }| PlanHalt { part, kind, detail }))
    }

    /// Tells all other parts of a plan to end. The first one that says so is the one that is believed.
    ///
    /// # Errors
    /// When the file system or the bucket refuses.
    pub fn put_plan_halt(&self, plan: &PlanHash, halt: &PlanHalt) -> Result<(), StoreError> {
        let documents = self.beside_journal(plan)?;
        let PlanHalt { part, kind, detail } = halt.clone();
        let stored = StoredHalt { format_version: FORMAT_VERSION, part, kind, detail };
        let bytes = serde_json::to_vec_pretty(&stored);
        let bytes = bytes.map_err(|error| StoreError::corrupt(documents.shown(HALT), error))?;
        documents.put_new(HALT, &bytes).map(drop)
    }

    /// The folder of the journal of a plan, for what is said of its parts together.
    ///
    /// # Errors
    /// When the place cannot be read.
    pub fn beside_journal(&self, plan: &PlanHash) -> Result<Documents, StoreError> {
        self.documents(&[JOURNALS, &plan.to_string()])
    }
}

#[cfg(test)]
mod tests {
    use demurrage_core::plan::PlanHash;

    use super::PlanHalt;
    use crate::{Journal, Store};

    #[test]
    fn the_first_halt_is_the_one_that_is_found_and_no_entry_of_the_journal() {
        let folder = tempfile::tempdir().unwrap();
        let store = Store::new(folder.path());
        let plan = PlanHash::from_bytes([7; 32]);
        assert_eq!(store.plan_halt(&plan).unwrap(), None);
        let halt = |part| PlanHalt { part, kind: "suspicious".to_owned(), detail: "odd".to_owned() };
        store.put_plan_halt(&plan, &halt(3)).unwrap();
        store.put_plan_halt(&plan, &halt(4)).unwrap();
        assert_eq!(store.plan_halt(&plan).unwrap(), Some(halt(3)));
        assert_eq!(store.plan_halt(&PlanHash::from_bytes([8; 32])).unwrap(), None);
        assert!(Journal::open(&store, &plan.to_string()).unwrap().entries().is_empty());
    }
}
