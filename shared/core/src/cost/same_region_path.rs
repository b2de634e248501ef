//! What lies between a repository and who pulls from it in the same region, and what that costs.
//!
//! It is an assumption: no inventory knows the network of who pulls. Layers come from S3, so a gateway endpoint of S3
//! carries them for nothing, and without one they go through a NAT gateway even where ECR has endpoints of its own.
//! Leaves out manifests and authentication, the few bytes that go through the endpoints of ECR, and zones.
//!
//! Source: ECR user guide, "Interface VPC endpoints"; prices of NAT gateways and endpoints; read 2026-11-23.

use super::{Amount, Gigabytes, Price, PriceList, Region, Usd};

/// The way within a region. The default is one that costs nothing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct SameRegionPath {
    /// How layers come.
    pub layers: LayerPath,
    /// Hours in a month of NAT gateways; 0 where there are none, or where they are there for others anyway.
    pub nat_gateway_hours: u64,
    /// Hours in a month of the interface endpoints of ECR (`ecr.api` and `ecr.dkr`), each in each zone counted by
    /// itself; 0 where there are none, or where they are there for others anyway.
    pub endpoint_hours: u64,
}

/// How layers come from S3.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum LayerPath {
    /// Through a gateway endpoint, or over the public address of who pulls: free.
    #[default]
    Free,
    /// Through NAT gateways, by the GB.
    Nat,
}

impl SameRegionPath {
    /// What so many bytes of layers cost on the way; nothing where the price is not known. Hours are not in it.
    pub fn usd(self, prices: &PriceList, region: Region, layer_bytes: u128) -> Option<Usd> {
        match self.layers {
            LayerPath::Free => Some(Usd::ZERO),
            LayerPath::Nat => prices.prices(region).nat_gb.charge(Gigabytes::of_bytes(layer_bytes)),
        }
    }

    /// What the hours of a month cost, once for the region and for no repository; nothing where a price is not known.
    pub fn hours_usd(self, prices: &PriceList, region: Region) -> Option<Usd> {
        let prices = prices.prices(region);
        let of = |hours: u64, price: Price| match hours {
            0 => Some(Usd::ZERO),
            hours => price.charge(Amount::of_whole(hours)),
        };
        Some(of(self.nat_gateway_hours, prices.nat_hour)? + of(self.endpoint_hours, prices.endpoint_hour)?)
    }
}
