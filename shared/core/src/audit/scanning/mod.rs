//! Whether vulnerabilities are looked for, and mended.

mod coverage;
mod newest_image;
mod scan_findings_overdue;
mod scan_out_of_date;
mod scanning_not_covered;
mod severities;

use super::check::Check;

pub(super) const CHECKS: &[Check] = &[
    Check::of_repository(&scanning_not_covered::AUDIT, scanning_not_covered::check),
    Check::of_repository(&scan_findings_overdue::AUDIT, scan_findings_overdue::check),
    Check::of_repository(&scan_out_of_date::AUDIT, scan_out_of_date::check),
];
