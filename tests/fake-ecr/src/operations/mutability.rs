//! Whether a tag may be moved, and what may be said about it.
//!
//! Source: user guide, image-tag-mutability; API model; read 2026-11-23.

use serde_json::{Value, json};

use crate::model::RepositoryRecord;
use crate::wire::{Input, Refusal};

/// The four modes.
pub(crate) const MODES: [&str; 4] =
    ["MUTABLE", "IMMUTABLE", "IMMUTABLE_WITH_EXCLUSION", "MUTABLE_WITH_EXCLUSION"];

/// Whether this tag stays where it stands.
pub(crate) fn is_immutable(record: &RepositoryRecord, tag: &str) -> bool {
    let excluded = || record.exclusion_filters.iter().any(|filter| matches(filter, tag));
    match record.mutability.as_str() {
        "IMMUTABLE" => true,
        "IMMUTABLE_WITH_EXCLUSION" => !excluded(),
        "MUTABLE_WITH_EXCLUSION" => excluded(),
        _ => false,
    }
}

/// Whether the whole text is what the wildcard says; only `*` is special.
pub(crate) fn matches(wildcard: &str, text: &str) -> bool {
    let mut parts = wildcard.split('*');
    let first = parts.next().unwrap_or_default();
    let Some(mut rest) = text.strip_prefix(first) else { return false };
    let mut parts: Vec<&str> = parts.collect();
    let Some(last) = parts.pop() else { return rest.is_empty() };
    for part in parts {
        let Some((_, after)) = rest.split_once(part) else { return false };
        rest = after;
    }
    rest.ends_with(last)
}

/// The mode and the filters of a request, checked against each other.
pub(crate) fn read(input: &Input, mode: &str) -> Result<Vec<String>, Refusal> {
    let name = "imageTagMutabilityExclusionFilters";
    let mut filters = Vec::new();
    for filter in input.structures(name, 1, 5)?.unwrap_or_default() {
        filter
            .one_of("filterType", &["WILDCARD"])?
            .ok_or_else(|| Refusal::parameter("filterType", "Member must not be null"))?;
        let text = filter.required("filter")?;
        let allowed = |byte: u8| byte.is_ascii_alphanumeric() || b"._*-".contains(&byte);
        if !(1..=128).contains(&text.len()) || !text.bytes().all(allowed) {
            return Err(Refusal::parameter(
                name,
                "Member must satisfy regular expression pattern: ^[0-9a-zA-Z._*-]{1,128}$",
            ));
        }
        if 2 < text.matches('*').count() {
            return Err(Refusal::parameter(name, "Member must have at most 2 wildcards"));
        }
        filters.push(text.to_owned());
    }
    match (mode.ends_with("_WITH_EXCLUSION"), filters.is_empty()) {
        (true, true) => Err(Refusal::parameter(name, &format!("Member must not be null with {mode}"))),
        (false, false) => Err(Refusal::parameter(name, &format!("Member must be null with {mode}"))),
        _ => Ok(filters),
    }
}

/// The filters as the API writes them.
pub(crate) fn filters_json(filters: &[String]) -> Value {
    filters.iter().map(|filter| json!({ "filterType": "WILDCARD", "filter": filter })).collect()
}

#[cfg(test)]
mod tests {
    use super::matches;

    #[test]
    fn a_wildcard_is_about_the_whole_tag_and_its_case() {
        for (wildcard, tag) in
            [("latest", "latest"), ("dev-*", "dev-"), ("*-rc", "1-rc"), ("a*b*c", "abbc"), ("*", "")]
        {
            assert!(matches(wildcard, tag), "{wildcard} {tag}");
        }
        for (wildcard, tag) in [("latest", "latest1"), ("dev-*", "Dev-1"), ("*-rc", "1-rc2"), ("a*a", "a")] {
            assert!(!matches(wildcard, tag), "{wildcard} {tag}");
        }
    }
}
