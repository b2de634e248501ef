//! The attributes of an item as values, and values as attributes.
//!
//! Times are RFC 3339 in UTC, digests text, so that an item can be read by eye. What is between two times is
//! `FIRST/LAST`, and `../LAST` where the first is unknown.

use std::collections::HashMap;

use aws_sdk_dynamodb::types::AttributeValue;
use chrono::{DateTime, SecondsFormat, Utc};
use demurrage_core::ledger::{Began, Held, ListingWindow};
use demurrage_core::{Digest, instant};

use super::LedgerError;
use super::key::Key;
use super::table::Item;

/// The newest version of the format of items that this program reads, and that it writes.
pub(super) const FORMAT_VERSION: u64 = 1;

/// That a tag is gone, in the place of a digest.
const GONE: &str = "gone";
const UNKNOWN_FIRST: &str = "..";

/// A text as an attribute.
pub(super) fn text(value: &str) -> AttributeValue {
    AttributeValue::S(value.to_owned())
}

/// A number as an attribute.
pub(super) fn number(value: u64) -> AttributeValue {
    AttributeValue::N(value.to_string())
}

/// A time as an attribute.
pub(super) fn time(value: DateTime<Utc>) -> AttributeValue {
    AttributeValue::S(shown(value))
}

/// The end of a life in the table, which the service reads as seconds since 1970.
pub(super) fn expiry(value: DateTime<Utc>) -> AttributeValue {
    AttributeValue::N(value.timestamp().to_string())
}

/// A window as an attribute.
pub(super) fn window(value: ListingWindow) -> AttributeValue {
    AttributeValue::S(format!("{}/{}", shown(value.from), shown(value.until)))
}

/// When something began, as an attribute.
pub(super) fn began(value: Began) -> AttributeValue {
    AttributeValue::S(match value {
        Began::At(at) => shown(at),
        Began::Between { after, by } => format!("{}/{}", shown(after), shown(by)),
        Began::By(by) => format!("{UNKNOWN_FIRST}/{}", shown(by)),
    })
}

/// What a tag is on, as an attribute: a digest, `gone`, or a list of them.
pub(super) fn held(value: &Held) -> AttributeValue {
    let one = |value: &Option<Digest>| value.map_or_else(|| GONE.to_owned(), |digest| digest.to_string());
    match value.values().as_slice() {
        [value] => AttributeValue::S(one(value)),
        values => AttributeValue::L(values.iter().map(|value| AttributeValue::S(one(value))).collect()),
    }
}

fn shown(time: DateTime<Utc>) -> String {
    time.to_rfc3339_opts(SecondsFormat::AutoSi, true)
}

/// An item with this key, which says in which version of the format it is.
pub(super) fn item(key: &Key) -> Item {
    HashMap::from([
        ("repository".to_owned(), text(&key.repository)),
        ("item".to_owned(), text(&key.item)),
        ("format_version".to_owned(), number(FORMAT_VERSION)),
    ])
}

/// The attributes of an item, or of a part of one.
#[derive(Debug, Clone, Copy)]
pub(super) struct Attributes<'a>(&'a Item);

impl<'a> Attributes<'a> {
    pub(super) const fn new(item: &'a Item) -> Self {
        Self(item)
    }

    pub(super) fn maybe_attribute(self, name: &str) -> Option<&'a AttributeValue> {
        self.0.get(name)
    }

    pub(super) fn maybe_text(self, name: &str) -> Result<Option<&'a str>, String> {
        let Some(value) = self.0.get(name) else { return Ok(None) };
        value.as_s().map(|text| Some(text.as_str())).map_err(|_| format!("`{name}` is no text"))
    }

    pub(super) fn text(self, name: &str) -> Result<&'a str, String> {
        self.maybe_text(name)?.ok_or_else(|| format!("`{name}` is missing"))
    }

    pub(super) fn maybe_number(self, name: &str) -> Result<Option<u64>, String> {
        let Some(value) = self.0.get(name) else { return Ok(None) };
        let digits = value.as_n().map_err(|_| format!("`{name}` is no number"))?;
        digits.parse().map(Some).map_err(|_| format!("`{name}` is no whole number: `{digits}`"))
    }

    pub(super) fn number(self, name: &str) -> Result<u64, String> {
        self.maybe_number(name)?.ok_or_else(|| format!("`{name}` is missing"))
    }

    pub(super) fn list(self, name: &str) -> Result<&'a [AttributeValue], String> {
        let Some(value) = self.0.get(name) else { return Ok(&[]) };
        value.as_l().map(Vec::as_slice).map_err(|_| format!("`{name}` is no list"))
    }

    pub(super) fn maybe_time(self, name: &str) -> Result<Option<DateTime<Utc>>, String> {
        self.maybe_text(name)?.map(|text| read_time(name, text)).transpose()
    }

    pub(super) fn time(self, name: &str) -> Result<DateTime<Utc>, String> {
        read_time(name, self.text(name)?)
    }

    pub(super) fn maybe_digest(self, name: &str) -> Result<Option<Digest>, String> {
        self.maybe_text(name)?.map(read_digest).transpose()
    }

    pub(super) fn maybe_window(self, name: &str) -> Result<Option<ListingWindow>, String> {
        let Some(text) = self.maybe_text(name)? else { return Ok(None) };
        let (from, until) = text.split_once('/').ok_or_else(|| format!("`{name}` is no window: `{text}`"))?;
        Ok(Some(ListingWindow { from: read_time(name, from)?, until: read_time(name, until)? }))
    }

    pub(super) fn began(self, name: &str) -> Result<Began, String> {
        let text = self.text(name)?;
        Ok(match text.split_once('/') {
            None => Began::At(read_time(name, text)?),
            Some((UNKNOWN_FIRST, by)) => Began::By(read_time(name, by)?),
            Some((after, by)) => Began::Between { after: read_time(name, after)?, by: read_time(name, by)? },
        })
    }

    pub(super) fn held(self, name: &str) -> Result<Held, String> {
        let values = match self.0.get(name) {
            None => return Err(format!("`{name}` is missing")),
            Some(AttributeValue::L(values)) => values.as_slice(),
            Some(value) => std::slice::from_ref(value),
        };
        let one = |value: &AttributeValue| match value.as_s().map(String::as_str) {
            Ok(GONE) => Ok(None),
            Ok(digest) => read_digest(digest).map(Some),
            Err(_) => Err(format!("`{name}` is no text")),
        };
        let values: Result<Vec<_>, String> = values.iter().map(one).collect();
        Held::of(values?).ok_or_else(|| format!("`{name}` is empty"))
    }
}

