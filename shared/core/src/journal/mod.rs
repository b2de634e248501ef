//! The journal of a plan that is applied, or of a restoration: what was about to be done, and what came of it.
//!
//! An [`Intent`] is written down before a call is made, with all that is needed to make up for it; its [`Outcome`] after.
//! An intent without an outcome is a call of which nobody knows whether it was made: who goes on looks at the registry.
//! Leaves out where journals lie (the store knows), and who makes the calls.

mod call;
mod dropped;
mod intent;
mod outcome;
mod saved_image;
mod stored;
mod stored_call;

pub use call::{Call, ImageId};
pub use dropped::Dropped;
pub use intent::{Entry, Intent};
pub use outcome::{IdFailure, Outcome};
pub use saved_image::SavedImage;
pub use stored::JournalTextError;
