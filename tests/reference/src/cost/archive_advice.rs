//! After how many days it has cost less to archive than to keep: every day is tried.
//!
//! For: the comparison with the core. Assumes costs in ten-billionths of a dollar, small enough to multiply.
//! Leaves out how the costs come about.

/// The first day on which the archive class has cost less, with a minimum of 90 days and this fee; nothing where
/// that is so on none of the days up to the last.
pub fn pays_after_days(
    standard_per_month: u64,
    archive_per_month: u64,
    fee: u64,
    last_day: u64,
) -> Option<u64> {
    let (standard, archive, fee) =
        (u128::from(standard_per_month), u128::from(archive_per_month), u128::from(fee));
    for day in 1..=last_day {
        let billed_days = u128::from(if day < 90 { 90 } else { day });
        // All is multiplied by the 30 days of a month.
        if archive * billed_days + fee * 30 < standard * u128::from(day) {
            return Some(day);
        }
    }
    None
}
