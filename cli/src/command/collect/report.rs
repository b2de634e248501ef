//! What a collection has to say once it is in the store.

use std::time::Instant;

use demurrage_aws::collect::{CollectError, Collected};
use demurrage_aws::{CallLine, Ecr, Exclusion, Principal, Session};
use demurrage_core::{DeleteReplication, Replication, instant};
use demurrage_report::{CallRow, calls_table, count};
use demurrage_store::Store;
use serde_json::json;

use super::registration::Registration;
use crate::talk;
use crate::warnings::{grouped, name_and_text};

/// Problems that are named before the rest is counted.
const PROBLEMS_SHOWN: usize = 20;

/// A collection that is in the store.
pub(super) struct Stored<'a> {
    /// The region, or what stands for it.
    pub(super) name: &'a str,
    pub(super) collected: &'a Collected,
    pub(super) registration: Registration,
    pub(super) began: Instant,
}

impl Stored<'_> {
    /// Says what came of it, what is missing, and what to do about that.
    pub(super) fn report(&self, session: &Session, explain_calls: bool) {
        let Self { name, collected, began, .. } = self;
        let entry = &collected.entry;
        problems(name, collected);
        self.unknown(session);
        replicated_deletes(name, collected);
        talk::say(format!(
            "{name}: {} with {} in {:.1} s, in {}",
            count(entry.repositories(), "repository"),
            count(entry.images(), "image"),
            began.elapsed().as_secs_f64(),
            entry.name()
        ));
        if explain_calls {
            let lines: Vec<CallRow> = collected.calls.iter().map(row).collect();
            // That nobody reads it is no reason to lose the inventory.
            if let Err(failure) = talk::data(&format!("{name}\n\n{}\n", calls_table(&lines))) {
                talk::failure(&failure);
            }
        }
    }

    /// What is unknown for want of manifests, and what to do about it.
    fn unknown(&self, session: &Session) {
        let Self { name, collected, .. } = self;
        let unread = collected.unread;
        let withheld = match &collected.exclusion {
            None | Some(Exclusion::Present { .. }) => false,
            Some(Exclusion::Absent | Exclusion::Unreadable(_)) => unread.active != 0,
        };
        if withheld {
            talk::warn(format!(
                "{name}: {} not read, as ECR would take it for a pull; unknown are therefore the children of {}, \
                 and which layers images share",
                number(unread.active, "manifest"),
                number(unread.indexes, "index"),
            ));
            talk::hint(&self.hint(&session.principal()));
        }
        if collected.exclusion.is_some() && unread.archived != 0 {
            talk::say(format!(
                "{name}: {} of archived images cannot be read, and no earlier inventory knows them",
                number(unread.archived, "manifest")
            ));
        }
    }

    /// How manifests come to be read; nothing where that was just said, or tried in vain.
    fn hint(&self, principal: &Principal) -> String {
        if let Some(Exclusion::Unreadable(error)) = &self.collected.exclusion {
            return error.help();
        }
        match self.registration {
            Registration::NotAsked => {}
            Registration::Listed | Registration::Done | Registration::Refused | Registration::Interrupted => {
                return String::new();
            }
        }
        let hint = match principal {
            Principal::Role { .. } if principal.is_for_people() => {
                "collect with a role of its own (`--role-arn`) that can be a pull-time exclusion"
            }
            Principal::Root | Principal::Other => {
                "collect with a role (`--role-arn`): only roles and users can be pull-time exclusions"
            }
            Principal::Role { .. } | Principal::User { .. } => {
                "`--register-pull-time-exclusion` makes the reading leave no trace; \
                `--allow-pull-time-update` reads once and makes every image look used today"
            }
        };
        hint.to_owned()
    }
}

fn number(number: u64, noun: &str) -> String {
    count(usize::try_from(number).unwrap_or(usize::MAX), noun)
}

/// What could not be read, the same of many repositories once.
fn problems(name: &str, collected: &Collected) {
    let problems = grouped(collected.problems.iter().map(|problem| name_and_text(problem)));
    for problem in problems.iter().take(PROBLEMS_SHOWN) {
        talk::warn(format!("{name}: {problem}"));
    }
    if let Some(more @ 1..) = problems.len().checked_sub(PROBLEMS_SHOWN) {
        talk::warn(format!("{name}: {}; `demurrage preview` names them", count(more, "other problem")));
    }
}

/// Says, and keeps in the store, that reading changed the last pull times of images: whoever looks at them
/// later cannot tell it from a use.
pub(super) fn pull_times_changed(
    ecr: &Ecr,
    session: &Session,
    store: &Store,
    outcome: &Result<Collected, CollectError>,
    manifests: u64,
) {
    let leaves_no_trace = match outcome {
        Ok(Collected { exclusion: Some(exclusion), .. }) => exclusion.leaves_no_trace(),
        Ok(Collected { exclusion: None, .. }) | Err(_) => false,
    };
    if manifests == 0 || leaves_no_trace {
        return;
    }
    let region = ecr.region();
    talk::warn(format!(
        "{region}: {} read, which ECR takes for pulls: each image of them looks used today",
        number(manifests, "manifest")
    ));
    let at = ecr.watch().service_time();
    let evidence = json!({
        "at": instant::format(at),
        "registry_id": session.account(),
        "region": region,
        "principal": session.arn(),
        "manifests_read": manifests,
    });
    let text = format!("{evidence:#}\n");
    match tokio::task::block_in_place(|| store.add_evidence("pull-times-changed", at, &text)) {
        Ok(place) => talk::say(format!("{region}: kept as evidence in {place}")),
        Err(error) => talk::warn(format!("{region}: that could not be kept as evidence: {error}")),
    }
}

fn row(line: &CallLine) -> CallRow {
    CallRow {
        operation: line.operation,
        formula: line.formula,
        expected: line.expected,
        sent: line.tally.sent,
        throttled: line.tally.throttled,
        failed: line.tally.failed,
    }
}

/// Where a delete in this registry would delete, too.
fn replicated_deletes(name: &str, collected: &Collected) {
    let Some(description) = collected.registry.description.present() else { return };
    // ECR Public has no replication, and its description is of another shape.
    if collected.exclusion.is_none() {
        return;
    }
    match Replication::parse(description) {
        Ok(replication) => {
            for rule in &replication.rules {
                let regions: Vec<&str> = rule.destinations.iter().map(|to| &*to.region).collect();
                let of = match &*rule.repository_prefixes {
                    [] => "all repositories".to_owned(),
                    prefixes => format!("`{}`", prefixes.join("`, `")),
                };
                let why = match rule.deletes {
                    DeleteReplication::Off => continue,
                    DeleteReplication::On => "",
                    DeleteReplication::NotStated => " (not stated, so it has to be expected)",
                };
                let to = regions.join(", ");
                talk::say(format!("{name}: what is deleted in {of} is deleted in {to} too{why}"));
            }
        }
        Err(error) => {
            talk::warn(format!("{name}: {error}; expect that what is deleted is deleted elsewhere too"));
        }
    }
}
