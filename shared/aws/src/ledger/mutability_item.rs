//! A setting of tag mutability as an item.

use aws_sdk_dynamodb::types::AttributeValue;
use demurrage_core::ledger::MutabilitySpell;
use demurrage_core::{ExclusionFilter, TagMutability};

use super::attributes::{Attributes, item, text, time};
use super::key::{self, Key};
use super::table::Item;

/// A time in which each inventory saw the same setting. Of the newest, the time when it was seen last is kept with the
/// last inventory.
pub(super) fn write(repository: &str, spell: &MutabilitySpell) -> Item {
    let mut item = item(&Key::new(repository, key::mutability(spell.first_seen)));
    let mut put = |name: &str, value| item.insert(name.to_owned(), value);
    put("first_seen", time(spell.first_seen));
    put("last_seen", time(spell.last_seen));
    put("mode", text(&spell.setting.mode));
    let list = |of: fn(&ExclusionFilter) -> &str| {
        AttributeValue::L(spell.setting.exclusion_filters.iter().map(|filter| text(of(filter))).collect())
    };
    put("filter_types", list(|filter| &filter.filter_type));
    put("filters", list(|filter| &filter.filter));
    item
}

/// What was written.
pub(super) fn read(attributes: Attributes<'_>) -> Result<MutabilitySpell, String> {
    let [types, filters] = [attributes.list("filter_types")?, attributes.list("filters")?];
    let filter = |(kind, filter): (&AttributeValue, &AttributeValue)| {
        let (kind, filter) = (kind.as_s().ok()?, filter.as_s().ok()?);
        Some(ExclusionFilter { filter_type: kind.clone(), filter: filter.clone() })
    };
    let exclusion_filters: Option<Vec<_>> = types.iter().zip(filters).map(filter).collect();
    let exclusion_filters = exclusion_filters.filter(|_| types.len() == filters.len());
    Ok(MutabilitySpell {
        setting: TagMutability {
            mode: attributes.text("mode")?.to_owned(),
            exclusion_filters: exclusion_filters.ok_or("its filters do not fit to their types")?,
        },
        first_seen: attributes.time("first_seen")?,
        last_seen: attributes.time("last_seen")?,
    })
}
