//! The stored form of actions, and of images that were chosen and stay: one a line.

use serde::{Deserialize, Serialize};

use super::stored_head::time;
use super::{
    Action, ActionKind, ImageAction, KeptImage, PendingImage, RepositoryAddress, Setting, SettingAction,
    Stage,
};
use crate::{Digest, ExclusionFilter, Tag, TagMutability, instant};

/// What tells of which of the two kinds a line is.
#[derive(Deserialize)]
struct Peek {
    action: String,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct ImageLine {
    account: Option<String>,
    region: String,
    repository: String,
    images_listed: u64,
    digest: String,
    action: String,
    stage: String,
    tags: Vec<String>,
    pushed_at: Option<String>,
    last_pulled_at: Option<String>,
    parents: Vec<String>,
    subject: Option<String>,
    unit: String,
    rule: String,
    reason: String,
    not_in_use: String,
    bytes_freed: u64,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct SettingLine<S> {
    account: Option<String>,
    region: String,
    repository: String,
    images_listed: u64,
    action: String,
    from: Option<S>,
    to: S,
    rule: String,
    reason: String,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct StoredMutability {
    mode: String,
    exclusion_filters: Vec<StoredFilter>,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct StoredFilter {
    filter_type: String,
    filter: String,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct KeptLine {
    account: Option<String>,
    region: String,
    repository: String,
    digest: String,
    tags: Vec<String>,
    action: String,
    rule: String,
    guard: String,
    detail: String,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct PendingLine {
    account: Option<String>,
    region: String,
    repository: String,
    digest: String,
    tags: Vec<String>,
    action: String,
    rule: String,
}

const TAG_MUTABILITY: &str = "tag_mutability";
const LIFECYCLE_POLICY: &str = "lifecycle_policy";
const SCAN_ON_PUSH: &str = "scan_on_push";

/// A value as a line of JSON, without its end.
pub(super) fn line(value: &impl Serialize) -> String {
    // INVARIANT: text, numbers and lists, which JSON has words for.
    serde_json::to_string(value).unwrap_or_default()
}

/// The line of an action of this repository, which had so many images.
pub(super) fn action_line(repository: &RepositoryAddress, images_listed: u64, action: &Action) -> String {
    match action {
        Action::Image(action) => line(&image_line(repository, images_listed, action)),
        Action::Setting(action) => setting_line(repository, images_listed, action),
    }
}

/// The repository, how many images it had, and the action of a line.
pub(super) fn read_action(text: &str) -> Result<(RepositoryAddress, u64, Action), String> {
    let Peek { action } = from(text)?;
    match action.as_str() {
        TAG_MUTABILITY => read_setting(text, |from, to| {
            let from: Option<StoredMutability> = from;
            let from = from.ok_or("a tag mutability has no `from`")?;
            Ok(Setting::TagMutability { from: mutability(from), to: mutability(to) })
        }),
        LIFECYCLE_POLICY => read_setting(text, |from, to| Ok(Setting::LifecyclePolicy { from, to })),
        SCAN_ON_PUSH => read_setting(text, |from, to| Ok(Setting::ScanOnPush { from, to })),
        name => match ActionKind::from_name(name) {
            Some(kind) => read_image(text, kind),
            None => Err(format!("`{name}` is no action")),
        },
    }
}

fn image_line(repository: &RepositoryAddress, images_listed: u64, action: &ImageAction) -> ImageLine {
    let RepositoryAddress { account, region, name } = repository.clone();
    ImageLine {
        account,
        region,
        repository: name,
        images_listed,
        digest: action.digest.to_string(),
        action: action.kind.name().to_owned(),
        stage: action.stage.name().to_owned(),
        tags: texts(&action.tags),
        pushed_at: action.pushed_at.map(instant::format),
        last_pulled_at: action.last_pulled_at.map(instant::format),
        parents: texts(&action.parents),
        subject: action.subject.map(|digest| digest.to_string()),
        unit: action.unit.to_string(),
        rule: action.rule.clone(),
        reason: action.reason.clone(),
        not_in_use: action.not_in_use.clone(),
        bytes_freed: action.bytes_freed,
    }
}

fn read_image(text: &str, kind: ActionKind) -> Result<(RepositoryAddress, u64, Action), String> {
    let line: ImageLine = from(text)?;
    let action = ImageAction {
        digest: digest(&line.digest)?,
        kind,
        stage: Stage::from_name(&line.stage).ok_or_else(|| format!("`{}` is no stage", line.stage))?,
        tags: tags(&line.tags),
        pushed_at: line.pushed_at.as_deref().map(time).transpose()?,
        last_pulled_at: line.last_pulled_at.as_deref().map(time).transpose()?,
        parents: line.parents.iter().map(|text| digest(text)).collect::<Result<_, _>>()?,
        subject: line.subject.as_deref().map(digest).transpose()?,
        unit: digest(&line.unit)?,
        rule: line.rule,
        reason: line.reason,
        not_in_use: line.not_in_use,
        bytes_freed: line.bytes_freed,
    };
    let repository = RepositoryAddress { account: line.account, region: line.region, name: line.repository };
    Ok((repository, line.images_listed, Action::Image(action)))
}

fn setting_line(repository: &RepositoryAddress, images_listed: u64, action: &SettingAction) -> String {
    match &action.setting {
        Setting::TagMutability { from, to } => {
            let change = (TAG_MUTABILITY, Some(stored_mutability(from)), stored_mutability(to));
            line(&setting(repository, images_listed, action, change))
        }
        Setting::LifecyclePolicy { from, to } => {
            let change = (LIFECYCLE_POLICY, from.clone(), to.clone());
            line(&setting(repository, images_listed, action, change))
        }
        Setting::ScanOnPush { from, to } => {
            line(&setting(repository, images_listed, action, (SCAN_ON_PUSH, *from, *to)))
        }
    }
}

fn setting<S>(
    repository: &RepositoryAddress,
    images_listed: u64,
    action: &SettingAction,
    (name, from, to): (&str, Option<S>, S),
) -> SettingLine<S> {
    let RepositoryAddress { account, region, name: repository } = repository.clone();
    SettingLine {
        account,
        region,
        repository,
        images_listed,
        action: name.to_owned(),
        from,
        to,
        rule: action.rule.clone(),
        reason: action.reason.clone(),
    }
}

fn read_setting<S: for<'d> Deserialize<'d>>(
    text: &str,
    change: impl Fn(Option<S>, S) -> Result<Setting, &'static str>,
) -> Result<(RepositoryAddress, u64, Action), String> {
    let line: SettingLine<S> = from(text)?;
    let setting = change(line.from, line.to)?;
    let action = SettingAction { setting, rule: line.rule, reason: line.reason };
    let repository = RepositoryAddress { account: line.account, region: line.region, name: line.repository };
    Ok((repository, line.images_listed, Action::Setting(action)))
}

/// The line of an image that stays.
pub(super) fn kept_line(kept: &KeptImage) -> String {
    let RepositoryAddress { account, region, name } = kept.repository.clone();
    line(&KeptLine {
        account,
        region,
        repository: name,
        digest: kept.digest.to_string(),
        tags: texts(&kept.tags),
        action: kept.kind.name().to_owned(),
        rule: kept.rule.clone(),
        guard: kept.guard.clone(),
        detail: kept.detail.clone(),
    })
}

/// The image that stays of a line.
pub(super) fn read_kept(text: &str) -> Result<KeptImage, String> {
    let line: KeptLine = from(text)?;
    Ok(KeptImage {
        repository: RepositoryAddress { account: line.account, region: line.region, name: line.repository },
        digest: digest(&line.digest)?,
        tags: tags(&line.tags),
        kind: kind(&line.action)?,
        rule: line.rule,
        guard: line.guard,
        detail: line.detail,
    })
}

/// The line of an image that waits.
pub(super) fn pending_line(pending: &PendingImage) -> String {
    let RepositoryAddress { account, region, name } = pending.repository.clone();
    line(&PendingLine {
        account,
        region,
        repository: name,
        digest: pending.digest.to_string(),
        tags: texts(&pending.tags),
        action: pending.kind.name().to_owned(),
        rule: pending.rule.clone(),
    })
}

/// The image that waits of a line.
pub(super) fn read_pending(text: &str) -> Result<PendingImage, String> {
    let line: PendingLine = from(text)?;
    Ok(PendingImage {
        repository: RepositoryAddress { account: line.account, region: line.region, name: line.repository },
        digest: digest(&line.digest)?,
        tags: tags(&line.tags),
        kind: kind(&line.action)?,
        rule: line.rule,
    })
}

fn stored_mutability(mutability: &TagMutability) -> StoredMutability {
    let filter = |filter: &ExclusionFilter| StoredFilter {
        filter_type: filter.filter_type.clone(),
        filter: filter.filter.clone(),
    };
    StoredMutability {
        mode: mutability.mode.clone(),
        exclusion_filters: mutability.exclusion_filters.iter().map(filter).collect(),
    }
}

fn mutability(stored: StoredMutability) -> TagMutability {
    let filter =
        |filter: StoredFilter| ExclusionFilter { filter_type: filter.filter_type, filter: filter.filter };
    TagMutability {
        mode: stored.mode,
        exclusion_filters: stored.exclusion_filters.into_iter().map(filter).collect(),
    }
}

fn from<T: for<'d> Deserialize<'d>>(text: &str) -> Result<T, String> {
    serde_json::from_str(text).map_err(|error| error.to_string())
}

fn kind(name: &str) -> Result<ActionKind, String> {
    ActionKind::from_name(name).ok_or_else(|| format!("`{name}` is no action"))
}

fn digest(text: &str) -> Result<Digest, String> {
    text.parse().map_err(|error| format!("{error}"))
}

fn texts(values: &[impl ToString]) -> Vec<String> {
    values.iter().map(ToString::to_string).collect()
}

fn tags(given: &[String]) -> Vec<Tag> {
    given.iter().map(|tag| Tag::as_given(tag)).collect()
}
