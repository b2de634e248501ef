//! What is known of a segment that was read.

use demurrage_store::Documents;

use super::{CollectedDocument, ShareDocument, names};
use crate::{Failure, FailureKind};

/// A share, and what came of reading one segment of it.
///
/// # Errors
/// When the run has no such share, or the segment was not read; or the store refuses.
pub fn segment(
    documents: &Documents,
    share: u32,
    segment: u32,
) -> Result<(ShareDocument, CollectedDocument), Failure> {
    let missing = |what: String| Failure::new(FailureKind::BadInput, format!("the run has no {what}"));
    let of_share = documents.read(&names::share(share))?;
    let collected = documents.read(&names::collected(share, segment))?;
    Ok((
        of_share.ok_or_else(|| missing(format!("share {share}")))?,
        collected.ok_or_else(|| missing(format!("segment {segment} of share {share}")))?,
    ))
}
