//! The digest that names an image or a blob.
//!
//! Assumes SHA-256, the only algorithm that ECR stores; a digest of another algorithm is an error with its
//! name in it. Leaves out hashing: a digest here is a name, not a proof.

use std::fmt;
use std::str::FromStr;

/// A SHA-256 digest such as `sha256:9f86d081…` (64 lower-case hexadecimal digits).
///
/// Digests order as their text does.
///
/// ```
/// let text = format!("sha256:{}", "0a".repeat(32));
/// let digest: demurrage_core::Digest = text.parse()?;
/// assert_eq!(digest.to_string(), text);
/// assert_eq!(digest.short(), "0a0a0a0a0a0a");
/// # Ok::<(), demurrage_core::DigestError>(())
/// ```
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Digest([u8; 32]);

const ALGORITHM: &str = "sha256:";
const HEX_DIGITS: usize = 64;

impl Digest {
    /// The digest of these 32 bytes.
    pub const fn from_bytes(bytes: [u8; 32]) -> Self {
        Self(bytes)
    }

    /// The 32 bytes of the digest.
    pub const fn as_bytes(&self) -> &[u8; 32] {
        &self.0
    }

    /// The first twelve hexadecimal digits: enough to tell the images of a repository apart by eye.
    pub fn short(&self) -> String {
        self.to_string().chars().skip(ALGORITHM.len()).take(12).collect()
    }
}

impl fmt::Display for Digest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        const DIGITS: &[u8; 16] = b"0123456789abcdef";
        let digit = |nibble: u8| DIGITS.get(usize::from(nibble)).map_or('?', |&d| char::from(d));
        let mut text = String::with_capacity(ALGORITHM.len() + HEX_DIGITS);
        text.push_str(ALGORITHM);
        for byte in self.0 {
            text.push(digit(byte >> 4));
            text.push(digit(byte & 0x0f));
        }
        f.pad(&text)
    }
}

impl fmt::Debug for Digest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl FromStr for Digest {
    type Err = DigestError;

    fn from_str(text: &str) -> Result<Self, DigestError> {
        let Some(hex) = text.strip_prefix(ALGORITHM) else {
            return Err(DigestError::Algorithm { text: text.to_owned() });
        };
        if hex.len() != HEX_DIGITS {
            return Err(DigestError::Length { text: text.to_owned(), found: hex.chars().count() });
        }
        let mut bytes = [0; 32];
        for (byte, pair) in bytes.iter_mut().zip(hex.as_bytes().chunks_exact(2)) {
            let [high, low] = pair else { continue };
            let (Some(high), Some(low)) = (nibble(*high), nibble(*low)) else {
                return Err(DigestError::Digit { text: text.to_owned() });
            };
            *byte = high << 4 | low;
        }
        Ok(Self(bytes))
    }
}

const fn nibble(digit: u8) -> Option<u8> {
    match digit {
        b'0'..=b'9' => Some(digit - b'0'),
        b'a'..=b'f' => Some(digit - b'a' + 10),
        _ => None,
    }
}

/// Why a text is not a digest.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum DigestError {
    /// It does not start with `sha256:`.
    #[error("`{text}` is not a digest: it does not start with `sha256:`")]
    Algorithm {
        /// The text.
        text: String,
    },
    /// It has not 64 hexadecimal digits.
    #[error("`{text}` is not a digest: `sha256:` is followed by {found} characters, not by 64")]
    Length {
        /// The text.
        text: String,
        /// How many characters follow the algorithm.
        found: usize,
    },
    /// A character is not a lower-case hexadecimal digit.
    #[error("`{text}` is not a digest: its digits are not all of 0-9 and a-f")]
    Digit {
        /// The text.
        text: String,
    },
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn digests_order_as_their_text_does() {
        let low: Digest = format!("sha256:{}", "0f".repeat(32)).parse().unwrap();
        let high: Digest = format!("sha256:{}", "f0".repeat(32)).parse().unwrap();
        assert!(low < high);
        assert!(low.to_string() < high.to_string());
    }

    #[test]
    fn a_digest_of_another_length_algorithm_or_alphabet_is_refused_with_the_cause() {
        let cause = |text: &str| text.parse::<Digest>().unwrap_err().to_string();
        assert!(cause("sha256:abc").contains("followed by 3 characters"));
        assert!(cause(&format!("sha512:{}", "a".repeat(128))).contains("does not start"));
        assert!(cause(&format!("sha256:{}", "A".repeat(64))).contains("0-9 and a-f"));
        assert!(cause(&format!("sha256:{}", "é".repeat(32))).contains("0-9 and a-f"));
    }
}
