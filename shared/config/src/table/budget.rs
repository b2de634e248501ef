//! `[[audit.budget]]`: how large an image may be, how many tags it may have, and for which platforms it has to be there.

use demurrage_core::Wildcard;
use demurrage_core::audit::{Budget, WantedPlatform};
use schemars::JsonSchema;
use serde::Deserialize;
use toml::Spanned;

use crate::checks;
use crate::problems::Problems;
use crate::whole::Whole;

/// `[[audit.budget]]`
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, expecting = "a table")]
pub(crate) struct BudgetTable {
    /// Names of the repositories; `*` stands for any characters.
    #[schemars(with = "String")]
    repositories: Spanned<String>,
    /// Bytes that an image may have, compressed; of an index its largest platform. Without it, any number.
    #[serde(default)]
    #[schemars(with = "u64", range(min = 1))]
    max_bytes: Option<Spanned<Whole>>,
    /// Tags that an image may have. Without it, any number.
    #[serde(default)]
    #[schemars(with = "u32", range(min = 1))]
    max_tags: Option<Spanned<Whole>>,
    /// Platforms for which an image has to be there, such as `linux/amd64` or `linux/arm/v7`. Without any, whichever it
    /// has.
    #[serde(default)]
    #[schemars(with = "Vec<String>")]
    platforms: Vec<Spanned<String>>,
}

/// What the tables allow.
pub(super) fn budgets(tables: &[BudgetTable], problems: &mut Problems<'_>) -> Vec<Budget> {
    let patterns: Vec<Option<Wildcard>> =
        tables.iter().map(|table| checks::repositories(&table.repositories, problems)).collect();
    checks::reachable(tables.iter().map(|table| &table.repositories).zip(patterns.iter().cloned()), problems);
    let mut budgets = Vec::new();
    for (table, repositories) in tables.iter().zip(patterns) {
        if table.max_bytes.is_none() && table.max_tags.is_none() && table.platforms.is_empty() {
            let message = format!("the budget of `{}` allows everything", table.repositories.get_ref());
            let help = "add `max_bytes`, `max_tags` or `platforms`, or leave the table out";
            problems.add(table.repositories.span(), message, help);
        }
        let max_bytes = table
            .max_bytes
            .as_ref()
            .map(|given| checks::number(Some(given), "max_bytes", 1..=i64::MAX, u64::MAX, problems));
        let max_tags = table.max_tags.as_ref().map(|given| {
            checks::number(Some(given), "max_tags", 1..=i64::from(u32::MAX), u32::MAX, problems)
        });
        let platforms = table.platforms.iter().filter_map(|given| platform(given, problems)).collect();
        budgets.extend(repositories.map(|repositories| Budget {
            repositories,
            max_bytes,
            max_tags,
            platforms,
        }));
    }
    budgets
}

fn platform(given: &Spanned<String>, problems: &mut Problems<'_>) -> Option<WantedPlatform> {
    let platform = given.get_ref().parse().ok();
    if platform.is_none() {
        let message = format!("`{}` is no platform", given.get_ref());
        problems.add(given.span(), message, "write one such as `linux/amd64` or `linux/arm/v7`");
    }
    platform
}
