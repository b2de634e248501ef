//! Two plans, action by action.

use std::collections::BTreeMap;
use std::fmt::Write;

use demurrage_core::Digest;
use demurrage_core::plan::{Action, RepositoryAddress, RepositoryPlan, SettingAction};
use serde::Serialize;

use crate::amount::count;
use crate::image_name::visible;
use crate::plan_report::{action_words, image_words};

/// How two plans differ.
#[derive(Debug, Clone, Default)]
pub struct PlanDiff<'a> {
    /// Actions of the later one alone.
    pub added: Vec<(&'a RepositoryAddress, &'a Action)>,
    /// Actions of the earlier one alone.
    pub removed: Vec<(&'a RepositoryAddress, &'a Action)>,
    /// Actions of both that are not the same: the earlier, the later.
    pub changed: Vec<(&'a RepositoryAddress, &'a Action, &'a Action)>,
    /// How many actions are the same.
    pub same: usize,
}

/// What an action is about, within its repository.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Target {
    Image(Digest),
    Setting(u8),
}

const fn target(action: &Action) -> Target {
    use demurrage_core::plan::Setting;
    match action {
        Action::Image(action) => Target::Image(action.digest),
        Action::Setting(SettingAction { setting, .. }) => Target::Setting(match setting {
            Setting::TagMutability { .. } => 0,
            Setting::LifecyclePolicy { .. } => 1,
            Setting::ScanOnPush { .. } => 2,
        }),
    }
}

impl<'a> PlanDiff<'a> {
    /// How the later plan differs from the earlier one. Of actions on images counts what is done and to which tags, not the
    /// words of the reason.
    pub fn of(earlier: &'a [RepositoryPlan], later: &'a [RepositoryPlan]) -> Self {
        let mut before = by_target(earlier);
        let mut diff = Self::default();
        for (at, now) in by_target(later) {
            match before.remove(&at) {
                None => diff.added.push((at.0, now)),
                Some(then) if is_same(then, now) => diff.same += 1,
                Some(then) => diff.changed.push((at.0, then, now)),
            }
        }
        diff.removed = before.into_iter().map(|(at, action)| (at.0, action)).collect();
        diff
    }

    /// Whether both do the same.
    pub fn is_empty(&self) -> bool {
        self.added.is_empty() && self.removed.is_empty() && self.changed.is_empty()
    }
}

fn by_target(plan: &[RepositoryPlan]) -> BTreeMap<(&RepositoryAddress, Target), &Action> {
    plan.iter()
        .flat_map(|it| it.actions.iter().map(|action| ((&it.repository, target(action)), action)))
        .collect()
}

fn is_same(one: &Action, other: &Action) -> bool {
    match (one, other) {
        (Action::Image(one), Action::Image(other)) => one.kind == other.kind && one.tags == other.tags,
        (Action::Setting(one), Action::Setting(other)) => one.setting == other.setting,
        (Action::Image(_), Action::Setting(_)) | (Action::Setting(_), Action::Image(_)) => false,
    }
}

fn words(repository: &RepositoryAddress, action: &Action) -> String {
    match action {
        Action::Image(action) => visible(&action_words(repository, action)),
        Action::Setting(action) => format!("set {} of {}", setting_name(action), visible(&repository.name)),
    }
}

const fn setting_name(action: &SettingAction) -> &'static str {
    use demurrage_core::plan::Setting;
    match action.setting {
        Setting::TagMutability { .. } => "tag_mutability",
        Setting::LifecyclePolicy { .. } => "lifecycle_policy",
        Setting::ScanOnPush { .. } => "scan_on_push",
    }
}

/// One line for each difference, and how many actions are the same.
pub fn plan_diff_text(diff: &PlanDiff<'_>) -> String {
    let mut text = String::new();
    for (repository, action) in &diff.added {
        let _ = writeln!(text, "+ {}", words(repository, action));
    }
    for (repository, action) in &diff.removed {
        let _ = writeln!(text, "- {}", words(repository, action));
    }
    for (repository, then, now) in &diff.changed {
        let _ = writeln!(text, "~ {} -> {}", words(repository, then), words(repository, now));
    }
    let _ = writeln!(
        text,
        "{} more, {} fewer, {} changed, {} the same",
        diff.added.len(),
        diff.removed.len(),
        diff.changed.len(),
        count(diff.same, "action")
    );
    text
}

#[derive(Serialize)]
struct DiffDocument {
    added: Vec<ActionDocument>,
    removed: Vec<ActionDocument>,
    changed: Vec<ChangeDocument>,
    same: usize,
}

#[derive(Serialize)]
struct ChangeDocument {
    earlier: ActionDocument,
    later: ActionDocument,
}

#[derive(Serialize)]
struct ActionDocument {
    account: Option<String>,
    region: String,
    repository: String,
    action: &'static str,
    digest: Option<String>,
    tags: Vec<String>,
    image: Option<String>,
}

impl ActionDocument {
    fn of(repository: &RepositoryAddress, action: &Action) -> Self {
        let RepositoryAddress { account, region, name } = repository.clone();
        let image = action.image();
        Self {
            account,
            region,
            repository: name,
            action: match action {
                Action::Image(action) => action.kind.name(),
                Action::Setting(action) => setting_name(action),
            },
            digest: image.map(|action| action.digest.to_string()),
            tags: image.map_or_else(Vec::new, |action| action.tags.iter().map(ToString::to_string).collect()),
            image: image.map(|action| image_words(repository, action.digest, &action.tags)),
        }
    }
}

/// The differences as JSON.
pub fn plan_diff_json(diff: &PlanDiff<'_>) -> impl Serialize {
    let of = |(repository, action): &(&RepositoryAddress, &Action)| ActionDocument::of(repository, action);
    DiffDocument {
        added: diff.added.iter().map(of).collect(),
        removed: diff.removed.iter().map(of).collect(),
        changed: diff
            .changed
            .iter()
            .map(|(repository, then, now)| ChangeDocument {
                earlier: ActionDocument::of(repository, then),
                later: ActionDocument::of(repository, now),
            })
            .collect(),
        same: diff.same,
    }
}
