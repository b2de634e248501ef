//! The tag of an image.

use std::fmt;
use std::str::FromStr;

/// A tag of an image, such as `v1.4.2` or `latest`.
///
/// What a registry says is taken as it is ([`Tag::as_given`]); what a person writes is checked
/// against the grammar of the OCI distribution specification (`FromStr`):
/// `[A-Za-z0-9_][A-Za-z0-9._-]{0,127}`.
///
/// ```
/// # use demurrage_core::Tag;
/// assert!("v1.4.2".parse::<Tag>().is_ok());
/// assert!("two words".parse::<Tag>().is_err());
/// ```
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Tag(Box<str>);

/// The longest tag of the OCI distribution specification, in characters.
pub(crate) const TAG_CHARS_MAX: usize = 128;

/// Whether a tag may hold this character (OCI distribution specification 1.1, "Pulling manifests").
pub(crate) const fn is_tag_char(c: char) -> bool {
    c.is_ascii_alphanumeric() || matches!(c, '_' | '.' | '-')
}

impl Tag {
    /// A tag as a registry gave it, unchecked.
    pub fn as_given(text: &str) -> Self {
        Self(text.into())
    }

    /// The text of the tag.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Tag {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.0)
    }
}

impl fmt::Debug for Tag {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(&self.0, f)
    }
}

impl FromStr for Tag {
    type Err = TagError;

    fn from_str(text: &str) -> Result<Self, TagError> {
        if text.is_empty() {
            return Err(TagError::Empty);
        }
        if let Some(character) = text.chars().find(|&c| !is_tag_char(c)) {
            return Err(TagError::Character { text: text.to_owned(), character });
        }
        if text.starts_with(['.', '-']) {
            return Err(TagError::Start { text: text.to_owned() });
        }
        if TAG_CHARS_MAX < text.len() {
            return Err(TagError::Length { text: text.to_owned() });
        }
        Ok(Self(text.into()))
    }
}

/// Why a text is not a tag.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum TagError {
    /// There is no text.
    #[error("a tag has at least one character")]
    Empty,
    /// A character that no tag has.
    #[error("`{text}` is not a tag: `{character}` is not a letter, a digit, `_`, `.` or `-`")]
    Character {
        /// The text.
        text: String,
        /// Its first such character.
        character: char,
    },
    /// It starts with a full stop or a hyphen.
    #[error("`{text}` is not a tag: it does not start with a letter, a digit or `_`")]
    Start {
        /// The text.
        text: String,
    },
    /// It is longer than 128 characters.
    #[error("`{text}` is not a tag: it has more than 128 characters")]
    Length {
        /// The text.
        text: String,
    },
}
