//! The settings of a repository that a plan changes: looked at, put, and read back.

use demurrage_core::apply::{Halt, LeftAction};
use demurrage_core::journal::{Call, Outcome};
use demurrage_core::plan::{Action, Setting, SettingAction};
use demurrage_core::{Fact, TagMutability};
use tokio::task::block_in_place;

use super::halt::{by_call, by_store};
use super::run::Run;
use super::settle::settle;
use super::work::Work;
use super::writer::{self, Written};
use crate::collect::{look_up_repository, re_read_lifecycle_policy};
use crate::{CallError, Ecr};

/// A setting as it is, or as it is to be.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Value {
    TagMutability(TagMutability),
    /// Nothing: there is none.
    LifecyclePolicy(Option<String>),
    /// Nothing: nobody knows.
    ScanOnPush(Option<bool>),
}

/// Changes the settings that the plan changes in a repository.
pub(super) async fn settings(run: &mut Run<'_>, work: &mut Work<'_>) -> Result<(), Halt> {
    let plan = work.plan;
    for action in plan.actions.iter().filter_map(Action::setting) {
        // What is in use does not matter here.
        run.go_on().await?;
        while setting(run, work, action).await? == Put::Throttled {
            run.go_on().await?;
        }
    }
    Ok(())
}

/// Whether a setting has had its turn.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Put {
    Over,
    /// It was not done, and is looked at again.
    Throttled,
}

async fn setting(run: &mut Run<'_>, work: &mut Work<'_>, action: &SettingAction) -> Result<Put, Halt> {
    let address = work.plan.repository.clone();
    let ecr = run.ecr(&address)?;
    let call = call_of(action);
    let (from, to) = ends_of(&action.setting);
    let read = current(&ecr, &address.name, &to).await;
    let now = match read {
        Ok(Some(now)) => now,
        Ok(None) => {
            left(work, "the repository is gone, or does not say what the setting is");
            return Ok(Put::Over);
        }
        Err(error) => return Err(by_call(&error)),
    };
    if is_same(&now, &to) {
        let is_ours = work.past.settings.contains(&call);
        work.settings_done += u64::from(is_ours);
        work.settings_already += u64::from(!is_ours);
        return Ok(Put::Over);
    }
    if !is_same(&now, &from) {
        left(work, &format!("{} is not as it was planned", name_of(&action.setting)));
        return Ok(Put::Over);
    }
    let at = run.now();
    let number =
        block_in_place(|| run.journal.intend(at, &address, call.clone(), Vec::new())).map_err(by_store)?;
    work.has_written = true;
    let written = match &to {
        Value::TagMutability(to) => writer::put_tag_mutability(&ecr, &address.name, to).await,
        Value::LifecyclePolicy(to) => {
            writer::put_lifecycle_policy(&ecr, &address.name, to.as_deref().unwrap_or_default()).await
        }
        Value::ScanOnPush(to) => writer::put_scan_on_push(&ecr, &address.name, to.unwrap_or_default()).await,
    };
    match written {
        Written::Answer(()) => {
            conclude(run, number, None)?;
            run.answered();
        }
        Written::NotDone(error) => {
            conclude(run, number, Some(error.to_string()))?;
            run.throttled(&error).await?;
            return Ok(Put::Throttled);
        }
        Written::Lost(error) => {
            run.lost_one(&error)?;
            settle(run, &ecr, number, &address, &call, &format!("the answer was lost ({error})")).await?;
        }
        Written::Failed(error) => {
            conclude(run, number, Some(error.to_string()))?;
            return Err(by_call(&error));
        }
    }
    let after = current(&ecr, &address.name, &to).await.map_err(|error| by_call(&error))?;
    if after.is_some_and(|after| is_same(&after, &to)) {
        work.settings_done += 1;
    } else {
        left(work, &format!("{} is not what was put", name_of(&action.setting)));
    }
    Ok(Put::Over)
}

/// Whether a setting is as the plan wants it.
pub(super) async fn is_set(ecr: &Ecr, name: &str, action: &SettingAction) -> Result<bool, CallError> {
    let (_, to) = ends_of(&action.setting);
    Ok(current(ecr, name, &to).await?.is_some_and(|now| is_same(&now, &to)))
}

/// Counts a setting that was looked at once more.
pub(super) fn said_of(work: &mut Work<'_>, action: &SettingAction, is_set: bool) {
    if is_set {
        let is_ours = work.past.settings.contains(&call_of(action));
        work.settings_done += u64::from(is_ours);
        work.settings_already += u64::from(!is_ours);
    } else {
        left(work, &format!("{} is not what the plan makes of it", name_of(&action.setting)));
    }
}

fn left(work: &mut Work<'_>, why: &str) {
    work.settings_left.push(LeftAction { digest: None, why: why.to_owned() });
}

fn conclude(run: &mut Run<'_>, number: u64, error: Option<String>) -> Result<(), Halt> {
    let outcome = Outcome { number, at: run.now(), done: Vec::new(), failures: Vec::new(), error };
    block_in_place(|| run.journal.conclude(&outcome)).map_err(by_store)
}

const fn name_of(setting: &Setting) -> &'static str {
    match setting {
        Setting::TagMutability { .. } => "tag mutability",
        Setting::LifecyclePolicy { .. } => "the lifecycle policy",
        Setting::ScanOnPush { .. } => "scanning on push",
    }
}

