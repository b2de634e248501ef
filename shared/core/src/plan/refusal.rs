//! Of which repositories nothing is planned, and why.

use std::collections::BTreeSet;
use std::fmt;

use chrono::{DateTime, TimeDelta, Utc};

use super::{Mode, readers};
use crate::audit::is_same_policy;
use crate::lifecycle::Policy;
use crate::{Fact, Listing, Repository, instant};

/// The resource tag by which a repository opts in, and its value.
pub const OPT_IN_TAG: (&str, &str) = ("demurrage", "enforce");

/// An inventory may be from so long after now, and no longer: clocks differ.
const SKEW: TimeDelta = TimeDelta::minutes(5);

/// Whose word it needs before images of a repository go that other accounts may pull.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum OtherReaders {
    /// What they use has to have been read.
    #[default]
    Refuse,
    /// The team says that they use nothing that goes.
    Ignore,
}

/// What a plan is asked for, the same for all repositories of a registry.
#[derive(Debug, Clone)]
pub struct Request<'a> {
    /// The time that it is decided for.
    pub now: DateTime<Utc>,
    /// When the inventory was taken.
    pub taken_at: DateTime<Utc>,
    /// Inventories that are older are refused.
    pub inventory_max_age: TimeDelta,
    /// What may be done with the plan.
    pub mode: Mode,
    /// The lifecycle policy that chooses; nothing: retention rules do.
    pub policy: Option<PolicyText<'a>>,
    /// What was not read of what is in use, or not lately: one fragment each.
    pub use_gaps: &'a [String],
    /// Whether other accounts that may pull are asked about.
    pub other_readers: OtherReaders,
    /// Accounts of which uses were read.
    pub read_accounts: &'a BTreeSet<String>,
    /// The account of the registry, where known.
    pub account: Option<&'a str>,
    /// The policy of the registry.
    pub registry_policy: &'a Fact<String>,
}

/// A lifecycle policy with its text.
#[derive(Debug, Clone, Copy)]
pub struct PolicyText<'a> {
    /// The policy.
    pub policy: &'a Policy,
    /// Its text.
    pub text: &'a str,
}

/// Why nothing is planned of a repository.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Refused {
    /// It did not opt in.
    NotOptedIn,
    /// Whether it did was not read.
    TagsNotRead,
    /// Its images are not all known.
    ListingCutOff,
    /// Its images could not be read, for this reason.
    ListingFailed(String),
    /// The inventory is too old.
    InventoryOld {
        /// When it was taken.
        taken_at: DateTime<Utc>,
    },
    /// The inventory is from after now.
    InventoryFromTheFuture {
        /// When it was taken.
        taken_at: DateTime<Utc>,
    },
    /// The policy is attached to it: ECR runs that by itself.
    PolicyAttached,
    /// Whether the policy is attached to it was not read.
    PolicyNotRead,
    /// What is in use is not known: the first gap, and how many others there are.
    UseUnknown {
        /// The first gap.
        gap: String,
        /// How many others.
        others: usize,
    },
    /// What tags were on cannot be read, for this reason, and something runs that names an image by its tag.
    TagsThenUnknown(String),
    /// Others may pull, and what they use was not read.
    OtherReaders {
        /// Who, each once, in order.
        readers: Vec<String>,
    },
    /// Who may pull is not known.
    ReadersUnknown(String),
}

impl Refused {
    /// Whether the plan is less than what was asked for: somebody has to read something. A repository that did not opt in
    /// was never asked about.
    pub const fn is_partial(&self) -> bool {
        match self {
            Self::NotOptedIn | Self::PolicyAttached => false,
            Self::TagsNotRead
            | Self::ListingCutOff
            | Self::ListingFailed(_)
            | Self::InventoryOld { .. }
            | Self::InventoryFromTheFuture { .. }
            | Self::PolicyNotRead
            | Self::UseUnknown { .. }
            | Self::TagsThenUnknown(_)
            | Self::OtherReaders { .. }
            | Self::ReadersUnknown(_) => true,
        }
    }
}

impl fmt::Display for Refused {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (key, value) = OPT_IN_TAG;
        let at = |time: &DateTime<Utc>| instant::minute(*time);
        match self {
            Self::NotOptedIn => write!(f, "it did not opt in: it has no resource tag `{key}` = `{value}`"),
            Self::TagsNotRead => {
                write!(f, "its resource tags were not read, so nobody knows whether it opted in")
            }
            Self::ListingCutOff => f.write_str("not all of its images were listed"),
            Self::ListingFailed(cause) => write!(f, "its images could not be listed: {cause}"),
            Self::InventoryOld { taken_at } => {
                write!(f, "its inventory is too old, of {}: collect again", at(taken_at))
            }
            Self::InventoryFromTheFuture { taken_at } => {
                write!(f, "its inventory is of {}, after the time of the plan", at(taken_at))
            }
            Self::PolicyAttached => {
                f.write_str("the policy is attached to it: ECR runs it by itself, and knows of no use")
            }
            Self::PolicyNotRead => {
                f.write_str("its lifecycle policy was not read, so the policy may be attached to it")
            }
            Self::UseUnknown { gap, others: 0 } => write!(f, "what is in use is not known: {gap}"),
            Self::UseUnknown { gap, others } => {
                write!(f, "what is in use is not known: {gap}, and {others} more")
            }
            Self::TagsThenUnknown(cause) => write!(
                f,
                "something runs that names its image by a tag, and what that was on then cannot be read: {cause}"
            ),
            Self::OtherReaders { readers } => {
                write!(f, "others may pull from it, and what they use was not read: {}", readers.join(", "))
            }
            Self::ReadersUnknown(cause) => write!(f, "who may pull from it is not known: {cause}"),
        }
    }
}

