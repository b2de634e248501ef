//! Inventories in a folder or a bucket: Parquet files beside one another, never changed once written.
//!
//! Writing and reading stream: neither holds more than a part of an inventory, however large it is. A folder
//! needs atomic renames, a bucket conditional puts. It leaves out what an inventory means (the core knows)
//! and where it comes from. `DuckDB` and Athena read the Parquet files as they are; see `docs/STORE.md` for
//! the layout.

mod batches;
mod bucket;
mod cluster_lists;
mod columns;
mod deployment;
mod documents;
mod entry;
mod error;
mod folder;
mod holds;
mod inventory_names;
mod journal;
mod journal_names;
mod journal_walk;
mod known_manifests;
mod lease;
mod ledger;
mod manifest_cursor;
mod newest;
mod numbered;
mod order;
mod part;
mod part_writer;
mod place;
mod plan_files;
mod plan_halt;
mod plan_reader;
mod plan_spool;
mod plans;
mod ranges;
mod read;
mod records;
mod rows;
mod rows_writer;
mod scan_rows;
mod stop;
mod store;
mod table;
mod table_writer;
mod use_records;
mod walk;
mod writer;

pub use deployment::Deployment;
pub use documents::{Dated, Documents};
pub use entry::{InventoryEntry, StoredRegistry};
pub use error::StoreError;
pub use holds::{HoldEnd, StoredHold};
pub use inventory_names::InventoryNames;
pub use journal::{Journal, journal_of};
pub use journal_walk::JournalWalk;
pub use known_manifests::KnownManifests;
pub use lease::{FolderLease, LeaseError};
pub use ledger::{Ledger, LedgerLearned, LedgerOutcome, LedgerWalk};
pub use manifest_cursor::ManifestCursor;
pub use part::Part;
pub use part_writer::PartWriter;
pub use place::Put;
pub use plan_files::{PlanDraft, PlanFiles, sha256};
pub use plan_halt::PlanHalt;
pub use plan_reader::{PlanError, StoredPlan};
pub use plan_spool::PlanSpool;
pub use plans::PlanMark;
pub use rows_writer::RowsWriter;
pub use stop::StopOrder;
pub use store::{FORMAT_VERSION, Store};
pub use table::Table;
pub use walk::{Depth, Walk};
pub use writer::{Head, InventoryWriter};

pub(crate) use store::WHOLE_VERSION;
