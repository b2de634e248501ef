//! A repository that is not replicated to where the team demands it.

use crate::audit::{
    Area, Audit, Confidence, Flaw, Outcome, RepositoryUnder, RequiredReplication, Setting, Severity,
};
use crate::{Destination, RegistryKind, ReplicationRule};

pub(super) static AUDIT: Audit = Audit {
    id: "replication-destination-missing",
    area: Area::Replication,
    title: "The repository is not replicated to where the team demands it",
    why: "When its region or its account fails, the images are not there to start from.",
    help: "Add a replication rule with that destination whose prefix begins the name of the repository, or has none. It is \
           about what is pushed from then on; a backfill copies what is there.",
    severity: Severity::Medium,
    controls: &[],
};

pub(super) fn check(under: &RepositoryUnder<'_>) -> Outcome {
    if under.registry.kind == RegistryKind::Public {
        // ECR Public does not replicate.
        return Outcome::Clean;
    }
    let account = under.registry.account.or(under.repository.registry_id.as_deref());
    let demanded = |required: &&RequiredReplication| {
        required.repositories.matches(&under.repository.name) && is_from_here(required, account, under)
    };
    let demanded: Vec<_> = under.registry.rules.replication.iter().filter(demanded).collect();
    if demanded.is_empty() {
        return Outcome::Clean;
    }
    let rules = match &under.registry.settings.replication {
        Setting::Unknown(reason) => return Outcome::NotEvaluated(reason.clone()),
        Setting::Absent => &[][..],
        Setting::Is(replication) => &replication.rules,
    };
    let mut flaws = Vec::new();
    for required in demanded {
        match state(required, rules, account, &under.repository.name) {
            State::Replicated => {}
            State::Unknown => {
                return Outcome::NotEvaluated("the account of the registry is not known".to_owned());
            }
            State::Missing { other_prefixes } => flaws.push(flaw(required, other_prefixes)),
        }
    }
    Outcome::of(flaws)
}

/// Whether the demand is about this registry; one that is itself the destination is not.
fn is_from_here(required: &RequiredReplication, account: Option<&str>, under: &RepositoryUnder<'_>) -> bool {
    let region = under.registry.region;
    let is_destination = required.region == region
        && required.registry_id.as_deref().is_none_or(|wanted| account == Some(wanted));
    !is_destination && required.from.as_deref().is_none_or(|from| from == region)
}

enum State<'a> {
    Replicated,
    Missing {
        /// The prefixes of the rules that do go there.
        other_prefixes: Vec<&'a str>,
    },
    /// There is such a region, and nobody knows which account is meant.
    Unknown,
}

fn state<'a>(
    required: &RequiredReplication,
    rules: &'a [ReplicationRule],
    account: Option<&str>,
    repository: &str,
) -> State<'a> {
    let wanted = required.registry_id.as_deref().or(account);
    let in_region = |to: &&Destination| to.region == required.region;
    let to_region = rules.iter().filter(|rule| rule.destinations.iter().any(|to| in_region(&to)));
    if wanted.is_none() && to_region.clone().any(|rule| covers(rule, repository)) {
        return State::Unknown;
    }
    let there: Vec<_> = to_region
        .filter(|rule| {
            rule.destinations.iter().filter(in_region).any(|to| wanted == Some(to.registry_id.as_str()))
        })
        .collect();
    if there.iter().any(|rule| covers(rule, repository)) {
        return State::Replicated;
    }
    State::Missing {
        other_prefixes: there
            .iter()
            .flat_map(|rule| rule.repository_prefixes.iter().map(String::as_str))
            .collect(),
    }
}

fn covers(rule: &ReplicationRule, repository: &str) -> bool {
    rule.repository_prefixes.is_empty()
        || rule.repository_prefixes.iter().any(|prefix| repository.starts_with(prefix.as_str()))
}

fn flaw(required: &RequiredReplication, other_prefixes: Vec<&str>) -> Flaw {
    let destination = match required.registry_id.as_deref() {
        Some(account) => format!("{} of account {account}", required.region),
        None => required.region.clone(),
    };
    let message = if other_prefixes.is_empty() {
        format!("images are not replicated to {destination}: no rule goes there")
    } else {
        format!(
            "images are not replicated to {destination}: the rules that go there are about other prefixes"
        )
    };
    let flaw = Flaw::new(AUDIT.severity, Confidence::Certain, message).with("destination", destination);
    other_prefixes.into_iter().fold(flaw, |flaw, prefix| flaw.with("prefix", prefix))
}

#[cfg(test)]
mod tests {
    use super::{State, state};
    use crate::audit::RequiredReplication;
    use crate::{Replication, Wildcard};

    fn answer(required_account: Option<&str>, account: Option<&str>, region: &str) -> &'static str {
        let rules = Replication::parse(
            r#"{"replicationConfiguration": {"rules": [{"destinations":
            [{"region": "us-west-2", "registryId": "111122223333"}],
            "repositoryFilters": [{"filter": "shop/", "filterType": "PREFIX_MATCH"}]}]}}"#,
        )
        .unwrap()
        .rules;
        let required = RequiredReplication {
            repositories: Wildcard::new("*"),
            from: None,
            region: region.to_owned(),
            registry_id: required_account.map(str::to_owned),
        };
        match state(&required, &rules, account, "shop/cart") {
            State::Replicated => "replicated",
            State::Missing { .. } => "missing",
            State::Unknown => "unknown",
        }
    }

    #[test]
    fn without_the_account_of_the_registry_only_what_needs_no_account_is_known() {
        assert_eq!(answer(None, None, "us-west-2"), "unknown");
        assert_eq!(answer(None, None, "eu-west-1"), "missing");
        assert_eq!(answer(Some("111122223333"), None, "us-west-2"), "replicated");
        assert_eq!(answer(Some("444455556666"), None, "us-west-2"), "missing");
    }

    #[test]
    fn a_destination_of_no_account_is_one_of_the_same() {
        assert_eq!(answer(None, Some("111122223333"), "us-west-2"), "replicated");
        assert_eq!(answer(None, Some("444455556666"), "us-west-2"), "missing");
    }
}
