//! `[audit]`: what audits judge by.

use demurrage_core::audit::Rules;
use schemars::JsonSchema;
use serde::Deserialize;
use toml::Spanned;

use super::accepted::{self, AcceptedTable};
use super::access::AccessTable;
use super::budget::{self, BudgetTable};
use super::capacity::CapacityTable;
use super::encryption::{self, EncryptionTable};
use super::mutability::{self, MutabilityTable};
use super::replication::{self, ReplicationTable};
use super::scanning::ScanningTable;
use crate::checks;
use crate::problems::Problems;
use crate::whole::Whole;

/// `[audit]`
#[derive(Deserialize, JsonSchema, Default)]
#[serde(deny_unknown_fields, expecting = "a table")]
pub(crate) struct AuditTable {
    /// Resource tags that name the owner of a repository; the first that it has counts, in any case of letters. By
    /// default `owner`, then `team`.
    #[serde(default)]
    #[schemars(with = "Vec<String>")]
    owner_tags: Option<Vec<Spanned<String>>>,
    /// Bytes that only untagged images hold which nothing refers to, from which on a repository is untidy. By default
    /// 1073741824 (1 GiB).
    #[serde(default)]
    #[schemars(with = "u64")]
    untagged_bytes: Option<Spanned<Whole>>,
    /// Days for which a promise that was broken is told of: a tag that moved longer ago is found no more. By default 90.
    #[serde(default)]
    #[schemars(with = "u32", range(min = 1, max = 3650))]
    history_days: Option<Spanned<Whole>>,
    /// Which tags may move, by repository. The first table that matches a repository counts, and none promises
    /// nothing. Without any table, every tag but `latest` has to mean the same build for good, in all repositories.
    #[serde(default)]
    #[schemars(with = "Vec<MutabilityTable>")]
    mutability: Option<Vec<MutabilityTable>>,
    /// What is asked of scanning for vulnerabilities.
    #[serde(default)]
    scanning: ScanningTable,
    /// Who outside of an account may be granted something by its policies. By default nobody.
    #[serde(default)]
    access: AccessTable,
    /// Where a key of KMS is demanded. The first table that matches a repository counts, and none demands nothing.
    #[serde(default)]
    encryption: Vec<EncryptionTable>,
    /// Where images have to be replicated to. All tables that match a repository count.
    #[serde(default)]
    replication: Vec<ReplicationTable>,
    /// Quotas, and how near to them is too near.
    #[serde(default)]
    capacity: CapacityTable,
    /// How large an image may be, how many tags it may have, and for which platforms it has to be there, judged when it is
    /// pushed. The first table that matches a repository counts, and none asks nothing.
    #[serde(default)]
    budget: Vec<BudgetTable>,
    /// Risks that somebody accepts, each with a reason and an end.
    #[serde(default)]
    accepted: Vec<AcceptedTable>,
}

impl AuditTable {
    /// The rules that this says, as far as they can be meant.
    pub(crate) fn rules(&self, problems: &mut Problems<'_>) -> Rules {
        let defaults = Rules::default();
        Rules {
            owner_tags: match &self.owner_tags {
                Some(tags) => owner_tags(tags, problems),
                None => defaults.owner_tags,
            },
            mutability: match &self.mutability {
                Some(tables) => mutability::promises(tables, problems),
                None => defaults.mutability,
            },
            scanning: self.scanning.rules(problems),
            access: self.access.allowed(problems),
            encryption: encryption::demanded(&self.encryption, problems),
            replication: replication::required(&self.replication, problems),
            capacity: self.capacity.capacity(problems),
            untagged_bytes: checks::number(
                self.untagged_bytes.as_ref(),
                "untagged_bytes",
                0..=i64::MAX,
                defaults.untagged_bytes,
                problems,
            ),
            budgets: budget::budgets(&self.budget, problems),
            history_days: checks::number(
                self.history_days.as_ref(),
                "history_days",
                1..=3650,
                defaults.history_days,
                problems,
            ),
            accepted: accepted::risks(&self.accepted, problems),
        }
    }
}

fn owner_tags(given: &[Spanned<String>], problems: &mut Problems<'_>) -> Vec<String> {
    let help = "write the name of a resource tag, such as `team`";
    given.iter().filter_map(|tag| checks::text(tag, "owner_tags", help, problems)).collect()
}
