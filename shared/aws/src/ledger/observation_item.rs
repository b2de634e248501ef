//! An observation of a tag as an item: a transition.

use demurrage_core::Tag;
use demurrage_core::ledger::{Observation, Said};

use super::attributes::{Attributes, item, text, time};
use super::key::{self, Key};
use super::table::Item;

/// An observation of a tag. Its key says all of it, so that the same one is the same item.
pub(super) fn write(repository: &str, tag: &Tag, seen: &Observation) -> Item {
    let mut item = item(&Key::new(repository, key::observation(tag, seen)));
    let mut put = |name: &str, value| item.insert(name.to_owned(), value);
    put("at", time(seen.at));
    put("said", text(seen.said.word()));
    if let Some(digest) = seen.said.digest() {
        put("digest", text(&digest.to_string()));
    }
    match seen.said {
        Said::Listed { until, .. } | Said::NotListed { until } => {
            put("until", time(until));
        }
        Said::Pushed(_) | Said::Deleted(_) | Said::DigestDeleted(_) => {}
    }
    item
}

/// The observation that was written.
pub(super) fn read(attributes: Attributes<'_>) -> Result<Observation, String> {
    let word = attributes.text("said")?;
    let said = Said::from_parts(word, attributes.maybe_digest("digest")?, attributes.maybe_time("until")?);
    let said = said.ok_or_else(|| format!("what was said does not fit to `{word}`"))?;
    Ok(Observation { at: attributes.time("at")?, said })
}
