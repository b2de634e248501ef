//! Inventories on disk: Parquet files in a folder, beside one another, never changed once written.
//!
//! It assumes a local file system with atomic renames. It leaves out what an inventory means (the core
//! knows) and where it comes from. `DuckDB` and Athena read the Parquet files as they are; see
//! `docs/STORE.md` for the layout.

mod batches;
mod columns;
mod commit;
mod entry;
mod error;
mod read;
mod store;
mod write;

pub use entry::InventoryEntry;
pub use error::StoreError;
pub use store::{FORMAT_VERSION, Store};
