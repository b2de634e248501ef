//! The hash that names a plan and each of its parts.

use std::fmt;
use std::str::FromStr;

/// A SHA-256, written as 64 lower-case hexadecimal digits. Hashes order as their text does.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct PlanHash([u8; 32]);

/// So many digits, at least, name a plan where nobody wants to write all of them.
pub const HASH_PREFIX_MIN: usize = 12;

impl PlanHash {
    /// The hash of these 32 bytes.
    pub const fn from_bytes(bytes: [u8; 32]) -> Self {
        Self(bytes)
    }

    /// Whether what somebody wrote means this hash: all of it, or at least its first twelve digits.
    pub fn is_meant_by(&self, given: &str) -> bool {
        HASH_PREFIX_MIN <= given.len() && self.to_string().starts_with(given)
    }

    /// Its first twelve digits.
    pub fn short(&self) -> String {
        self.to_string().chars().take(HASH_PREFIX_MIN).collect()
    }
}

impl fmt::Display for PlanHash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

/// A text that is no hash of a plan.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is no hash of a plan: it is 64 digits of 0-9 and a-f")]
pub struct PlanHashError(pub String);

impl FromStr for PlanHash {
    type Err = PlanHashError;

    fn from_str(text: &str) -> Result<Self, PlanHashError> {
        let wrong = || PlanHashError(text.to_owned());
        // The digits of a digest are the same; an algorithm before them is none of a plan's.
        let digest: crate::Digest = format!("sha256:{text}").parse().map_err(|_| wrong())?;
        Ok(Self(*digest.as_bytes()))
    }
}

#[cfg(test)]
mod tests {
    use super::PlanHash;

    #[test]
    fn a_hash_is_meant_by_its_first_twelve_digits_and_not_by_fewer() {
        let hash = PlanHash::from_bytes([0x0a; 32]);
        assert_eq!(hash.to_string().parse(), Ok(hash));
        assert!(hash.is_meant_by("0a0a0a0a0a0a"));
        assert!(hash.is_meant_by(&hash.to_string()));
        assert!(!hash.is_meant_by("0a0a0a0a0a0"));
        assert!(!hash.is_meant_by("0a0a0a0a0a0b"));
        assert!("0a".parse::<PlanHash>().is_err());
    }
}
