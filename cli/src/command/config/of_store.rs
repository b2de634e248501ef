//! What rules say of what was read: whether there are repositories that they are about, whether any opted in, and whether
//! anybody read what has to be known of use.

use std::collections::{BTreeMap, BTreeSet};

use demurrage_config::{Configuration, closest};
use demurrage_core::{Fact, RegistryKind, Wildcard};
use demurrage_report::count;
use demurrage_store::{Store, StoreError};

use super::finding::Finding;
use crate::failure::Failure;
use crate::talk;

/// The resource tag that lets a plan be applied by the service.
const OPT_IN: (&str, &str) = ("demurrage", "enforce");

/// What is known of the repositories of the newest inventories.
#[derive(Default)]
struct Known {
    /// Names of repositories, each with whether one of that name opted in; nothing: its tags were not read.
    repositories: BTreeMap<String, Option<bool>>,
    /// Account and region of each registry.
    registries: BTreeSet<(String, String)>,
}

/// Everything of the kind; nothing where the store has no registry to hold the rules against.
///
/// A listing that may be cut off is held against the rules all the same: what was read is all that anybody knows, and the
/// messages say so.
pub(super) fn risks(configuration: &Configuration, store: &Store) -> Result<Option<Vec<Finding>>, Failure> {
    let known = known(store)?;
    if known.registries.is_empty() {
        talk::warn("the store has no inventory of a private registry to hold the rules against");
        return Ok(None);
    }
    let mut found = unmatched(configuration, &known);
    found.extend(not_opted_in(configuration, &known));
    found.extend(uses_never_read(configuration, store)?);
    Ok(Some(found))
}

fn known(store: &Store) -> Result<Known, StoreError> {
    let mut known = Known::default();
    for entry in store.newest()? {
        if entry.kind != RegistryKind::Private {
            continue;
        }
        known.registries.extend(entry.registry_id.clone().map(|account| (account, entry.region.clone())));
        for repository in store.repositories(&entry)? {
            let opted_in = match &repository.resource_tags {
                Fact::Present(tags) => Some(tags.get(OPT_IN.0).is_some_and(|value| value == OPT_IN.1)),
                Fact::Absent => Some(false),
                Fact::NotEvaluated => None,
            };
            let earlier = known.repositories.entry(repository.name).or_insert(opted_in);
            *earlier = match (*earlier, opted_in) {
                (Some(true), _) | (_, Some(true)) => Some(true),
                (None, _) | (_, None) => None,
                (Some(false), Some(false)) => Some(false),
            };
        }
    }
    Ok(known)
}

/// The patterns of names in a configuration, each with where it stands.
fn patterns(configuration: &Configuration) -> Vec<(String, &Wildcard)> {
    let rules = &configuration.rules;
    let mut all: Vec<(String, &Wildcard)> = Vec::new();
    for rule in &configuration.retention.rules {
        let label = || format!("`[[retention]]` `{}`", rule.name);
        all.extend(rule.repositories.iter().map(|pattern| (label(), pattern)));
    }
    let table = |name: &str| format!("`[[audit.{name}]]`");
    all.extend(rules.mutability.iter().map(|promise| (table("mutability"), &promise.repositories)));
    all.extend(rules.encryption.iter().map(|demanded| (table("encryption"), &demanded.repositories)));
    all.extend(rules.replication.iter().map(|required| (table("replication"), &required.repositories)));
    all.extend(rules.budgets.iter().map(|budget| (table("budget"), &budget.repositories)));
    let accepted = rules.accepted.iter();
    all.extend(accepted.filter_map(|one| Some((table("accepted"), one.repositories.as_ref()?))));
    all
}

fn unmatched(configuration: &Configuration, known: &Known) -> Vec<Finding> {
    let names = || known.repositories.keys().map(String::as_str);
    let unmatched = patterns(configuration)
        .into_iter()
        .filter(|(_, pattern)| !names().any(|name| pattern.matches(name)))
        .map(|(place, pattern)| {
            let text = pattern.to_string();
            let help = closest(&text, names()).map_or_else(
                || "look at the names, or keep it for a repository to come".to_owned(),
                |near| format!("did you mean `{near}`?"),
            );
            Finding::risk(
                "no-such-repository",
                format!(
                    "{place}: `{text}` matches none of the {} that were read",
                    count(known.repositories.len(), "repository")
                ),
                help,
            )
        });
    unmatched.collect()
}

/// A rule whose repositories all lack the tag changes nothing in the service, whatever is approved.
fn not_opted_in(configuration: &Configuration, known: &Known) -> Vec<Finding> {
    let mut found = Vec::new();
    for rule in &configuration.retention.rules {
        let of_rule: Vec<Option<bool>> = known
            .repositories
            .iter()
            .filter(|(name, _)| rule.is_about(name))
            .map(|(_, opted_in)| *opted_in)
            .collect();
        let (key, value) = OPT_IN;
        let many = count(of_rule.len(), "repository");
        if of_rule.is_empty() || of_rule.contains(&Some(true)) {
            continue;
        }
        found.push(if of_rule.contains(&None) {
            Finding::note(
                "opt-in-unknown",
                format!(
                    "`[[retention]]` `{}`: nobody read whether one of its {many} carries the tag `{key}` = \
                     `{value}`",
                    rule.name
                ),
                "collect again with a role that may call ListTagsForResource",
            )
        } else {
            Finding::risk(
                "nobody-opted-in",
                format!(
                    "`[[retention]]` `{}`: none of its {many} carries the tag `{key}` = `{value}`, so the service changes \
                     none",
                    rule.name
                ),
                format!("`aws ecr tag-resource --tags Key={key},Value={value}` on those that may be changed"),
            )
        });
    }
    found
}

/// Accounts, regions and clusters whose uses have to be known, and of which the store has no record.
fn uses_never_read(configuration: &Configuration, store: &Store) -> Result<Vec<Finding>, StoreError> {
    let rules = &configuration.in_use.rules;
    if rules.accounts.is_empty() && rules.clusters.is_empty() {
        return Ok(Vec::new());
    }
    let (mut places, mut clusters) = (BTreeSet::new(), BTreeSet::new());
    for (_, record) in store.uses()? {
        clusters.extend(record.sources.iter().filter_map(|source| source.name.clone()));
        places.extend(record.account.zip(record.region));
    }
    let never = |what: String, help: &str| {
        Finding::risk(
            "use-never-read",
            format!("{what}, and the store has no record of it: no image goes"),
            help,
        )
    };
    let of_places =
        rules.accounts.iter().filter(|place| !places.contains(*place)).map(|(account, region)| {
            never(
                format!("what runs in {account}/{region} has to be known"),
                "let the service read that account, or record it with `demurrage use`",
            )
        });
    let of_clusters = rules.clusters.iter().filter(|cluster| !clusters.contains(*cluster)).map(|cluster| {
        never(
            format!("what runs in the cluster `{cluster}` has to be known"),
            "record it with `demurrage use --kubernetes NAME=FILE`",
        )
    });
    Ok(of_places.chain(of_clusters).collect())
}
