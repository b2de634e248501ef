//! Images of the versions of Lambda functions, as they were read before: a published version never changes.
//!
//! It remembers, too, which images a function had and has no more: the versions that were deleted, and what `$LATEST` was.
//! Leaves out when that was.
//!
//! The stored form is JSON. A member that is not known is refused, and so is a newer form.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

/// The form that is written. It is raised when a reader of the one before would misread it.
const FORMAT_VERSION: u64 = 1;

/// Resolved images of versions of Lambda functions.
///
/// ```
/// use demurrage_aws::workloads::KnownFunctionVersions;
/// let known = KnownFunctionVersions::from_json(&KnownFunctionVersions::default().to_json())?;
/// assert!(known.is_empty());
/// # Ok::<(), demurrage_aws::workloads::KnownFunctionVersionsError>(())
/// ```
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct KnownFunctionVersions {
    /// By the ARN of the function without a version.
    functions: BTreeMap<String, KnownFunction>,
}

/// What is known of one function.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct KnownFunction {
    /// Its published versions, with their images by digest.
    pub(super) versions: BTreeMap<u64, String>,
    /// The images by digest that `$LATEST` had, the last one first.
    pub(super) latest: Vec<String>,
}

impl KnownFunctionVersions {
    /// Whether nothing is known.
    pub fn is_empty(&self) -> bool {
        self.functions.is_empty()
    }

    /// How many published versions are known.
    pub fn versions(&self) -> usize {
        self.functions.values().map(|function| function.versions.len()).sum()
    }

    /// What is known of the function of this ARN, which has no version in it.
    pub(super) fn of(&self, function_arn: &str) -> Option<&KnownFunction> {
        self.functions.get(function_arn)
    }

    /// Knows this of a function from now on.
    pub(super) fn insert(&mut self, function_arn: String, known: KnownFunction) {
        self.functions.insert(function_arn, known);
    }

    /// The stored form: the same knowledge gives the same text.
    pub fn to_json(&self) -> String {
        let mut stored =
            Stored { format_version: FORMAT_VERSION, versions: BTreeMap::new(), latest: BTreeMap::new() };
        for (arn, function) in &self.functions {
            let versions = function.versions.iter();
            stored
                .versions
                .extend(versions.map(|(version, image)| (format!("{arn}:{version}"), image.clone())));
            if !function.latest.is_empty() {
                stored.latest.insert(arn.clone(), function.latest.clone());
            }
        }
        // INVARIANT: maps with text keys, text and integers, which JSON has words for.
        let mut text = serde_json::to_string_pretty(&stored).unwrap_or_default();
        text.push('\n');
        text
    }

    /// Reads the stored form.
    ///
    /// # Errors
    /// When the text is none, or of a newer form, or the ARN of a version has no number.
    pub fn from_json(text: &str) -> Result<Self, KnownFunctionVersionsError> {
        let unreadable =
            |error: serde_json::Error| KnownFunctionVersionsError::Shape { cause: error.to_string() };
        let Versioned { format_version } = serde_json::from_str(text).map_err(unreadable)?;
        if format_version != FORMAT_VERSION {
            return Err(KnownFunctionVersionsError::Version { found: format_version });
        }
        let stored: Stored = serde_json::from_str(text).map_err(unreadable)?;
        let mut functions: BTreeMap<String, KnownFunction> = BTreeMap::new();
        for (arn, image) in stored.versions {
            let number =
                arn.rsplit_once(':').and_then(|(function, number)| Some((function, number.parse().ok()?)));
            let Some((function, number)) = number else {
                return Err(KnownFunctionVersionsError::Arn { arn });
            };
            functions.entry(function.to_owned()).or_default().versions.insert(number, image);
        }
        for (arn, latest) in stored.latest {
            functions.entry(arn).or_default().latest = latest;
        }
        Ok(Self { functions })
    }
}

/// Why a text is not what was known.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum KnownFunctionVersionsError {
    /// It is not JSON, or has members that are missing or not known.
    #[error("the known versions of functions are not readable: {cause}")]
    Shape {
        /// What the JSON reader said.
        cause: String,
    },
    /// It was written by another version of the program.
    #[error(
        "the known versions of functions have the form {found}, and this version reads the form {FORMAT_VERSION}"
    )]
    Version {
        /// Its form.
        found: u64,
    },
    /// The ARN of a version has no number at its end.
    #[error("`{arn}` among the known versions of functions is none")]
    Arn {
        /// The ARN.
        arn: String,
    },
}

#[derive(Deserialize)]
struct Versioned {
    format_version: u64,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Stored {
    format_version: u64,
    /// By the ARN of the version.
    versions: BTreeMap<String, String>,
    /// By the ARN of the function.
    latest: BTreeMap<String, Vec<String>>,
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::{KnownFunction, KnownFunctionVersions, KnownFunctionVersionsError};

    const ARN: &str = "arn:aws:lambda:eu-west-1:123456789012:function:checkout";

    fn known() -> KnownFunctionVersions {
        let versions =
            BTreeMap::from([(9, "shop/cart@sha256:a".to_owned()), (10, "shop/cart@sha256:b".to_owned())]);
        let mut known = KnownFunctionVersions::default();
        let latest = vec!["shop/cart@sha256:b".to_owned()];
        known.insert(ARN.to_owned(), KnownFunction { versions, latest });
        known.insert(
            format!("{ARN}-other"),
            KnownFunction { latest: vec!["c".to_owned()], ..KnownFunction::default() },
        );
        known
    }

    #[test]
    fn what_is_stored_is_read_again() {
        assert_eq!(KnownFunctionVersions::from_json(&known().to_json()), Ok(known()));
        assert_eq!(known().versions(), 2);
    }

    #[test]
    fn another_form_a_version_without_number_and_unknown_members_are_refused() {
        let text = known().to_json();
        let read = |from: &str, to: &str| {
            assert!(text.contains(from), "{from}");
            KnownFunctionVersions::from_json(&text.replace(from, to)).unwrap_err()
        };
        assert_eq!(
            read("\"format_version\": 1", "\"format_version\": 2"),
            KnownFunctionVersionsError::Version { found: 2 }
        );
        assert_eq!(
            read(":checkout:10", ":checkout:$LATEST"),
            KnownFunctionVersionsError::Arn { arn: format!("{ARN}:$LATEST") }
        );
        assert!(matches!(read("\"latest\"", "\"newest\""), KnownFunctionVersionsError::Shape { .. }));
    }
}
