//! A prefix of a replication rule that no repository begins with.

use crate::audit::{Area, Audit, Census, Confidence, Flaw, Outcome, RegistryUnder, Setting, Severity};
use crate::{RegistryKind, RepositoriesListing};

pub(super) static AUDIT: Audit = Audit {
    id: "replication-filter-covers-nothing",
    area: Area::Replication,
    title: "A prefix of a replication rule begins the name of no repository",
    why: "Somebody meant repositories to be replicated, and none is: most often a typing error, or a name that has changed.",
    help: "Correct the prefix, or take it out of the rule. A prefix is the beginning of the name as it stands, `*` is no \
           wildcard in it.",
    severity: Severity::Low,
    controls: &[],
};

pub(super) fn check(under: &RegistryUnder<'_>, census: &Census) -> Outcome {
    if under.kind == RegistryKind::Public {
        // ECR Public does not replicate.
        return Outcome::Clean;
    }
    let replication = match &under.settings.replication {
        Setting::Unknown(reason) => return Outcome::NotEvaluated(reason.clone()),
        Setting::Absent => return Outcome::Clean,
        Setting::Is(replication) => replication,
    };
    let begins_none =
        |prefix: &&String| !census.repositories.iter().any(|(name, _)| name.starts_with(prefix.as_str()));
    let mut prefixes: Vec<_> = replication
        .rules
        .iter()
        .flat_map(|rule| rule.repository_prefixes.iter().filter(begins_none))
        .collect();
    prefixes.sort();
    prefixes.dedup();
    match census.listing {
        RepositoriesListing::CutOff if !prefixes.is_empty() => {
            Outcome::NotEvaluated("not all repositories are listed".to_owned())
        }
        RepositoriesListing::CutOff | RepositoriesListing::Complete => {
            Outcome::of(prefixes.into_iter().map(|prefix| flaw(prefix)).collect())
        }
    }
}

fn flaw(prefix: &str) -> Flaw {
    let message = format!("no repository begins with `{prefix}`, which a replication rule is about");
    Flaw::new(AUDIT.severity, Confidence::Certain, message).with("prefix", prefix)
}
