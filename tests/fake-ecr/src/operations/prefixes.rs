//! What the registry keeps under prefixes of repository names: creation templates and rules of pull-through caches.
//!
//! For: the operations on both. Leaves out: what they do to repositories that ECR makes; nothing is made here.

use std::collections::BTreeMap;

use serde_json::Value;

use crate::wire::{Refusal, is_repository_name, issue, read_page};

use super::Call;

/// The entries of a registry, by prefix.
type Entries = BTreeMap<String, Value>;

/// Whether this can be a prefix of names of repositories, with or without a slash at its end; `ROOT` is all.
pub(crate) fn is_prefix(prefix: &str) -> bool {
    let name = prefix.strip_suffix('/').unwrap_or(prefix);
    // A prefix may be shorter than a name.
    prefix == "ROOT" || is_repository_name(&format!("a/{name}"))
}

/// The named entries that are there, or a page of all, in the order of their prefixes.
pub(crate) fn page(
    entries: &Entries,
    call: &Call<'_>,
    named: &str,
    scope: &str,
) -> Result<(Vec<Value>, Option<String>), Refusal> {
    let size = call.input.page_size(1000, 100)?;
    let token = call.input.string("nextToken")?;
    if let Some(prefixes) = call.input.strings(named, 1, 100)? {
        return Ok((prefixes.iter().filter_map(|prefix| entries.get(prefix)).cloned().collect(), None));
    }
    let from = read_page(scope, token)?;
    let mut found = entries.iter().filter(|(prefix, _)| from.as_ref().is_none_or(|from| from < *prefix));
    let page: Vec<(&String, &Value)> = found.by_ref().take(size).collect();
    let next = found.next().and(page.last()).map(|(last, _)| issue(scope, last));
    Ok((page.into_iter().map(|(_, entry)| entry.clone()).collect(), next))
}

#[cfg(test)]
mod tests {
    use super::is_prefix;

    #[test]
    fn a_prefix_is_a_name_with_or_without_a_slash_or_root() {
        for prefix in ["a", "ROOT", "docker-hub", "team/app/", "a__b"] {
            assert!(is_prefix(prefix), "{prefix}");
        }
        for prefix in ["", "/", "Root", "team//", "-a", "a*"] {
            assert!(!is_prefix(prefix), "{prefix}");
        }
    }
}
