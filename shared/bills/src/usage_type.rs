//! What a usage type names: the kind of usage, and its regions.
//!
//! Source: the usage types and region codes of the ECR and `AWSDataTransfer` price lists, read 2026-11-23. A
//! kind is told by its exact suffix, a region by the code before it; usage types of us-east-1 that are older
//! than region codes have none.

use demurrage_core::cost::Region;

/// What was used, and where.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct UsageType {
    /// The region on whose side it is billed; nothing where neither the type nor the bill names one.
    pub region: Option<Region>,
    /// What was used.
    pub kind: UsageKind,
}

/// The kinds of usage that ECR bills.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum UsageKind {
    /// GB-months in the standard class.
    Storage,
    /// GB-months in the archive class.
    ArchiveStorage,
    /// GB restored from the archive class.
    Retrieval,
    /// GB sent to another region.
    InterRegionOut {
        /// The region that it went to.
        to: Region,
    },
    /// GB received, from a region or from the internet; costs nothing.
    In {
        /// The region that it came from; the internet, where nothing stands.
        from: Option<Region>,
    },
    /// GB sent to the internet.
    InternetOut,
    /// GB between the zones of a region.
    Regional,
    /// A usage type that this version does not know.
    Other(String),
}

impl UsageKind {
    /// The name in reports.
    pub const fn name(&self) -> &'static str {
        match self {
            Self::Storage => "storage",
            Self::ArchiveStorage => "archive-storage",
            Self::Retrieval => "retrieval",
            Self::InterRegionOut { .. } => "inter-region-out",
            Self::In { .. } => "in",
            Self::InternetOut => "internet-out",
            Self::Regional => "regional",
            Self::Other(_) => "other",
        }
    }
}

impl UsageType {
    /// Reads a usage type. One whose unit is no amount of bytes is of no kind that is known: signatures, for
    /// example, are counted.
    pub fn parse(text: &str, unit: Option<&str>) -> Self {
        let text = text.trim();
        let is_of_bytes = unit.is_none_or(|unit| {
            unit.get(..2).is_some_and(|start| start.eq_ignore_ascii_case("gb"))
                || unit.eq_ignore_ascii_case("gigabytes")
        });
        let known = if is_of_bytes { known(text) } else { None };
        known.unwrap_or_else(|| {
            let region = text.split_once('-').and_then(|(code, _)| Region::from_usage_prefix(code));
            Self { region, kind: UsageKind::Other(text.to_owned()) }
        })
    }

    /// The same, with the region that the bill names, where the usage type itself names none.
    pub(crate) fn or_region(mut self, region: Option<&str>) -> Self {
        self.region = self.region.or_else(|| Region::parse(region?.trim()).ok());
        self
    }
}

fn known(text: &str) -> Option<UsageType> {
    // No code at all is us-east-1, in types that are older than codes.
    let of = |code: &str, kind| Some(UsageType { region: Region::from_usage_prefix(code), kind });
    // The archive class first: neither suffix is a suffix of the other, but readers of lists may think so.
    if let Some(code) = code_before(text, "TimedStorage-Archive-ByteHrs") {
        of(code, UsageKind::ArchiveStorage)
    } else if let Some(code) = code_before(text, "TimedStorage-ByteHrs") {
        of(code, UsageKind::Storage)
    } else if let Some(code) = code_before(text, "Retrieval-Archive") {
        of(code, UsageKind::Retrieval)
    } else if let Some(code) = code_before(text, "DataTransfer-Out-Bytes") {
        of(code, UsageKind::InternetOut)
    } else if let Some(code) = code_before(text, "DataTransfer-In-Bytes") {
        of(code, UsageKind::In { from: None })
    } else if let Some(code) = code_before(text, "DataTransfer-Regional-Bytes") {
        of(code, UsageKind::Regional)
    } else if let Some(codes) = code_before(text, "AWS-Out-Bytes") {
        let (from, to) = pair(codes)?;
        Some(UsageType { region: Some(from), kind: UsageKind::InterRegionOut { to } })
    } else if let Some(codes) = code_before(text, "AWS-In-Bytes") {
        let (to, from) = pair(codes)?;
        Some(UsageType { region: Some(to), kind: UsageKind::In { from: Some(from) } })
    } else {
        None
    }
}

