//! `[[audit.mutability]]`: which tags may move.

use demurrage_core::Wildcard;
use demurrage_core::audit::{Promise, RequiredMode};
use schemars::JsonSchema;
use serde::Deserialize;
use toml::Spanned;

use crate::checks;
use crate::problems::Problems;

/// `[[audit.mutability]]`
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, expecting = "a table")]
pub(crate) struct MutabilityTable {
    /// Names of the repositories; `*` stands for any characters.
    #[schemars(with = "String")]
    repositories: Spanned<String>,
    /// Tags that may move; every other one has to mean the same build for good. `*` stands for any characters.
    #[schemars(with = "Vec<String>")]
    may_move: Vec<Spanned<String>>,
    /// The mode that has to be set, where it has to be a certain one.
    #[serde(default)]
    #[schemars(with = "Mode")]
    mode: Option<Spanned<Mode>>,
}

/// A mode of tag mutability, as the API spells it.
#[derive(Deserialize, JsonSchema, Clone, Copy)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
enum Mode {
    Immutable,
    ImmutableWithExclusion,
    Mutable,
    MutableWithExclusion,
}

impl Mode {
    const fn required(self) -> RequiredMode {
        match self {
            Self::Immutable => RequiredMode::Immutable,
            Self::ImmutableWithExclusion => RequiredMode::ImmutableWithExclusion,
            Self::Mutable => RequiredMode::Mutable,
            Self::MutableWithExclusion => RequiredMode::MutableWithExclusion,
        }
    }
}

/// What the tables promise.
pub(super) fn promises(tables: &[MutabilityTable], problems: &mut Problems<'_>) -> Vec<Promise> {
    let patterns: Vec<Option<Wildcard>> =
        tables.iter().map(|table| checks::repositories(&table.repositories, problems)).collect();
    checks::reachable(tables.iter().map(|table| &table.repositories).zip(patterns.iter().cloned()), problems);
    let promises =
        tables.iter().zip(patterns).map(|(table, repositories)| table.promise(repositories, problems));
    promises.collect::<Vec<_>>().into_iter().flatten().collect()
}

impl MutabilityTable {
    fn promise(&self, repositories: Option<Wildcard>, problems: &mut Problems<'_>) -> Option<Promise> {
        let may_move: Vec<Wildcard> =
            self.may_move.iter().filter_map(|tag| checks::tags(tag, problems)).collect();
        if let Some(mode) = &self.mode {
            // In this mode every tag moves, so that no repository could keep the promise.
            let moves_all = matches!(mode.get_ref(), Mode::Mutable);
            if moves_all && !may_move.iter().any(Wildcard::is_everything) {
                let message = "`MUTABLE` lets every tag move, and `may_move` does not";
                problems.add(mode.span(), message, "leave `mode` out, or write `may_move = [\"*\"]`");
            }
        }
        let required = self.mode.as_ref().map(|mode| mode.get_ref().required());
        Some(Promise { repositories: repositories?, may_move, required })
    }
}
