//! Whether two lifecycle policies do the same.

use crate::Wildcard;
use crate::lifecycle::{Action, Limit, Policy, Rule, Selection, StorageClass};

/// A rule without what makes no difference: its number, its description, and how its list is written.
#[derive(PartialEq, Eq)]
struct Meaning {
    tags: Tags,
    storage_class: StorageClass,
    limit: Limit,
    action: Action,
}

#[derive(PartialEq, Eq)]
enum Tags {
    Any,
    Untagged,
    /// Each pattern once, in order.
    Matching(Vec<Wildcard>),
}

/// Whether two policies have the same rules in the same order of priority. Prefixes and patterns that match the same
/// tags are the same; numbers and descriptions of rules, and the order of a list, do not count.
pub(crate) fn is_same(one: &Policy, other: &Policy) -> bool {
    one.rules().iter().map(meaning).eq(other.rules().iter().map(meaning))
}

fn meaning(rule: &Rule) -> Meaning {
    let tags = match &rule.selection {
        Selection::Any => Tags::Any,
        Selection::Untagged => Tags::Untagged,
        Selection::Patterns(_) | Selection::Prefixes(_) => {
            let mut entries = rule.selection.entries();
            entries.sort();
            entries.dedup();
            Tags::Matching(entries)
        }
    };
    Meaning { tags, storage_class: rule.storage_class, limit: rule.limit, action: rule.action }
}
