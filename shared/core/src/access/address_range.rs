//! Ranges of addresses in `aws:SourceIp`, and when they hold nobody back.

use std::net::{IpAddr, Ipv4Addr};

/// The most addresses of version 4 that still are a network of somebody: a /8.
///
/// Source: S3 user guide, "The meaning of public", read 2026-11-23: values of `aws:SourceIp` broader than /8 for
/// IPv4 and /32 for IPv6, but for private ranges, count as public. Here all ranges of a condition count together.
const V4_ADDRESSES_MAX: u128 = 1 << 24;
/// The same for version 6: a /32.
const V6_ADDRESSES_MAX: u128 = 1 << 96;

/// The private ranges (RFC 1918), from which no request comes over the internet.
const PRIVATE: [(Ipv4Addr, u32); 3] = [
    (Ipv4Addr::new(10, 0, 0, 0), 8),
    (Ipv4Addr::new(172, 16, 0, 0), 12),
    (Ipv4Addr::new(192, 168, 0, 0), 16),
];

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Family {
    V4,
    V6,
}

/// A range of addresses: `203.0.113.0/24`, `2001:db8::/32` or one address.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct AddressRange {
    family: Family,
    first: u128,
    last: u128,
}

impl AddressRange {
    /// Reads a range; without a prefix it is one address, and bits behind the prefix have no meaning.
    pub(super) fn parse(text: &str) -> Option<Self> {
        let (address, prefix) = match text.split_once('/') {
            Some((address, prefix)) => (address, Some(prefix)),
            None => (text, None),
        };
        let (family, bits, width) = match address.parse().ok()? {
            IpAddr::V4(address) => (Family::V4, u128::from(u32::from(address)), 32),
            IpAddr::V6(address) => (Family::V6, u128::from(address), 128),
        };
        let is_number = |prefix: &str| prefix.bytes().all(|byte| byte.is_ascii_digit());
        let prefix = match prefix {
            None => width,
            Some(prefix) if is_number(prefix) => prefix.parse().ok().filter(|prefix| *prefix <= width)?,
            Some(_) => return None,
        };
        Some(Self::of(family, bits, width - prefix))
    }

    /// The range of all addresses that differ from this one in the last `free_bits` only.
    fn of(family: Family, address: u128, free_bits: u32) -> Self {
        let free = 1_u128.checked_shl(free_bits).map_or(u128::MAX, |size| size - 1);
        Self { family, first: address & !free, last: address | free }
    }

    fn is_private(self) -> bool {
        let within = |range: Self| range.first <= self.first && self.last <= range.last;
        match self.family {
            Family::V4 => PRIVATE.iter().any(|(address, prefix)| {
                within(Self::of(Family::V4, u128::from(u32::from(*address)), 32 - prefix))
            }),
            Family::V6 => false,
        }
    }
}

/// Whether ranges together hold so many addresses that they hold nobody back.
pub(super) fn hold_nobody_back(ranges: &[AddressRange]) -> bool {
    V4_ADDRESSES_MAX < addresses(ranges, Family::V4) || V6_ADDRESSES_MAX < addresses(ranges, Family::V6)
}

/// How many addresses of a family, each counted once, at most [`u128::MAX`].
fn addresses(ranges: &[AddressRange], family: Family) -> u128 {
    let mut ranges: Vec<_> =
        ranges.iter().filter(|range| range.family == family && !range.is_private()).collect();
    ranges.sort_by_key(|range| (range.first, range.last));
    let mut count = 0_u128;
    let mut counted_to: Option<u128> = None;
    for range in ranges {
        // From the first address that was not counted yet.
        let first = match counted_to {
            Some(last) if range.last <= last => continue,
            Some(last) if range.first <= last => last + 1,
            Some(_) | None => range.first,
        };
        count = count.saturating_add(range.last - first).saturating_add(1);
        counted_to = Some(range.last);
    }
    count
}

#[cfg(test)]
mod tests {
    use super::{AddressRange, hold_nobody_back};

    fn hold(texts: &[&str]) -> bool {
        let ranges: Vec<_> = texts.iter().map(|text| AddressRange::parse(text).unwrap()).collect();
        hold_nobody_back(&ranges)
    }

    #[test]
    fn a_slash_8_is_a_network_and_one_address_more_is_not() {
        assert!(!hold(&["17.0.0.0/8"]));
        assert!(!hold(&["17.0.0.0/8", "17.3.0.0/16"]), "what is counted already is not counted again");
        assert!(hold(&["17.0.0.0/8", "18.0.0.1"]));
        assert!(hold(&["17.0.0.0/7"]));
        assert!(hold(&["0.0.0.0/1", "128.0.0.0/1"]));
        assert!(hold(&["0.0.0.0/0"]));
    }

    #[test]
    fn a_slash_32_of_version_6_is_a_network_and_one_address_more_is_not() {
        assert!(!hold(&["2001:db8::/32", "17.0.0.0/8"]));
        assert!(hold(&["2001:db8::/32", "2001:db9::"]));
        assert!(hold(&["::/0"]));
        assert!(hold(&["203.0.113.0/24", "::/0"]));
    }

    #[test]
    fn private_ranges_do_not_count() {
        assert!(!hold(&["10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "17.0.0.0/8"]));
        assert!(hold(&["10.0.0.0/7"]));
    }

    #[test]
    fn what_is_no_range_is_not_read() {
        for text in ["", "1.2.3", "1.2.3.4/33", "1.2.3.4/", "1.2.3.4/+8", "1.2.3.4/8/8", "::/129", "10.*"] {
            assert_eq!(AddressRange::parse(text), None, "{text}");
        }
        assert_eq!(AddressRange::parse("10.1.2.3/8"), AddressRange::parse("10.0.0.0/8"));
    }
}
