//! What is known of a segment that was read.

use demurrage_store::Documents;

use super::{CollectedDocument, ShareDocument, names};
use crate::{Failure, FailureKind};

/// A share, and what came of reading one segment of it; nothing where the segment was not read, and the run says why.
///
/// # Errors
/// When the share of a segment that was read is missing, or the store refuses.
pub fn segment(
    documents: &Documents,
    share: u32,
    segment: u32,
) -> Result<Option<(ShareDocument, CollectedDocument)>, Failure> {
    let Some(collected) = documents.read(&names::collected(share, segment))? else { return Ok(None) };
    let of_share = documents.read(&names::share(share))?;
    let missing = || Failure::new(FailureKind::BadInput, format!("the run has no share {share}"));
    Ok(Some((of_share.ok_or_else(missing)?, collected)))
}

/// Where a share goes on, by segment and repository, once what is done with this segment has come to an end or to `next`:
/// then in the segment after it, as far as one was read.
pub fn goes_on(next: Option<u32>, segment: u32, collected: &CollectedDocument) -> Option<(u32, u32)> {
    match (next, collected.next) {
        (Some(from), _) => Some((segment, from)),
        (None, Some(_)) => Some((segment + 1, 0)),
        (None, None) => None,
    }
}
