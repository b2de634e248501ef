//! What was sent between regions, as a bill has it.

use std::collections::BTreeMap;
use std::path::PathBuf;

use demurrage_core::cost::{PullTarget, Usd};
use demurrage_report::page::PageTransfer;

use crate::command::cost::billed;
use crate::failure::Failure;

/// The lines of the newest month of a bill, by sender and destination; none where there is no bill.
pub(super) fn billed(files: &[PathBuf], is_partial: &mut bool) -> Result<Vec<PageTransfer>, Failure> {
    if files.is_empty() {
        return Ok(Vec::new());
    }
    let billed = billed::read(files)?;
    *is_partial |= billed.is_partial;
    let mut sums: BTreeMap<(String, &str, String), (u128, Usd)> = BTreeMap::new();
    for (account, region, transfer) in billed.transfers() {
        let to = match transfer.to {
            PullTarget::Region(region) => region.code().to_owned(),
            PullTarget::Internet => "the internet".to_owned(),
        };
        let sum = sums.entry((account.to_owned(), region.code(), to)).or_insert((0, Usd::ZERO));
        sum.0 = sum.0.saturating_add(billed::bytes_of(transfer.gigabytes));
        sum.1 += transfer.usd;
    }
    let line = |((account, from, to), (bytes, usd)): ((String, &str, String), (u128, Usd))| PageTransfer {
        account: Some(account),
        from: from.to_owned(),
        to,
        what: "all that was sent: replication and pulls".to_owned(),
        bytes,
        usd_low: Some(usd.to_string()),
        usd_high: Some(usd.to_string()),
        basis: "billed",
    };
    Ok(sums.into_iter().map(line).collect())
}
