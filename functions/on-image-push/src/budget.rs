//! What is known of an image that got a tag, and what its budget says.

use demurrage_aws::CallError;
use demurrage_core::audit::{Budget, BudgetVerdict, Platforms, TaggedImage, judge_budget};
use demurrage_core::ledger::EventImage;

use crate::edge::{Edge, Known};

/// Judges an image by its budget; nothing where it is not there any more.
///
/// The manifest is read only where the budget asks for platforms.
pub(crate) async fn judge(
    edge: &Edge,
    budget: &Budget,
    image: &EventImage,
) -> Result<Option<BudgetVerdict>, CallError> {
    let listed = match edge.image(image).await? {
        Known::Is(Some(listed)) => listed,
        Known::Is(None) => return Ok(None),
        Known::Not(reason) => {
            return Ok(Some(BudgetVerdict { overruns: Vec::new(), unjudged: vec![reason] }));
        }
    };
    let platforms = if budget.platforms.is_empty() {
        Platforms::None
    } else {
        match edge.manifest(image).await? {
            Known::Is(Some(manifest)) => Platforms::of(&manifest),
            Known::Is(None) => Platforms::NotRead("the image cannot be pulled any more".to_owned()),
            Known::Not(reason) => Platforms::NotRead(reason),
        }
    };
    let tags = u32::try_from(listed.tags.len()).unwrap_or(u32::MAX);
    Ok(Some(judge_budget(budget, &TaggedImage { size_bytes: listed.size_bytes, tags, platforms })))
}
