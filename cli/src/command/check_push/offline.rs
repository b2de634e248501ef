//! What a push would meet by the newest inventory of the store: nobody is asked, so it is as old as the inventory.

use demurrage_aws::{PushTarget, TaggedImage};
use demurrage_core::{Listing, RegistryKind, Repository, Tag};
use demurrage_store::{InventoryEntry, Store};

use crate::failure::Failure;
use crate::selected::{announce, entries};

/// What an inventory says.
pub(super) enum Stored {
    /// What a push would meet.
    Target(PushTarget),
    /// The inventory does not tell, for this reason.
    Unknown(String),
}

/// The account and region of the registry, and what its newest inventory says of the repository and the tag.
///
/// # Errors
/// When the store cannot be read, or has no private registry there, or several.
pub(super) fn stored(
    store: &Store,
    region: Option<&str>,
    repository: &str,
    tag: &Tag,
) -> Result<(InventoryEntry, Stored), Failure> {
    let mut private = entries(store, region)?;
    private.retain(|entry| entry.kind == RegistryKind::Private);
    let entry = match (private.pop(), private.is_empty()) {
        (Some(entry), true) => entry,
        (Some(_), false) => {
            return Err(Failure::usage(
                "the store has several registries there",
                "name the region with `--region`, or a store of one account with `--store`",
            ));
        }
        (None, _) => {
            return Err(Failure::usage(
                "the store has no private registry there",
                "look with `demurrage status`",
            ));
        }
    };
    announce(&entry);
    let found = store.read(&entry, |name| name == repository)?.repositories.into_iter().next();
    let stored = match found {
        Some(found) => of_repository(found, tag),
        None => Stored::Unknown(
            "the inventory has no such repository, and creation templates are not asked".to_owned(),
        ),
    };
    Ok((entry, stored))
}

fn of_repository(mut repository: Repository, tag: &Tag) -> Stored {
    let images = std::mem::take(&mut repository.images);
    let tagged = images.iter().find(|image| image.tags.contains(tag));
    let image = tagged.map(|image| TaggedImage {
        digest: image.digest,
        status: image.status,
        pushed_at: image.pushed_at,
    });
    match (&image, &repository.listing) {
        // An image that is listed is there, whatever else is.
        (Some(_), _) | (None, Listing::Complete) => {
            Stored::Target(PushTarget::Repository { repository: Box::new(repository), image })
        }
        (None, Listing::CutOff) => {
            Stored::Unknown("not all images of the repository are in the inventory".to_owned())
        }
        (None, Listing::Failed(cause)) => {
            Stored::Unknown(format!("the images of the repository could not be read: {cause}"))
        }
    }
}
