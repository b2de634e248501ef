//! Rules of the pull-through cache.

use serde::Deserialize;

use super::read;

/// A rule by which ECR fetches from another registry what is pulled, and keeps it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PullThroughRule {
    /// The beginning of the names of its repositories, without the slash; `ROOT`: all that no other rule has.
    pub prefix: String,
    /// The registry that is fetched from.
    pub upstream: String,
}

impl PullThroughRule {
    /// Reads the answer of `DescribePullThroughCacheRules`.
    pub(super) fn parse_list(text: &str) -> Result<Vec<Self>, String> {
        let answer: Answer = read(text)?;
        Ok(answer
            .pull_through_cache_rules
            .into_iter()
            .map(|rule| Self { prefix: rule.ecr_repository_prefix, upstream: rule.upstream_registry_url })
            .collect())
    }

    /// Whether the rule says that this repository is a cache.
    ///
    /// `ROOT` says nothing of a single repository: whatever is pulled by a name that no other rule has may come from it.
    pub fn holds(&self, repository: &str) -> bool {
        // A slash at the end may be written.
        let prefix = self.prefix.trim_end_matches('/');
        repository.strip_prefix(prefix).is_some_and(|rest| rest.starts_with('/'))
    }
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Answer {
    pull_through_cache_rules: Vec<Given>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Given {
    ecr_repository_prefix: String,
    upstream_registry_url: String,
}

#[cfg(test)]
mod tests {
    use super::PullThroughRule;

    #[test]
    fn a_cache_is_a_repository_below_the_prefix_with_a_slash_at_its_end_or_without() {
        let rule =
            |prefix: &str| PullThroughRule { prefix: prefix.to_owned(), upstream: "ghcr.io".to_owned() };
        for prefix in ["mirror/github", "mirror/github/"] {
            assert!(rule(prefix).holds("mirror/github/cli"), "{prefix}");
            assert!(!rule(prefix).holds("mirror/github-cli"), "{prefix}");
            assert!(!rule(prefix).holds("mirror/github"), "{prefix}");
        }
        assert!(!rule("ROOT").holds("cli"));
    }
}
