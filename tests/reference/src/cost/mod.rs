//! Slow, literal twins of what the core computes about bytes and money.
//!
//! For: comparing the core with a second reading of `docs/COSTS.md`, on small generated repositories. Leaves out
//! every thought of speed.

mod bill;
mod decimal;
mod stored;

pub use bill::{Line, Tier, cost, gb, gb_months_of_hours, lines, registry, total};
pub use stored::{Named, Stored, StoredImage, exclusive_and_shared, stored, stored_with};
