//! An image that somebody holds back from every plan, for an incident or an audit.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use crate::{Digest, Tag, instant};

/// The form of a stored hold that this program writes and reads.
const FORMAT_VERSION: u64 = 1;

/// A tag whose image, with everything that belongs to it, stays until a time: the one that has the tag, whichever that is, and
/// those that had it when the hold was made.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Hold {
    /// The account; nothing: every one.
    pub account: Option<String>,
    /// The region; nothing: every one.
    pub region: Option<String>,
    /// The name of the repository.
    pub repository: String,
    /// The tag.
    pub tag: Tag,
    /// The images that the tag was on when the hold was made, by the inventories: one for each place at most, in order. None
    /// where nobody knew one; then only the tag says what is held.
    pub digests: Vec<Digest>,
    /// The first instant at which it is not held any more.
    pub until: DateTime<Utc>,
    /// Why.
    pub reason: String,
    /// Who says so.
    pub by: String,
    /// When they said so.
    pub made_at: DateTime<Utc>,
}

/// Why a stored hold cannot be read.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum HoldError {
    /// It is none.
    #[error("this is no hold: {cause}")]
    Shape {
        /// What is wrong.
        cause: String,
    },
    /// It is of another form.
    #[error("this hold has format {found}, and this program reads {FORMAT_VERSION}: use a newer one")]
    Version {
        /// Its form.
        found: u64,
    },
}

impl Hold {
    /// Whether it is about this repository. What is not known of the repository's place is taken for the hold's.
    pub fn is_about(&self, account: Option<&str>, region: Option<&str>, repository: &str) -> bool {
        let agree = |held: Option<&str>, asked: Option<&str>| {
            held.is_none_or(|held| asked.is_none_or(|asked| held == asked))
        };
        self.repository == repository
            && agree(self.account.as_deref(), account)
            && agree(self.region.as_deref(), region)
    }

    /// Whether it holds at this time.
    pub fn holds_at(&self, now: DateTime<Utc>) -> bool {
        now < self.until
    }

    /// The stored form: the same hold gives the same text.
    pub fn to_json(&self) -> String {
        let stored = Stored {
            format_version: FORMAT_VERSION,
            account: self.account.clone(),
            region: self.region.clone(),
            repository: self.repository.clone(),
            tag: self.tag.to_string(),
            digests: self.digests.iter().map(Digest::to_string).collect(),
            until: instant::format(self.until),
            reason: self.reason.clone(),
            by: self.by.clone(),
            made_at: instant::format(self.made_at),
        };
        // INVARIANT: text alone, which JSON has words for.
        let mut text = serde_json::to_string_pretty(&stored).unwrap_or_default();
        text.push('\n');
        text
    }

    /// Reads the stored form.
    ///
    /// # Errors
    /// When the text is none, of a newer form, or holds a time that is none.
    pub fn from_json(text: &str) -> Result<Self, HoldError> {
        let shape = |cause: String| HoldError::Shape { cause };
        let Versioned { format_version } =
            serde_json::from_str(text).map_err(|error| shape(error.to_string()))?;
        if format_version != FORMAT_VERSION {
            return Err(HoldError::Version { found: format_version });
        }
        let stored: Stored = serde_json::from_str(text).map_err(|error| shape(error.to_string()))?;
        let time = |text: &str| instant::parse(text).ok_or_else(|| shape(format!("`{text}` is no time")));
        let digest =
            |text: &str| text.parse().map_err(|_| shape(format!("`{text}` is no digest of an image")));
        Ok(Self {
            until: time(&stored.until)?,
            made_at: time(&stored.made_at)?,
            account: stored.account,
            region: stored.region,
            repository: stored.repository,
            tag: Tag::as_given(&stored.tag),
            digests: stored.digests.iter().map(|text| digest(text)).collect::<Result<_, _>>()?,
            reason: stored.reason,
            by: stored.by,
        })
    }
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
    repository: String,
    tag: String,
    /// Missing in what was written before holds knew images.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    digests: Vec<String>,
    until: String,
    reason: String,
    by: String,
    made_at: String,
}

#[cfg(test)]
mod tests {
    use super::{Hold, HoldError};
    use crate::{Digest, Tag, instant};

    fn hold() -> Hold {
        Hold {
            account: None,
            region: Some("ap-northeast-2".to_owned()),
            repository: "shop/cart".to_owned(),
            tag: Tag::as_given("1.0"),
            digests: vec![Digest::from_bytes([7; 32])],
            until: instant::parse("2026-12-01T00:00:00Z").unwrap(),
            reason: "incident 12".to_owned(),
            by: "mina".to_owned(),
            made_at: instant::parse("2026-11-25T00:00:00Z").unwrap(),
        }
    }

    #[test]
    fn a_hold_is_read_as_it_was_written_and_nothing_else_is() {
        let text = hold().to_json();
        assert_eq!(Hold::from_json(&text), Ok(hold()));
        let newer = text.replace("\"format_version\": 1", "\"format_version\": 2");
        assert_eq!(Hold::from_json(&newer), Err(HoldError::Version { found: 2 }));
        let of_a_tag = Hold { digests: Vec::new(), ..hold() };
        assert_eq!(Hold::from_json(&of_a_tag.to_json()), Ok(of_a_tag), "as it was written before");
        assert!(Hold::from_json(&text.replace("sha256:07", "sha256:7")).is_err());
        assert!(Hold::from_json(&text.replace("\"by\"", "\"whom\"")).is_err());
        assert!(Hold::from_json(&text.replace("2026-12-01T00:00:00+00:00", "later")).is_err());
    }

    #[test]
    fn a_hold_is_about_its_place_and_wherever_the_place_is_not_known() {
        let about = |account, region, name| hold().is_about(account, region, name);
        assert!(about(Some("123456789012"), Some("ap-northeast-2"), "shop/cart"));
        assert!(about(None, None, "shop/cart"));
        assert!(!about(None, Some("us-east-1"), "shop/cart"));
        assert!(!about(None, None, "shop/car"));
        assert!(hold().holds_at(instant::parse("2026-11-30T23:59:59Z").unwrap()));
        assert!(!hold().holds_at(hold().until));
    }
}
