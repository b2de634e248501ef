//! A repository whose replicas have another lifecycle policy, or none.

use super::same_meaning::is_same;
use crate::audit::{
    Area, Audit, Confidence, Flaw, Outcome, ReplicaSettings, RepositoryUnder, Setting, Severity,
};
use crate::cost::destinations;
use crate::lifecycle::Policy;
use crate::{DeleteReplication, Destination, Fact, RegistryKind, Replication};

pub(super) static AUDIT: Audit = Audit {
    id: "lifecycle-differs-between-replicas",
    area: Area::Lifecycle,
    title: "Replicas of the repository have another lifecycle policy",
    why: "Replication copies images and no lifecycle policies. A replica without one keeps every image for good, and one with \
          another deletes what is kept here.",
    help: "Attach the same policy to the repository in each destination, or put it into the creation template for \
           `REPLICATION` there.",
    severity: Severity::Medium,
    controls: &[],
};

pub(super) fn check(under: &RepositoryUnder<'_>) -> Outcome {
    let registry = under.registry;
    if registry.kind == RegistryKind::Public {
        // ECR Public has neither replication nor lifecycle policies.
        return Outcome::Clean;
    }
    let replication = match &registry.settings.replication {
        Setting::Is(replication) => replication,
        Setting::Absent => return Outcome::Clean,
        Setting::Unknown(reason) => return Outcome::NotEvaluated(reason.clone()),
    };
    // Nothing is sent to the registry itself.
    let is_elsewhere = |to: &&&Destination| {
        to.region != registry.region || registry.account.is_none_or(|account| account != to.registry_id)
    };
    let destinations = destinations(replication, &under.repository.name);
    let mut flaws = Vec::new();
    let mut unread = None;
    for destination in destinations.iter().filter(is_elsewhere) {
        match compared(under, replication, destination) {
            Ok(found) => flaws.extend(found),
            Err(reason) => unread = unread.or(Some(reason)),
        }
    }
    match unread {
        Some(reason) if flaws.is_empty() => Outcome::NotEvaluated(reason),
        Some(_) | None => Outcome::of(flaws),
    }
}

/// What differs in one destination, or what of it was not read.
fn compared(
    under: &RepositoryUnder<'_>,
    replication: &Replication,
    to: &Destination,
) -> Result<Option<Flaw>, String> {
    let place = format!("{} in {}", to.registry_id, to.region);
    let is_there =
        |replica: &&ReplicaSettings| replica.account == to.registry_id && replica.region == to.region;
    let unread = || format!("the lifecycle policy of the replica of account {place} was not read");
    let replica = under.replicas.iter().find(is_there).ok_or_else(unread)?;
    let says = |what: &str| format!("the replica of account {place} {what}");
    let (message, confidence) = match (&under.repository.lifecycle_policy, &replica.lifecycle_policy) {
        (Fact::NotEvaluated, _) => return Err("the lifecycle policy was not read".to_owned()),
        (_, Fact::NotEvaluated) => return Err(unread()),
        (Fact::Absent, Fact::Absent) => return Ok(None),
        (Fact::Absent, Fact::Present(_)) => {
            (says("has a lifecycle policy, and there is none here"), Confidence::Certain)
        }
        (Fact::Present(_), Fact::Absent) => match deletes(replication, &under.repository.name, to) {
            // What the policy expires here is deleted there, too.
            DeleteReplication::On => return Ok(None),
            DeleteReplication::Off => {
                (says("has no lifecycle policy: it keeps every image"), Confidence::Certain)
            }
            DeleteReplication::NotStated => {
                (says("has no lifecycle policy: it keeps every image"), Confidence::Likely)
            }
        },
        (Fact::Present(here), Fact::Present(there)) => {
            if do_the_same(here, there).ok_or_else(|| says("has a lifecycle policy that cannot be read"))? {
                return Ok(None);
            }
            (says("has a lifecycle policy that does something else"), Confidence::Certain)
        }
    };
    let flaw = Flaw::new(AUDIT.severity, confidence, message);
    Ok(Some(flaw.with("account", &to.registry_id).with("region", &to.region)))
}

/// Whether two policies do the same; nothing where one of them cannot be read, and they are not the same text.
fn do_the_same(here: &str, there: &str) -> Option<bool> {
    if here == there {
        return Some(true);
    }
    let (here, there) = (Policy::parse(here).ok()?, Policy::parse(there).ok()?);
    Some(is_same(&here, &there))
}

/// Whether deletes in the repository go to this destination, where one rule is enough.
fn deletes(replication: &Replication, repository: &str, to: &Destination) -> DeleteReplication {
    let reaches = |prefixes: &[String]| {
        prefixes.is_empty() || prefixes.iter().any(|prefix| repository.starts_with(prefix.as_str()))
    };
    let rules = || {
        replication
            .rules
            .iter()
            .filter(|rule| reaches(&rule.repository_prefixes) && rule.destinations.contains(to))
    };
    if rules().any(|rule| rule.deletes == DeleteReplication::On) {
        DeleteReplication::On
    } else if rules().any(|rule| rule.deletes == DeleteReplication::NotStated) {
        DeleteReplication::NotStated
    } else {
        DeleteReplication::Off
    }
}
