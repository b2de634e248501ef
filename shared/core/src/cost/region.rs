//! The regions of AWS, and how bills name them.
//!
//! A closed list: a code that is not on it is more often a mistake than a region that is new, and there is no
//! price for either.

use std::fmt;

/// A region of AWS. Regions order as their codes do.
///
/// ```
/// use demurrage_core::cost::Region;
/// let mumbai = Region::parse("ap-south-1")?;
/// assert_eq!(mumbai.usage_prefix(), Some("APS3"));
/// # Ok::<(), demurrage_core::cost::RegionError>(())
/// ```
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
// INVARIANT: a place in `REGIONS`.
pub struct Region(u8);

/// The codes in their order, each with the prefix of its usage types.
///
/// Source: AWS, "Region billing codes", read 2026-11-23. That of the European Sovereign Cloud is not known.
const REGIONS: [(&str, Option<&str>); 39] = [
    ("af-south-1", Some("AFS1")),
    ("ap-east-1", Some("APE1")),
    ("ap-east-2", Some("APE2")),
    ("ap-northeast-1", Some("APN1")),
    ("ap-northeast-2", Some("APN2")),
    ("ap-northeast-3", Some("APN3")),
    ("ap-south-1", Some("APS3")),
    ("ap-south-2", Some("APS5")),
    ("ap-southeast-1", Some("APS1")),
    ("ap-southeast-2", Some("APS2")),
    ("ap-southeast-3", Some("APS4")),
    ("ap-southeast-4", Some("APS6")),
    ("ap-southeast-5", Some("APS7")),
    ("ap-southeast-6", Some("APS8")),
    ("ap-southeast-7", Some("APS9")),
    ("ca-central-1", Some("CAN1")),
    ("ca-west-1", Some("CAN2")),
    ("cn-north-1", Some("CNN1")),
    ("cn-northwest-1", Some("CNW1")),
    ("eu-central-1", Some("EUC1")),
    ("eu-central-2", Some("EUC2")),
    ("eu-north-1", Some("EUN1")),
    ("eu-south-1", Some("EUS1")),
    ("eu-south-2", Some("EUS2")),
    ("eu-west-1", Some("EU")),
    ("eu-west-2", Some("EUW2")),
    ("eu-west-3", Some("EUW3")),
    ("eusc-de-east-1", None),
    ("il-central-1", Some("ILC1")),
    ("me-central-1", Some("MEC1")),
    ("me-south-1", Some("MES1")),
    ("mx-central-1", Some("MXC1")),
    ("sa-east-1", Some("SAE1")),
    ("us-east-1", Some("USE1")),
    ("us-east-2", Some("USE2")),
    ("us-gov-east-1", Some("UGE1")),
    ("us-gov-west-1", Some("UGW1")),
    ("us-west-1", Some("USW1")),
    ("us-west-2", Some("USW2")),
];

impl Region {
    /// Every region, in the order of the codes.
    pub fn all() -> impl Iterator<Item = Self> {
        (0_u8..).zip(REGIONS).map(|(place, _)| Self(place))
    }

    /// The region of this code, such as `eu-west-1`.
    ///
    /// # Errors
    /// When there is none that is known.
    pub fn parse(code: &str) -> Result<Self, RegionError> {
        let place = REGIONS.binary_search_by(|(known, _)| (*known).cmp(code)).ok();
        place
            .and_then(|place| u8::try_from(place).ok())
            .map(Self)
            .ok_or_else(|| RegionError { code: code.to_owned() })
    }

