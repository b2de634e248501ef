//! What is wrong with the parameters of a deployment, and what the configuration and they do not agree on.

use std::collections::BTreeSet;

use demurrage_config::{Configuration, closest};
use demurrage_report::count;

use super::deployment::Deployment;
use super::finding::Finding;

/// What the parameters show without any configuration.
pub(super) fn alone(deployment: &Deployment) -> Vec<Finding> {
    let mut found: Vec<Finding> =
        deployment.given.iter().filter_map(|(name, value)| given(deployment, name, value)).collect();
    found.extend(accounts(deployment));
    if deployment.value("AllowPullTimeUpdate") == "true" {
        found.push(Finding::risk(
            "pulls-recorded",
            "`AllowPullTimeUpdate` is true: reading makes images look used, and that cannot be undone",
            "leave it out; the role is registered as one whose pulls are not recorded",
        ));
    }
    found
}

/// A name that is not known, or a value that is not taken.
fn given(deployment: &Deployment, name: &str, value: &str) -> Option<Finding> {
    let path = deployment.path.display();
    let Some(known) = deployment.known.get(name) else {
        let help = closest(name, deployment.known.keys().map(String::as_str))
            .map_or_else(String::new, |near| format!("did you mean `{near}`?"));
        return Some(Finding::mistake(
            "parameter-unknown",
            format!("{path}: there is no parameter `{name}`"),
            help,
        ));
    };
    let help = known.refusal(value)?;
    Some(Finding::mistake("parameter-value", format!("{path}: `{name}` cannot be `{value}`"), help))
}

/// Whose registries are read.
fn accounts(deployment: &Deployment) -> Vec<Finding> {
    let mut found = Vec::new();
    let accounts = deployment.values("Accounts");
    let is_organization = deployment.value("Accounts") == "organization";
    if !deployment.value("OrganizationalUnits").is_empty() && !is_organization {
        found.push(Finding::risk(
            "units-without-organization",
            "`OrganizationalUnits` says nothing where `Accounts` is not `organization`",
            "set `Accounts=organization`, or leave the units out",
        ));
    }
    for both in deployment.values("ExcludedAccounts").intersection(&accounts) {
        found.push(Finding::risk(
            "account-excluded",
            format!("account {both} is in `Accounts` and in `ExcludedAccounts`: it is not read"),
            "take it out of one of them",
        ));
    }
    if !accounts.is_empty() && deployment.value("OrganizationId").is_empty() {
        found.push(Finding::risk(
            "events-not-let-in",
            "other accounts are read, and may send no events: what tags are on is known once a run there",
            "set `OrganizationId`",
        ));
    }
    found
}

/// What the configuration and the parameters do not agree on.
pub(super) fn with(configuration: &Configuration, deployment: &Deployment) -> Vec<Finding> {
    let mut found: Vec<Finding> = uses_unread(configuration, deployment);
    let (mode, rules) = (deployment.value("Mode"), configuration.retention.rules.len());
    if mode != "observe" && rules == 0 {
        found.push(Finding::risk(
            "nothing-to-plan",
            format!("`Mode` is {mode}, and there is no `[[retention]]` by which anything goes"),
            "write rules, or leave the mode out",
        ));
    }
    if mode == "observe" && rules != 0 {
        found.push(Finding::note(
            "plans-are-looked-at-alone",
            format!("`Mode` is observe: what the {} choose is shown and never goes", count(rules, "rule")),
            "`Mode=approve` lets a person decide",
        ));
    }
    if mode == "enforce" && deployment.value("AlarmEmail").is_empty() {
        found.push(Finding::risk(
            "enforced-untold",
            "`Mode` is enforce and `AlarmEmail` is empty: images go, and nobody is told",
            "set `AlarmEmail`, or subscribe somebody to the topic",
        ));
    }
    found
}

/// Accounts and regions of `[in_use]` that no run of this deployment reads: their uses are never known, and no plan takes
/// anything.
fn uses_unread(configuration: &Configuration, deployment: &Deployment) -> Vec<Finding> {
    let (accounts, excluded) = (deployment.values("Accounts"), deployment.values("ExcludedAccounts"));
    let regions = deployment.values("Regions");
    let is_organization = deployment.value("Accounts") == "organization";
    let places = &configuration.in_use.rules.accounts;
    // One account may well be the stack's own, which no parameter names; of two, one is another.
    let is_own = places.iter().map(|(account, _)| account).collect::<BTreeSet<_>>().len() == 1;
    let help = "no image goes while it is not read: add it to the parameters, record its uses with `demurrage use`, or take \
                it out of `[in_use]`";
    let unread = places.iter().filter_map(|(account, region)| {
        let why = if excluded.contains(&**account) {
            "`ExcludedAccounts` has the account".to_owned()
        } else if accounts.is_empty() && !is_own {
            "`Accounts` is empty, so that the stack's own account alone is".to_owned()
        } else if !accounts.is_empty() && !is_organization && !accounts.contains(&**account) {
            "`Accounts` has not the account".to_owned()
        } else if !regions.is_empty() && !regions.contains(&**region) {
            "`Regions` has not the region".to_owned()
        } else {
            return None;
        };
        Some(Finding::risk(
            "use-unread",
            format!("what runs in {account}/{region} has to be known, and is not read: {why}"),
            help,
        ))
    });
    unread.collect()
}
