//! Slow, literal twins of what the core computes about bytes and money.
//!
//! For: comparing the core with a second reading of `docs/COSTS.md`, on small generated repositories. Leaves out
//! every thought of speed.

mod archive_advice;
mod bill;
mod decimal;
mod forecast;
mod held;
mod mounted;
mod savings;
mod stored;
mod sweep;
mod traffic;

pub use archive_advice::pays_after_days;
pub use bill::{Line, Tier, cost, gb, gb_months_of_hours, lines, registry, total};
pub use forecast::{new_bytes, with_policy, without_policy};
pub use held::Held;
pub use mounted::{MountedTogether, MountingRepository, mounted};
pub use savings::{Freed, next_run, settled};
pub use stored::{Named, Stored, StoredImage, exclusive_and_shared, stored, stored_with};
pub use sweep::{Point, point};
pub use traffic::{
    Differences, Replica, Sender, Sent, SentImage, differences, first_dearer_pull, in_a_month, sent,
    to_internet,
};
