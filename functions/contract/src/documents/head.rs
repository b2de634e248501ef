//! What the inventory of a registry begins with.

use chrono::{DateTime, Utc};
use demurrage_core::{RegistryKind, RepositoriesListing};
use demurrage_store::Head;

/// The head of an inventory of a private registry that was listed at this time. A registry whose repositories cannot
/// all be listed is not read at all.
pub(super) fn head(account: &str, region: &str, taken_at: DateTime<Utc>) -> Head {
    Head {
        kind: RegistryKind::Private,
        registry_id: Some(account.to_owned()),
        region: region.to_owned(),
        taken_at,
        repositories_listing: RepositoriesListing::Complete,
    }
}
