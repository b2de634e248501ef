//! The ledger of a repository as rows.

use chrono::{DateTime, Utc};
use demurrage_core::ledger::{
    Began, Held, ListingWindow, MutabilitySpell, Observation, RepositoryLedger, Said, TagRecord,
};
use demurrage_core::{Digest, Tag};

use super::column_builders::{NewRow, Value};
use super::columns::{DELETION, HEAD, MUTABILITY, OBSERVATION, REPOSITORY};

/// That a tag is gone, in a list of what it may be on.
pub(super) const GONE: &str = "gone";
/// How a beginning is known.
pub(super) const AT: &str = "at";
pub(super) const BETWEEN: &str = "between";
pub(super) const BY: &str = "by";

/// All rows of a repository, in their order, one after another.
pub(super) fn rows_of<'l>(
    repository: &'l str,
    ledger: &'l RepositoryLedger,
) -> impl Iterator<Item = NewRow> + 'l {
    let spells = ledger.mutability().spells().iter().map(move |spell| setting(repository, spell));
    let deletions = ledger
        .deletions()
        .iter()
        .flat_map(move |(digest, times)| times.iter().map(move |&at| deletion(repository, digest, at)));
    let tags = ledger.tags().iter().flat_map(move |(tag, record)| {
        head(repository, tag, record).into_iter().chain(observations(repository, tag, record))
    });
    std::iter::once(listing(repository, ledger.reconciled())).chain(spells).chain(deletions).chain(tags)
}

fn begin(repository: &str, kind: &str) -> NewRow {
    NewRow::from([
        ("repository_name", Value::Text(repository.to_owned())),
        ("kind", Value::Text(kind.to_owned())),
    ])
}

fn text_of(digest: &Digest) -> Value {
    Value::Text(digest.to_string())
}

fn listing(repository: &str, reconciled: Option<ListingWindow>) -> NewRow {
    let mut row = begin(repository, REPOSITORY);
    if let Some(window) = reconciled {
        row.insert("seen_at", Value::Time(window.from));
        row.insert("seen_until", Value::Time(window.until));
    }
    row
}

fn setting(repository: &str, spell: &MutabilitySpell) -> NewRow {
    let mut row = begin(repository, MUTABILITY);
    row.insert("seen_at", Value::Time(spell.first_seen));
    row.insert("seen_until", Value::Time(spell.last_seen));
    row.insert("image_tag_mutability", Value::Text(spell.setting.mode.clone()));
    let filters = &spell.setting.exclusion_filters;
    let types = filters.iter().map(|filter| filter.filter_type.clone()).collect();
    row.insert("exclusion_filter_types", Value::Texts(types));
    let filters = filters.iter().map(|filter| filter.filter.clone()).collect();
    row.insert("exclusion_filters", Value::Texts(filters));
    row
}

fn deletion(repository: &str, digest: &Digest, at: DateTime<Utc>) -> NewRow {
    let mut row = begin(repository, DELETION);
    row.insert("digest", text_of(digest));
    row.insert("seen_at", Value::Time(at));
    row
}

fn head(repository: &str, tag: &Tag, record: &TagRecord) -> Option<NewRow> {
    let head = record.head.as_ref()?;
    let standing = &head.standing;
    let mut row = begin(repository, HEAD);
    row.insert("tag", Value::Text(tag.to_string()));
    match &standing.held {
        Held::Image(digest) => {
            row.insert("digest", text_of(digest));
        }
        Held::Gone => {}
        Held::OneOf(several) => {
            let one = |value: &Option<Digest>| value.map_or_else(|| GONE.to_owned(), |it| it.to_string());
            row.insert("one_of", Value::Texts(several.values().iter().map(one).collect()));
        }
    }
    let (word, after) = match standing.since {
        Began::At(_) => (AT, None),
        Began::Between { after, .. } => (BETWEEN, Some(after)),
        Began::By(_) => (BY, None),
    };
    row.insert("began", Value::Text(word.to_owned()));
    if let Some(after) = after {
        row.insert("began_after", Value::Time(after));
    }
    row.insert("began_by", Value::Time(standing.since.by()));
    row.insert("learnt", Value::Text(standing.learnt.word().to_owned()));
    if let Some(was) = &head.was {
        row.insert("was", text_of(was));
    }
    row.insert("seen_at", Value::Time(standing.seen_at));
    row.insert("seen_until", Value::Time(standing.seen_until));
    row.insert("proven_at", Value::Time(standing.proven_at));
    row.insert("latest", Value::Time(head.latest));
    if let Some(checked) = head.checked {
        row.insert("checked_from", Value::Time(checked.from));
        row.insert("checked_until", Value::Time(checked.until));
    }
    row.insert("version", Value::Number(head.version));
    Some(row)
}

fn observations<'l>(
    repository: &'l str,
    tag: &'l Tag,
    record: &'l TagRecord,
) -> impl Iterator<Item = NewRow> + 'l {
    let row = move |seen: &Observation| {
        let mut row = begin(repository, OBSERVATION);
        row.insert("tag", Value::Text(tag.to_string()));
        row.insert("seen_at", Value::Time(seen.at));
        row.insert("said", Value::Text(seen.said.word().to_owned()));
        row.insert("learnt", Value::Text(seen.learnt().word().to_owned()));
        if let Some(digest) = seen.said.digest() {
            row.insert("digest", text_of(&digest));
        }
        match seen.said {
            Said::Listed { until, .. } | Said::NotListed { until } => {
                row.insert("seen_until", Value::Time(until));
            }
            Said::Pushed(_) | Said::Deleted(_) | Said::DigestDeleted(_) => {}
        }
        row
    };
    record.history.observations().map(row)
}
