//! Where a repository is.

use std::fmt;

/// A repository of a private registry, wherever it is. Ordered by account, region and name.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct RepositoryAddress {
    /// The twelve-digit account, where known.
    pub account: Option<String>,
    /// The region, such as `ap-northeast-2`.
    pub region: String,
    /// The name of the repository.
    pub name: String,
}

impl fmt::Display for RepositoryAddress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.account {
            Some(account) => write!(f, "{account}/{}/{}", self.region, self.name),
            None => write!(f, "{}/{}", self.region, self.name),
        }
    }
}
