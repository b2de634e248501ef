//! What lies between a repository and who pulls from it in the same region, and what that costs.
//!
//! It is an assumption: no inventory knows the network of who pulls. Layers come from S3, so a gateway endpoint of S3
//! carries them for nothing, and without one they go through a NAT gateway even where ECR has endpoints of its own.
//! Leaves out manifests and authentication, the few bytes that go through the endpoints of ECR, and zones.
//!
//! Source: ECR user guide, "Interface VPC endpoints"; prices of NAT gateways and endpoints; read 2026-11-23.

use super::{Amount, Gigabytes, PriceList, Region, Usd};

/// The way within a region. The default is one that costs nothing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct SameRegionPath {
    /// How layers come.
    pub layers: LayerPath,
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
    /// Through NAT gateways.
    Nat {
        /// Hours in a month of the gateways; 0 where they are there for others anyway.
        gateway_hours: u64,
    },
}

impl SameRegionPath {
    /// What the way costs in a month in which so many bytes of layers come; nothing where a price is not known.
    pub fn usd(self, prices: &PriceList, region: Region, layer_bytes: u128) -> Option<Usd> {
        let prices = prices.prices(region);
        let layers = match self.layers {
            LayerPath::Free => Usd::ZERO,
            LayerPath::Nat { gateway_hours } => {
                let bytes = prices.nat_gb.charge(Gigabytes::of_bytes(layer_bytes))?;
                let hours = match gateway_hours {
                    0 => Usd::ZERO,
                    hours => prices.nat_hour.charge(Amount::of_whole(hours))?,
                };
                bytes + hours
            }
        };
        match self.endpoint_hours {
            0 => Some(layers),
            hours => Some(layers + prices.endpoint_hour.charge(Amount::of_whole(hours))?),
        }
    }
}
