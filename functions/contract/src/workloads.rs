//! The state that reads what is in use.

use serde::{Deserialize, Serialize};

use crate::{RunId, Status};

/// An account and region in which it is read what is in use.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct WorkloadsLine {
    /// The run.
    pub run: RunId,
    /// Which of the registries of the run, from 0: its account and region are asked.
    pub registry: u32,
    /// The twelve-digit account.
    pub account: String,
    /// The region.
    pub region: String,
}

/// What `collect-workloads` takes: a line of the work, or `{"run": …, "settle": true}`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "Fields", into = "Fields")]
pub enum WorkloadsInput {
    /// One account and region is read.
    Line(WorkloadsLine),
    /// All that will be read was read: whatever was not is put down as not known.
    Settle(RunId),
}

/// What `collect-workloads` gives.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct WorkloadsOutput {
    /// The run.
    pub run: RunId,
    /// In how many accounts and regions everything is known that is in use: of one line, 0 or 1.
    pub known: u32,
    /// In how many it is not.
    pub unknown: u32,
    /// Whether it is known in all of them.
    pub status: Status,
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
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    settle: bool,
}

/// How a line says which it is.
const STEP: &str = "workloads";

impl TryFrom<Fields> for WorkloadsInput {
    type Error = &'static str;

    fn try_from(fields: Fields) -> Result<Self, Self::Error> {
        let Fields { step, run, registry, account, region, settle } = fields;
        match (step.as_deref(), registry, account, region, settle) {
            (Some(STEP), Some(registry), Some(account), Some(region), false) => {
                Ok(Self::Line(WorkloadsLine { run, registry, account, region }))
            }
            (None, None, None, None, true) => Ok(Self::Settle(run)),
            (..) => Err("it is neither a line with `step`, `registry`, `account` and `region` nor one with \
                         `settle` alone"),
        }
    }
}

impl From<WorkloadsInput> for Fields {
    fn from(input: WorkloadsInput) -> Self {
        match input {
            WorkloadsInput::Line(WorkloadsLine { run, registry, account, region }) => Self {
                step: Some(STEP.to_owned()),
                run,
                registry: Some(registry),
                account: Some(account),
                region: Some(region),
                settle: false,
            },
            WorkloadsInput::Settle(run) => {
                Self { step: None, run, registry: None, account: None, region: None, settle: true }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{WorkloadsInput, WorkloadsLine};

    #[test]
    fn a_line_is_one_of_the_work_and_settling_names_the_run_alone() {
        let run = "20261124T191546Z-1a2b3c4d".parse().unwrap();
        let (account, region) = ("123456789012".to_owned(), "eu-west-1".to_owned());
        let line = WorkloadsLine { run, registry: 3, account, region };
        let text = serde_json::to_string(&crate::WorkLine::Workloads(line.clone())).unwrap();
        assert_eq!(
            serde_json::from_str::<WorkloadsInput>(&text).unwrap(),
            WorkloadsInput::Line(line.clone())
        );
        assert_eq!(serde_json::to_string(&WorkloadsInput::Line(line.clone())).unwrap(), text);
        let settle = r#"{"run":"20261124T191546Z-1a2b3c4d","settle":true}"#;
        assert_eq!(serde_json::from_str::<WorkloadsInput>(settle).unwrap(), WorkloadsInput::Settle(line.run));
        for other in [
            text.replace("workloads", "inventory"),
            text.replace('{', r#"{"settle":true,"#),
            settle.replace("true", "false"),
            settle.replace("settle", "other"),
        ] {
            assert!(serde_json::from_str::<WorkloadsInput>(&other).is_err(), "{other}");
        }
    }
}