/// The region code before a suffix: empty where the suffix is all.
fn code_before<'a>(text: &'a str, suffix: &str) -> Option<&'a str> {
    let code = text.strip_suffix(suffix)?;
    if code.is_empty() { Some(code) } else { code.strip_suffix('-') }
}

fn pair(codes: &str) -> Option<(Region, Region)> {
    let (one, other) = codes.split_once('-').filter(|(one, other)| !one.is_empty() && !other.is_empty())?;
    Some((Region::from_usage_prefix(one)?, Region::from_usage_prefix(other)?))
}

#[cfg(test)]
mod tests {
    use demurrage_core::cost::Region;

    use super::{UsageKind, UsageType};

    fn region(code: &str) -> Region {
        Region::parse(code).unwrap()
    }

    #[test]
    fn storage_is_told_by_its_suffix_and_us_east_1_has_no_code() {
        for (text, code, kind) in [
            ("TimedStorage-ByteHrs", "us-east-1", UsageKind::Storage),
            ("USE1-TimedStorage-ByteHrs", "us-east-1", UsageKind::Storage),
            ("EU-TimedStorage-ByteHrs", "eu-west-1", UsageKind::Storage),
            ("APS3-TimedStorage-ByteHrs", "ap-south-1", UsageKind::Storage),
            ("USE1-TimedStorage-Archive-ByteHrs", "us-east-1", UsageKind::ArchiveStorage),
            ("APN2-Retrieval-Archive", "ap-northeast-2", UsageKind::Retrieval),
            ("DataTransfer-Out-Bytes", "us-east-1", UsageKind::InternetOut),
            ("APN2-DataTransfer-Out-Bytes", "ap-northeast-2", UsageKind::InternetOut),
            ("USW2-DataTransfer-Regional-Bytes", "us-west-2", UsageKind::Regional),
            ("USW2-DataTransfer-In-Bytes", "us-west-2", UsageKind::In { from: None }),
        ] {
            assert_eq!(
                UsageType::parse(text, None),
                UsageType { region: Some(region(code)), kind },
                "{text}"
            );
        }
    }

    #[test]
    fn pairs_name_the_billed_side_first() {
        let out = UsageType::parse("APN2-APN1-AWS-Out-Bytes", Some("GB"));
        assert_eq!(out.region, Some(region("ap-northeast-2")));
        assert_eq!(out.kind, UsageKind::InterRegionOut { to: region("ap-northeast-1") });
        let inward = UsageType::parse("APN1-APN2-AWS-In-Bytes", Some("GB"));
        assert_eq!(inward.region, Some(region("ap-northeast-1")));
        assert_eq!(inward.kind, UsageKind::In { from: Some(region("ap-northeast-2")) });
    }

    #[test]
    fn what_is_not_known_keeps_its_text() {
        for (text, unit) in [
            ("USE1-Signing", None),
            ("XXX9-YYY9-AWS-Out-Bytes", Some("GB")),
            ("USE1-AWS-Out-Bytes", Some("GB")),
            ("NotTimedStorage-ByteHrs", Some("GB-Mo")),
            ("USE1-TimedStorage-ByteHrs", Some("Count")),
            ("", None),
        ] {
            assert_eq!(UsageType::parse(text, unit).kind, UsageKind::Other(text.to_owned()), "{text}");
        }
    }

    #[test]
    fn a_code_that_is_new_leaves_the_region_to_the_bill() {
        let usage = UsageType::parse("ZZZ1-TimedStorage-ByteHrs", Some("GB-Mo"));
        assert_eq!((&usage.region, &usage.kind), (&None, &UsageKind::Storage));
        assert_eq!(usage.or_region(Some("eu-west-1")).region, Some(region("eu-west-1")));
    }
}
