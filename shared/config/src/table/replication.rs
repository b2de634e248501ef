//! `[[audit.replication]]`: where images have to be replicated to.

use demurrage_core::audit::RequiredReplication;
use schemars::JsonSchema;
use serde::Deserialize;
use toml::Spanned;

use crate::checks;
use crate::problems::Problems;

/// `[[audit.replication]]`
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, expecting = "a table")]
pub(crate) struct ReplicationTable {
    /// Names of the repositories; `*` stands for any characters.
    #[schemars(with = "String")]
    repositories: Spanned<String>,
    /// The region from which. Without it, every one but the destination.
    #[serde(default)]
    #[schemars(with = "String")]
    from: Option<Spanned<String>>,
    /// The region to which.
    #[schemars(with = "String")]
    region: Spanned<String>,
    /// The account to which. Without it, the same.
    #[serde(default)]
    #[schemars(with = "String", regex(pattern = r"^[0-9]{12}$"))]
    account: Option<Spanned<String>>,
}

/// What the tables demand.
pub(super) fn required(tables: &[ReplicationTable], problems: &mut Problems<'_>) -> Vec<RequiredReplication> {
    let required: Vec<_> = tables.iter().map(|table| table.required(problems)).collect();
    required.into_iter().flatten().collect()
}

impl ReplicationTable {
    fn required(&self, problems: &mut Problems<'_>) -> Option<RequiredReplication> {
        let repositories = checks::repositories(&self.repositories, problems);
        let region = checks::region(&self.region, problems);
        let from = self.from.as_ref().and_then(|from| checks::region(from, problems));
        let account = self.account.as_ref().and_then(|account| checks::account(account, problems));
        if from.is_some() && from == region && self.account.is_none() {
            let message = format!("`{}` is replicated to itself", self.region.get_ref());
            problems.add(self.region.span(), message, "name another region, or an `account`");
        }
        let registry_id = account.map(|account| account.as_str().to_owned());
        Some(RequiredReplication { repositories: repositories?, from, region: region?, registry_id })
    }
}
