//! `[[audit.encryption]]`: where a key of KMS is demanded.

use demurrage_core::Wildcard;
use demurrage_core::audit::DemandedEncryption;
use schemars::JsonSchema;
use serde::Deserialize;
use toml::Spanned;

use crate::checks;
use crate::problems::Problems;

/// `[[audit.encryption]]`
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, expecting = "a table")]
pub(crate) struct EncryptionTable {
    /// Names of the repositories; `*` stands for any characters.
    #[schemars(with = "String")]
    repositories: Spanned<String>,
    /// ARNs of the keys that are allowed; `*` stands for any characters. Without any, every key will do that is not
    /// AWS's own; but ECR does not say whose a key is, so name them.
    #[serde(default)]
    #[schemars(with = "Vec<String>")]
    keys: Vec<Spanned<String>>,
}

/// What the tables demand.
pub(super) fn demanded(tables: &[EncryptionTable], problems: &mut Problems<'_>) -> Vec<DemandedEncryption> {
    let patterns: Vec<Option<Wildcard>> =
        tables.iter().map(|table| checks::repositories(&table.repositories, problems)).collect();
    checks::reachable(tables.iter().map(|table| &table.repositories).zip(patterns.iter().cloned()), problems);
    let mut demanded = Vec::new();
    for (table, repositories) in tables.iter().zip(patterns) {
        let keys = table.keys.iter().filter_map(|given| key(given, problems)).collect();
        demanded.extend(repositories.map(|repositories| DemandedEncryption { repositories, keys }));
    }
    demanded
}

fn key(given: &Spanned<String>, problems: &mut Problems<'_>) -> Option<Wildcard> {
    let text = given.get_ref();
    if !["arn:", "alias/", "*"].iter().any(|start| text.starts_with(start)) {
        let help = "write the ARN of a key, such as `arn:aws:kms:eu-west-1:123456789012:key/*`";
        problems.add(given.span(), format!("`{text}` is no key"), help);
        return None;
    }
    Some(Wildcard::new(text))
}
