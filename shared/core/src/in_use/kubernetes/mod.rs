//! What a Kubernetes cluster uses, from what its API lists.
//!
//! It reads what `kubectl get pods,replicasets,deployments,statefulsets,daemonsets,cronjobs,jobs -A -o json` prints: a list,
//! several of them one after another, single objects, or one object a line. What runs is known by digest, from the status
//! of pods; what may be started, or started again, by the templates of everything else, replica sets of earlier versions
//! with them. Nothing is left out because it does not run now: a pod that has ended counts, because its owner is there.
//! Objects are read one after another, and only what names images is kept.

mod document;
mod objects;

use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, Utc};

use self::document::read_documents;
use super::{ImageReference, ReferenceError, SourceRecord, SourceState, Use, UseRecord, UseSource};

/// The kinds of objects that a list has to be asked for, as the API names them, each with its plural.
///
/// Source: Kubernetes API reference 1.34, "Workload Resources", read 2026-11-25.
pub const KUBERNETES_KINDS: [(&str, &str); 7] = [
    ("Pod", "pods"),
    ("ReplicaSet", "replicasets"),
    ("Deployment", "deployments"),
    ("StatefulSet", "statefulsets"),
    ("DaemonSet", "daemonsets"),
    ("CronJob", "cronjobs"),
    ("Job", "jobs"),
];

/// Why a text is no list of a cluster. What it would have named is unknown then.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum KubernetesError {
    /// There is nothing in it.
    #[error("the list is empty: `kubectl` has printed nothing")]
    Empty,
    /// It is no JSON, or was cut off.
    #[error("line {line}, column {column}: {cause}")]
    Text {
        /// The line, from 1.
        line: usize,
        /// The column, from 1.
        column: usize,
        /// What is wrong there.
        cause: String,
    },
    /// It is JSON, and neither a list nor an object of Kubernetes.
    #[error("document {number} is neither a list nor an object of Kubernetes")]
    NoList {
        /// Its place among the documents, from 1.
        number: usize,
    },
    /// An object of a kind that is known is not as it should be.
    #[error("{object}: {cause}")]
    Object {
        /// Which one.
        object: String,
        /// What is wrong with it.
        cause: String,
    },
}

/// Reads the list of a cluster that was made at this time. What is missing of it makes the source a failed one, and what
/// was read counts all the same.
///
/// ```
/// # use demurrage_core::in_use::{SourceState, read_kubernetes};
/// let list = br#"{"kind": "List", "items": [{"kind": "Pod", "metadata": {"namespace": "shop", "name": "cart"},
///     "spec": {"containers": [{"name": "app", "image": "shop/cart:1.0"}]}}]}"#;
/// let record = read_kubernetes(list, "prod", "2026-11-25T00:00:00Z".parse()?)?;
/// assert_eq!(record.sources[0].state, SourceState::Read);
/// assert_eq!(record.uses[0].evidence, "pod shop/cart (container app) in prod");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// # Errors
/// When it is no such list, or ends in the middle.
pub fn read_kubernetes(
    bytes: &[u8],
    cluster: &str,
    read_at: DateTime<Utc>,
) -> Result<UseRecord, KubernetesError> {
    let mut found = Found::default();
    read_documents(bytes, &mut found)?;
    let name = Some(cluster.to_owned());
    let state = match found.failure() {
        None => SourceState::Read,
        Some(cause) => SourceState::Failed(cause),
    };
    Ok(UseRecord {
        account: None,
        region: None,
        turn: 0,
        read_at,
        sources: vec![SourceRecord { source: UseSource::Kubernetes, name, state }],
        uses: found.uses(cluster),
    })
}

/// What was found so far.
#[derive(Default)]
struct Found {
    /// How many objects were read.
    objects: u64,
    /// The kinds of which there was a list of one kind.
    listed: BTreeSet<String>,
    /// The kinds of which there was an object.
    seen: BTreeSet<&'static str>,
    /// The kinds that objects say they belong to, each with the first that said so.
    owners: BTreeMap<&'static str, String>,
    /// Whether there was a list of many kinds, or an object by itself: which kinds were asked for cannot be told then.
    is_mixed: bool,
    /// What is missing, by the first thing that said so.
    missing: Option<String>,
    /// Images that were not understood, by the first of them, and how many.
    odd: Option<(String, u64)>,
    /// The uses: by reference, and for a tag the time of deployment.
    uses: BTreeMap<(String, Option<DateTime<Utc>>), Seen>,
}

