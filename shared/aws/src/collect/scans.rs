//! What ECR says of scans, in a listing of images or of one image.

use aws_sdk_ecr::types::{ImageScanFindingsSummary, ImageScanStatus};
use demurrage_core::{ScanStatus, ScanSummary};

use crate::ecr_time::instant;

/// What a listing says of the scan of an image; nothing where it says neither how it stands nor when it was.
///
/// It says nothing of the scans of new basic scanning (`AWS_NATIVE`), so that nothing does not mean that there was
/// none. Source: ECR user guide, "Scan images for OS vulnerabilities", read 2026-11-23.
pub(super) fn listed(
    status: Option<&ImageScanStatus>,
    findings: Option<&ImageScanFindingsSummary>,
) -> Option<ScanSummary> {
    let mut scan = ScanSummary::never();
    scan.status =
        status.and_then(|status| status.status.as_ref()).map(|status| ScanStatus::from_api(status.as_str()));
    if let Some(findings) = findings {
        scan.completed_at = instant(findings.image_scan_completed_at.as_ref());
        for (severity, count) in findings.finding_severity_counts.iter().flatten() {
            // The API model has no count below 0.
            scan.severity_counts.add(severity.as_str(), u32::try_from(*count).unwrap_or_default());
        }
    }
    (!scan.is_never()).then_some(scan)
}
