//! What was read, at one time, of what is in use: uses, and for each source whether all of it was read.
//!
//! The stored form is JSON. A member that is not known is refused, and so is a newer form: a use that a reader passes
//! over would be an image that nothing keeps.

use chrono::{DateTime, SecondsFormat, Utc};
use serde::{Deserialize, Serialize};

use super::{Use, UseSource};
use crate::instant;

/// The form that is written. It is raised when a reader of the one before would misread it.
const FORMAT_VERSION: u64 = 1;

/// What was read of what is in use, of one account and region, or of one cluster.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UseRecord {
    /// The twelve-digit account that was asked; nothing for a cluster and for references, which name images anywhere.
    pub account: Option<String>,
    /// The region that was asked; nothing as for the account.
    pub region: Option<String>,
    /// The turn in the store in which reading began ([`Moment`](super::Moment)); 0 where it took none. The store keeps it in
    /// the name of a record, and not in its text.
    pub turn: u64,
    /// When reading began: what was started later is not in it.
    pub read_at: DateTime<Utc>,
    /// The sources that were asked, each with what came of it.
    pub sources: Vec<SourceRecord>,
    /// The uses, in the order in which they were read.
    pub uses: Vec<Use>,
}

/// What came of asking one source.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SourceRecord {
    /// The source.
    pub source: UseSource,
    /// Which one of its kind: the name of a cluster, or of a file; nothing where account and region say it.
    pub name: Option<String>,
    /// Whether it was read.
    pub state: SourceState,
}

/// Whether a source was read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum SourceState {
    /// All of it was read.
    Read,
    /// It is not there, or not switched on, as it says itself: it uses nothing.
    NotEnabled(String),
    /// It was not read, or not all of it, for this reason: what it uses is unknown.
    Failed(String),
}

/// Why a stored record cannot be read.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum UseRecordError {
    /// It is no record.
    #[error("this is no record of uses: {cause}")]
    Shape {
        /// What is wrong.
        cause: String,
    },
    /// It is of another form.
    #[error(
        "this record of uses has format {found}, and this program reads {FORMAT_VERSION}: use a newer one"
    )]
    Version {
        /// Its form.
        found: u64,
    },
}

impl UseRecord {
    /// A record that the list of a cluster could not be read, for this reason.
    pub fn of_failed_cluster(cluster: &str, read_at: DateTime<Utc>, cause: String) -> Self {
        Self {
            account: None,
            region: None,
            turn: 0,
            read_at,
            sources: vec![SourceRecord {
                source: UseSource::Kubernetes,
                name: Some(cluster.to_owned()),
                state: SourceState::Failed(cause),
            }],
            uses: Vec::new(),
        }
    }

    /// The stored form: the same record gives the same text.
    pub fn to_json(&self) -> String {
        let stored = Stored {
            format_version: FORMAT_VERSION,
            account: self.account.clone(),
            region: self.region.clone(),
            read_at: time_text(self.read_at),
            sources: self.sources.iter().map(StoredSource::of).collect(),
            uses: self.uses.iter().map(StoredUse::of).collect(),
        };
        // INVARIANT: text and lists, which JSON has words for.
        let mut text = serde_json::to_string_pretty(&stored).unwrap_or_default();
        text.push('\n');
        text
    }

    /// Reads the stored form.
    ///
    /// # Errors
    /// When the text is none, of a newer form, or holds a reference, a source or a time that is none.
    pub fn from_json(text: &str) -> Result<Self, UseRecordError> {
        let shape = |cause: String| UseRecordError::Shape { cause };
        let Versioned { format_version } =
            serde_json::from_str(text).map_err(|error| shape(error.to_string()))?;
        if format_version != FORMAT_VERSION {
            return Err(UseRecordError::Version { found: format_version });
        }
        let stored: Stored = serde_json::from_str(text).map_err(|error| shape(error.to_string()))?;
        Ok(Self {
            turn: 0,
            read_at: time(&stored.read_at).map_err(shape)?,
            sources: stored
                .sources
                .into_iter()
                .map(StoredSource::read)
                .collect::<Result<_, _>>()
                .map_err(shape)?,
            uses: stored.uses.into_iter().map(StoredUse::read).collect::<Result<_, _>>().map_err(shape)?,
            account: stored.account,
            region: stored.region,
        })
    }
}