/// Who uses one reference.
struct Seen {
    reference: ImageReference,
    /// The first that was read.
    evidence: String,
    others: u64,
}

impl Found {
    /// Adds an image that somebody names.
    fn add(&mut self, image: &str, evidence: &str, since: Option<DateTime<Utc>>) {
        let reference: ImageReference = match image.parse() {
            Ok(reference) => reference,
            // Nothing is named, or nothing that any runtime takes, such as a placeholder that was never filled in.
            Err(ReferenceError::Empty | ReferenceError::Character { .. }) => return,
            Err(
                error @ (ReferenceError::TooLong
                | ReferenceError::Digest { .. }
                | ReferenceError::Tag { .. }
                | ReferenceError::Repository { .. }),
            ) => {
                let odd = self.odd.get_or_insert_with(|| (format!("{evidence}: {error}"), 0));
                odd.1 += 1;
                return;
            }
        };
        // A digest is the same image at any time.
        let since = if reference.digest.is_some() { None } else { since };
        let seen = self.uses.entry((reference.pullable(), since));
        seen.and_modify(|seen| seen.others += 1).or_insert_with(|| Seen {
            reference,
            evidence: evidence.to_owned(),
            others: 0,
        });
    }

    /// Takes down that there was a list of this kind.
    fn lists_of(&mut self, list: &str) {
        match list.strip_suffix("List").filter(|kind| !kind.is_empty()) {
            Some(kind) => {
                self.listed.insert(kind.to_owned());
            }
            None => self.is_mixed = true,
        }
    }

    /// Why not all kinds were asked for, where that can be told. A list of many kinds does not say which; but every cluster that
    /// runs something has pods, and what objects belong to is there.
    fn not_listed(&self) -> Option<String> {
        let kinds = KUBERNETES_KINDS.iter();
        if !self.is_mixed && !self.listed.is_empty() {
            let missing = kinds.into_iter().find(|(kind, _)| !self.listed.contains(*kind));
            return missing.map(|(_, plural)| format!("there is no list of `{plural}`"));
        }
        let all: Vec<&str> = KUBERNETES_KINDS.iter().map(|(_, plural)| *plural).collect();
        let ask = format!("list all kinds: `kubectl get {} -A -o json`", all.join(","));
        let is_there = |kind: &str| self.seen.contains(kind) || self.listed.contains(kind);
        if !is_there("Pod") {
            return Some(format!("the list has no pod, so what runs is not known; {ask}"));
        }
        let mut missing = kinds.filter(|(kind, _)| !is_there(kind));
        missing.find_map(|(kind, plural)| {
            let owned = self.owners.get(kind)?;
            Some(format!("{owned} belongs to a {kind}, and there are no `{plural}` in the list; {ask}"))
        })
    }

    /// Takes down that there was an object of this kind, and what kinds it belongs to.
    fn saw(&mut self, kind: &str, owners: impl Iterator<Item = String>, object: &str) {
        let known =
            |kind: &str| KUBERNETES_KINDS.iter().find(|(known, _)| *known == kind).map(|(known, _)| *known);
        self.seen.extend(known(kind));
        for owner in owners.filter_map(|owner| known(&owner)) {
            self.owners.entry(owner).or_insert_with(|| object.to_owned());
        }
    }

    fn is_missing(&mut self, what: impl FnOnce() -> String) {
        self.missing.get_or_insert_with(what);
    }

    /// Why it is not all that the cluster uses.
    fn failure(&self) -> Option<String> {
        let odd = |(first, count): &(String, u64)| match count {
            0 | 1 => first.clone(),
            more => format!("{first}, and {} more", more - 1),
        };
        let nothing = || {
            let is_empty = self.objects == 0;
            is_empty.then(|| "the list has no object, and every cluster has some".to_owned())
        };
        self.missing
            .clone()
            .or_else(|| self.odd.as_ref().map(odd))
            .or_else(nothing)
            .or_else(|| self.not_listed())
    }

    fn uses(self, cluster: &str) -> Vec<Use> {
        let used = |((_, since), seen): ((String, Option<DateTime<Utc>>), Seen)| {
            let others = match seen.others {
                0 => String::new(),
                1 => " and 1 other".to_owned(),
                more => format!(" and {more} others"),
            };
            Use {
                reference: seen.reference,
                evidence: format!("{}{others} in {cluster}", seen.evidence),
                source: UseSource::Kubernetes,
                since,
            }
        };
        self.uses.into_iter().map(used).collect()
    }
}

#[cfg(test)]
mod tests;
