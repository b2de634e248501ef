//! Lists of Kubernetes clusters in the folder `clusters` of a store, where the clusters themselves put them.
//!
//! `clusters/NAME.json` is what `kubectl` printed, and as old as the object: the next one takes its place. Whoever reads them keeps
//! records of what they say. Leaves out what a list has to be (the core knows).

use demurrage_core::in_use::{UseRecord, UseScope, newest_sources, read_kubernetes};

use crate::documents::Dated;
use crate::{Store, StoreError};

/// The folder of the lists.
const CLUSTERS: &str = "clusters";
/// What a list's name ends with; before it stands the name of the cluster.
const END: &str = ".json";

impl Store {
    /// Keeps a record of each list that is newer than what the store knows of its cluster, and returns them with the places where
    /// they are shown. A list that cannot be read is a record of a failure, so that nothing is deleted by what an older one
    /// says. `named` are clusters that are read from elsewhere. One list is held at a time.
    ///
    /// # Errors
    /// When the place cannot be read or refuses, or a record is damaged.
    pub fn read_cluster_lists(&self, named: &[&str]) -> Result<Vec<(String, UseRecord)>, StoreError> {
        let documents = self.documents(&[CLUSTERS])?;
        let lists = documents.names()?;
        if lists.is_empty() {
            return Ok(Vec::new());
        }
        let records: Vec<UseRecord> = self.uses()?.into_iter().map(|(_, record)| record).collect();
        let known = newest_sources(&records);
        let mut read = Vec::new();
        for name in lists {
            let Some(cluster) = name.strip_suffix(END).filter(|cluster| !named.contains(cluster)) else {
                continue;
            };
            let Some(Dated { bytes, put_at }) = documents.get_dated(&name)? else { continue };
            let scope = UseScope::of_cluster(cluster);
            if known.iter().any(|read| read.scope == scope && put_at <= read.read_at) {
                continue;
            }
            let record = read_kubernetes(&bytes, cluster, put_at).unwrap_or_else(|error| {
                let cause = format!("`{}`: {error}", documents.shown(&name));
                UseRecord::of_failed_cluster(cluster, put_at, cause)
            });
            read.push((self.add_use(&record)?, record));
        }
        Ok(read)
    }
}
