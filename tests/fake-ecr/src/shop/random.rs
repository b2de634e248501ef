//! The only source of chance in the shop: `splitmix64`, started from the seed and a label.
//!
//! Every repository and every shared layer has its own stream, so that a change to one repository leaves
//! the digests of all others alone. Nothing here looks at the time: for one seed, digests and commit
//! tags are the same whenever the registry is written.

use super::digest::Digest;

/// A stream of pseudo-random numbers.
#[derive(Debug, Clone)]
pub(super) struct Random {
    state: u64,
}

impl Random {
    /// The stream that belongs to this seed and label.
    pub(super) fn seeded(seed: u64, label: &str) -> Self {
        // FNV-1a, 64 bits.
        let hash = label.bytes().fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| {
            (hash ^ u64::from(byte)).wrapping_mul(0x0000_0100_0000_01b3)
        });
        let mut random = Self { state: hash ^ seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) };
        random.next();
        random
    }

    /// The next 64 bits.
    pub(super) fn next(&mut self) -> u64 {
        self.state = self.state.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.state;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    /// A stream of its own, that takes one step of this one however long it is used.
    pub(super) fn fork(&mut self) -> Self {
        Self { state: self.next() }
    }

    /// A number less than `limit`; 0 when `limit` is 0. Takes one step of the stream whatever the limit.
    pub(super) fn below(&mut self, limit: u64) -> u64 {
        self.next() % limit.max(1)
    }

    /// A number from `low` to `high`, both included.
    pub(super) fn between(&mut self, low: u64, high: u64) -> u64 {
        low + self.below(high.saturating_sub(low) + 1)
    }

    /// True `percent` times in a hundred.
    pub(super) fn chance(&mut self, percent: u64) -> bool {
        self.below(100) < percent
    }

    /// One of the words; empty when there are none.
    pub(super) fn word(&mut self, words: &[&'static str]) -> &'static str {
        let count = u64::try_from(words.len()).unwrap_or(u64::MAX);
        let place = usize::try_from(self.below(count)).unwrap_or(0);
        words.get(place).copied().unwrap_or_default()
    }

    /// The digest of a blob that nobody has.
    pub(super) fn digest(&mut self) -> Digest {
        Digest([self.next(), self.next(), self.next(), self.next()])
    }
}
