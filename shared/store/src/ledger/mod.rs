//! The tag ledger of one registry: which image each tag was on, as the inventories of a store tell it.
//!
//! It is one Parquet file for each registry, which is replaced as a whole. It assumes that inventories are what it
//! learns from: on one machine there are no events. It leaves out every decision, which is the core's
//! ([`demurrage_core::ledger`]); see `docs/STORE.md` for the file.
//!
//! - [`Ledger`]: the ledger of a registry, streamed repository by repository.
//! - [`LedgerLearned`]: what an inventory has taught it.

mod column_builders;
mod columns;
mod file;
mod file_writer;
mod learn;
mod ledger_walk;
mod past;
mod records;
mod registry_ledger;
mod rows;

pub use learn::{LedgerLearned, LedgerOutcome};
pub use ledger_walk::LedgerWalk;
pub use registry_ledger::Ledger;
