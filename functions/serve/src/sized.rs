//! Room for what is about to be loaded, asked for before it is loaded.

use demurrage_contract::{Failure, FailureKind};

/// Percent of the memory that what is loaded may take: the rest is the program, the runtime, what comes of it.
const PERCENT: u64 = 60;

/// Refuses what would not fit the memory of the function.
///
/// # Errors
/// When it would not; the message says how much memory would do.
pub fn sized(what: &str, needed_bytes: u64, memory_bytes: u64) -> Result<(), Failure> {
    if needed_bytes <= memory_bytes / 100 * PERCENT {
        return Ok(());
    }
    let mib = 1024 * 1024;
    let enough = needed_bytes.saturating_mul(100).div_ceil(PERCENT).div_ceil(mib);
    let message = format!(
        "{what} takes about {} MiB, and the function has {} MiB: give it at least {enough} MiB",
        needed_bytes.div_ceil(mib),
        memory_bytes / mib
    );
    Err(Failure::new(FailureKind::TooLarge, message))
}

#[cfg(test)]
mod tests {
    use demurrage_contract::FailureKind;

    use super::sized;

    #[test]
    fn what_fits_is_loaded_and_what_does_not_is_refused_with_the_memory_that_would_do() {
        let mib = 1024 * 1024;
        assert_eq!(sized("a part", 300 * mib, 512 * mib), Ok(()));
        let failure = sized("a part", 400 * mib, 512 * mib).unwrap_err();
        assert_eq!(failure.kind, FailureKind::TooLarge);
        assert!(failure.message.contains("at least 667 MiB"), "{failure}");
        assert_eq!(sized("a part", 400 * mib, 667 * mib), Ok(()));
    }
}
