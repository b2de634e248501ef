//! What pulls from a repository cost a month, by where they come from.
//!
//! No API says who pulls an image. So a figure stands on a bill, or somebody assumes it: how many pulls there are, or where
//! those went that `CloudWatch` has counted ([`PullCounts`](super::PullCounts)). The file of assumptions is TOML, read by
//! the command (unknown members are errors); this is what it becomes, one [`PullAssumption`] for each
//!
//! ```toml
//! [[pulls]]
//! repository = "team/*"   # a pattern in which only `*` is special
//! to = "eu-west-1"        # a region, or "internet"
//! per_month = 1200        # pulls; without it, those that were counted
//! share = "0.25"          # of those, which share goes there; without it, all of them
//! ```
//!
//! `to` is read by [`PullTarget::parse`]; a text that is neither is a [`RegionError`]. Leaves out layers that who pulls
//! has already: each assumed pull takes a whole image, so an assumed figure is too high rather than too low.

use std::collections::BTreeMap;
use std::fmt;

use rustc_hash::FxHashSet;

use super::transfer::{Egress, PullRate, internet, pull_to_region};
use super::{Basis, Blobs, Gigabytes, PriceList, PullShare, Region, RegionError, SameRegionPath, Usd};
use crate::{Digest, Image, ImageStatus, ManifestKind, Wildcard};

/// Where a pull comes from, and so where the bytes go.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum PullTarget {
    /// A region; it may be that of the repository.
    Region(Region),
    /// Anywhere outside AWS.
    Internet,
}

impl PullTarget {
    /// The target that a text names: the code of a region, or `internet`.
    ///
    /// # Errors
    /// When it is neither.
    pub fn parse(text: &str) -> Result<Self, RegionError> {
        if text == "internet" { Ok(Self::Internet) } else { Region::parse(text).map(Self::Region) }
    }
}

impl fmt::Display for PullTarget {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Region(region) => f.pad(region.code()),
            Self::Internet => f.pad("internet"),
        }
    }
}

/// How often somebody thinks that images are pulled.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PullAssumption {
    /// The repositories, by the pattern of their names. It holds for each of them, not for all together.
    pub repository: Wildcard,
    /// From where.
    pub to: PullTarget,
    /// How many.
    pub pulls: AssumedPulls,
}

/// What somebody says of how many pulls there are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AssumedPulls {
    /// So many in a month.
    PerMonth(u64),
    /// This share of those that `CloudWatch` has counted, of whoever pulled.
    Counted(PullShare),
}

/// What a bill says was sent from a repository in a month. A bill does not tell replication from pulls, so both are in
/// it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct BilledTransfer {
    /// To where.
    pub to: PullTarget,
    /// How much.
    pub gigabytes: Gigabytes,
    /// What it cost.
    pub usd: Usd,
}

/// What is known beside the repository.
#[derive(Debug, Clone, Copy)]
pub struct PullCircumstances<'a> {
    /// All prices.
    pub prices: &'a PriceList,
    /// By which rate pulls from another region are charged.
    pub rate: PullRate,
    /// What lies between the repository and who pulls in its region.
    pub same_region_path: SameRegionPath,
    /// The assumptions. Of several for one target the first that matches the name of the repository counts.
    pub assumptions: &'a [PullAssumption],
}

/// Where the figures of pulls are from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum PullSource {
    /// A bill has them.
    Bill,
    /// Somebody says how many pulls there are, and where they go.
    Assumption,
    /// `CloudWatch` has counted the pulls, and somebody says where they go.
    CloudWatch,
}

impl PullSource {
    /// How sure the figures are. Where pulls go is assumed also of those that were counted.
    pub const fn basis(self) -> Basis {
        match self {
            Self::Bill => Basis::Billed,
            Self::Assumption | Self::CloudWatch => Basis::Assumed,
        }
    }

    /// The name in answers: `bill`, `assumption` or `cloudwatch`.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Bill => "bill",
            Self::Assumption => "assumption",
            Self::CloudWatch => "cloudwatch",
        }
    }
}

/// What the pulls from one repository to one target cost a month.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PullCost {
    /// Where the bytes go.
    pub to: PullTarget,
    /// Where the figures are from.
    pub source: PullSource,
    /// Pulls in a month; nothing where a bill has the figures, or counted pulls are assumed and none were counted.
    pub per_month: Option<u64>,
    /// The bytes that are assumed; nothing where a bill has the figures, no image can be pulled, or the pulls are not known.
    pub bytes: Option<u128>,
    /// How much goes there; nothing where no image can be pulled or the pulls are not known.
    pub gigabytes: Option<Gigabytes>,
    /// What it costs; nothing where the amount or a price is not known.
    pub usd: Option<Usd>,
}

