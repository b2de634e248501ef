//! What went from a registry since the inventory before its newest, and how much of that its policies explain. Both are gone
//! through side by side, in the order of names.

use demurrage_core::lifecycle::{AttachedPolicy, Verdict, gone};
use demurrage_core::{Listing, RepositoriesListing, Repository};
use demurrage_report::page::{PageAwsDeleted, PageMaker};
use demurrage_store::Depth;

use super::past::is_before;
use super::registry::Registry;
use crate::failure::Failure;

/// Gives the page what went, where there is an earlier inventory.
pub(super) fn take_in(registry: &Registry<'_>, maker: &mut PageMaker) -> Result<(), Failure> {
    let later = registry.entry;
    let Some(earlier) = registry.basis.all.iter().rev().find(|it| is_before(it, later)) else {
        return Ok(());
    };
    let store = registry.basis.asked.store;
    let mut before = store.walk(earlier, Depth::Children)?;
    let mut after = store.walk(later, Depth::Children)?;
    let mut next = after.next_repository()?;
    let mut deleted = Vec::new();
    while let Some(was) = before.next_repository()? {
        while next.as_ref().is_some_and(|is| is.name < was.name) {
            next = after.next_repository()?;
        }
        let is = next.as_ref().filter(|is| is.name == was.name);
        if !can_tell(&was, is, later.repositories_listing) {
            continue;
        }
        let both = [Some(&was), is].into_iter().flatten();
        let policies: Vec<_> = both.map(|it| AttachedPolicy::of(&it.lifecycle_policy)).collect();
        let images = is.map_or(&[][..], |is| &is.images);
        let went = gone(&was.images, images, &policies, later.taken_at, registry.basis.asked.switches);
        if went.is_empty() {
            continue;
        }
        let is_explained =
            |verdict: &Verdict| matches!(verdict, Verdict::Explained(_) | Verdict::SubjectGone(_));
        deleted.push(PageAwsDeleted {
            repository: was.name,
            region: registry.entry.region.clone(),
            since: earlier.taken_at,
            until: later.taken_at,
            images: went.len(),
            expected: went.iter().filter(|gone| is_explained(&gone.verdict)).count(),
        });
    }
    maker.aws_deleted(deleted);
    Ok(())
}

/// Whether both were read so far that what is missing from the later one is gone.
fn can_tell(was: &Repository, is: Option<&Repository>, listing: RepositoriesListing) -> bool {
    let is_known = |it: &Repository| it.listing == Listing::Complete;
    is_known(was) && is.map_or(listing == RepositoriesListing::Complete, is_known)
}
