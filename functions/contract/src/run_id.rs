//! The name of one run of the service.

use std::fmt;
use std::str::FromStr;

use chrono::{DateTime, NaiveDateTime, SubsecRound, Utc};
use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// How the second is written in it.
const SECOND: &str = "%Y%m%dT%H%M%SZ";
/// Characters of the execution's name that it keeps.
const NAME_CHARS: usize = 8;

/// One run: the second in which its execution started (UTC), and characters of the execution's name, such as
/// `20261124T191546Z-1a2b3c4d`. The same execution always gives the same one.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct RunId(String);

/// Why a text names no run.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` names no run: one looks like `20261124T191546Z-1a2b3c4d`")]
pub struct RunIdError(String);

impl RunId {
    /// The run of an execution.
    ///
    /// Names of executions that differ only behind their letters and digits, and start in the same second, would
    /// share a run; those of schedules are random, and begin differently.
    pub fn of(execution: &str, started_at: DateTime<Utc>) -> Self {
        let plain = execution.chars().filter(char::is_ascii_alphanumeric).map(|c| c.to_ascii_lowercase());
        // The end of a name tells executions apart that people count through; a schedule's is random everywhere.
        let plain: Vec<char> = plain.collect();
        let kept = plain.get(plain.len().saturating_sub(NAME_CHARS)..).unwrap_or_default();
        let mut name: String = kept.iter().collect();
        if name.is_empty() {
            name.push('0');
        }
        Self(format!("{}-{name}", started_at.format(SECOND)))
    }

    /// The text, which is a name of a folder, too.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The second in which it started.
    pub fn started_at(&self) -> DateTime<Utc> {
        second(&self.0).map_or(DateTime::UNIX_EPOCH, |(second, _)| second.trunc_subsecs(0))
    }
}

fn second(text: &str) -> Option<(DateTime<Utc>, &str)> {
    let (second, name) = text.split_once('-')?;
    Some((NaiveDateTime::parse_from_str(second, SECOND).ok()?.and_utc(), name))
}

impl fmt::Display for RunId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl FromStr for RunId {
    type Err = RunIdError;

    fn from_str(text: &str) -> Result<Self, RunIdError> {
        let plain = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit();
        let is_name = |name: &str| (1..=NAME_CHARS).contains(&name.len()) && name.chars().all(plain);
        match second(text) {
            Some((_, name)) if is_name(name) => Ok(Self(text.to_owned())),
            Some(_) | None => Err(RunIdError(text.to_owned())),
        }
    }
}

impl Serialize for RunId {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.0)
    }
}

impl<'de> Deserialize<'de> for RunId {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer)?.parse().map_err(serde::de::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use chrono::{DateTime, Utc};

    use super::RunId;

    fn at(text: &str) -> DateTime<Utc> {
        text.parse().unwrap()
    }

    #[test]
    fn an_execution_always_gives_the_same_run_and_another_one_another() {
        let run = RunId::of("0c0a9c8e-3d6f-4f3c-9d6d-2b5b1a2b3c4D", at("2026-11-24T19:15:46.789Z"));
        assert_eq!(run.as_str(), "20261124T191546Z-1a2b3c4d");
        assert_eq!(run.as_str().parse(), Ok(run.clone()));
        assert_eq!(run.started_at(), at("2026-11-24T19:15:46Z"));
        assert_eq!(RunId::of("----", at("2026-11-24T19:15:46Z")).as_str(), "20261124T191546Z-0");
    }

    #[test]
    fn what_is_no_run_is_refused_because_it_becomes_a_folder() {
        for text in ["", "20261124T191546Z", "20261124T191546Z-", "20261124T191546Z-../x", "2026-x", "x-1a2b"]
        {
            assert!(text.parse::<RunId>().is_err(), "{text}");
        }
    }
}