fn ends_of(setting: &Setting) -> (Value, Value) {
    match setting.clone() {
        Setting::TagMutability { from, to } => (Value::TagMutability(from), Value::TagMutability(to)),
        Setting::LifecyclePolicy { from, to } => {
            (Value::LifecyclePolicy(from), Value::LifecyclePolicy(Some(to)))
        }
        Setting::ScanOnPush { from, to } => (Value::ScanOnPush(from), Value::ScanOnPush(Some(to))),
    }
}

fn call_of(action: &SettingAction) -> Call {
    let (rule, reason) = (action.rule.clone(), action.reason.clone());
    match action.setting.clone() {
        Setting::TagMutability { from, to } => Call::TagMutability { from, to, rule, reason },
        Setting::LifecyclePolicy { from, to } => Call::LifecyclePolicy { from, to, rule, reason },
        Setting::ScanOnPush { from, to } => Call::ScanOnPush { from, to, rule, reason },
    }
}

/// What a call on a setting makes of it.
pub(super) fn wanted_of(call: &Call) -> Option<Value> {
    match call {
        Call::TagMutability { to, .. } => Some(Value::TagMutability(to.clone())),
        Call::LifecyclePolicy { to, .. } => Some(Value::LifecyclePolicy(Some(to.clone()))),
        Call::ScanOnPush { to, .. } => Some(Value::ScanOnPush(Some(*to))),
        Call::Delete { .. } | Call::Archive { .. } | Call::Activate { .. } | Call::PutImage { .. } => None,
    }
}

/// The setting of the same kind as it is now; nothing where the repository is gone or does not say.
pub(super) async fn current(ecr: &Ecr, name: &str, kind: &Value) -> Result<Option<Value>, CallError> {
    if let Value::LifecyclePolicy(_) = kind {
        return match re_read_lifecycle_policy(ecr, name).await {
            Ok(Fact::Present(text)) => Ok(Some(Value::LifecyclePolicy(Some(text)))),
            Ok(Fact::Absent) => Ok(Some(Value::LifecyclePolicy(None))),
            Ok(Fact::NotEvaluated) => Ok(None),
            Err(error) if error.is("RepositoryNotFoundException") => Ok(None),
            Err(error) => Err(error),
        };
    }
    let Some(repository) = look_up_repository(ecr, name).await? else { return Ok(None) };
    Ok(match kind {
        Value::TagMutability(_) => repository.tag_mutability.present().cloned().map(Value::TagMutability),
        Value::ScanOnPush(_) => Some(Value::ScanOnPush(repository.scan_on_push)),
        Value::LifecyclePolicy(_) => None,
    })
}

/// Whether two values of one setting mean the same: the order of filters and the spaces of a policy do not matter.
pub(super) fn is_same(one: &Value, other: &Value) -> bool {
    match (one, other) {
        (Value::TagMutability(one), Value::TagMutability(other)) => {
            let filters = |mutability: &TagMutability| {
                let mut filters: Vec<(String, String)> = mutability
                    .exclusion_filters
                    .iter()
                    .map(|filter| (filter.filter_type.clone(), filter.filter.clone()))
                    .collect();
                filters.sort();
                filters
            };
            one.mode == other.mode && filters(one) == filters(other)
        }
        (Value::LifecyclePolicy(Some(one)), Value::LifecyclePolicy(Some(other))) => {
            let read = |text: &str| serde_json::from_str::<serde_json::Value>(text).ok();
            one == other || read(one).is_some_and(|one| read(other) == Some(one))
        }
        (Value::LifecyclePolicy(one), Value::LifecyclePolicy(other)) => one == other,
        (Value::ScanOnPush(one), Value::ScanOnPush(other)) => one == other,
        (Value::TagMutability(_) | Value::LifecyclePolicy(_) | Value::ScanOnPush(_), _) => false,
    }
}

#[cfg(test)]
mod tests {
    use demurrage_core::{ExclusionFilter, TagMutability};

    use super::{Value, is_same};

    #[test]
    fn the_order_of_filters_and_the_spaces_of_a_policy_do_not_matter() {
        let mutability = |filters: &[&str]| {
            let filter = |filter: &&str| ExclusionFilter {
                filter_type: "WILDCARD".to_owned(),
                filter: (*filter).to_owned(),
            };
            let exclusion_filters = filters.iter().map(filter).collect();
            let mode = "IMMUTABLE_WITH_EXCLUSION".to_owned();
            Value::TagMutability(TagMutability { mode, exclusion_filters })
        };
        assert!(is_same(&mutability(&["a", "b"]), &mutability(&["b", "a"])));
        assert!(!is_same(&mutability(&["a"]), &mutability(&["b"])));
        let policy = |text: &str| Value::LifecyclePolicy(Some(text.to_owned()));
        assert!(is_same(&policy("{\"rules\": []}"), &policy("{\"rules\":[]}")));
        assert!(!is_same(&policy("{\"rules\": []}"), &policy("{}")));
        assert!(!is_same(&policy("{}"), &Value::LifecyclePolicy(None)));
        assert!(!is_same(&policy("{}"), &Value::ScanOnPush(None)));
    }
}
