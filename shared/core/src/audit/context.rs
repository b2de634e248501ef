//! What an audit looks at.

use chrono::{DateTime, Utc};

use super::{Confidence, Promise, RegistrySettings, Rules};
use crate::in_use::UseGraph;
use crate::ledger::RepositoryLedger;
use crate::lifecycle::{Relations, Switches};
use crate::{Fact, Freedom, Listing, RegistryKind, RepositoriesListing, Repository, TagMutability};

/// A registry under audit: what is the same for all of its repositories.
#[derive(Debug)]
pub struct RegistryUnder<'a> {
    /// Which of the two services it is of.
    pub kind: RegistryKind,
    /// The account, where known.
    pub account: Option<&'a str>,
    /// The region.
    pub region: &'a str,
    /// Its own settings.
    pub settings: &'a RegistrySettings,
    /// What is promised.
    pub rules: &'a Rules,
    /// The time by which ages are judged.
    pub now: DateTime<Utc>,
    /// What AWS leaves open about lifecycle policies.
    pub switches: Switches,
    /// The principals that read manifests, as ARNs; empty where nobody said who does.
    pub readers: &'a [String],
    /// What is in use; nothing where nobody read it.
    pub uses: Option<UsesUnder<'a>>,
}

/// What is known to be in use.
#[derive(Debug, Clone, Copy)]
pub struct UsesUnder<'a> {
    /// The uses.
    pub graph: &'a UseGraph,
    /// What of them was not read, or not lately: a lowercase fragment; nothing where all that could be in use is known.
    pub incomplete: Option<&'a str>,
}

/// All repositories of a registry, by their names.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Census {
    /// Whether these are all.
    pub listing: RepositoriesListing,
    /// Each name with the time of its creation, in the order of the names.
    pub repositories: Vec<(String, Option<DateTime<Utc>>)>,
}

/// A repository under audit.
#[derive(Debug)]
pub struct RepositoryUnder<'a> {
    /// Its registry.
    pub registry: &'a RegistryUnder<'a>,
    /// The repository itself.
    pub repository: &'a Repository,
    /// How its images hang together.
    pub relations: &'a Relations,
    /// The repositories of the same name in the registries that it is replicated to, as far as they were read.
    pub replicas: &'a [ReplicaSettings],
    /// What its tags were on; nothing where nobody kept it.
    pub ledger: Option<&'a RepositoryLedger>,
}

impl<'a> RepositoryUnder<'a> {
    /// Which tags the setting of the repository frees, with the setting; or why nobody knows: a lowercase fragment.
    pub(super) fn freedom(&self) -> Result<(&'a TagMutability, Freedom), String> {
        let Fact::Present(setting) = &self.repository.tag_mutability else {
            return Err("tag mutability was not read".to_owned());
        };
        let freedom = setting.freedom().map_err(|unknown| unknown.to_string())?;
        Ok((setting, freedom))
    }

    /// Why the images of the repository are not all known, where they are not: a lowercase fragment.
    pub(super) fn unlisted(&self) -> Option<String> {
        match &self.repository.listing {
            Listing::Complete => None,
            Listing::CutOff => Some("the images were not all listed".to_owned()),
            Listing::Failed(cause) => Some(format!("the images could not be listed: {cause}")),
        }
    }

    /// How sure it is that this promise is about the repository, if the repository has to keep one: the tags of a cache
    /// have to move, so that only a promise which names it is meant so. Nothing where it is not about it.
    pub(super) fn is_promised(&self, promise: &Promise) -> Option<Confidence> {
        match self.registry.settings.is_cache(&self.repository.name) {
            _ if !promise.repositories.is_everything() => Some(Confidence::Certain),
            Some(true) => None,
            Some(false) => Some(Confidence::Certain),
            None => Some(Confidence::Likely),
        }
    }
}

/// The settings of a replica, which replication does not copy.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReplicaSettings {
    /// The account of the registry that it is in.
    pub account: String,
    /// Its region.
    pub region: String,
    /// Its lifecycle policy.
    pub lifecycle_policy: Fact<String>,
    /// Which of its tags may move.
    pub tag_mutability: Fact<TagMutability>,
}
