//! Bills beside what inventories say: pure.
//!
//! The standard and the archive class are computed from inventories and prices, and compared with what is
//! billed. Of transfer only the bill knows how much there was; its price alone is compared with the list.

mod byte_hours;
mod cause;
mod explained;
mod history;
mod left_over;
mod month_reconciliation;
mod prices_of;
mod sorted_lines;
mod storage_row;
mod transfer_row;

pub use byte_hours::{Basis, Computed, Unseen};
pub use cause::{Cause, Difference};
pub use explained::Explained;
pub use history::{Held, RegistryHistory};
pub use left_over::{LeftOver, Why};
pub use month_reconciliation::{MonthReconciliation, OtherLines, Unbilled, reconcile};
pub use storage_row::{Class, StorageRow};
pub use transfer_row::TransferRow;
