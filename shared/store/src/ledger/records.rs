//! Rows as the ledger of a repository.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, Utc};
use demurrage_core::ledger::{
    Began, Head, Held, Learnt, ListingWindow, MutabilitySpell, Observation, RepositoryLedger, Said, Standing,
    TagRecord,
};
use demurrage_core::{Digest, DigestError, ExclusionFilter, Tag, TagMutability};

use super::columns::{DELETION, HEAD, MUTABILITY, OBSERVATION, REPOSITORY};
use super::rows::{AT, BETWEEN, BY, GONE};
use crate::rows::Row;

/// What was read of a repository so far.
#[derive(Debug, Default)]
pub(super) struct Records {
    tags: BTreeMap<Tag, TagRecord>,
    deletions: BTreeMap<Digest, BTreeSet<DateTime<Utc>>>,
    spells: Vec<MutabilitySpell>,
    reconciled: Option<ListingWindow>,
}

impl Records {
    /// Takes a row of the repository.
    pub(super) fn take(&mut self, row: &Row<'_>) -> Result<(), String> {
        match row.text("kind")? {
            REPOSITORY => self.reconciled = window(row, ["seen_at", "seen_until"])?,
            MUTABILITY => self.spells.push(spell(row)?),
            DELETION => {
                self.deletions.entry(row.parsed("digest")?).or_default().insert(time(row, "seen_at")?);
            }
            HEAD => self.tag(row)?.head = Some(head(row)?),
            OBSERVATION => {
                let seen = observation(row)?;
                self.tag(row)?.history.keep(seen);
            }
            other => return Err(format!("`{other}` is no kind of a row")),
        }
        Ok(())
    }

    /// The ledger that these rows are.
    pub(super) fn ledger(self) -> RepositoryLedger {
        RepositoryLedger::restore(
            self.tags,
            self.deletions,
            self.spells.into_iter().collect(),
            self.reconciled,
        )
    }

    fn tag(&mut self, row: &Row<'_>) -> Result<&mut TagRecord, String> {
        Ok(self.tags.entry(Tag::as_given(row.text("tag")?)).or_default())
    }
}

fn time(row: &Row<'_>, name: &str) -> Result<DateTime<Utc>, String> {
    row.time(name)?.ok_or_else(|| format!("`{name}` is missing"))
}

fn window(row: &Row<'_>, [from, until]: [&str; 2]) -> Result<Option<ListingWindow>, String> {
    match (row.time(from)?, row.time(until)?) {
        (Some(from), Some(until)) => Ok(Some(ListingWindow { from, until })),
        (None, None) => Ok(None),
        (Some(_), None) | (None, Some(_)) => Err(format!("`{from}` is without `{until}`")),
    }
}

fn spell(row: &Row<'_>) -> Result<MutabilitySpell, String> {
    let filters = row.texts("exclusion_filter_types")?.into_iter().zip(row.texts("exclusion_filters")?);
    let exclusion_filters =
        filters.map(|(filter_type, filter)| ExclusionFilter { filter_type, filter }).collect();
    Ok(MutabilitySpell {
        setting: TagMutability { mode: row.text("image_tag_mutability")?.to_owned(), exclusion_filters },
        first_seen: time(row, "seen_at")?,
        last_seen: time(row, "seen_until")?,
    })
}

fn head(row: &Row<'_>) -> Result<Head, String> {
    let by = time(row, "began_by")?;
    let since = match row.text("began")? {
        AT => Began::At(by),
        BETWEEN => Began::Between { after: time(row, "began_after")?, by },
        BY => Began::By(by),
        other => return Err(format!("nothing begins `{other}`")),
    };
    let word = row.text("learnt")?;
    let standing = Standing {
        held: held(row)?,
        since,
        learnt: Learnt::from_word(word).ok_or_else(|| format!("nothing is learnt from `{word}`"))?,
        seen_at: time(row, "seen_at")?,
        seen_until: time(row, "seen_until")?,
        proven_at: time(row, "proven_at")?,
    };
    Ok(Head {
        standing,
        latest: time(row, "latest")?,
        was: row.optional_digest("was")?,
        checked: window(row, ["checked_from", "checked_until"])?,
        version: row.number("version")?.ok_or("a head without a version")?,
    })
}

fn held(row: &Row<'_>) -> Result<Held, String> {
    let one = |text: &String| match text.as_str() {
        GONE => Ok(None),
        digest => digest.parse().map(Some).map_err(|error: DigestError| error.to_string()),
    };
    let several: Result<Vec<_>, String> = row.texts("one_of")?.iter().map(one).collect();
    match Held::of(several?) {
        Some(held) => Ok(held),
        None => Ok(Held::one(row.optional_digest("digest")?)),
    }
}

fn observation(row: &Row<'_>) -> Result<Observation, String> {
    let word = row.text("said")?;
    let said = Said::from_parts(word, row.optional_digest("digest")?, row.time("seen_until")?);
    let said = said.ok_or_else(|| format!("what was said does not fit to `{word}`"))?;
    Ok(Observation { at: time(row, "seen_at")?, said })
}
