//! What one run of the service came to: the facts from which its summaries are written.
//!
//! It assumes that whoever puts it together keeps lists short, as its fields say; what is written of them is
//! bounded in any case. Leaves out how it is written ([`run_summary_markdown`](crate::run_summary_markdown),
//! [`run_summary_mail`](crate::run_summary_mail), [`run_summary_json`](crate::run_summary_json)).

mod audits;
mod costs;
mod json;
mod lines;
mod mail;
mod markdown;
mod over_all;
mod plan;
#[cfg(test)]
mod tests;
#[cfg(test)]
mod tests_of_plans;
mod unread;
mod untrusted;
mod whole;

use std::fmt;

use chrono::{DateTime, TimeDelta, Utc};
use demurrage_core::lifecycle::Severity;

pub use audits::{RegistryAudits, UnevaluatedCount, WorstFinding};
pub use costs::{RegistryCosts, RunPrices};
pub use json::run_summary_json;
pub use mail::{RunMail, run_summary_mail};
pub use markdown::run_summary_markdown;
pub use plan::RunPlan;
pub(crate) use untrusted::code;
pub use whole::{Mounted, QuotaUse, RegistryWhole, ReplicasIn};

/// One run.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RunSummary {
    /// Its name.
    pub run: String,
    /// The deployment that ran.
    pub deployment: String,
    /// When it started, which is the `now` of everything that was evaluated.
    pub started_at: DateTime<Utc>,
    /// When it was put together.
    pub ended_at: DateTime<Utc>,
    /// The registries that were read, in the order of account and region.
    pub registries: Vec<RegistrySummary>,
    /// Registries that could not be listed, so that nothing is known of them.
    pub unread_registries: Vec<UnreadRegistry>,
    /// Shares of work that did not come to their end.
    pub failed_shares: Vec<FailedShare>,
    /// What else went wrong, one fragment each; the first hundred or so.
    pub problems: Vec<String>,
    /// How many more problems there were.
    pub problems_more: u64,
    /// The price list that every figure in dollars comes from.
    pub prices: RunPrices,
    /// What of the registries was read.
    pub about: RunAbout,
    /// How many accounts of the organization are left out, because they are not active.
    pub accounts_inactive: u32,
    /// The plan that was made after it, where there is one.
    pub plan: Option<RunPlan>,
}

/// What of its registries a run reads.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum RunAbout {
    /// Everything.
    #[default]
    Everything,
    /// Settings of registries and repositories alone: nothing is known of images, and nothing is priced.
    Settings,
}

/// What was read of one registry, and what its policies do.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct RegistrySummary {
    /// The twelve-digit account.
    pub account: String,
    /// The region.
    pub region: String,
    /// Repositories that it lists.
    pub repositories: u64,
    /// How many of them have images that were not all listed.
    pub repositories_unread: u64,
    /// Images and indexes that were listed.
    pub images: u64,
    /// The sizes of the images and indexes, added up.
    pub naive_stored_bytes: u64,
    /// What is really stored and what that costs; nothing where nothing was priced.
    pub costs: Option<RegistryCosts>,
    /// What the audits found; nothing where none was made.
    pub audits: Option<RegistryAudits>,
    /// What is known of it as a whole; nothing where it was not folded.
    pub whole: Option<RegistryWhole>,
    /// What of it could not be read that is in use in the account and region, one fragment for each source: no failure of the
    /// run, and never taken for unused.
    pub unread_uses: Vec<String>,
    /// Repositories that have a lifecycle policy.
    pub with_policy: u64,
    /// How many of these policies ECR accepts, with at least one rule that can act.
    pub with_effective_policy: u64,
    /// How many of them ECR would not accept.
    pub rejected_policies: u64,
    /// Images that the next run of the policies expires.
    pub expiring_next: u64,
    /// Images that it archives.
    pub archiving_next: u64,
    /// Images whose manifests are not known: what they belong to is not, either.
    pub manifests_unread: u64,
    /// Whether reading manifests leaves pull times as they are; where not, none were read.
    pub is_pull_excluded: bool,
    /// How many repositories have a finding, by severity and id.
    pub lint: Vec<LintCount>,
    /// The repositories of which most goes next.
    pub going_next: Vec<GoingNext>,
    /// The gravest findings.
    pub findings: Vec<RepositoryFinding>,
    /// What was asked of ECR.
    pub calls: Vec<CallTotals>,
}

/// A registry of which nothing is known.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UnreadRegistry {
    /// The account, where that is known.
    pub account: Option<String>,
    /// The region.
    pub region: String,
    /// Why, as a fragment.
    pub cause: String,
}

/// A share of work that did not come to its end.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FailedShare {
    /// Its number.
    pub share: u32,
    /// The account.
    pub account: String,
    /// The region.
    pub region: String,
    /// How many repositories are in it.
    pub repositories: u64,
    /// The first of them.
    pub first: String,
    /// The last of them.
    pub last: String,
    /// Why, as a fragment.
    pub cause: String,
}

/// How many repositories have a finding.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LintCount {
    /// How grave it is.
    pub severity: Severity,
    /// Which finding.
    pub id: String,
    /// How many repositories have it.
    pub repositories: u64,
}

/// What goes next of a repository.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct GoingNext {
    /// Its name.
    pub repository: String,
    /// Images that the next run of its policy expires.
    pub expiring: u64,
    /// Images that it archives.
    pub archiving: u64,
}

/// A finding about the policy of a repository.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RepositoryFinding {
    /// Its name.
    pub repository: String,
    /// Which finding.
    pub id: String,
    /// How grave it is.
    pub severity: Severity,
    /// What is so, as a fragment.
    pub message: String,
}

/// What happened to the requests of one operation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CallTotals {
    /// The operation.
    pub operation: String,
    /// Requests that went out, retries among them.
    pub sent: u64,
    /// How many of them were throttled.
    pub throttled: u64,
    /// How many of them failed otherwise.
    pub failed: u64,
}

/// Whether a run came to everything that it was to read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RunStatus {
    /// It did.
    Complete,
    /// Something is missing, and the summary says what.
    Partial,
}

impl RunStatus {
    /// The name in output.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Complete => "complete",
            Self::Partial => "partial",
        }
    }
}

impl fmt::Display for RunStatus {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

impl RunSummary {
    /// Partial where anything failed, or a repository was not read whole. Manifests that were not read are missing,
    /// too, but no failure: a role whose pulls are recorded leaves them alone.
    pub fn status(&self) -> RunStatus {
        let is_unread = self.registries.iter().any(|registry| registry.repositories_unread != 0);
        if is_unread || self.failures() != 0 { RunStatus::Partial } else { RunStatus::Complete }
    }

    /// Everything that went wrong: registries that could not be listed, shares that failed, and problems.
    pub fn failures(&self) -> u64 {
        let listed = [self.unread_registries.len(), self.failed_shares.len(), self.problems.len()];
        listed.into_iter().map(|number| number as u64).sum::<u64>().saturating_add(self.problems_more)
    }

    /// How long it took, in whole seconds; 0 where its clocks say that it ended before it started.
    pub fn duration_seconds(&self) -> u64 {
        let length = self.ended_at.signed_duration_since(self.started_at).max(TimeDelta::zero());
        length.num_seconds().unsigned_abs()
    }
}
