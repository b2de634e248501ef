//! The head of a tag as an item.

use demurrage_core::Tag;
use demurrage_core::ledger::{Head, Learnt, Standing};

use super::attributes::{Attributes, began, held, item, number, text, time, window};
use super::key::Key;
use super::table::Item;

/// The head of a tag. `by` is what wrote it: the partition of an event or of a run.
pub(super) fn write(repository: &str, tag: &Tag, head: &Head, by: &str) -> Item {
    let standing = &head.standing;
    let mut item = item(&Key::new(repository, tag.as_str()));
    let mut put = |name: &str, value| item.insert(name.to_owned(), value);
    put("version", number(head.version));
    put("by", text(by));
    put("held", held(&standing.held));
    put("since", began(standing.since));
    put("learnt", text(standing.learnt.word()));
    put("seen_at", time(standing.seen_at));
    put("seen_until", time(standing.seen_until));
    put("proven_at", time(standing.proven_at));
    put("latest", time(head.latest));
    if let Some(was) = head.was {
        put("was", text(&was.to_string()));
    }
    if let Some(checked) = head.checked {
        put("checked", window(checked));
    }
    item
}

/// The head that was written.
pub(super) fn read(attributes: Attributes<'_>) -> Result<Head, String> {
    let word = attributes.text("learnt")?;
    let standing = Standing {
        held: attributes.held("held")?,
        since: attributes.began("since")?,
        learnt: Learnt::from_word(word).ok_or_else(|| format!("nothing is learnt from `{word}`"))?,
        seen_at: attributes.time("seen_at")?,
        seen_until: attributes.time("seen_until")?,
        proven_at: attributes.time("proven_at")?,
    };
    Ok(Head {
        standing,
        latest: attributes.time("latest")?,
        was: attributes.maybe_digest("was")?,
        checked: attributes.maybe_window("checked")?,
        version: attributes.number("version")?,
    })
}