    /// The code, such as `eu-west-1`.
    pub fn code(self) -> &'static str {
        self.row().0
    }

    /// What its usage types start with, such as `EU`; nothing where that is not known. The older usage types of
    /// us-east-1 start with nothing.
    pub fn usage_prefix(self) -> Option<&'static str> {
        self.row().1
    }

    /// The region whose usage types start with this. `EUW1` is another name of `EU`; nothing at all is us-east-1.
    pub fn from_usage_prefix(prefix: &str) -> Option<Self> {
        let prefix = match prefix {
            "" => "USE1",
            "EUW1" => "EU",
            other => other,
        };
        Self::all().find(|region| region.usage_prefix() == Some(prefix))
    }

    /// The region of a usage type, and the usage type without its prefix.
    ///
    /// One that starts with no prefix that is known is of us-east-1 and stays whole: whoever looks for a name
    /// behind the prefix will not find it in one of a Local Zone (`LAX1-…`).
    pub fn of_usage_type(usage_type: &str) -> (Self, &str) {
        let prefixed = usage_type
            .split_once('-')
            .filter(|(prefix, _)| !prefix.is_empty())
            .and_then(|(prefix, rest)| Some((Self::from_usage_prefix(prefix)?, rest)));
        prefixed.unwrap_or((Self::US_EAST_1, usage_type))
    }

    /// The currency in which the region is billed.
    pub fn currency(self) -> Currency {
        let code = self.code();
        if code.starts_with("cn-") {
            Currency::Cny
        } else if code.starts_with("eusc-") {
            Currency::Eur
        } else {
            Currency::Usd
        }
    }

    /// us-east-1, whose usage types may lack a prefix.
    const US_EAST_1: Self = Self(33);

    fn row(self) -> (&'static str, Option<&'static str>) {
        REGIONS.get(usize::from(self.0)).copied().unwrap_or_default()
    }
}

impl fmt::Display for Region {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.code())
    }
}

impl fmt::Debug for Region {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.code())
    }
}

/// The currencies of AWS's price lists. Only dollars are computed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Currency {
    /// US dollars.
    Usd,
    /// Renminbi, in the regions of China.
    Cny,
    /// Euros, in the European Sovereign Cloud.
    Eur,
}

impl Currency {
    /// Its ISO 4217 code.
    pub const fn code(self) -> &'static str {
        match self {
            Self::Usd => "USD",
            Self::Cny => "CNY",
            Self::Eur => "EUR",
        }
    }
}

/// A text is not the code of a region.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{code}` is not a region of AWS")]
pub struct RegionError {
    /// The text.
    pub code: String,
}

#[cfg(test)]
mod tests {
    use super::{REGIONS, Region};

    #[test]
    fn regions_stand_in_the_order_of_their_codes_and_no_two_share_a_prefix() {
        assert!(REGIONS.is_sorted_by(|(one, _), (next, _)| one < next));
        for region in Region::all() {
            assert_eq!(Region::parse(region.code()), Ok(region));
            if let Some(prefix) = region.usage_prefix() {
                assert_eq!(Region::from_usage_prefix(prefix), Some(region));
            }
        }
    }

    #[test]
    fn what_is_no_region_is_refused_by_name() {
        for code in ["", "us-east-3", "US-EAST-1", "us-east-1a", "eu", "internet"] {
            let error = Region::parse(code).unwrap_err();
            assert_eq!(error.to_string(), format!("`{code}` is not a region of AWS"));
        }
    }

    #[test]
    fn a_usage_type_without_a_prefix_that_is_known_is_of_us_east_1() {
        let of = |usage_type| {
            let (region, rest) = Region::of_usage_type(usage_type);
            (region.code(), rest)
        };
        assert_eq!(of("APN2-TimedStorage-ByteHrs"), ("ap-northeast-2", "TimedStorage-ByteHrs"));
        assert_eq!(of("EU-TimedStorage-ByteHrs"), ("eu-west-1", "TimedStorage-ByteHrs"));
        assert_eq!(of("EUW1-TimedStorage-ByteHrs"), ("eu-west-1", "TimedStorage-ByteHrs"));
        assert_eq!(of("TimedStorage-ByteHrs"), ("us-east-1", "TimedStorage-ByteHrs"));
        assert_eq!(of("USE1-TimedStorage-Archive-ByteHrs"), ("us-east-1", "TimedStorage-Archive-ByteHrs"));
        assert_eq!(of("APN2-APN1-AWS-Out-Bytes"), ("ap-northeast-2", "APN1-AWS-Out-Bytes"));
        assert_eq!(of("LAX1-TimedStorage-ByteHrs"), ("us-east-1", "LAX1-TimedStorage-ByteHrs"));
        assert_eq!(of("-TimedStorage-ByteHrs"), ("us-east-1", "-TimedStorage-ByteHrs"));
        assert_eq!(Region::from_usage_prefix(""), Region::parse("us-east-1").ok());
        assert_eq!(Region::from_usage_prefix("LAX1"), None);
    }
}
