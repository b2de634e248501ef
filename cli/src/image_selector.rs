//! An image as people name it: by a digest, the beginning of one, or a repository and a tag.

use std::fmt;
use std::str::FromStr;

use demurrage_core::{Digest, Tag};

/// So many digits, at least, name an image.
const SHORT_DIGITS_MIN: usize = 12;
const ALGORITHM: &str = "sha256:";

/// What somebody wrote for an image.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum ImageSelector {
    /// The text of a digest begins like this.
    Digest {
        /// The beginning, `sha256:` and at least twelve digits.
        start: String,
    },
    /// The tag of a repository.
    Tag {
        /// The repository.
        repository: String,
        /// The tag.
        tag: Tag,
    },
}

impl ImageSelector {
    /// Whether the image is meant.
    pub(crate) fn means(&self, repository: &str, digest: Option<&Digest>, tags: &[Tag]) -> bool {
        match self {
            Self::Digest { start } => digest.is_some_and(|digest| digest.to_string().starts_with(start)),
            Self::Tag { repository: named, tag } => named == repository && tags.contains(tag),
        }
    }
}

impl fmt::Display for ImageSelector {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Digest { start } => write!(f, "`{start}`"),
            Self::Tag { repository, tag } => write!(f, "`{repository}:{tag}`"),
        }
    }
}

impl FromStr for ImageSelector {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let digits = text.strip_prefix(ALGORITHM).unwrap_or(text);
        let is_hex = digits.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'));
        if is_hex && (SHORT_DIGITS_MIN..=64).contains(&digits.len()) {
            return Ok(Self::Digest { start: format!("{ALGORITHM}{digits}") });
        }
        let wrong =
            || "not an image; write `REPOSITORY:TAG`, a digest, or at least its first 12 digits".to_owned();
        let (repository, tag) = text.rsplit_once(':').ok_or_else(wrong)?;
        if repository.is_empty() || repository == "sha256" {
            return Err(wrong());
        }
        let tag = tag.parse::<Tag>().map_err(|error| error.to_string())?;
        Ok(Self::Tag { repository: repository.to_owned(), tag })
    }
}

#[cfg(test)]
mod tests {
    use demurrage_core::{Digest, Tag};

    use super::ImageSelector;

    #[test]
    fn an_image_is_named_by_a_digest_its_beginning_or_a_tag() {
        let digest = Digest::from_bytes([0xab; 32]);
        let means = |text: &str| {
            let selector: ImageSelector = text.parse().expect(text);
            selector.means("team/app", Some(&digest), &[Tag::as_given("v1")])
        };
        assert!(means(&digest.to_string()));
        assert!(means("abababababab"));
        assert!(means("sha256:abababababab"));
        assert!(means("team/app:v1"));
        assert!(!means("team/app:v2"));
        assert!(!means("team/ap:v1"));
        assert!(!means("abababababac"));
        for wrong in ["ababab", "sha256:ab", "team/app", "team/app:", ":v1", "team/app:two words"] {
            assert!(wrong.parse::<ImageSelector>().is_err(), "{wrong}");
        }
    }
}
