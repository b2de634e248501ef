//! `[[retention]]`: which images stay and which go.

mod clause;

use std::collections::BTreeSet;

use demurrage_core::Wildcard;
use demurrage_core::retention::{
    ARCHIVE_DAYS_MIN, Clause, Condition, ExpireBy, RetentionAction, RetentionRule, RetentionRules,
};
use schemars::JsonSchema;
use serde::Deserialize;
use toml::Spanned;

use crate::checks;
use crate::problems::Problems;
use crate::whole::Whole;
use clause::ClauseTable;

/// `[[retention]]`
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, expecting = "a table")]
pub(crate) struct RetentionTable {
    /// Its name, by which plans and explanations tell of it; no two tables have the same.
    #[schemars(with = "String")]
    name: Spanned<String>,
    /// Names of the repositories, any of these; `*` stands for any characters.
    #[schemars(with = "Vec<String>")]
    repositories: Vec<Spanned<String>>,
    /// What meets one of these stays, whatever this or any other table that matches the repository says.
    #[serde(default)]
    #[schemars(with = "Vec<ClauseTable>")]
    keep: Vec<Spanned<ClauseTable>>,
    /// What meets one of these goes. An image with several tags goes when each of them meets one.
    #[serde(default)]
    #[schemars(with = "Vec<ClauseTable>")]
    expire: Vec<Spanned<ClauseTable>>,
    /// What becomes of what goes. Without it, `expire`.
    #[serde(default)]
    #[schemars(with = "Action")]
    action: Option<Spanned<Action>>,
    /// How images expire. Without it, `delete`.
    #[serde(default)]
    #[schemars(with = "By")]
    expire_by: Option<Spanned<By>>,
    /// Days in the archive class after which an image is deleted, where it is archived first. Without it, 90.
    #[serde(default)]
    #[schemars(with = "u32", range(min = 90, max = 36525))]
    archive_days: Option<Spanned<Whole>>,
}

/// What becomes of images.
#[derive(Deserialize, JsonSchema, Clone, Copy, PartialEq, Eq)]
#[serde(rename_all = "snake_case")]
enum Action {
    Expire,
    Archive,
    Untag,
}

/// How images expire.
#[derive(Deserialize, JsonSchema, Clone, Copy, PartialEq, Eq)]
#[serde(rename_all = "snake_case")]
enum By {
    Delete,
    ArchiveThenDelete,
}

/// What the tables say.
pub(super) fn retention(tables: &[RetentionTable], problems: &mut Problems<'_>) -> RetentionRules {
    let mut names = BTreeSet::new();
    let mut rules = Vec::new();
    for table in tables {
        let name = name(&table.name, problems);
        if let Some(name) = &name
            && !names.insert(name.clone())
        {
            let message = format!("there is another retention `{name}`");
            problems.add(table.name.span(), message, "give each a name of its own");
        }
        rules.extend(table.rule(name, problems));
    }
    RetentionRules { rules }
}

/// A name that can stand in a table, in a document and in a log.
fn name(given: &Spanned<String>, problems: &mut Problems<'_>) -> Option<String> {
    let is_allowed = |letter: char| letter.is_alphanumeric() || matches!(letter, ' ' | '.' | '_' | '-' | '/');
    let text = given.get_ref();
    if text.trim().is_empty() || 64 < text.chars().count() || !text.chars().all(is_allowed) {
        let help = "use letters, digits, spaces, `.`, `_`, `-` and `/`, at most 64";
        problems.add(given.span(), format!("`{text}` is no name of a retention"), help);
        return None;
    }
    Some(text.clone())
}

impl RetentionTable {
    fn rule(&self, name: Option<String>, problems: &mut Problems<'_>) -> Option<RetentionRule> {
        let repositories: Vec<Wildcard> =
            self.repositories.iter().filter_map(|given| checks::repositories(given, problems)).collect();
        if self.repositories.is_empty() {
            let message = format!("`{}` is about no repository", self.name.get_ref());
            problems.add(self.name.span(), message, "write patterns of names, such as `[\"shop/*\"]`");
        }
        if self.keep.is_empty() && self.expire.is_empty() {
            let message = format!("`{}` keeps nothing and expires nothing", self.name.get_ref());
            problems.add(self.name.span(), message, "add `keep` or `expire`");
        }
        let action = self.action(problems);
        let keep = self.keep.iter().filter_map(|given| clause::keep(given, problems)).collect();
        let expire: Vec<Clause> =
            self.expire.iter().filter_map(|given| clause::expire(given, problems)).collect();
        if action == RetentionAction::Untag {
            self.check_untag(&expire, problems);
        }
        Some(RetentionRule { name: name?, repositories, keep, expire, action })
    }

    fn action(&self, problems: &mut Problems<'_>) -> RetentionAction {
        let action = self.action.as_ref().map_or(Action::Expire, |given| *given.get_ref());
        let by = self.expire_by.as_ref().map_or(By::Delete, |given| *given.get_ref());
        if let Some(given) = self.expire_by.as_ref().filter(|_| action != Action::Expire) {
            let help = "leave it out, or write `action = \"expire\"`";
            problems.add(given.span(), "`expire_by` is about the action `expire` alone", help);
        }
        if let Some(given) = self.archive_days.as_ref().filter(|_| by != By::ArchiveThenDelete) {
            let help = "leave it out, or write `expire_by = \"archive_then_delete\"`";
            problems.add(given.span(), "`archive_days` is about `archive_then_delete` alone", help);
        }
        let days_min = i64::from(ARCHIVE_DAYS_MIN);
        let given = self.archive_days.as_ref();
        let archive_days =
            checks::number(given, "archive_days", days_min..=36_525, ARCHIVE_DAYS_MIN, problems);
        match (action, by) {
            (Action::Expire, By::Delete) => RetentionAction::Expire(ExpireBy::Delete),
            (Action::Expire, By::ArchiveThenDelete) => {
                RetentionAction::Expire(ExpireBy::ArchiveThenDelete { archive_days })
            }
            (Action::Archive, _) => RetentionAction::Archive,
            (Action::Untag, _) => RetentionAction::Untag,
        }
    }

    fn check_untag(&self, expire: &[Clause], problems: &mut Problems<'_>) {
        let is_untagged = |clause: &Clause| clause.conditions.contains(&Condition::Untagged);
        if expire.iter().any(is_untagged)
            && let Some(given) = &self.action
        {
            let help = "choose tags, or write `action = \"expire\"`";
            problems.add(given.span(), "`untag` takes no tag off what has none", help);
        }
    }
}
