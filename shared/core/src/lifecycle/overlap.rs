//! What can be said about the pools of two rules without looking at any image.

use super::{Rule, Selection};
use crate::Wildcard;

/// Whether every image that `inner` selects by its tags is selected by `outer` too.
///
/// `true` is certain; `false` may be wrong for lists that take several tags to see.
pub(super) fn covers(outer: &Selection, inner: &Selection) -> bool {
    match (outer, inner) {
        (Selection::Any, _) | (Selection::Untagged, Selection::Untagged) => true,
        (Selection::Untagged, _)
        | (Selection::Patterns(_) | Selection::Prefixes(_), Selection::Untagged | Selection::Any) => false,
        (
            Selection::Patterns(_) | Selection::Prefixes(_),
            Selection::Patterns(_) | Selection::Prefixes(_),
        ) => {
            let inner = inner.entries();
            outer.entries().iter().all(|entry| inner.iter().any(|narrower| entry.includes(narrower)))
        }
    }
}

/// Whether the selection takes every image that has a tag.
pub(super) fn covers_all_tagged(selection: &Selection) -> bool {
    match selection {
        Selection::Any => true,
        Selection::Untagged => false,
        Selection::Patterns(_) | Selection::Prefixes(_) => {
            selection.entries().iter().all(Wildcard::is_everything)
        }
    }
}

/// Whether an image with at most one tag can be in both selections.
pub(super) fn overlaps(a: &Selection, b: &Selection) -> bool {
    match (a, b) {
        (Selection::Any, _) | (_, Selection::Any) | (Selection::Untagged, Selection::Untagged) => true,
        (Selection::Untagged, _) | (_, Selection::Untagged) => false,
        (
            Selection::Patterns(_) | Selection::Prefixes(_),
            Selection::Patterns(_) | Selection::Prefixes(_),
        ) => {
            let entries: Vec<Wildcard> = a.entries().into_iter().chain(b.entries()).collect();
            disjoint_pair(&entries).is_none()
        }
    }
}

/// Two entries that no single tag matches both. Where there are none, one tag can match all entries: ends
/// that agree in pairs agree altogether, and the middles can follow one another.
pub(super) fn disjoint_pair(entries: &[Wildcard]) -> Option<(&Wildcard, &Wildcard)> {
    entries.iter().enumerate().find_map(|(position, entry)| {
        let later = entries.get(position + 1..).unwrap_or_default();
        later.iter().find(|other| !entry.overlaps(other)).map(|other| (entry, other))
    })
}

/// The rules before this one that are about the same storage class.
pub(super) fn higher<'a>(rules: &'a [Rule], rule: &'a Rule) -> impl Iterator<Item = &'a Rule> {
    rules.iter().filter(|other| other.priority < rule.priority && other.storage_class == rule.storage_class)
}
