//! What the pulls cost that somebody assumes.

use demurrage_core::RegistryKind;
use demurrage_core::cost::{
    BreakEven, PullCircumstances, PullCost, PullTarget, Region, largest_image_bytes, pull_costs,
};
use demurrage_report::PullRow;
use rayon::prelude::*;

use super::registry::{Counted, Place, Question};
use super::replication::Replicating;
use crate::assumptions::Assumptions;

/// A row for each repository and target. Nobody pays for pulls from ECR Public by repository, so it has none.
pub(super) fn rows(
    place: &Place<'_>,
    counted: &[Counted<'_>],
    replicating: &Replicating<'_>,
    assumed: &Assumptions,
    question: &Question<'_>,
) -> Vec<PullRow> {
    let Ok(from) = Region::parse(&place.inventory.region) else { return Vec::new() };
    if place.inventory.kind == RegistryKind::Public {
        return Vec::new();
    }
    let circumstances = PullCircumstances {
        prices: question.list,
        rate: question.rate,
        same_region_path: assumed.same_region_path,
        assumptions: &assumed.pulls,
    };
    let of = |counted: &Counted<'_>| {
        let name = &counted.repository.name;
        let image_bytes = largest_image_bytes(&counted.repository.images, &counted.blobs);
        let costs = pull_costs(&circumstances, from, name, image_bytes, &[]);
        let row = |cost: PullCost| PullRow {
            account: place.inventory.registry_id.clone(),
            region: place.inventory.region.clone(),
            name: name.clone(),
            to: cost.to,
            pulls_per_month: cost.per_month,
            image_bytes,
            gigabytes: cost.gigabytes,
            transfer: cost.usd,
            basis: cost.basis,
            rate: question.rate,
            replica: match cost.to {
                PullTarget::Region(to) if to != from => {
                    let replication_usd = replicating.to_region(counted, to);
                    Some(BreakEven::of(
                        question.list,
                        question.rate,
                        (from, to),
                        image_bytes,
                        replication_usd,
                    ))
                }
                PullTarget::Region(_) | PullTarget::Internet => None,
            },
        };
        costs.into_iter().map(row).collect::<Vec<_>>()
    };
    counted.par_iter().flat_map_iter(of).collect()
}
