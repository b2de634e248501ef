//! One clause of `keep` or of `expire`: conditions that hold together.

use chrono::TimeDelta;
use demurrage_core::retention::{Clause, Condition, Newest, TagRegex, TagRegexError};
use schemars::JsonSchema;
use serde::Deserialize;
use toml::Spanned;

use crate::checks;
use crate::length_of_time::length_of_time;
use crate::number_of_bytes::number_of_bytes;
use crate::problems::Problems;
use crate::whole::Whole;

/// Days after the push for which it says nothing that an image was never pulled, where nothing else is written.
const GRACE_DAYS: i64 = 30;

/// Conditions that hold together.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, expecting = "a table")]
pub(super) struct ClauseTable {
    /// The tag matches one of these; `*` stands for any characters.
    #[serde(default)]
    #[schemars(with = "Vec<String>")]
    tags: Option<Spanned<Vec<Spanned<String>>>>,
    /// The whole tag matches this regular expression.
    #[serde(default)]
    #[schemars(with = "String")]
    tags_regex: Option<Spanned<String>>,
    /// The image has no tag of its own.
    #[serde(default)]
    #[schemars(with = "bool")]
    untagged: Option<Spanned<bool>>,
    /// It is one of so many newest of those that meet the other conditions. Only in `keep`.
    #[serde(default)]
    #[schemars(with = "u32", range(min = 1))]
    newest: Option<Spanned<Whole>>,
    /// So many newest of each group: a regular expression of the whole tag, of which the one pair of parentheses names the
    /// group.
    #[serde(default)]
    #[schemars(with = "String")]
    group: Option<Spanned<String>>,
    /// It was pushed more than so long ago, such as `12h`, `90d` or `2w`.
    #[serde(default)]
    #[schemars(with = "String")]
    pushed_older_than: Option<Spanned<String>>,
    /// It, and all that belongs to it, was last pulled more than so long ago.
    #[serde(default)]
    #[schemars(with = "String")]
    pulled_older_than: Option<Spanned<String>>,
    /// The tag was put on it more than so long ago, as the tag ledger knows.
    #[serde(default)]
    #[schemars(with = "String")]
    tagged_older_than: Option<Spanned<String>>,
    /// Neither it nor anything that belongs to it was ever pulled.
    #[serde(default)]
    #[schemars(with = "bool")]
    never_pulled: Option<Spanned<bool>>,
    /// How long after the push that says nothing yet. Without it, `30d`.
    #[serde(default)]
    #[schemars(with = "String")]
    pulled_grace: Option<Spanned<String>>,
    /// It, or something that belongs to it, is in use. Only in `keep`.
    #[serde(default)]
    #[schemars(with = "bool")]
    in_use: Option<Spanned<bool>>,
    /// It has more bytes than this, such as `2 GiB`; of an index its largest child.
    #[serde(default)]
    #[schemars(with = "String")]
    larger_than: Option<Spanned<String>>,
}

/// A clause of `keep`.
pub(super) fn keep(given: &Spanned<ClauseTable>, problems: &mut Problems<'_>) -> Option<Clause> {
    clause(given, problems)
}

/// A clause of `expire`.
pub(super) fn expire(given: &Spanned<ClauseTable>, problems: &mut Problems<'_>) -> Option<Clause> {
    let table = given.get_ref();
    if let Some(newest) = &table.newest {
        let help = "write it in `keep`: what is kept there does not go";
        problems.add(newest.span(), "`newest` says what stays, and not what goes", help);
    }
    if let Some(in_use) = &table.in_use {
        problems.add(in_use.span(), "what is in use does not go", "write `in_use = true` in `keep`");
    }
    clause(given, problems)
}

fn clause(given: &Spanned<ClauseTable>, problems: &mut Problems<'_>) -> Option<Clause> {
    let table = given.get_ref();
    let conditions = table.conditions(problems);
    let newest = table.newest(problems);
    table.check_together(problems);
    if table.is_empty() {
        let message = "a table without conditions is about every image";
        problems.add(
            given.span(),
            message,
            "write `tags = [\"*\"]` or `untagged = true` where that is meant",
        );
        return None;
    }
    Some(Clause { conditions, newest })
}

impl ClauseTable {
    const fn is_empty(&self) -> bool {
        self.tags.is_none()
            && self.tags_regex.is_none()
            && self.untagged.is_none()
            && self.newest.is_none()
            && self.group.is_none()
            && self.pushed_older_than.is_none()
            && self.pulled_older_than.is_none()
            && self.tagged_older_than.is_none()
            && self.never_pulled.is_none()
            && self.pulled_grace.is_none()
            && self.in_use.is_none()
            && self.larger_than.is_none()
    }

