//! Patterns of ARNs: six parts between colons, each with its own wildcards.
//!
//! A wildcard never crosses a colon but in the last part, so an account that is written out stays fixed.

use std::fmt;

use super::AccountId;
use super::glob::Glob;

/// A pattern of ARNs such as `arn:aws:iam::123456789012:role/ci-*`: `*` and `?` within each of the six parts.
///
/// ```
/// # use demurrage_core::access::ArnPattern;
/// let roles = ArnPattern::parse("arn:aws:iam::123456789012:role/ci-*")?;
/// assert!(roles.matches("arn:aws:iam::123456789012:role/ci-build"));
/// assert!(!roles.matches("arn:aws:iam::999999999999:role/ci-build"));
/// # Ok::<(), demurrage_core::access::ArnPatternError>(())
/// ```
//  Source: IAM user guide, "Condition operators", ARN operators, read 2026-11-23: each of the six parts is
//  checked separately.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ArnPattern {
    // INVARIANT: six parts.
    parts: Box<[Glob]>,
}

impl ArnPattern {
    /// Reads a pattern.
    ///
    /// # Errors
    /// When the text has not six parts between colons, of which the first is `arn`.
    pub fn parse(text: &str) -> Result<Self, ArnPatternError> {
        Self::of(text, Glob::new)
    }

    /// The pattern of this ARN alone, in which `*` and `?` are ordinary characters.
    ///
    /// # Errors
    /// As [`ArnPattern::parse`].
    pub fn literal(arn: &str) -> Result<Self, ArnPatternError> {
        Self::of(arn, Glob::literal)
    }

    fn of(text: &str, glob: impl Fn(&str) -> Glob) -> Result<Self, ArnPatternError> {
        let parts: Box<[Glob]> = text.splitn(6, ':').map(glob).collect();
        let is_arn = parts.first().and_then(Glob::as_literal).is_some_and(|first| first == "arn");
        if parts.len() == 6 && is_arn {
            return Ok(Self { parts });
        }
        Err(ArnPatternError { text: text.to_owned() })
    }

    /// Whether an ARN matches.
    pub fn matches(&self, arn: &str) -> bool {
        Self::literal(arn).is_ok_and(|arn| self.includes(&arn))
    }

    /// Whether every ARN that `other` matches is matched by this pattern: `true` only if so.
    pub fn includes(&self, other: &Self) -> bool {
        self.parts.iter().zip(&other.parts).all(|(ours, theirs)| ours.includes(theirs))
    }

    /// The account that all ARNs of the pattern belong to, if it is written out.
    pub fn account(&self) -> Option<AccountId> {
        let account = self.parts.get(4)?.as_literal()?;
        AccountId::parse(&account).ok()
    }

    /// Whether ARNs of every account match, as far as the account goes.
    pub(super) fn is_of_any_account(&self) -> bool {
        self.parts.get(4).is_some_and(Glob::is_everything)
    }

    /// Whether the pattern is one ARN.
    pub(super) fn is_literal(&self) -> bool {
        self.parts.iter().all(|part| part.as_literal().is_some())
    }
}

impl fmt::Display for ArnPattern {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (position, part) in self.parts.iter().enumerate() {
            let colon = if position == 0 { "" } else { ":" };
            write!(f, "{colon}{part}")?;
        }
        Ok(())
    }
}

impl fmt::Debug for ArnPattern {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(&self.to_string(), f)
    }
}

/// A text is no pattern of ARNs.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{text}` is no ARN: an ARN has six parts between colons, and begins with `arn:`")]
pub struct ArnPatternError {
    /// What was written.
    pub text: String,
}
