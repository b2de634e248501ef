//! A registry that is surveyed once and collected in shares, as a service does it.

use std::time::Duration;

use demurrage_aws::collect::{
    CollectedShare, Extent, Progress, Share, Stop, Survey, Time, collect_share, survey,
};
use demurrage_aws::{Ecr, Session};
use demurrage_core::{Inventory, RegistryKind, RepositoriesListing, Repository};
use demurrage_store::{Head, InventoryEntry, Part};
use tokio::time::Instant;

use crate::support::{ACCOUNT, REGION, World};

pub(crate) const INVENTORY: &str = "20261101T000000Z-first";

/// One inventory on its way.
pub(crate) struct InShares<'a> {
    pub(crate) world: &'a World,
    pub(crate) session: Session,
    pub(crate) ecr: Ecr,
    pub(crate) survey: Survey,
    pub(crate) earlier: Vec<InventoryEntry>,
    pub(crate) extent: Extent,
    pub(crate) parts: Vec<Part>,
    name: &'a str,
}

/// More time than anything here takes.
pub(crate) fn any_time() -> Time {
    let later = Instant::now() + Duration::from_mins(5);
    Time { begin_until: later, read_until: later, list_until: later }
}

impl<'a> InShares<'a> {
    /// Surveys the registry; what is in the store by now is what is known.
    pub(crate) async fn begin(world: &'a World, name: &'a str) -> Self {
        Self::begin_as(world, world.session().await, name).await
    }

    pub(crate) async fn begin_as(world: &'a World, session: Session, name: &'a str) -> Self {
        let ecr = world.exclude(&session).await;
        let survey = survey(&session, &ecr).await.unwrap();
        assert_eq!(survey.problems, Vec::<String>::new());
        let earlier = world.store.inventories().unwrap();
        let (extent, parts) = (Extent::default(), Vec::new());
        Self { world, session, ecr, survey, earlier, extent, parts, name }
    }

    /// Collects a share into the next part.
    pub(crate) async fn share(&mut self, repositories: Vec<Repository>, time: Time) -> CollectedShare {
        let part = format!("{:05}", self.parts.len());
        let share = Share {
            inventory: self.name,
            part: &part,
            repositories,
            earlier: self.earlier.clone(),
            extent: self.extent,
            time,
        };
        let (progress, stop) = (Progress::default(), Stop::default());
        let collecting = collect_share(&self.session, &self.ecr, &self.world.store, share, &progress, &stop);
        let collected = may_change_threads(collecting).await.unwrap();
        assert_eq!(collected.part.repositories(), collected.done as u64);
        self.parts.push(collected.part.clone());
        collected
    }

    /// Makes an inventory of the parts.
    pub(crate) fn assemble(&self) -> Inventory {
        let head = Head {
            kind: RegistryKind::Private,
            registry_id: Some(ACCOUNT.to_owned()),
            region: REGION.to_owned(),
            taken_at: self.survey.taken_at,
            repositories_listing: RepositoriesListing::Complete,
        };
        let entry =
            self.world.store.add_parts(self.name, &head, &self.parts, &self.survey.registry, &[]).unwrap();
        self.world.store.read(&entry, |_| true).unwrap()
    }
}

/// Whoever serves a function may move what it waits for from thread to thread.
fn may_change_threads<T: Send>(future: T) -> T {
    future
}
