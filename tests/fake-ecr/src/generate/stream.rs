//! The only source of chance: `splitmix64`, started from the numbers of what is being made.
//!
//! Every thing has a stream of its own, so that one can be made without the others.

/// A stream of pseudo-random numbers.
#[derive(Debug, Clone)]
pub(super) struct Stream {
    state: u64,
}

/// 256 pseudo-random bits that stand for the digest of a blob.
pub(super) type BlobDigest = [u64; 4];

impl Stream {
    /// The stream that belongs to these numbers, in this order.
    pub(super) fn of(numbers: &[u64]) -> Self {
        let mut stream = Self { state: 0x6a09_e667_f3bc_c908 };
        for number in numbers {
            stream.state ^= *number;
            stream.state = stream.next();
        }
        stream
    }

    /// The next 64 bits.
    pub(super) fn next(&mut self) -> u64 {
        self.state = self.state.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.state;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    /// A number less than `limit`; 0 when `limit` is 0.
    pub(super) fn below(&mut self, limit: u64) -> u64 {
        self.next() % limit.max(1)
    }

    /// A number from `low` to `high`, both included.
    pub(super) fn between(&mut self, low: u64, high: u64) -> u64 {
        low + self.below(high.saturating_sub(low).saturating_add(1))
    }

    /// True `percent` times in a hundred.
    pub(super) fn chance(&mut self, percent: u64) -> bool {
        self.below(100) < percent
    }

    /// One of these; the default of the type when there are none.
    pub(super) fn pick<T: Copy + Default>(&mut self, of: &[T]) -> T {
        let place = usize::try_from(self.below(super::count(of.len()))).unwrap_or(0);
        of.get(place).copied().unwrap_or_default()
    }

    /// The digest of a blob that nobody has.
    pub(super) fn digest(&mut self) -> BlobDigest {
        [self.next(), self.next(), self.next(), self.next()]
    }
}

/// Appends `sha256:` and 64 hexadecimal digits.
pub(super) fn push_digest(out: &mut String, digest: BlobDigest) {
    out.push_str("sha256:");
    for word in digest {
        for byte in word.to_be_bytes() {
            out.push(hex_digit(byte >> 4));
            out.push(hex_digit(byte & 15));
        }
    }
}

/// The hexadecimal digit of a number below 16.
pub(super) fn hex_digit(number: u8) -> char {
    char::from(if number < 10 { b'0' + number } else { b'a' + (number - 10) })
}
