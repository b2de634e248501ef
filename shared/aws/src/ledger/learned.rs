//! What the ledger learnt about a tag, for whoever raises an alarm, and how that is kept until it is told for sure.

use aws_sdk_dynamodb::types::AttributeValue;
use demurrage_core::Tag;
use demurrage_core::ledger::{Change, Head, Held, Lesson};

use super::attributes::{Attributes, began, held, text};
use super::table::Item;

/// What the ledger learnt about a tag.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Learned {
    /// The tag.
    pub tag: Tag,
    /// What it means.
    pub what: Lesson,
    /// What the tag is on now; nothing where that was never known.
    pub now: Option<Held>,
    /// Whether the same was told before.
    pub telling: Telling,
}

/// Whether something is told for the first time.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Telling {
    /// It is.
    First,
    /// It was learnt by an earlier call for the same event or run, which may have told it or may have been killed before.
    Again,
}

impl Learned {
    /// What a change means that is written over this head.
    pub(super) fn of(tag: &Tag, change: &Change, head: Option<&Head>) -> Self {
        let now = change.head.as_ref().or(head).map(|head| head.held().clone());
        Self { tag: tag.clone(), what: change.what.clone(), now, telling: Telling::First }
    }
}

/// What was learnt, as attributes.
pub(super) fn write(learned: &Learned) -> Item {
    let mut item = Item::new();
    let mut put = |name: &str, value| item.insert(name.to_owned(), value);
    put("tag", text(learned.tag.as_str()));
    put("what", text(word(&learned.what)));
    if let Some(now) = &learned.now {
        put("now", held(now));
    }
    match &learned.what {
        Lesson::Moved { from }
        | Lesson::Deleted { from }
        | Lesson::DeletedUnseen { from }
        | Lesson::PresumedDeleted { from } => {
            put("from", held(from));
        }
        Lesson::PushedAgain { deleted, was } => {
            put("deleted", began(*deleted));
            if let Some(was) = was {
                put("was", text(&was.to_string()));
            }
        }
        Lesson::Known
        | Lesson::SeenAgain
        | Lesson::Began
        | Lesson::SameSecond
        | Lesson::Resolved
        | Lesson::Late
        | Lesson::Corrected
        | Lesson::Unconcerned
        | Lesson::Overtaken => {}
    }
    item
}

/// What was learnt by an earlier call.
pub(super) fn read(attributes: Attributes<'_>) -> Result<Learned, String> {
    let from = || attributes.held("from");
    let what = match attributes.text("what")? {
        "known" => Lesson::Known,
        "seen-again" => Lesson::SeenAgain,
        "began" => Lesson::Began,
        "moved" => Lesson::Moved { from: from()? },
        "deleted" => Lesson::Deleted { from: from()? },
        "deleted-unseen" => Lesson::DeletedUnseen { from: from()? },
        "presumed-deleted" => Lesson::PresumedDeleted { from: from()? },
        "pushed-again" => Lesson::PushedAgain {
            deleted: attributes.began("deleted")?,
            was: attributes.maybe_digest("was")?,
        },
        "same-second" => Lesson::SameSecond,
        "resolved" => Lesson::Resolved,
        "late" => Lesson::Late,
        "corrected" => Lesson::Corrected,
        "unconcerned" => Lesson::Unconcerned,
        "overtaken" => Lesson::Overtaken,
        other => return Err(format!("nothing is learnt by `{other}`")),
    };
    let now = attributes.maybe_attribute("now").map(|_| attributes.held("now")).transpose()?;
    Ok(Learned { tag: Tag::as_given(attributes.text("tag")?), what, now, telling: Telling::Again })
}

/// What was learnt of several tags, as one attribute.
pub(super) fn write_all(all: &[Learned]) -> AttributeValue {
    AttributeValue::L(all.iter().map(|learned| AttributeValue::M(write(learned))).collect())
}

/// What an earlier call learnt of several tags.
pub(super) fn read_all(attributes: Attributes<'_>, name: &str) -> Result<Vec<Learned>, String> {
    let one = |value: &AttributeValue| {
        let map = value.as_m().map_err(|_| format!("`{name}` has what is nothing learnt"))?;
        read(Attributes::new(map))
    };
    attributes.list(name)?.iter().map(one).collect()
}

const fn word(lesson: &Lesson) -> &'static str {
    match lesson {
        Lesson::Known => "known",
        Lesson::SeenAgain => "seen-again",
        Lesson::Began => "began",
        Lesson::Moved { .. } => "moved",
        Lesson::Deleted { .. } => "deleted",
        Lesson::DeletedUnseen { .. } => "deleted-unseen",
        Lesson::PresumedDeleted { .. } => "presumed-deleted",
        Lesson::PushedAgain { .. } => "pushed-again",
        Lesson::SameSecond => "same-second",
        Lesson::Resolved => "resolved",
        Lesson::Late => "late",
        Lesson::Corrected => "corrected",
        Lesson::Unconcerned => "unconcerned",
        Lesson::Overtaken => "overtaken",
    }
}
