//! What is raised at once, and what it is about.

use chrono::{DateTime, Utc};
use demurrage_core::audit::Overrun;
use demurrage_core::ledger::EventRepository;
use demurrage_core::{Digest, Metric, Tag, TagMutability};

use crate::edge::Known;
use crate::tag_moved::Move;

/// A finding, with its place.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Finding {
    pub(crate) repository: EventRepository,
    pub(crate) tag: Tag,
    /// When it happened.
    pub(crate) at: DateTime<Utc>,
    /// The event that told of it.
    pub(crate) event_id: String,
    pub(crate) what: What,
}

/// What was found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum What {
    /// A tag moved that has to mean the same build for good.
    TagMoved {
        moved: Move,
        /// Which tags the setting of the repository frees.
        setting: Known<TagMutability>,
    },
    /// An image is beyond its budget.
    Budget { digest: Digest, overruns: Vec<Overrun> },
}

impl Finding {
    /// The metrics that get a figure of 1.
    pub(crate) const fn metrics(&self) -> &'static [Metric] {
        match self.what {
            What::TagMoved { .. } => &[Metric::TagsMoved, Metric::AllTagsMoved],
            What::Budget { .. } => &[Metric::BudgetsBroken],
        }
    }

    /// Its name in logs: that of the audit, where there is one.
    pub(crate) const fn id(&self) -> &'static str {
        match self.what {
            What::TagMoved { .. } => "tag-moved",
            What::Budget { .. } => "budget-broken",
        }
    }
}
