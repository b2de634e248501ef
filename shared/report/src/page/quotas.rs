//! The quotas of registries, and those of the repositories that are nearest to them.

use std::cmp::Ordering;

use demurrage_core::audit::QuotaStock;

use super::document::Quota;
use super::top::Top;

/// Repositories that are shown.
const REPOSITORIES_MAX: usize = 20;
/// Where limits come from.
const SOURCE: &str = "the configuration, or else the default quota of AWS";

/// How much of quotas is taken.
#[derive(Debug)]
pub(super) struct Quotas {
    registries: Vec<Quota>,
    repositories: Top<Quota>,
}

impl Quotas {
    /// None is known yet.
    pub(super) const fn new() -> Self {
        Self { registries: Vec::new(), repositories: Top::new(REPOSITORIES_MAX, fullest_first) }
    }

    /// The repositories of a registry.
    pub(super) fn registry(&mut self, place: String, stock: &QuotaStock, limit: u64) {
        self.registries.push(of("repositories in the registry", place, stock, limit));
    }

    /// The images of a repository.
    pub(super) fn repository(&mut self, place: String, stock: &QuotaStock, limit: u64) {
        self.repositories.push(of("images in the repository", place, stock, limit));
    }

    /// The fullest first.
    pub(super) fn finish(self) -> Vec<Quota> {
        let mut all = self.registries;
        all.extend(self.repositories.finish());
        all.sort_by(fullest_first);
        all
    }
}

fn of(what: &'static str, place: String, stock: &QuotaStock, limit: u64) -> Quota {
    Quota {
        what,
        r#where: place,
        used: stock.count(),
        limit,
        days_left: stock.days_to(limit),
        source: SOURCE,
    }
}

fn fullest_first(a: &Quota, b: &Quota) -> Ordering {
    // Compared crosswise, so that nothing is rounded.
    let (a_share, b_share) =
        (u128::from(a.used) * u128::from(b.limit), u128::from(b.used) * u128::from(a.limit));
    b_share.cmp(&a_share).then_with(|| a.r#where.cmp(&b.r#where))
}
