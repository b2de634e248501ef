//! Two plans, action by action.

use std::collections::BTreeMap;
use std::fmt::Write;

use demurrage_core::Digest;
use demurrage_core::plan::{Action, RepositoryAddress, RepositoryPlan, SettingAction};
use serde::Serialize;

use crate::amount::{count, grouped};
use crate::image_name::visible;
use crate::plan_report::{action_words, image_words};
use crate::plan_setting::{change_words, setting_name};
use crate::run_summary::code;
use crate::wrapped::wrapped;

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
        Action::Setting(action) => visible(&format!("{}: {}", repository.name, change_words(action))),
    }
}

fn why(action: &Action) -> String {
    let (rule, reason) = match action {
        Action::Image(action) => (&action.rule, &action.reason),
        Action::Setting(action) => (&action.rule, &action.reason),
    };
    visible(&format!("{rule}: {reason}"))
}

fn sums(diff: &PlanDiff<'_>) -> String {
    format!(
        "{} more, {} fewer, {} changed, {} the same",
        diff.added.len(),
        diff.removed.len(),
        diff.changed.len(),
        count(diff.same, "action")
    )
}

/// Each difference with its reason, and how many actions are the same. `width` is that of the terminal.
pub fn plan_diff_text(diff: &PlanDiff<'_>, width: Option<u16>) -> String {
    let mut text = String::new();
    let mut push = |mark: &str, what: &str, why: &str| {
        let _ = writeln!(text, "{mark} {what}");
        text.push_str(&wrapped(why, width));
    };
    for (repository, action) in &diff.added {
        push("+", &words(repository, action), &why(action));
    }
    for (repository, action) in &diff.removed {
        push("-", &words(repository, action), &format!("was by {}", why(action)));
    }
    for (repository, then, now) in &diff.changed {
        push("~", &format!("{} -> {}", words(repository, then), words(repository, now)), &why(now));
    }
    text.push_str(&sums(diff));
    text.push('\n');
    text
}

/// Rows of the table before the rest is counted: a comment of a pull request takes 65,536 characters.
///
/// Source: GitHub's REST API, comments of issues, read 2026-11-25.
const ROWS_MAX: usize = 200;

/// The differences for a pull request, as Markdown. Texts that anybody may have written stand in code spans.
pub fn plan_diff_markdown(diff: &PlanDiff<'_>) -> String {
    let mut text = format!("**{}.**\n", sums(diff));
    let row = |mark: &str, what: String, why: &Action| {
        format!("| {mark} | {} | {} |", code(&what), code(&self::why(why)))
    };
    let added = diff.added.iter().map(|(at, action)| row("+", words(at, action), action));
    let removed = diff.removed.iter().map(|(at, action)| row("−", words(at, action), action));
    let changed = diff
        .changed
        .iter()
        .map(|(at, then, now)| row("~", format!("{} -> {}", words(at, then), words(at, now)), now));
    let rows: Vec<String> = added.chain(removed).chain(changed).collect();
    if rows.is_empty() {
        return text;
    }
    text.push_str("\n| | what | why |\n|---|---|---|\n");
    for row in rows.iter().take(ROWS_MAX) {
        let _ = writeln!(text, "{row}");
    }
    if let Some(more @ 1..) = rows.len().checked_sub(ROWS_MAX) {
        let _ = writeln!(text, "\nand {} more", grouped(more as u64));
    }
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
    rule: String,
    reason: String,
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
            rule: match action {
                Action::Image(action) => action.rule.clone(),
                Action::Setting(action) => action.rule.clone(),
            },
            reason: match action {
                Action::Image(action) => action.reason.clone(),
                Action::Setting(action) => action.reason.clone(),
            },
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
