//! What a deployment sets.

use std::num::NonZeroU32;

use demurrage_aws::default_region;
use demurrage_contract::{Failure, FailureKind, environment};
use demurrage_serve::settings;
use serde::{Deserialize, Serialize};

/// Calls per second of each operation in each account and region, unless set: less than what a person at work
/// notices, because deployments have the same quotas.
const CALLS_PER_SECOND: NonZeroU32 = NonZeroU32::MIN.saturating_add(19);
/// Shares that are read at a time, unless set.
const CONCURRENCY: NonZeroU32 = NonZeroU32::MIN.saturating_add(7);
/// Images of one share, unless set.
const SHARE_IMAGES: NonZeroU32 = NonZeroU32::MIN.saturating_add(9_999);

/// The settings of the function.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Settings {
    /// The regions that the deployment covers.
    pub(crate) regions: Vec<String>,
    /// Calls per second of each operation in each account and region, for all shares together.
    pub(crate) calls_per_second: NonZeroU32,
    /// Shares that are read at a time.
    pub(crate) concurrency: NonZeroU32,
    /// Images that a share aims at.
    pub(crate) share_images: NonZeroU32,
}

impl Settings {
    /// Reads them from the environment.
    pub(crate) async fn read() -> Result<Self, Failure> {
        let mut regions = settings::list(environment::REGIONS)?;
        if regions.is_empty() {
            regions.extend(default_region().await);
        }
        Ok(Self {
            regions,
            calls_per_second: settings::number(environment::CALLS_PER_SECOND, CALLS_PER_SECOND)?,
            concurrency: settings::number(environment::CONCURRENCY, CONCURRENCY)?,
            share_images: settings::number(environment::SHARE_IMAGES, SHARE_IMAGES)?,
        })
    }

    /// The regions of a run: those that were asked for, or all that the deployment covers, each once and in order.
    pub(crate) fn regions_of(&self, asked: Option<&[String]>) -> Result<Vec<String>, Failure> {
        let mut regions = asked.unwrap_or(&self.regions).to_vec();
        regions.sort_unstable();
        regions.dedup();
        let is_region = |region: &String| {
            let plain = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
            !region.is_empty() && region.len() <= 32 && !region.starts_with('-') && region.chars().all(plain)
        };
        if let Some(other) = regions.iter().find(|region| !is_region(region)) {
            let message = format!("`{other}` is no region: one looks like `ap-northeast-2`");
            return Err(Failure::new(FailureKind::BadInput, message));
        }
        if regions.is_empty() {
            return Err(Failure::new(FailureKind::BadInput, "there is no region to look at"));
        }
        Ok(regions)
    }
}