/// Why nothing is planned of this repository; nothing: it may be.
pub fn refuse(repository: &Repository, request: &Request<'_>) -> Option<Refused> {
    opt_in(repository, request)
        .or_else(|| of_inventory(repository, request))
        .or_else(|| of_policy(repository, request))
        .or_else(|| {
            let (gap, others) = request.use_gaps.split_first()?;
            Some(Refused::UseUnknown { gap: gap.clone(), others: others.len() })
        })
        .or_else(|| match request.other_readers {
            OtherReaders::Ignore => None,
            OtherReaders::Refuse => of_readers(repository, request),
        })
}

/// Why no setting of this repository is planned to change; nothing: it may be. Its images and their use do not matter.
pub fn refuse_settings(
    repository: &Repository,
    now: DateTime<Utc>,
    taken_at: DateTime<Utc>,
    inventory_max_age: TimeDelta,
) -> Option<Refused> {
    asked_in(repository).or_else(|| of_age(now, taken_at, inventory_max_age))
}

/// Whether a repository opted in; nothing: that is not known.
pub fn has_opted_in(repository: &Repository) -> Option<bool> {
    let (key, value) = OPT_IN_TAG;
    match &repository.resource_tags {
        Fact::NotEvaluated => None,
        Fact::Absent => Some(false),
        Fact::Present(tags) => Some(tags.get(key).is_some_and(|given| given == value)),
    }
}

fn opt_in(repository: &Repository, request: &Request<'_>) -> Option<Refused> {
    let is_asked_of_rules = match request.mode {
        Mode::Enforce => true,
        Mode::Observe | Mode::Approve => request.policy.is_none(),
    };
    if is_asked_of_rules { asked_in(repository) } else { None }
}

fn asked_in(repository: &Repository) -> Option<Refused> {
    match has_opted_in(repository) {
        Some(true) => None,
        Some(false) => Some(Refused::NotOptedIn),
        None => Some(Refused::TagsNotRead),
    }
}

fn of_inventory(repository: &Repository, request: &Request<'_>) -> Option<Refused> {
    match &repository.listing {
        Listing::CutOff => return Some(Refused::ListingCutOff),
        Listing::Failed(cause) => return Some(Refused::ListingFailed(cause.clone())),
        Listing::Complete => {}
    }
    of_age(request.now, request.taken_at, request.inventory_max_age)
}

fn of_age(now: DateTime<Utc>, taken_at: DateTime<Utc>, max: TimeDelta) -> Option<Refused> {
    let age = now.signed_duration_since(taken_at);
    if age < -SKEW {
        return Some(Refused::InventoryFromTheFuture { taken_at });
    }
    (max < age).then_some(Refused::InventoryOld { taken_at })
}

fn of_policy(repository: &Repository, request: &Request<'_>) -> Option<Refused> {
    let PolicyText { policy, text } = request.policy?;
    match &repository.lifecycle_policy {
        Fact::NotEvaluated => Some(Refused::PolicyNotRead),
        Fact::Absent => None,
        Fact::Present(attached) => {
            let is_same = attached.trim() == text.trim()
                || Policy::parse(attached).is_ok_and(|attached| is_same_policy(&attached, policy));
            is_same.then_some(Refused::PolicyAttached)
        }
    }
}

fn of_readers(repository: &Repository, request: &Request<'_>) -> Option<Refused> {
    let account = request.account.or(repository.registry_id.as_deref());
    unread_readers(account, &repository.repository_policy, request.registry_policy, request.read_accounts)
}

/// Why nothing may go because of those outside of an account who may pull by these policies, where what they use was not read.
pub fn unread_readers(
    account: Option<&str>,
    repository_policy: &Fact<String>,
    registry_policy: &Fact<String>,
    read_accounts: &BTreeSet<String>,
) -> Option<Refused> {
    let mut readers = BTreeSet::new();
    let policies = [("the repository policy", repository_policy), ("the registry policy", registry_policy)];
    for (name, policy) in policies {
        match policy {
            Fact::Absent => {}
            Fact::NotEvaluated => return Some(Refused::ReadersUnknown(format!("{name} was not read"))),
            Fact::Present(text) => match readers::other_readers(text, account) {
                Ok(found) => readers.extend(found),
                Err(cause) => return Some(Refused::ReadersUnknown(format!("{name}: {cause}"))),
            },
        }
    }
    let unread: Vec<String> =
        readers.into_iter().filter(|reader| !reader.is_read_by(read_accounts)).map(|it| it.name).collect();
    if unread.is_empty() { None } else { Some(Refused::OtherReaders { readers: unread }) }
}

#[cfg(test)]
mod tests;