/// A repository from which images are pulled.
#[derive(Debug, Clone, Copy)]
pub struct PulledRepository<'a> {
    /// Its region.
    pub region: Region,
    /// Its name.
    pub name: &'a str,
    /// The bytes of [`largest_image_bytes`].
    pub image_bytes: Option<u128>,
    /// The pulls of a month that `CloudWatch` has counted; nothing where that is not known.
    pub counted_pulls: Option<u64>,
}

/// What the pulls from a repository cost, for each target that a bill or an assumption names, in the order of targets.
///
/// What a bill says of a target replaces what is assumed of it.
/// Pulls over the internet are charged after the free amount of the month and from the first tier, as if nothing else
/// left the account. Whoever shows several repositories charges their [`PullCost::bytes`] in one
/// [`InternetMonth`](super::InternetMonth), one after the other, and takes what that says.
pub fn pull_costs(
    circumstances: &PullCircumstances<'_>,
    repository: PulledRepository<'_>,
    billed: &[BilledTransfer],
) -> Vec<PullCost> {
    let mut costs: BTreeMap<PullTarget, PullCost> = BTreeMap::new();
    for line in billed {
        let cost = costs.entry(line.to).or_insert(PullCost {
            to: line.to,
            source: PullSource::Bill,
            per_month: None,
            bytes: None,
            gigabytes: Some(Gigabytes::ZERO),
            usd: Some(Usd::ZERO),
        });
        cost.gigabytes = cost.gigabytes.map(|sum| sum + line.gigabytes);
        cost.usd = cost.usd.map(|sum| sum + line.usd);
    }
    for assumption in circumstances.assumptions {
        if assumption.repository.matches(repository.name) {
            costs.entry(assumption.to).or_insert_with(|| assumed(circumstances, repository, assumption));
        }
    }
    costs.into_values().collect()
}

fn assumed(
    circumstances: &PullCircumstances<'_>,
    repository: PulledRepository<'_>,
    assumption: &PullAssumption,
) -> PullCost {
    let (source, per_month) = match assumption.pulls {
        AssumedPulls::PerMonth(pulls) => (PullSource::Assumption, Some(pulls)),
        AssumedPulls::Counted(share) => {
            (PullSource::CloudWatch, repository.counted_pulls.map(|pulls| share.of(pulls)))
        }
    };
    let both = repository.image_bytes.zip(per_month);
    let bytes = both.map(|(bytes, pulls)| bytes.saturating_mul(u128::from(pulls)));
    PullCost {
        to: assumption.to,
        source,
        per_month,
        bytes,
        gigabytes: bytes.map(Gigabytes::of_bytes),
        usd: bytes.and_then(|bytes| usd(circumstances, repository.region, assumption.to, bytes)),
    }
}

fn usd(circumstances: &PullCircumstances<'_>, from: Region, to: PullTarget, bytes: u128) -> Option<Usd> {
    let PullCircumstances { prices, rate, same_region_path, .. } = circumstances;
    match to {
        PullTarget::Region(to) if to == from => same_region_path.usd(prices, from, bytes),
        PullTarget::Region(to) => pull_to_region(prices, *rate, from, to, bytes),
        PullTarget::Internet => {
            internet(prices, &[Egress { from, bytes, other_bytes: 0 }]).first().and_then(|charge| charge.usd)
        }
    }
}

/// The bytes of the largest image that can be pulled; nothing where there is none.
///
/// An index is none: of what it names, one platform is pulled. Left out are archived images and those on the way back,
/// artifacts, referrers, and attestations in an index, which nobody runs.
pub fn largest_image_bytes(images: &[Image], blobs: &Blobs) -> Option<u128> {
    let attestations: FxHashSet<Digest> = images
        .iter()
        .filter_map(|image| image.manifest.as_deref())
        .flat_map(|manifest| &manifest.children)
        .filter(|child| child.is_attestation())
        .map(|child| child.descriptor.digest)
        .collect();
    let is_pulled = |image: &Image| {
        is_active(image.status)
            && !image.is_index()
            && image.subject.is_none()
            && !image.manifest.as_ref().is_some_and(|manifest| is_artifact(&manifest.kind))
            && !attestations.contains(&image.digest)
    };
    let pulled = images.iter().zip(0..).filter(|(image, _)| is_pulled(image));
    pulled
        .map(|(_, place)| {
            let bytes = blobs.image_bytes(place);
            bytes.exclusive_bytes + bytes.shared_bytes
        })
        .max()
}

const fn is_active(status: ImageStatus) -> bool {
    match status {
        ImageStatus::Active | ImageStatus::Unrecognised => true,
        ImageStatus::Archived | ImageStatus::Activating => false,
    }
}

const fn is_artifact(kind: &ManifestKind) -> bool {
    match kind {
        ManifestKind::OciArtifact | ManifestKind::OrasArtifact => true,
        ManifestKind::DockerImage
        | ManifestKind::DockerManifestList
        | ManifestKind::OciImage
        | ManifestKind::OciIndex
        | ManifestKind::Unrecognised(_) => false,
    }
}
