//! The state that audits what was read.

use serde::{Deserialize, Serialize};

use crate::{RunId, SettingsLine, Status};

/// What `audit-immutability` takes.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AuditInput {
    /// The run.
    pub run: RunId,
    /// The share.
    pub share: u32,
    /// Which segment of it.
    pub segment: u32,
    /// The first repository of the segment that is to be audited, from 0.
    pub from: u32,
}

/// What `audit-immutability` is asked: an [`AuditInput`], or a line of the work about settings.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "Fields", into = "Fields")]
pub enum AuditTask {
    /// Repositories that were read.
    Share(AuditInput),
    /// The settings of a registry and its repositories, without an image.
    Settings(SettingsLine),
}

/// What `audit-immutability` gives.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct AuditOutput {
    /// The run.
    pub run: RunId,
    /// Whether every repository was listed, so that it could be audited.
    pub status: Status,
    /// The time was up before the share was: [`Self::next`] says where it goes on.
    pub more: bool,
    /// Where it goes on; where it does not, what was done last.
    pub next: AuditTask,
}

/// The members of both.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Fields {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    step: Option<String>,
    run: RunId,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    registry: Option<u32>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    account: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    region: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    share: Option<u32>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    segment: Option<u32>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    from: Option<u32>,
}

/// How a line says that it is about settings.
const STEP: &str = "settings";

impl TryFrom<Fields> for AuditTask {
    type Error = &'static str;

    fn try_from(fields: Fields) -> Result<Self, Self::Error> {
        let Fields { step, run, registry, account, region, share, segment, from } = fields;
        match (step.as_deref(), registry, account, region) {
            (Some(STEP), Some(registry), Some(account), Some(region))
                if share.is_none() && segment.is_none() && from.is_none() =>
            {
                Ok(Self::Settings(SettingsLine { run, registry, account, region }))
            }
            (None, None, None, None) => match (share, segment, from) {
                (Some(share), Some(segment), Some(from)) => {
                    Ok(Self::Share(AuditInput { run, share, segment, from }))
                }
                (..) => Err("it lacks `share`, `segment` or `from`"),
            },
            (..) => Err("it is neither about a share nor a line about settings"),
        }
    }
}

impl From<AuditTask> for Fields {
    fn from(task: AuditTask) -> Self {
        match task {
            AuditTask::Share(AuditInput { run, share, segment, from }) => Self {
                step: None,
                run,
                registry: None,
                account: None,
                region: None,
                share: Some(share),
                segment: Some(segment),
                from: Some(from),
            },
            AuditTask::Settings(SettingsLine { run, registry, account, region }) => Self {
                step: Some(STEP.to_owned()),
                run,
                registry: Some(registry),
                account: Some(account),
                region: Some(region),
                share: None,
                segment: None,
                from: None,
            },
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{AuditInput, AuditTask};
    use crate::{SettingsLine, WorkLine};

    #[test]
    fn a_task_is_a_share_or_a_line_about_settings_and_nothing_between() {
        let run: crate::RunId = "20261124T191546Z-1a2b3c4d".parse().unwrap();
        let share = AuditInput { run: run.clone(), share: 3, segment: 1, from: 7 };
        let text = serde_json::to_string(&share).unwrap();
        assert_eq!(serde_json::from_str::<AuditTask>(&text).unwrap(), AuditTask::Share(share.clone()));
        assert_eq!(serde_json::to_string(&AuditTask::Share(share)).unwrap(), text);
        let (account, region) = ("123456789012".to_owned(), "eu-west-1".to_owned());
        let line = SettingsLine { run, registry: 2, account, region };
        let settings = serde_json::to_string(&WorkLine::Settings(line.clone())).unwrap();
        let task = AuditTask::Settings(line);
        assert_eq!(serde_json::from_str::<AuditTask>(&settings).unwrap(), task);
        assert_eq!(serde_json::to_string(&task).unwrap(), settings);
        for other in [
            text.replace("\"share\":3,", ""),
            text.replace('{', "{\"step\":\"settings\","),
            settings.replace("settings", "workloads"),
            settings.replace('{', "{\"share\":3,"),
        ] {
            assert!(serde_json::from_str::<AuditTask>(&other).is_err(), "{other}");
        }
    }
}
