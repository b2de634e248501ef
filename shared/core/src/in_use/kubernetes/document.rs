//! Documents of Kubernetes one after another, and the objects of lists one by one.
//!
//! A list says what kind it is after its items, and may say that there is more; so all members are looked at before it is
//! judged. Objects are handed on while the text is read: what is held at a time is one of them.

use std::fmt;

use serde::de::{DeserializeSeed, Error as _, IgnoredAny, MapAccess, SeqAccess, Visitor};
use serde::{Deserialize, Deserializer};
use serde_json::value::RawValue;

use super::objects::{Item, read_object};
use super::{Found, KubernetesError};

/// Reads all documents of a text.
pub(super) fn read_documents(bytes: &[u8], found: &mut Found) -> Result<(), KubernetesError> {
    let bytes = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
    let mut text = serde_json::Deserializer::from_slice(bytes);
    for number in 1_usize.. {
        if text.end().is_ok() {
            return if number == 1 { Err(KubernetesError::Empty) } else { Ok(()) };
        }
        let mut wrong = None;
        let document = DocumentSeed { found: &mut *found, wrong: &mut wrong };
        let read = document.deserialize(&mut text);
        if let Some(wrong) = wrong {
            return Err(wrong);
        }
        judge(&read.map_err(|error| text_error(&error))?, number, found)?;
    }
    Ok(())
}

fn text_error(error: &serde_json::Error) -> KubernetesError {
    let cause = if error.is_eof() { "it ends in the middle".to_owned() } else { words(error) };
    KubernetesError::Text { line: error.line(), column: error.column(), cause }
}

/// What a reader of JSON says, without the place that it puts behind it.
pub(super) fn words(error: &serde_json::Error) -> String {
    let text = error.to_string();
    text.rsplit_once(" at line ").map_or(text.clone(), |(cause, _)| cause.to_owned())
}

/// What a document is, when all of it was read: an object is read now, and a list may say that it is not whole.
fn judge(document: &Document<'_>, number: usize, found: &mut Found) -> Result<(), KubernetesError> {
    if document.item.kind.as_deref() == Some("Status") {
        let message = document.message.clone().unwrap_or_else(|| "no reason was given".to_owned());
        found.is_missing(|| format!("the API of the cluster answered an error: {message}"));
        return Ok(());
    }
    if document.has_items {
        found.lists_of(document.item.kind.as_deref().unwrap_or("List"));
        let metadata = document.item.metadata.as_ref();
        if metadata.is_some_and(|it| it.next.as_deref().is_some_and(|next| !next.is_empty())) {
            found.is_missing(|| "the list says that it goes on: it is only a part".to_owned());
        }
        if document.has_errors {
            found.is_missing(|| "the list has errors of the API in it".to_owned());
        }
        return Ok(());
    }
    if document.item.kind.is_none() {
        return Err(KubernetesError::NoList { number });
    }
    found.is_mixed = true;
    read_object(&document.item, found)
}

/// A document without the items that were handed on.
#[derive(Default)]
struct Document<'a> {
    item: Item<'a>,
    message: Option<String>,
    has_items: bool,
    has_errors: bool,
}

struct DocumentSeed<'f> {
    found: &'f mut Found,
    /// Why an object is not as it should be: what the reader of JSON would say in its words.
    wrong: &'f mut Option<KubernetesError>,
}

impl<'d> DeserializeSeed<'d> for DocumentSeed<'_> {
    type Value = Document<'d>;

    fn deserialize<D: Deserializer<'d>>(self, deserializer: D) -> Result<Document<'d>, D::Error> {
        deserializer.deserialize_map(self)
    }
}

impl<'d> Visitor<'d> for DocumentSeed<'_> {
    type Value = Document<'d>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a list or an object of Kubernetes")
    }

    fn visit_map<M: MapAccess<'d>>(self, mut members: M) -> Result<Document<'d>, M::Error> {
        let mut document = Document::default();
        while let Some(name) = members.next_key::<Name>()? {
            match name {
                Name::Kind => document.item.kind = members.next_value()?,
                Name::Metadata => document.item.metadata = members.next_value()?,
                Name::Spec => document.item.spec = members.next_value()?,
                Name::Status => document.item.status = members.next_value()?,
                Name::Template => document.item.template = members.next_value()?,
                Name::Message => document.message = members.next_value()?,
                Name::Errors => {
                    let errors: &RawValue = members.next_value()?;
                    document.has_errors |= !matches!(errors.get(), "null" | "[]" | "{}" | "\"\"");
                }
                Name::Items => {
                    let kind = document.item.kind.as_deref().and_then(|kind| kind.strip_suffix("List"));
                    let kind = kind.filter(|kind| !kind.is_empty()).map(str::to_owned);
                    let (found, wrong) = (&mut *self.found, &mut *self.wrong);
                    members.next_value_seed(ItemsSeed { kind, found, wrong })?;
                    document.has_items = true;
                }
                Name::Other => {
                    members.next_value::<IgnoredAny>()?;
                }
            }
        }
        Ok(document)
    }
}

/// The members of a document that are looked at.
#[derive(Deserialize)]
#[serde(field_identifier, rename_all = "lowercase")]
enum Name {
    Kind,
    Metadata,
    Spec,
    Status,
    Template,
    Message,
    Errors,
    Items,
    #[serde(other)]
    Other,
}

/// The items of a list; `null` is a list that has none.
struct ItemsSeed<'f> {
    /// What its items are, where it has said that before them.
    kind: Option<String>,
    found: &'f mut Found,
    wrong: &'f mut Option<KubernetesError>,
}

impl<'d> DeserializeSeed<'d> for ItemsSeed<'_> {
    type Value = ();

    fn deserialize<D: Deserializer<'d>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'d> Visitor<'d> for ItemsSeed<'_> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the items of a list")
    }

    fn visit_unit<E>(self) -> Result<(), E> {
        Ok(())
    }

    fn visit_seq<S: SeqAccess<'d>>(self, mut items: S) -> Result<(), S::Error> {
        while let Some(mut item) = items.next_element::<Item<'d>>()? {
            // Lists of one kind leave it out.
            if item.kind.is_none() {
                item.kind.clone_from(&self.kind);
            }
            if let Err(wrong) = read_object(&item, self.found) {
                let error = S::Error::custom(&wrong);
                *self.wrong = Some(wrong);
                return Err(error);
            }
        }
        Ok(())
    }
}
