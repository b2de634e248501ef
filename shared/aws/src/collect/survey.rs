//! What a private registry is, and which repositories it has, before any of them is looked into.
//!
//! It is what has to be known to read a registry in shares ([`super::collect_share`]). Nothing is stored.

use chrono::{DateTime, Utc};
use demurrage_core::{RegistryFacts, Repository};

use super::{CollectError, registry, repositories};
use crate::calls::{self, Needs};
use crate::{CallLine, Ecr, Exclusion, Session};

/// A registry from outside.
#[derive(Debug)]
pub struct Survey {
    /// When it was read, by the clock of the service: the time of an inventory that is made of it.
    pub taken_at: DateTime<Utc>,
    /// What was read about the registry itself.
    pub registry: RegistryFacts,
    /// All repositories in the order of their names, without images and settings: `Listing` says nothing yet.
    pub repositories: Vec<Repository>,
    /// Whether the pulls of the session's principal are recorded; another principal has to ask for itself.
    pub exclusion: Exclusion,
    /// What could not be read, one sentence each.
    pub problems: Vec<String>,
    /// What this survey asked of AWS.
    pub calls: Vec<CallLine>,
}

/// Reads what the private registry of the session's account is in one region, and which repositories it has.
///
/// What cannot be read of the registry itself is named in [`Survey::problems`]. A survey that is dropped leaves
/// nothing behind.
///
/// # Errors
/// When the repositories cannot all be listed, or credentials are gone.
pub async fn survey(session: &Session, ecr: &Ecr) -> Result<Survey, CollectError> {
    let before = ecr.watch().tallies();
    let read = Box::pin(registry::read(ecr, session)).await?;
    let taken_at = ecr.watch().service_time();
    let repositories = repositories::list(ecr).await?;
    let needs = Needs { repositories: repositories.len() as u64, ..read.needs };
    Ok(Survey {
        taken_at,
        registry: read.facts,
        repositories,
        exclusion: read.exclusion,
        problems: read.problems.iter().map(ToString::to_string).collect(),
        calls: calls::survey(&needs, &calls::since(&before, &ecr.watch().tallies())),
    })
}