    fn conditions(&self, problems: &mut Problems<'_>) -> Vec<Condition> {
        let mut conditions = Vec::new();
        if let Some(given) = &self.tags {
            if given.get_ref().is_empty() {
                problems.add(given.span(), "`tags` matches no tag", "write patterns, or leave it out");
            }
            let patterns = given.get_ref().iter().filter_map(|tag| checks::tags(tag, problems)).collect();
            conditions.push(Condition::Tags(patterns));
        }
        let regex = self.tags_regex.as_ref();
        conditions
            .extend(regex.and_then(|given| read(given, TagRegex::parse, problems)).map(Condition::TagsRegex));
        conditions.extend(only_true(self.untagged.as_ref(), "untagged", Condition::Untagged, problems));
        let mut age = |given: &Option<Spanned<String>>, condition: fn(TimeDelta) -> Condition| {
            let length = given.as_ref().and_then(|given| length_of_time(given, problems));
            conditions.extend(length.map(condition));
        };
        age(&self.pushed_older_than, Condition::PushedOlderThan);
        age(&self.pulled_older_than, Condition::PulledOlderThan);
        age(&self.tagged_older_than, Condition::TaggedOlderThan);
        let grace = match &self.pulled_grace {
            Some(given) => length_of_time(given, problems),
            None => Some(TimeDelta::days(GRACE_DAYS)),
        };
        let never_pulled = grace.map(|grace| Condition::NeverPulled { grace });
        conditions.extend(never_pulled.and_then(|condition| {
            only_true(self.never_pulled.as_ref(), "never_pulled", condition, problems)
        }));
        conditions.extend(only_true(self.in_use.as_ref(), "in_use", Condition::InUse, problems));
        let bytes = self.larger_than.as_ref().and_then(|given| number_of_bytes(given, problems));
        conditions.extend(bytes.map(|bytes| Condition::LargerThan { bytes }));
        conditions
    }

    fn newest(&self, problems: &mut Problems<'_>) -> Option<Newest> {
        let group = self.group.as_ref();
        if let Some(given) = group.filter(|_| self.newest.is_none()) {
            problems.add(given.span(), "`group` is about `newest` alone", "add `newest`, or leave it out");
        }
        let group = group.and_then(|given| read(given, TagRegex::parse_group, problems));
        let given = self.newest.as_ref()?;
        let count = checks::number(Some(given), "newest", 1..=i64::from(u32::MAX), u32::MAX, problems);
        Some(Newest { count, group })
    }

    /// Conditions that no image meets together.
    fn check_together(&self, problems: &mut Problems<'_>) {
        let tagged = [
            ("tags", self.tags.is_some()),
            ("tags_regex", self.tags_regex.is_some()),
            ("tagged_older_than", self.tagged_older_than.is_some()),
            ("group", self.group.is_some()),
        ];
        if let Some(untagged) = &self.untagged
            && let Some((name, _)) = tagged.into_iter().find(|(_, is_there)| *is_there)
        {
            let message = format!("what is untagged has no tag that could meet `{name}`");
            problems.add(untagged.span(), message, "write two tables: what meets either counts");
        }
        if let Some(never) = &self.never_pulled
            && self.pulled_older_than.is_some()
        {
            let message = "what was never pulled has no last pull that could meet `pulled_older_than`";
            problems.add(never.span(), message, "write two tables: what meets either counts");
        }
        if let Some(grace) = self.pulled_grace.as_ref().filter(|_| self.never_pulled.is_none()) {
            let help = "add `never_pulled = true`, or leave it out";
            problems.add(grace.span(), "`pulled_grace` is about `never_pulled` alone", help);
        }
    }
}

/// A regular expression.
fn read(
    given: &Spanned<String>,
    parse: fn(&str) -> Result<TagRegex, TagRegexError>,
    problems: &mut Problems<'_>,
) -> Option<TagRegex> {
    let help = |error: &TagRegexError| match error {
        TagRegexError::Syntax { .. } => {
            "escape what is meant literally with a backslash, and write the text in single quotation marks"
        }
        TagRegexError::TooLarge { .. } => "use smaller numbers of repetitions",
        TagRegexError::Groups { .. } => "put parentheses around the group, and write others as `(?:…)`",
    };
    match parse(given.get_ref()) {
        Ok(regex) => Some(regex),
        Err(error) => {
            problems.add(given.span(), error.to_string(), help(&error));
            None
        }
    }
}

/// A condition that is there or not.
fn only_true(
    given: Option<&Spanned<bool>>,
    name: &str,
    condition: Condition,
    problems: &mut Problems<'_>,
) -> Option<Condition> {
    let given = given?;
    if !given.get_ref() {
        problems.add(given.span(), format!("`{name} = false` says nothing"), "leave it out, or write `true`");
        return None;
    }
    Some(condition)
}
