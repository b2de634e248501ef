//! The tag ledger: which image each tag of a repository is on, and was on, and how that is known.
//!
//! It assumes what ECR promises of its events, which is little: they may be missing, doubled and out of order, and
//! their times are whole seconds. A complete listing is what makes the ledger right; events make it early and exact.
//! It leaves out where observations are kept: a store keeps them, and asks [`decide`] what to write.
//! `docs/LEDGER.md` has the rules in words.
//!
//! - [`Observation`]: what an event or a listing says about a tag. All that is kept.
//! - [`decide`], [`reconcile`]: what one more observation, or one more listing, changes.
//! - [`Head`], [`Standing`]: what a tag is on now.

mod began;
mod change;
mod decide;
mod head;
mod held;
mod lesson;
mod listing_window;
mod observation;
mod reconcile;
mod standing;
mod tag_listing;

pub use began::Began;
pub use change::{Change, Lesson};
pub use decide::{Stored, decide};
pub use head::Head;
pub use held::{Held, Several};
pub use listing_window::ListingWindow;
pub use observation::{Learnt, Observation, Said};
pub use reconcile::reconcile;
pub use standing::Standing;
pub use tag_listing::{Extent, TagListing};