fn read_time(name: &str, text: &str) -> Result<DateTime<Utc>, String> {
    instant::parse(text).ok_or_else(|| format!("`{name}` is no time: `{text}`"))
}

fn read_digest(text: &str) -> Result<Digest, String> {
    text.parse().map_err(|error: demurrage_core::DigestError| error.to_string())
}

/// An item that was read from the table, as far as every item goes.
#[derive(Debug)]
pub(super) struct Found<'a> {
    table: &'a str,
    pub(super) key: Key,
    pub(super) attributes: Attributes<'a>,
}

impl<'a> Found<'a> {
    /// The item, if it is one of a format that this program reads.
    pub(super) fn of(table: &'a str, item: &'a Item) -> Result<Self, LedgerError> {
        let attributes = Attributes::new(item);
        let part = |name| attributes.text(name).unwrap_or_default();
        let found = Self { table, key: Key::new(part("repository"), part("item")), attributes };
        let version = attributes.number("format_version").map_err(|cause| found.damaged(cause))?;
        if FORMAT_VERSION < version {
            return Err(LedgerError::Newer {
                table: table.to_owned(),
                repository: found.key.repository,
                item: found.key.item,
                found: version,
                known: FORMAT_VERSION,
            });
        }
        Ok(found)
    }

    /// What is read of it.
    pub(super) fn read<T>(
        &self,
        read: impl FnOnce(Attributes<'a>) -> Result<T, String>,
    ) -> Result<T, LedgerError> {
        read(self.attributes).map_err(|cause| self.damaged(cause))
    }

    /// The item is not as it should be.
    pub(super) fn damaged(&self, cause: impl Into<String>) -> LedgerError {
        LedgerError::Damaged {
            table: self.table.to_owned(),
            repository: self.key.repository.clone(),
            item: self.key.item.clone(),
            cause: cause.into(),
        }
    }
}

#[cfg(test)]
mod tests {
    use chrono::{DateTime, Utc};
    use demurrage_core::ledger::{Began, Held, ListingWindow};
    use demurrage_core::{Digest, instant};

    use super::{Attributes, Found, began, held, item, number, text, window};
    use crate::ledger::LedgerError;
    use crate::ledger::key::Key;

    fn at(text: &str) -> DateTime<Utc> {
        instant::parse(text).unwrap()
    }

    #[test]
    fn what_is_read_is_what_was_written() {
        let mut stored = item(&Key::new("arn", "v1"));
        let (early, late) = (at("2026-11-24T01:02:03Z"), at("2026-11-24T01:02:04Z"));
        for value in [Began::At(early), Began::Between { after: early, by: late }, Began::By(late)] {
            stored.insert("since".to_owned(), began(value));
            assert_eq!(Attributes::new(&stored).began("since"), Ok(value));
        }
        let [one, other] = [1, 2].map(|byte| Some(Digest::from_bytes([byte; 32])));
        for value in [Held::one(one), Held::Gone, Held::of([one, None, other]).unwrap()] {
            stored.insert("held".to_owned(), held(&value));
            assert_eq!(Attributes::new(&stored).held("held"), Ok(value));
        }
        let value = ListingWindow { from: early, until: late };
        stored.insert("checked".to_owned(), window(value));
        assert_eq!(Attributes::new(&stored).maybe_window("checked"), Ok(Some(value)));
    }

    #[test]
    fn an_item_of_a_newer_format_and_one_without_a_format_are_named() {
        let mut stored = item(&Key::new("arn", "v1"));
        stored.insert("format_version".to_owned(), number(7));
        let error = Found::of("table", &stored).unwrap_err();
        assert!(matches!(error, LedgerError::Newer { found: 7, known: 1, .. }), "{error}");
        stored.insert("format_version".to_owned(), text("seven"));
        let error = Found::of("table", &stored).unwrap_err();
        assert_eq!(
            error.to_string(),
            "`v1` of `arn` in the table `table` is damaged: `format_version` is no number"
        );
    }
}
