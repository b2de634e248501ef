//! How programs are told that not all images of a repository are known.

use demurrage_core::Listing;
use serde_json::Value;

/// The name of a listing that is not complete; nothing where it is.
pub(crate) const fn listing_name(listing: &Listing) -> Option<&'static str> {
    match listing {
        Listing::Complete => None,
        Listing::CutOff => Some("CUT_OFF"),
        Listing::Failed(_) => Some("FAILED"),
    }
}

/// Marks the object of a repository with `listing`, where that is not complete.
pub(crate) fn insert_listing(object: &mut Value, listing: &Listing) {
    if let (Some(name), Some(object)) = (listing_name(listing), object.as_object_mut()) {
        object.insert("listing".to_owned(), name.into());
    }
}
