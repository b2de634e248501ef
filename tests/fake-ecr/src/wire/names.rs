//! The grammars of the names in requests: repositories, tags, digests, registries.
//!
//! Source: API model of 2015-09-21 and the OCI distribution specification, read 2026-11-23.

use super::{Input, Refusal};

/// `repositoryName`, checked.
pub(crate) fn repository_name(input: &Input) -> Result<String, Refusal> {
    let name = input.required("repositoryName")?;
    if is_repository_name(name) {
        Ok(name.to_owned())
    } else {
        Err(Refusal::parameter(
            "repositoryName",
            "must satisfy regular expression '(?:[a-z0-9]+(?:[._-][a-z0-9]+)*/)*[a-z0-9]+(?:[._-][a-z0-9]+)*'",
        ))
    }
}

/// Whether this can be the name of a repository: 2 to 256 characters, components parted by `/`.
pub(crate) fn is_repository_name(name: &str) -> bool {
    (2..=256).contains(&name.len()) && name.split('/').all(is_component)
}

/// Runs of `[a-z0-9]` parted by `.`, `_`, `__` or dashes.
fn is_component(component: &str) -> bool {
    let is_word = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit();
    let mut separator = String::new();
    let mut at_word = false;
    for byte in component.bytes() {
        if is_word(byte) {
            let parted =
                matches!(separator.as_str(), "" | "." | "_" | "__") || separator.bytes().all(|b| b == b'-');
            if !parted || (!at_word && !separator.is_empty()) {
                return false;
            }
            separator.clear();
            at_word = true;
        } else if matches!(byte, b'.' | b'_' | b'-') {
            separator.push(char::from(byte));
        } else {
            return false;
        }
    }
    at_word && separator.is_empty()
}

/// Whether this can be a tag: `[a-zA-Z0-9_][a-zA-Z0-9._-]{0,127}`.
pub(crate) fn is_tag(tag: &str) -> bool {
    let is_word = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'_';
    (1..=128).contains(&tag.len())
        && tag.bytes().next().is_some_and(is_word)
        && tag.bytes().all(|byte| is_word(byte) || matches!(byte, b'.' | b'-'))
}

/// Whether this has the form of a digest: `[a-zA-Z0-9-_+.]+:[a-fA-F0-9]+`.
pub(crate) fn is_digest(digest: &str) -> bool {
    digest.split_once(':').is_some_and(|(algorithm, hex)| {
        !algorithm.is_empty()
            && !hex.is_empty()
            && algorithm.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_+.".contains(&byte))
            && hex.bytes().all(|byte| byte.is_ascii_hexdigit())
    })
}

/// Whether this is the number of an account.
pub(crate) fn is_account(text: &str) -> bool {
    text.len() == 12 && text.bytes().all(|byte| byte.is_ascii_digit())
}

#[cfg(test)]
mod tests {
    use super::{is_digest, is_repository_name, is_tag};

    #[test]
    fn names_of_repositories_follow_the_grammar() {
        for good in ["ab", "team/app", "a.b", "a__b", "a---b", "a1/b_c/d-e"] {
            assert!(is_repository_name(good), "{good}");
        }
        for bad in ["a", "A/b", "a//b", "-ab", "ab-", "a..b", "a___b", "a._b", "/ab", "ab/"] {
            assert!(!is_repository_name(bad), "{bad}");
        }
    }

    #[test]
    fn tags_and_digests_follow_their_grammars() {
        assert!(is_tag("v1.2-3_x") && is_tag("_x") && is_tag(&"a".repeat(128)));
        assert!(!is_tag("") && !is_tag(".x") && !is_tag("a:b") && !is_tag(&"a".repeat(129)));
        assert!(
            is_digest("sha256:0aF")
                && !is_digest("sha256:")
                && !is_digest("sha256")
                && !is_digest("sha256:xyz")
        );
    }
}
