//! What replication sends of one repository in a month.

use std::num::NonZeroU32;

use demurrage_core::cost::{Blobs, Bounds, Pushed, Region, Replicated, StoredBytes, Usd, replication_costs};
use demurrage_core::{Destination, Repository};

use super::repository::PageAbout;

/// The days by which a month is judged.
const WINDOW_DAYS: NonZeroU32 = NonZeroU32::MIN.saturating_add(29);

/// What goes to one destination in a month.
#[derive(Debug, Clone)]
pub(super) struct Flow {
    pub(super) destination: Destination,
    pub(super) bytes: u128,
    pub(super) usd: Option<Bounds<Usd>>,
}

/// What is sent to each destination; nothing where that is not known.
pub(super) fn flows(
    about: &PageAbout<'_>,
    repository: &Repository,
    blobs: &Blobs,
    stored: StoredBytes,
) -> Vec<Flow> {
    let (Some(replication), Ok(region)) = (about.replication, Region::parse(about.region)) else {
        return Vec::new();
    };
    let pushed = Pushed::of(&repository.images, blobs, about.now, WINDOW_DAYS);
    let replicated =
        Replicated { region, registry_id: about.account, name: &repository.name, pushed, stored };
    let costs = replication_costs(about.list, replication, replicated, &[]);
    let flow = |cost: demurrage_core::cost::ReplicationCost| Flow {
        bytes: cost.sent_bytes.high,
        usd: cost.transfer_usd,
        destination: cost.destination,
    };
    costs.into_iter().map(flow).collect()
}
