//! Which files a query reads: one list for each table, day, account and region, which are its partitions.
//!
//! A table over all inventories would count every image once for each day. These lists name the files of one
//! inventory of each registry for each day, the last that was made on it.
//!
//! Source: Athena user guide, "Query Amazon S3 Inventory with Athena" (`SymlinkTextInputFormat` with partition
//! projection), read 2026-11-24.

use chrono::{DateTime, Utc};
use demurrage_contract::Failure;
use demurrage_store::{InventoryEntry, Store, Table};

/// The folder of the lists.
const ATHENA: &str = "athena";

/// Names the files of an inventory for the day of the run.
pub(crate) fn list(
    store: &Store,
    entry: &InventoryEntry,
    account: &str,
    region: &str,
    day: DateTime<Utc>,
) -> Result<(), Failure> {
    let day = format!("day={}", day.format("%Y-%m-%d"));
    let (account, region) = (format!("account={account}"), format!("region={region}"));
    for table in Table::ALL {
        let files = store.files_of(entry, table);
        let text: String = files.iter().flat_map(|file| [file, "\n"]).collect();
        let partition = store.documents(&[ATHENA, table.name(), &day, &account, &region])?;
        partition.put("files.txt", text.as_bytes())?;
    }
    Ok(())
}
