//! What ECR says of the scan of an image: whether there was one, when, and how many findings of which severity.
//!
//! The findings themselves stay with ECR. It assumes that whoever reads keeps *nobody asked* apart from *there was
//! none*: the first is no [`ScanSummary`] at all, the second is [`ScanSummary::never`].

use chrono::{DateTime, Utc};

/// What is known of the scan of one image.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct ScanSummary {
    /// How the scan stands (`imageScanStatus`). `None`: ECR says nothing of it.
    pub status: Option<ScanStatus>,
    /// When the last scan was completed (`imageScanCompletedAt`).
    pub completed_at: Option<DateTime<Utc>>,
    /// How many findings there are (`findingSeverityCounts`); none where no scan was completed.
    pub severity_counts: SeverityCounts,
}

impl ScanSummary {
    /// That the image was never scanned: ECR was asked, and has no scan of it.
    pub fn never() -> Self {
        Self::default()
    }

    /// Whether the image was never scanned.
    pub const fn is_never(&self) -> bool {
        self.status.is_none() && self.completed_at.is_none()
    }
}

/// How many findings there are of each severity that ECR knows.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct SeverityCounts {
    /// `CRITICAL`.
    pub critical: u32,
    /// `HIGH`.
    pub high: u32,
    /// `MEDIUM`.
    pub medium: u32,
    /// `LOW`.
    pub low: u32,
    /// `INFORMATIONAL`.
    pub informational: u32,
    /// `UNDEFINED`, and what this version does not know.
    pub undefined: u32,
}

impl SeverityCounts {
    /// Adds findings of the severity of this name, as the API spells it.
    pub fn add(&mut self, severity: &str, findings: u32) {
        let count = match severity {
            "CRITICAL" => &mut self.critical,
            "HIGH" => &mut self.high,
            "MEDIUM" => &mut self.medium,
            "LOW" => &mut self.low,
            "INFORMATIONAL" => &mut self.informational,
            _ => &mut self.undefined,
        };
        *count = count.saturating_add(findings);
    }
}

/// How the scan of an image stands (ECR's `ScanStatus`).
///
/// Source: API model, `ScanStatus`, read 2026-11-23.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum ScanStatus {
    /// It goes on.
    InProgress,
    /// It is done; what it found stays as it is until the next one.
    Complete,
    /// It failed.
    Failed,
    /// The image cannot be scanned: its operating system, or the artifact, is none that is known.
    UnsupportedImage,
    /// The image is watched, and its findings are those of now (enhanced scanning).
    Active,
    /// It has not begun.
    Pending,
    /// The image is not watched any more: it is too old.
    ScanEligibilityExpired,
    /// There are no findings to be had.
    FindingsUnavailable,
    /// There were more scans than an account may have.
    LimitExceeded,
    /// The image is in the archive class.
    ImageArchived,
    /// The image is too large.
    ImageSizeExceeded,
    /// A status that this version does not know.
    Unrecognised,
}

impl ScanStatus {
    const KNOWN: [Self; 11] = [
        Self::InProgress,
        Self::Complete,
        Self::Failed,
        Self::UnsupportedImage,
        Self::Active,
        Self::Pending,
        Self::ScanEligibilityExpired,
        Self::FindingsUnavailable,
        Self::LimitExceeded,
        Self::ImageArchived,
        Self::ImageSizeExceeded,
    ];

    /// The status of this name, as the API spells it.
    pub fn from_api(name: &str) -> Self {
        Self::KNOWN.into_iter().find(|status| status.as_api() == name).unwrap_or(Self::Unrecognised)
    }

    /// The name of the status, as the API spells it.
    pub const fn as_api(self) -> &'static str {
        match self {
            Self::InProgress => "IN_PROGRESS",
            Self::Complete => "COMPLETE",
            Self::Failed => "FAILED",
            Self::UnsupportedImage => "UNSUPPORTED_IMAGE",
            Self::Active => "ACTIVE",
            Self::Pending => "PENDING",
            Self::ScanEligibilityExpired => "SCAN_ELIGIBILITY_EXPIRED",
            Self::FindingsUnavailable => "FINDINGS_UNAVAILABLE",
            Self::LimitExceeded => "LIMIT_EXCEEDED",
            Self::ImageArchived => "IMAGE_ARCHIVED",
            Self::ImageSizeExceeded => "IMAGE_SIZE_EXCEEDED",
            Self::Unrecognised => "UNRECOGNISED",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{ScanStatus, ScanSummary, SeverityCounts};

    #[test]
    fn a_status_is_what_the_api_calls_it_and_another_name_is_none_that_is_known() {
        for status in ScanStatus::KNOWN {
            assert_eq!(ScanStatus::from_api(status.as_api()), status);
        }
        assert_eq!(ScanStatus::from_api("complete"), ScanStatus::Unrecognised);
        assert_eq!(ScanStatus::from_api(ScanStatus::Unrecognised.as_api()), ScanStatus::Unrecognised);
    }

    #[test]
    fn findings_of_a_severity_that_is_not_known_are_undefined_ones() {
        let mut counts = SeverityCounts::default();
        let severities = ["CRITICAL", "HIGH", "MEDIUM", "LOW", "INFORMATIONAL", "UNDEFINED", "UNTRIAGED"];
        for (severity, findings) in severities.into_iter().zip(1..) {
            counts.add(severity, findings);
        }
        let expected =
            SeverityCounts { critical: 1, high: 2, medium: 3, low: 4, informational: 5, undefined: 6 + 7 };
        assert_eq!(counts, expected);
    }

    #[test]
    fn an_image_without_a_scan_is_not_one_without_findings() {
        assert!(ScanSummary::never().is_never());
        let scanned = ScanSummary { status: Some(ScanStatus::Complete), ..ScanSummary::default() };
        assert!(!scanned.is_never());
    }
}
