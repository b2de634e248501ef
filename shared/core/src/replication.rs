//! Where a registry replicates to, and whether what is deleted here is deleted there.
//!
//! Read from the text of the API's own answer, because SDKs drop `deleteReplication`. What is not stated
//! counts as on: the mistake that loses nothing.

use serde::Deserialize;

/// The replication of a registry (`replicationConfiguration` of `DescribeRegistry`).
///
/// ```
/// let answer = r#"{"replicationConfiguration": {"rules": [{"destinations":
///   [{"region": "us-west-2", "registryId": "123456789012"}]}]}}"#;
/// let replication = demurrage_core::Replication::parse(answer)?;
/// let destinations = replication.may_delete_in("team/app");
/// assert_eq!(destinations.len(), 1, "it is not stated, so it counts as on");
/// # Ok::<(), demurrage_core::ReplicationError>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Replication {
    /// The rules, in their order; none: nothing is replicated.
    pub rules: Vec<ReplicationRule>,
}

/// One rule of a replication.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReplicationRule {
    /// Where images go.
    pub destinations: Vec<Destination>,
    /// Beginnings of the names of the repositories that it is about; none: of all.
    pub repository_prefixes: Vec<String>,
    /// Whether deletes go there, too.
    pub deletes: DeleteReplication,
}

/// A registry that images go to.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Destination {
    /// Its region.
    pub region: String,
    /// Its account.
    pub registry_id: String,
}

/// Whether what is deleted at the source is deleted at a destination.
///
/// Source: ECR user guide, "Delete replication", read 2026-11-23: removed tags, deleted digests and what a
/// lifecycle policy expires.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DeleteReplication {
    /// It is.
    On,
    /// It is not.
    Off,
    /// The answer does not say so. AWS calls that off; a client that dropped the member looks the same, so
    /// it has to be taken for on.
    NotStated,
}

impl DeleteReplication {
    /// Whether a delete may go on to the destination.
    pub const fn may_delete(self) -> bool {
        match self {
            Self::On | Self::NotStated => true,
            Self::Off => false,
        }
    }
}

/// The answer of `DescribeRegistry` is not one.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("the replication configuration is not readable: {cause}")]
pub struct ReplicationError {
    /// What the JSON reader said.
    pub cause: String,
}

impl Replication {
    /// Reads the answer of `DescribeRegistry`.
    ///
    /// # Errors
    /// When it is not JSON, or holds no replication configuration of that shape: then nothing is known, and
    /// everything has to be taken for replicated and deleted elsewhere.
    pub fn parse(answer: &str) -> Result<Self, ReplicationError> {
        let answer: Answer =
            serde_json::from_str(answer).map_err(|error| ReplicationError { cause: error.to_string() })?;
        let rules = answer.replication_configuration.rules.into_iter().map(rule).collect();
        Ok(Self { rules })
    }

    /// The registries in which a delete in this repository may delete, too; in order, each once.
    pub fn may_delete_in(&self, repository_name: &str) -> Vec<&Destination> {
        let concerns = |rule: &&ReplicationRule| {
            rule.deletes.may_delete()
                && (rule.repository_prefixes.is_empty()
                    || rule.repository_prefixes.iter().any(|prefix| repository_name.starts_with(prefix)))
        };
        let mut found: Vec<_> =
            self.rules.iter().filter(concerns).flat_map(|rule| &rule.destinations).collect();
        found.sort();
        found.dedup();
        found
    }
}

fn rule(given: GivenRule) -> ReplicationRule {
    let prefixes = given.repository_filters.unwrap_or_default();
    ReplicationRule {
        destinations: given
            .destinations
            .into_iter()
            .map(|given| Destination { region: given.region, registry_id: given.registry_id })
            .collect(),
        repository_prefixes: prefixes.into_iter().map(|given| given.filter).collect(),
        deletes: match given.delete_replication.and_then(|given| given.enabled) {
            Some(true) => DeleteReplication::On,
            Some(false) => DeleteReplication::Off,
            None => DeleteReplication::NotStated,
        },
    }
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Answer {
    replication_configuration: Configuration,
}

#[derive(Deserialize)]
struct Configuration {
    rules: Vec<GivenRule>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct GivenRule {
    destinations: Vec<GivenDestination>,
    repository_filters: Option<Vec<GivenFilter>>,
    delete_replication: Option<GivenDelete>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct GivenDestination {
    region: String,
    registry_id: String,
}

#[derive(Deserialize)]
struct GivenFilter {
    filter: String,
}

#[derive(Deserialize)]
struct GivenDelete {
    enabled: Option<bool>,
}

#[cfg(test)]
mod tests {
    use super::{DeleteReplication, Replication};

    fn answer(rules: &str) -> String {
        format!(r#"{{"registryId": "1", "novel": 1, "replicationConfiguration": {{"rules": {rules}}}}}"#)
    }

    fn deletes(member: &str) -> DeleteReplication {
        let rules = format!(r#"[{{"destinations": [{{"region": "r", "registryId": "2"}}]{member}}}]"#);
        Replication::parse(&answer(&rules)).unwrap().rules[0].deletes
    }

    #[test]
    fn deletes_are_off_only_where_the_answer_says_so() {
        assert_eq!(deletes(r#", "deleteReplication": {"enabled": true}"#), DeleteReplication::On);
        assert_eq!(deletes(r#", "deleteReplication": {"enabled": false}"#), DeleteReplication::Off);
        for unstated in ["", r#", "deleteReplication": null"#, r#", "deleteReplication": {}"#] {
            assert_eq!(deletes(unstated), DeleteReplication::NotStated, "{unstated}");
            assert!(deletes(unstated).may_delete());
        }
    }

    #[test]
    fn a_delete_goes_where_a_rule_about_the_repository_sends_it() {
        let rules = r#"[
            {"destinations": [{"region": "b", "registryId": "2"}, {"region": "a", "registryId": "2"}],
             "repositoryFilters": [{"filter": "shop/", "filterType": "PREFIX_MATCH"}],
             "deleteReplication": {"enabled": true}},
            {"destinations": [{"region": "a", "registryId": "2"}]},
            {"destinations": [{"region": "c", "registryId": "2"}], "deleteReplication": {"enabled": false}}]"#;
        let replication = Replication::parse(&answer(rules)).unwrap();
        let regions = |name: &str| -> Vec<String> {
            replication.may_delete_in(name).iter().map(|to| to.region.clone()).collect()
        };
        assert_eq!(regions("shop/cart"), ["a", "b"]);
        assert_eq!(regions("web/shop/"), ["a"]);
    }

    #[test]
    fn an_answer_that_is_none_is_an_error_and_not_an_empty_configuration() {
        for text in ["", "{}", "[]", r#"{"replicationConfiguration": {}}"#] {
            assert!(Replication::parse(text).is_err(), "{text}");
        }
        assert_eq!(Replication::parse(&answer("[]")).unwrap(), Replication::default());
    }
}
