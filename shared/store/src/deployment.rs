//! How the service that writes a store is deployed, as far as others have to know it: `deployment.json` at the top of the store.
//!
//! So that whoever approves a plan needs the store and no more: it says what applies the plan.

use serde::{Deserialize, Serialize};

use crate::{Store, StoreError};

const DEPLOYMENT: &str = "deployment.json";
/// The form that this program writes and reads.
const FORMAT_VERSION: u64 = 1;

/// What a deployment says of itself.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Deployment {
    /// The ARN of the state machine that applies plans.
    pub apply_state_machine: String,
}

#[derive(Debug, PartialEq, Eq, Serialize, Deserialize)]
struct StoredDeployment {
    format_version: u64,
    apply_state_machine: String,
}

impl Store {
    /// How the service that writes this store is deployed; nothing where none does.
    ///
    /// # Errors
    /// When it cannot be read, or is of a newer format.
    pub fn deployment(&self) -> Result<Option<Deployment>, StoreError> {
        let stored = self.documents(&[])?.read_versioned::<StoredDeployment>(DEPLOYMENT, FORMAT_VERSION)?;
        Ok(stored.map(|stored| Deployment { apply_state_machine: stored.apply_state_machine }))
    }

    /// Writes down how the service is deployed, in the place of what was said before.
    ///
    /// # Errors
    /// When the file system or the bucket refuses.
    pub fn put_deployment(&self, deployment: &Deployment) -> Result<(), StoreError> {
        let documents = self.documents(&[])?;
        let stored = StoredDeployment {
            format_version: FORMAT_VERSION,
            apply_state_machine: deployment.apply_state_machine.clone(),
        };
        let bytes = serde_json::to_vec_pretty(&stored);
        let bytes = bytes.map_err(|error| StoreError::corrupt(documents.shown(DEPLOYMENT), error))?;
        // What is there already is not written again: a bucket that keeps versions would keep one of each run.
        if documents.get(DEPLOYMENT)?.is_some_and(|there| there == bytes) {
            return Ok(());
        }
        documents.put(DEPLOYMENT, &bytes)
    }
}

#[cfg(test)]
mod tests {
    use super::Deployment;
    use crate::Store;

    #[test]
    fn the_last_deployment_counts_and_a_store_of_the_command_has_none() {
        let folder = tempfile::tempdir().unwrap();
        let store = Store::new(folder.path());
        assert_eq!(store.deployment().unwrap(), None);
        for name in ["one", "one", "two"] {
            let deployment =
                Deployment { apply_state_machine: format!("arn:aws:states:x:1:stateMachine:{name}") };
            store.put_deployment(&deployment).unwrap();
            assert_eq!(store.deployment().unwrap(), Some(deployment));
        }
        let path = folder.path().join("deployment.json");
        let newer = std::fs::read_to_string(&path).unwrap().replace(": 1", ": 2");
        std::fs::write(&path, newer).unwrap();
        assert!(store.deployment().is_err());
    }
}
