//! What one reading of a source is of: an account and region, or a cluster.

use std::fmt;

use super::{SourceRecord, UseRecord, UseSource};

/// One source in one place. A newer reading of the same one takes the place of an older.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct UseScope {
    /// The source.
    pub source: UseSource,
    /// The twelve-digit account; nothing for a cluster and for a file of references.
    pub account: Option<String>,
    /// The region; nothing as for the account.
    pub region: Option<String>,
    /// The name of the cluster or of the file.
    pub name: Option<String>,
}

impl UseScope {
    /// A source of an account and region.
    pub fn of_region(source: UseSource, account: &str, region: &str) -> Self {
        Self { source, account: Some(account.to_owned()), region: Some(region.to_owned()), name: None }
    }

    /// A cluster.
    pub fn of_cluster(name: &str) -> Self {
        Self { source: UseSource::Kubernetes, account: None, region: None, name: Some(name.to_owned()) }
    }

    /// What this source of a record is of.
    pub fn of_record(record: &UseRecord, source: &SourceRecord) -> Self {
        Self {
            source: source.source,
            account: record.account.clone(),
            region: record.region.clone(),
            name: source.name.clone(),
        }
    }

    /// How people name the place in a configuration: `123456789012/us-east-1`, or the name of a cluster.
    pub fn place(&self) -> String {
        match (&self.name, &self.account, &self.region) {
            (Some(name), _, _) => name.clone(),
            (None, Some(account), Some(region)) => format!("{account}/{region}"),
            (None, Some(one), None) | (None, None, Some(one)) => one.clone(),
            (None, None, None) => String::new(),
        }
    }
}

impl fmt::Display for UseScope {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let account = self.account.as_deref().unwrap_or("an unknown account");
        match (&self.name, &self.region) {
            (Some(name), _) => write!(f, "{} `{name}`", self.source.title()),
            (None, Some(region)) => write!(f, "{} of {account} {region}", self.source.title()),
            (None, None) => f.write_str(self.source.title()),
        }
    }
}
