//! What lines of a file have in common with those of another, without keeping any of them.
//!
//! It knows a file again that was copied, unpacked, sorted, or written as Parquet, as it is made of what the lines
//! say. It does not know parts of a file, nor an earlier delivery of the same month, of which some lines differ.

use std::hash::{DefaultHasher, Hash, Hasher};

use crate::BillLine;

/// The hashes of lines, added up: the same for the same lines in any order.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct LinesHash {
    lines: u64,
    sum: u64,
}

impl LinesHash {
    /// Of no line.
    pub const fn new() -> Self {
        Self { lines: 0, sum: 0 }
    }

    pub(crate) fn of_line(line: &BillLine) -> u64 {
        let mut hasher = DefaultHasher::new();
        line.hash(&mut hasher);
        hasher.finish()
    }

    pub(crate) const fn add(&mut self, hash: u64) {
        self.lines = self.lines.wrapping_add(1);
        // A sum and no exclusive or: a line that stands there twice has to count.
        self.sum = self.sum.wrapping_add(hash);
    }

    /// Whether both are of the same lines, and of one at least: files without a line have nothing in common.
    pub const fn is_same(self, other: Self) -> bool {
        self.lines != 0 && self.lines == other.lines && self.sum == other.sum
    }
}
