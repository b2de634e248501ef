//! The journal of a plan that is applied, or of a restoration: what was about to be done, and what came of it.
//!
//! An [`Intent`] is written down before a call is made, with all that is needed to make up for it; its [`Outcome`] after.
//! An intent without an outcome is a call of which nobody knows whether it was made: who goes on looks at the registry.
//! [`Losses`] are what a journal says was taken, and [`restorations`] what of that can be made good.
//! Leaves out where journals lie (the store knows), and who makes the calls.

mod call;
mod dropped;
mod history;
mod intent;
mod losses;
mod outcome;
mod pushed_out;
mod restoration;
mod saved_image;
mod stored;
mod stored_call;

pub use call::{Call, ImageId};
pub use dropped::Dropped;
pub use history::{Happening, HistoryRow, history_of, history_of_dropped};
pub use intent::{Entry, Intent};
pub use losses::{Loss, Losses};
pub use outcome::{IdFailure, Outcome};
pub use pushed_out::{PushedOut, pushed_out};
pub use restoration::{BlobState, Obstacle, Restoration, Way, blobs_needed, restorations};
pub use saved_image::SavedImage;
pub use stored::JournalTextError;
