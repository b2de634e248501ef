//! The tag ledger: which image each tag of a repository is on, and was on, and how that is known.
//!
//! It assumes what ECR promises of its events, which is little: they may be missing, doubled and out of order, and
//! their times are whole seconds. A complete listing is what makes the ledger right; events make it early and exact.
//! It leaves out where observations are kept: a store keeps them, and asks [`decide`] what to write.
//! `docs/LEDGER.md` has the rules in words.
//!
//! - [`EcrEvent`]: the events, read; what they teach about tags.
//! - [`Observation`]: what an event or a listing says about a tag. All that is kept.
//! - [`decide`], [`reconcile`]: what one more observation, or one more listing, changes.
//! - [`Head`], [`Standing`]: what a tag is on now.
//! - [`TagHistory`], [`TagFact`], [`TagAt`]: what it was on, and when.
//! - [`RepositoryLedger`]: all of a repository, in memory.

mod began;
mod change;
mod decide;
mod ecr_event;
mod event_error;
mod event_repository;
mod event_text;
mod head;
mod held;
mod lesson;
mod listing_window;
mod mutability_history;
mod observation;
mod reconcile;
mod repository_ledger;
mod standing;
mod tag_at;
mod tag_fact;
mod tag_history;
mod tag_listing;

pub use began::Began;
pub use change::{Change, Lesson};
pub use decide::{Stored, decide};
pub use ecr_event::{CacheSync, EcrAction, EcrEvent, EventImage, ImageAction, Teaching};
pub use event_error::EventError;
pub use event_repository::EventRepository;
pub use head::Head;
pub use held::{Held, Several};
pub use listing_window::ListingWindow;
pub use mutability_history::{MutabilityHistory, MutabilitySpell};
pub use observation::{Learnt, Observation, Said};
pub use reconcile::reconcile;
pub use repository_ledger::{RepositoryLedger, TagRecord};
pub use standing::Standing;
pub use tag_at::TagAt;
pub use tag_fact::TagFact;
pub use tag_history::TagHistory;
pub use tag_listing::{Extent, TagListing};
