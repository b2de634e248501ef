//! Digests: of manifests the SHA-256 of the text, of layers and configurations random numbers.

use sha2::{Digest as _, Sha256};
use std::fmt;

/// 256 bits, shown as `sha256:` and 64 hexadecimal digits.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Digest(pub(super) [u64; 4]);

impl Digest {
    /// The SHA-256 of the text of a manifest.
    pub(super) fn of(text: &str) -> Self {
        let mut words = [0_u64; 4];
        let hash = Sha256::digest(text);
        for (word, bytes) in words.iter_mut().zip(hash.chunks_exact(8)) {
            *word = bytes.iter().fold(0, |word, byte| word << 8 | u64::from(*byte));
        }
        Self(words)
    }

    /// The 64 hexadecimal digits alone, as tags of signatures carry them.
    pub(super) fn hex(self) -> String {
        let Self([a, b, c, d]) = self;
        format!("{a:016x}{b:016x}{c:016x}{d:016x}")
    }
}

impl fmt::Display for Digest {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self([a, b, c, d]) = self;
        write!(out, "sha256:{a:016x}{b:016x}{c:016x}{d:016x}")
    }
}
