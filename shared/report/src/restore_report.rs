//! A restoration as it is shown: what can come back, and what came back.

use demurrage_core::journal::{PushedOut, Restoration};
use demurrage_core::plan::RepositoryAddress;
use demurrage_core::{Digest, Tag};

/// A restoration, before or after it was done.
#[derive(Debug, Clone)]
pub struct RestoreReport {
    /// The name of the journal that it is from.
    pub journal: String,
    /// Its repositories, in order.
    pub repositories: Vec<RestoredRepository>,
    /// Whether calls were made.
    pub is_done: bool,
}

/// What becomes, or became, of the losses of one repository.
#[derive(Debug, Clone)]
pub struct RestoredRepository {
    /// The repository.
    pub repository: RepositoryAddress,
    /// Each image, in the order in which they come back.
    pub images: Vec<RestoredImage>,
    /// What the attached lifecycle policy would act on because of it.
    pub pushed_out: Vec<PushedOut>,
    /// What could not be found out beside that.
    pub notes: Vec<String>,
    /// Why nothing can be done in it.
    pub refused: Option<String>,
}

/// What becomes, or became, of one image.
#[derive(Debug, Clone)]
pub struct RestoredImage {
    /// What was decided.
    pub restoration: Restoration,
    /// The tags that it had, or that were taken off it.
    pub had_tags: Vec<Tag>,
    /// What came of it; nothing where it was not tried.
    pub outcome: Option<RestoredOutcome>,
}

/// What came of one image.
#[derive(Debug, Clone)]
pub struct RestoredOutcome {
    /// Whether it is there.
    pub is_back: bool,
    /// The tags that were put at it.
    pub tags: Vec<Tag>,
    /// What did not work.
    pub failures: Vec<String>,
}

impl RestoredImage {
    /// The image.
    pub const fn digest(&self) -> Digest {
        self.restoration.digest
    }
}
