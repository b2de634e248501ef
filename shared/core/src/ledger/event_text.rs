//! The members of an event's text: each is looked for by its place, and is there in the right form, or an error says so.
//!
//! Knows the forms of members, and nothing of which event has which.

use chrono::{DateTime, SubsecRound, Utc};
use serde_json::Value;

use super::EventError;
use crate::{Digest, Tag};

/// The most that is read. `EventBridge`, "Quotas" (an entry of at most 256 KB), read 2026-11-24.
pub(super) const EVENT_BYTES_MAX: usize = 256 * 1024;
/// How much of a wrong text an error repeats.
const FOUND_CHARS_MAX: usize = 128;
/// The longest name of a repository. ECR API, `repositoryName`, read 2026-11-23.
const REPOSITORY_NAME_CHARS_MAX: usize = 256;

/// The text of an event.
pub(super) struct EventText(Value);

impl EventText {
    pub(super) fn read(json: &str) -> Result<Self, EventError> {
        if EVENT_BYTES_MAX < json.len() {
            return Err(EventError::TooLong { bytes: json.len(), bytes_max: EVENT_BYTES_MAX });
        }
        let value =
            serde_json::from_str(json).map_err(|error| EventError::NotJson { cause: error.to_string() })?;
        Ok(Self(value))
    }

    /// The text at a place; `null` is as good as not there.
    pub(super) fn maybe(&self, place: &'static str) -> Result<Option<&str>, EventError> {
        match self.0.pointer(place) {
            None | Some(Value::Null) => Ok(None),
            Some(Value::String(text)) => Ok(Some(text)),
            Some(_) => Err(EventError::NotText { place }),
        }
    }

    pub(super) fn text(&self, place: &'static str) -> Result<&str, EventError> {
        self.maybe(place)?.ok_or(EventError::Missing { place })
    }

    fn of_form(
        &self,
        place: &'static str,
        expected: &'static str,
        is_one: impl Fn(&str) -> bool,
    ) -> Result<&str, EventError> {
        let text = self.text(place)?;
        if is_one(text) { Ok(text) } else { Err(EventError::Form { place, found: clipped(text), expected }) }
    }

    pub(super) fn source(&self) -> Result<(), EventError> {
        let found = self.text("/source")?;
        if found == "aws.ecr" { Ok(()) } else { Err(EventError::Source { found: clipped(found) }) }
    }

    pub(super) fn account(&self, place: &'static str) -> Result<&str, EventError> {
        let is_account = |text: &str| text.len() == 12 && text.bytes().all(|byte| byte.is_ascii_digit());
        self.of_form(place, "an account of twelve digits", is_account)
    }

    /// A region; one that is not known yet is one too.
    pub(super) fn region(&self, place: &'static str) -> Result<&str, EventError> {
        let is_char = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-';
        let is_region =
            |text: &str| (2..=25).contains(&text.len()) && text.bytes().all(is_char) && text.contains('-');
        self.of_form(place, "the code of a region", is_region)
    }

    pub(super) fn repository_name(&self, place: &'static str) -> Result<&str, EventError> {
        let is_char = |byte: u8| {
            byte.is_ascii_lowercase() || byte.is_ascii_digit() || matches!(byte, b'-' | b'_' | b'.' | b'/')
        };
        let is_name = |text: &str| {
            (2..=REPOSITORY_NAME_CHARS_MAX).contains(&text.len())
                && text.bytes().all(is_char)
                && text.starts_with(|c: char| c.is_ascii_alphanumeric())
                && text.ends_with(|c: char| c.is_ascii_alphanumeric())
        };
        self.of_form(place, "the name of a repository", is_name)
    }

    pub(super) fn digest(&self, place: &'static str) -> Result<Digest, EventError> {
        self.text(place)?.parse().map_err(|cause| EventError::Digest { place, cause })
    }

    /// The tag, where there is one: an empty text is none.
    pub(super) fn tag(&self, place: &'static str) -> Result<Option<Tag>, EventError> {
        let Some(text) = self.maybe(place)?.filter(|text| !text.is_empty()) else { return Ok(None) };
        text.parse().map(Some).map_err(|cause| EventError::Tag { place, cause })
    }

    /// The second of a time.
    pub(super) fn second(&self, place: &'static str) -> Result<DateTime<Utc>, EventError> {
        instant(place, self.text(place)?).map(|time| time.trunc_subsecs(0))
    }

    /// A time, where there is one.
    pub(super) fn maybe_instant(&self, place: &'static str) -> Result<Option<DateTime<Utc>>, EventError> {
        self.maybe(place)?.map(|text| instant(place, text)).transpose()
    }
}

fn instant(place: &'static str, text: &str) -> Result<DateTime<Utc>, EventError> {
    let time = DateTime::parse_from_rfc3339(text).map(|time| time.to_utc());
    time.map_err(|_| EventError::Form { place, found: clipped(text), expected: "a time of RFC 3339" })
}

/// The beginning of a text.
fn clipped(text: &str) -> String {
    text.chars().take(FOUND_CHARS_MAX).collect()
}
