//! Task definitions that something names, each with who does.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, Utc};

/// Task definitions by what they were named: an ARN, or a family, which is its newest active revision.
#[derive(Debug, Default)]
pub(super) struct Named(BTreeMap<String, BTreeSet<Naming>>);

/// How a task definition is named.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Naming {
    /// Who names it, as a fragment.
    pub(super) by: String,
    /// When its tags were resolved for who names it, where that is known.
    pub(super) since: Option<DateTime<Utc>>,
    /// What it is where ECS does not have it.
    pub(super) absent: Absent,
}

/// What a task definition is that is named and not there.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Absent {
    /// Something that cannot be read: its images are unknown.
    Unknown,
    /// Something that cannot be started: it has no images.
    Unusable,
}

impl Named {
    /// Somebody names a task definition.
    pub(super) fn insert(&mut self, task_definition: &str, naming: Naming) {
        self.0.entry(task_definition.to_owned()).or_default().insert(naming);
    }

    /// All that another part named.
    pub(super) fn add(&mut self, other: Self) {
        for (task_definition, namings) in other.0 {
            self.0.entry(task_definition).or_default().extend(namings);
        }
    }

    /// Each of them with who names it, in the order of their names.
    pub(super) fn iter(&self) -> impl Iterator<Item = (&str, &BTreeSet<Naming>)> {
        self.0.iter().map(|(task_definition, namings)| (task_definition.as_str(), namings))
    }
}
