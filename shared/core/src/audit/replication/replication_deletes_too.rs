//! A replication rule by which what is deleted here is deleted there.

use crate::audit::{Area, Audit, Census, Confidence, Flaw, Outcome, RegistryUnder, Setting, Severity};
use crate::{DeleteReplication, RegistryKind, ReplicationRule};

pub(super) static AUDIT: Audit = Audit {
    id: "replication-deletes-too",
    area: Area::Replication,
    title: "What is deleted here is deleted where it was replicated to",
    why: "Such a replica is no copy to fall back on: a mistake, an intruder or a lifecycle policy that deletes images here \
          deletes them there, in other accounts, too.",
    help: "Switch delete replication off, and give the destinations lifecycle policies of their own; or accept that the \
           replicas follow.",
    severity: Severity::Medium,
    controls: &[],
};

pub(super) fn check(under: &RegistryUnder<'_>, _: &Census) -> Outcome {
    if under.kind == RegistryKind::Public {
        // ECR Public does not replicate.
        return Outcome::Clean;
    }
    match &under.settings.replication {
        Setting::Unknown(reason) => Outcome::NotEvaluated(reason.clone()),
        Setting::Absent => Outcome::Clean,
        Setting::Is(replication) => Outcome::of(replication.rules.iter().filter_map(flaw).collect()),
    }
}

fn flaw(rule: &ReplicationRule) -> Option<Flaw> {
    let to = destinations(rule);
    let about = match rule.repository_prefixes.as_slice() {
        [] => "any repository".to_owned(),
        prefixes => {
            let quoted: Vec<String> = prefixes.iter().map(|prefix| format!("`{prefix}`")).collect();
            format!("repositories that begin with {}", quoted.join(" or "))
        }
    };
    let flaw = match rule.deletes {
        DeleteReplication::Off => return None,
        DeleteReplication::On => {
            let message = format!("what is deleted in {about} is deleted in {to}");
            Flaw::new(AUDIT.severity, Confidence::Certain, message).with("delete-replication", "on")
        }
        // AWS calls that off; clients that do not know the member drop it.
        DeleteReplication::NotStated => {
            let message =
                format!("what is deleted in {about} may be deleted in {to}: the setting is not stated");
            Flaw::new(Severity::Informational, Confidence::Likely, message)
                .with("delete-replication", "not stated")
        }
    };
    let flaw = rule.destinations.iter().fold(flaw, |flaw, to| {
        flaw.with("destination", format!("{} of account {}", to.region, to.registry_id))
    });
    Some(rule.repository_prefixes.iter().fold(flaw, |flaw, prefix| flaw.with("prefix", prefix)))
}

/// Such as `us-west-2 and eu-west-1`; how many others there are where they are more than three.
fn destinations(rule: &ReplicationRule) -> String {
    let regions: Vec<&str> = rule.destinations.iter().map(|to| to.region.as_str()).collect();
    match regions.as_slice() {
        [] => "no registry".to_owned(),
        [only] => (*only).to_owned(),
        [first, second] => format!("{first} and {second}"),
        [first, second, rest @ ..] => format!("{first}, {second} and {} more", rest.len()),
    }
}
