//! What there is to say of a whole registry: how far the sum of image sizes is off, what blob mounting could take away,
//! what it will store, what replication costs and left behind, and whether archiving pays.

use demurrage_core::RegistryKind;
use demurrage_core::cost::{ArchiveAdvice, Usd};

use super::ReplicationRange;
use super::shares::registry_name;

/// Figures of a whole registry, all of whose repositories were asked about.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RegistryFigures {
    /// The twelve-digit account, where known.
    pub account: Option<String>,
    /// The region.
    pub region: String,
    /// Of which service it is.
    pub kind: RegistryKind,
    /// Whether the bytes are exact, but for those of a destination, which say it themselves.
    pub is_exact: bool,
    /// What adding up the sizes of images would say.
    pub image_size_sum: BytesCost,
    /// Whether that is all of it: ECR gives the sizes, so they are exact where every image was listed.
    pub is_size_sum_exact: bool,
    /// What is stored if blobs count once in the registry.
    pub mounted: MountedFigure,
    /// What will be stored, in the order of days; nothing where the time that is asked about is before a push.
    pub forecast: Option<Vec<ForecastFigure>>,
    /// What its replication costs, one for each destination; nothing where it was not read to where it replicates.
    pub replication: Option<Vec<ReplicationSum>>,
    /// How replicas differ from what they are replicas of, one for each destination that was compared.
    pub replicas: Vec<ReplicaFigures>,
    /// Whether archiving all of the standard class would save anything; nothing where there is no archive class.
    pub archive: Option<ArchiveAdvice>,
}

impl RegistryFigures {
    /// What the registry is called.
    pub(super) fn name(&self) -> String {
        let service = match self.kind {
            RegistryKind::Private => "",
            RegistryKind::Public => " (ECR Public)",
        };
        format!("{}{service}", registry_name(self.account.as_deref(), &self.region))
    }
}

/// Bytes, with what they cost in a month; nothing where a price is not known.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct BytesCost {
    /// Bytes.
    pub bytes: u128,
    /// Dollars.
    pub usd: Option<Usd>,
}

/// What blob mounting could take away.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum MountedFigure {
    /// It is on: what would be stored if each blob counted once in the registry.
    On(BytesCost),
    /// It is off.
    Off,
    /// The setting was not read.
    NotRead,
}

/// What will be stored after some days, by the price of the standard class.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ForecastFigure {
    /// After how many days.
    pub days: u32,
    /// If nothing is expired.
    pub without_policies: BytesCost,
    /// If the policies run. Where there is none, or too many images to say, it grows as without; nothing where it is not
    /// known of one what it frees.
    pub with_policies: Option<BytesCost>,
}

/// What the replication to one registry costs, all repositories together, with storage there.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReplicationSum {
    /// Where to, and how much.
    pub range: ReplicationRange,
    /// Whether the bytes of all these repositories are exact.
    pub is_exact: bool,
}

/// How the images of a destination differ from those here.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReplicaFigures {
    /// The region of the destination.
    pub region: String,
    /// The account of the destination.
    pub registry: String,
    /// Images that are here and not there.
    pub missing_images: u64,
    /// Images that are there and not here.
    pub orphan_images: u64,
    /// What would be free there without these.
    pub orphan_bytes: u128,
    /// Replicas that were never pulled there.
    pub never_pulled_images: u64,
    /// What would be free there without these.
    pub never_pulled_bytes: u128,
}