fn time_text(time: DateTime<Utc>) -> String {
    time.to_rfc3339_opts(SecondsFormat::AutoSi, true)
}

fn time(text: &str) -> Result<DateTime<Utc>, String> {
    instant::parse(text).ok_or_else(|| format!("`{text}` is no time"))
}

#[derive(Deserialize)]
struct Versioned {
    format_version: u64,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Stored {
    format_version: u64,
    account: Option<String>,
    region: Option<String>,
    read_at: String,
    sources: Vec<StoredSource>,
    uses: Vec<StoredUse>,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct StoredSource {
    source: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    name: Option<String>,
    state: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    cause: Option<String>,
}

impl StoredSource {
    fn of(record: &SourceRecord) -> Self {
        let (state, cause) = match &record.state {
            SourceState::Read => ("read", None),
            SourceState::NotEnabled(cause) => ("not_enabled", Some(cause.clone())),
            SourceState::Failed(cause) => ("failed", Some(cause.clone())),
        };
        Self { source: record.source.to_string(), name: record.name.clone(), state: state.to_owned(), cause }
    }

    fn read(self) -> Result<SourceRecord, String> {
        let source = self.source.parse().map_err(|error| format!("{error}"))?;
        let cause = self.cause.unwrap_or_default();
        let state = match self.state.as_str() {
            "read" => SourceState::Read,
            "not_enabled" => SourceState::NotEnabled(cause),
            "failed" => SourceState::Failed(cause),
            other => return Err(format!("`{other}` is no state of a source")),
        };
        Ok(SourceRecord { source, name: self.name, state })
    }
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct StoredUse {
    reference: String,
    source: String,
    evidence: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    since: Option<String>,
}

impl StoredUse {
    fn of(used: &Use) -> Self {
        Self {
            reference: used.reference.pullable(),
            source: used.source.to_string(),
            evidence: used.evidence.clone(),
            since: used.since.map(time_text),
        }
    }

    fn read(self) -> Result<Use, String> {
        Ok(Use {
            reference: self.reference.parse().map_err(|error| format!("{error}"))?,
            source: self.source.parse().map_err(|error| format!("{error}"))?,
            evidence: self.evidence,
            since: self.since.as_deref().map(time).transpose()?,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::{SourceRecord, SourceState, UseRecord, UseRecordError};
    use crate::in_use::{Use, UseSource};
    use crate::instant;

    fn record() -> UseRecord {
        UseRecord {
            account: Some("123456789012".to_owned()),
            region: Some("ap-northeast-2".to_owned()),
            turn: 0,
            read_at: instant::parse("2026-11-01T00:00:00Z").unwrap(),
            sources: vec![
                SourceRecord { source: UseSource::Ecs, name: None, state: SourceState::Read },
                SourceRecord {
                    source: UseSource::Inspector,
                    name: None,
                    state: SourceState::NotEnabled("not activated".to_owned()),
                },
                SourceRecord {
                    source: UseSource::Kubernetes,
                    name: Some("prod".to_owned()),
                    state: SourceState::Failed("cut off".to_owned()),
                },
            ],
            uses: vec![Use {
                reference: "123456789012.dkr.ecr.ap-northeast-2.amazonaws.com/shop/cart:1.0".parse().unwrap(),
                evidence: "service cart of cluster prod".to_owned(),
                source: UseSource::Ecs,
                since: instant::parse("2026-10-01T00:00:00Z"),
            }],
        }
    }

    #[test]
    fn a_record_is_read_as_it_was_written() {
        let record = record();
        assert_eq!(UseRecord::from_json(&record.to_json()), Ok(record));
    }

    #[test]
    fn a_record_with_anything_that_is_not_understood_is_refused() {
        let text = record().to_json();
        let newer = text.replace("\"format_version\": 1", "\"format_version\": 2");
        assert_eq!(UseRecord::from_json(&newer), Err(UseRecordError::Version { found: 2 }));
        for (from, to) in [
            ("\"read\"", "\"partly\""),
            ("\"source\": \"ecs\"", "\"source\": \"ecs2\""),
            ("shop/cart:1.0", "shop/cart:"),
            ("\"region\"", "\"place\""),
            ("2026-10-01T00:00:00Z", "once"),
        ] {
            assert_ne!(text.replace(from, to), text);
            assert!(UseRecord::from_json(&text.replace(from, to)).is_err(), "{to}");
        }
    }
}
