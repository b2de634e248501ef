//! What a registry costs: bytes that are stored and moved, prices, and money to the last digit of a bill.
//!
//! The way through: [`Blobs::of`] finds the distinct blobs of a repository and who holds them;
//! [`RepositoryStorage`] is what the repository stores, [`Holding`] what it stores after images are gone or
//! archived; [`PriceList`] has the prices of a [`Region`], and [`RegistryCost`] the lines of the bill. Bytes are
//! integers, money is decimal, nothing is a float. A price that nobody read is unknown, and so is what needs it.

mod amount;
mod archive_advice;
mod basis;
mod blob_run;
mod blobs;
mod break_even;
mod embedded_prices;
mod forecast;
mod gb_months;
mod gigabytes;
mod holding;
mod month_hours;
mod mount_encryption;
mod orphan_referrers;
mod partition;
mod policy_in_force;
mod price;
mod price_list;
mod price_list_text;
mod pull_counts;
mod pull_share;
mod pulls;
mod pushed;
mod region;
mod region_prices;
mod registry_cost;
mod registry_storage;
mod replica_sums;
mod replicas;
mod replication_cost;
mod same_region_path;
mod savings;
mod storage;
mod stored_cost;
mod stored_gb_months;
mod sweep;
mod tiers;
mod transfer;
mod usd;

pub use amount::Amount;
pub use archive_advice::{ARCHIVE_DAYS_MIN, ArchiveAdvice, MONTH_DAYS, MonthlyCost, archive_advice};
pub use basis::{Basis, Bounds};
pub use blob_run::{BlobRun, MountedBlobs, RunBlob, common_places, merge};
pub use blobs::{Blob, Blobs, ImageBytes, LAYER_BYTES_MAX};
pub use break_even::{BreakEven, PULLS_MAX};
pub use forecast::{FORECAST_DAYS, FORECAST_IMAGES_MAX, FORECAST_WINDOW_DAYS, Forecast, Horizon, WithPolicy};
pub use gb_months::GbMonths;
pub use gigabytes::Gigabytes;
pub use holding::{Holding, StoredBytes};
pub use month_hours::MonthHours;
pub use mount_encryption::MountEncryption;
pub use orphan_referrers::OrphanReferrers;
pub use partition::Partition;
pub use policy_in_force::{PolicyInForce, PolicyUnknown};
pub use price::Price;
pub use price_list::{PRICE_LIST_AGE_DAYS_MAX, PriceList};
pub use price_list_text::PriceListError;
pub use pull_counts::{PULL_WINDOW_DAYS, PullCounts, PullCountsError, PullWindow};
pub use pull_share::{PullShare, PullShareError};
pub use pulls::{
    AssumedPulls, BilledTransfer, PullAssumption, PullCircumstances, PullCost, PullSource, PullTarget,
    PulledRepository, largest_image_bytes, pull_costs,
};
pub use pushed::Pushed;
pub use region::{Currency, Region, RegionError};
pub use region_prices::{PriceOrigin, RegionPrices};
pub use registry_cost::{CostLine, RegistryCost, RepositoryCost};
pub use registry_storage::{BlobMounting, RegistryBlobs};
pub use replica_sums::{ReplicaSum, ReplicaSums};
pub use replicas::{ReplicaComparison, ReplicaState, Replicas, replicas};
pub use replication_cost::{Replicated, ReplicationCost, StoredElsewhere, destinations, replication_costs};
pub use same_region_path::{LayerPath, SameRegionPath};
pub use savings::{Freed, Savings};
pub use storage::{RepositoryStorage, StorageWarning};
pub use stored_gb_months::StoredGbMonths;
pub use sweep::{SWEEP_NUMBERS_MAX, Sweep, SweepError, SweepPoint, sweep};
pub use tiers::{Tier, TierCharge, Tiers, TiersError};
pub use transfer::{Egress, InternetCharge, InternetMonth, PullRate, internet, pull_to_region, to_region};
pub use usd::{Usd, UsdError};
