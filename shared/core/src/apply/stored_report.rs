//! The stored form of a report: JSON, of which an unknown member is refused.

use chrono::{DateTime, SecondsFormat, Utc};
use serde::de::Error as _;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use super::{ApplyReport, Halt, HaltKind, LeftAction, RepositoryReport, RepositoryState, Unplanned};
use crate::plan::RepositoryAddress;
use crate::{Digest, Tag, instant};

/// The form that this program writes and reads.
const FORMAT_VERSION: u64 = 1;

/// Why a stored report cannot be read.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ReportTextError {
    /// It is none.
    #[error("this is no report of an applied plan: {cause}")]
    Shape {
        /// What is wrong.
        cause: String,
    },
    /// It is of another form.
    #[error("this report has format {found}, and this program reads {FORMAT_VERSION}: use a newer one")]
    Version {
        /// Its form.
        found: u64,
    },
}

#[derive(Deserialize)]
struct Versioned {
    format_version: u64,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct StoredReport {
    format_version: u64,
    plan: String,
    began_at: String,
    ended_at: String,
    halt: Option<StoredHalt>,
    repositories: Vec<StoredRepository>,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct StoredHalt {
    kind: String,
    detail: String,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct StoredRepository {
    account: Option<String>,
    region: String,
    repository: String,
    state: String,
    why: Option<String>,
    actions: u64,
    expired: u64,
    archived: u64,
    untagged: u64,
    settings: u64,
    already: u64,
    bytes_freed: u64,
    left: Vec<StoredLeft>,
    unplanned: Vec<StoredUnplanned>,
    /// Reports of before it was written down have none.
    #[serde(default)]
    odd: Vec<String>,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct StoredLeft {
    digest: Option<String>,
    why: String,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct StoredUnplanned {
    digest: String,
    tags: Vec<String>,
}

impl Serialize for ApplyReport {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        StoredReport::of(self).serialize(serializer)
    }
}

impl<'de> Deserialize<'de> for ApplyReport {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let stored = StoredReport::deserialize(deserializer)?;
        if stored.format_version != FORMAT_VERSION {
            let found = stored.format_version;
            return Err(D::Error::custom(ReportTextError::Version { found }));
        }
        stored.read().map_err(D::Error::custom)
    }
}

impl StoredReport {
    fn of(report: &ApplyReport) -> Self {
        Self {
            format_version: FORMAT_VERSION,
            plan: report.plan.clone(),
            began_at: time_text(report.began_at),
            ended_at: time_text(report.ended_at),
            halt: report
                .halt
                .as_ref()
                .map(|halt| StoredHalt { kind: halt.kind.name().to_owned(), detail: halt.detail.clone() }),
            repositories: report.repositories.iter().map(StoredRepository::of).collect(),
        }
    }
}

impl ApplyReport {
    /// The stored form: the same report gives the same text.
    pub fn to_json(&self) -> String {
        // INVARIANT: text, numbers and lists, which JSON has words for.
        let mut text = serde_json::to_string_pretty(self).unwrap_or_default();
        text.push('\n');
        text
    }

    /// Reads the stored form.
    ///
    /// # Errors
    /// When the text is none, or of a newer form.
    pub fn from_json(text: &str) -> Result<Self, ReportTextError> {
        let shape = |cause: String| ReportTextError::Shape { cause };
        let Versioned { format_version } =
            serde_json::from_str(text).map_err(|error| shape(error.to_string()))?;
        if format_version != FORMAT_VERSION {
            return Err(ReportTextError::Version { found: format_version });
        }
        let stored: StoredReport = serde_json::from_str(text).map_err(|error| shape(error.to_string()))?;
        stored.read().map_err(shape)
    }
}

impl StoredReport {
    fn read(self) -> Result<ApplyReport, String> {
        let halt = |halt: StoredHalt| {
            let kind = HaltKind::from_name(&halt.kind);
            let kind = kind.ok_or_else(|| format!("`{}` is no reason to end early", halt.kind))?;
            Ok::<_, String>(Halt { kind, detail: halt.detail })
        };
        Ok(ApplyReport {
            plan: self.plan,
            began_at: time(&self.began_at)?,
            ended_at: time(&self.ended_at)?,
            halt: self.halt.map(halt).transpose()?,
            repositories: self
                .repositories
                .into_iter()
                .map(StoredRepository::read)
                .collect::<Result<_, _>>()?,
        })
    }
}

impl StoredRepository {
    fn of(report: &RepositoryReport) -> Self {
        let RepositoryAddress { account, region, name } = report.repository.clone();
        let (state, why) = match &report.state {
            RepositoryState::Done => ("done", None),
            RepositoryState::Refused(why) => ("refused", Some(why.clone())),
            RepositoryState::Broken => ("broken", None),
            RepositoryState::NotBegun => ("not_begun", None),
        };
        let left = |left: &LeftAction| StoredLeft {
            digest: left.digest.map(|digest| digest.to_string()),
            why: left.why.clone(),
        };
        let unplanned = |found: &Unplanned| StoredUnplanned {
            digest: found.digest.to_string(),
            tags: found.tags.iter().map(Tag::to_string).collect(),
        };
        Self {
            account,
            region,
            repository: name,
            state: state.to_owned(),
            why,
            actions: report.actions,
            expired: report.expired,
            archived: report.archived,
            untagged: report.untagged,
            settings: report.settings,
            already: report.already,
            bytes_freed: report.bytes_freed,
            left: report.left.iter().map(left).collect(),
            unplanned: report.unplanned.iter().map(unplanned).collect(),
            odd: report.odd.clone(),
        }
    }

    fn read(self) -> Result<RepositoryReport, String> {
        let state = match (self.state.as_str(), self.why) {
            ("done", None) => RepositoryState::Done,
            ("refused", Some(why)) => RepositoryState::Refused(why),
            ("broken", None) => RepositoryState::Broken,
            ("not_begun", None) => RepositoryState::NotBegun,
            (other, _) => return Err(format!("`{other}` is no state of a repository")),
        };
        let left = |left: StoredLeft| {
            let digest = left.digest.as_deref().map(digest).transpose()?;
            Ok::<_, String>(LeftAction { digest, why: left.why })
        };
        let unplanned = |found: StoredUnplanned| {
            let tags = found.tags.iter().map(|tag| Tag::as_given(tag)).collect();
            Ok::<_, String>(Unplanned { digest: digest(&found.digest)?, tags })
        };
        Ok(RepositoryReport {
            repository: RepositoryAddress {
                account: self.account,
                region: self.region,
                name: self.repository,
            },
            state,
            actions: self.actions,
            expired: self.expired,
            archived: self.archived,
            untagged: self.untagged,
            settings: self.settings,
            already: self.already,
            bytes_freed: self.bytes_freed,
            left: self.left.into_iter().map(left).collect::<Result<_, _>>()?,
            unplanned: self.unplanned.into_iter().map(unplanned).collect::<Result<_, _>>()?,
            odd: self.odd,
        })
    }
}

fn time_text(time: DateTime<Utc>) -> String {
    time.to_rfc3339_opts(SecondsFormat::AutoSi, true)
}

fn time(text: &str) -> Result<DateTime<Utc>, String> {
    instant::parse(text).ok_or_else(|| format!("`{text}` is no time"))
}

fn digest(text: &str) -> Result<Digest, String> {
    text.parse().map_err(|error| format!("{error}"))
}

#[cfg(test)]
mod tests {
    use super::ReportTextError;
    use crate::apply::{
        ApplyReport, Halt, HaltKind, LeftAction, RepositoryReport, RepositoryState, Unplanned,
    };
    use crate::plan::RepositoryAddress;
    use crate::{Digest, Tag, instant};

    fn report() -> ApplyReport {
        let at = instant::parse("2026-11-25T00:00:00Z").unwrap();
        let address = |name: &str| RepositoryAddress {
            account: Some("123456789012".to_owned()),
            region: "eu-west-1".to_owned(),
            name: name.to_owned(),
        };
        let mut done = RepositoryReport::new(address("a"), 7);
        done.state = RepositoryState::Done;
        (done.expired, done.archived, done.untagged, done.settings, done.already) = (1, 2, 3, 4, 5);
        done.bytes_freed = 6;
        done.left = vec![LeftAction { digest: Some(Digest::from_bytes([1; 32])), why: "x".to_owned() }];
        done.unplanned =
            vec![Unplanned { digest: Digest::from_bytes([2; 32]), tags: vec![Tag::as_given("t")] }];
        done.odd = vec!["ECR says that `a` is gone".to_owned()];
        let mut refused = RepositoryReport::new(address("b"), 1);
        refused.state = RepositoryState::Refused("it is gone".to_owned());
        ApplyReport {
            plan: "0a".repeat(32),
            began_at: at,
            ended_at: at,
            repositories: vec![done, refused, RepositoryReport::new(address("c"), 1)],
            halt: Some(Halt { kind: HaltKind::StopOrder, detail: "incident".to_owned() }),
        }
    }

    #[test]
    fn a_report_is_read_as_it_was_written_and_nothing_else_is() {
        let text = report().to_json();
        assert_eq!(ApplyReport::from_json(&text), Ok(report()));
        let newer = text.replace("\"format_version\": 1", "\"format_version\": 2");
        assert_eq!(ApplyReport::from_json(&newer), Err(ReportTextError::Version { found: 2 }));
        for (from, to) in [
            ("\"stop_order\"", "\"stopped\""),
            ("\"not_begun\"", "\"later\""),
            ("\"expired\"", "\"deleted\""),
            ("sha256:0101", "sha256:zz01"),
        ] {
            assert_ne!(text.replace(from, to), text);
            assert!(ApplyReport::from_json(&text.replace(from, to)).is_err(), "{to}");
        }
    }
}
