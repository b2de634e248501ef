//! What applying a plan has to decide: what a re-read changes, what goes into which call, what an answer means.
//!
//! It is asked again and again while a registry is changed, and decides on one side alone: what is not as it was planned
//! stays. Leaves out the calls themselves, the journal, and how anything is shown.

mod admission;
mod answer;
mod batches;
mod change;
mod guard_words;
mod left;
mod report;
mod standing;
mod stored_report;
mod waves;

pub use admission::{NotApplicable, admit};
pub use answer::{Meaning, Oddity, meaning, oddities, oddity_of};
pub use batches::{BATCH_ARCHIVES, BATCH_IDS, Batch, batches, ids_of};
pub use change::{Change, changed_links};
pub use guard_words::guard_words;
pub use left::{Unplanned, unplanned};
pub use report::{ApplyReport, Conclusion, Halt, HaltKind, LeftAction, RepositoryReport, RepositoryState};
pub use standing::{Standing, standing};
pub use stored_report::ReportTextError;
pub use waves::waves;
