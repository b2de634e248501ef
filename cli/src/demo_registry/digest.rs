//! Digests that look like those of ECR. They are not hashes of what they name.

use std::fmt;

/// 256 bits, shown as `sha256:` and 64 hexadecimal digits.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Digest(pub(super) [u64; 4]);

impl Digest {
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
