//! Sums over all registries, as they stand first on the page.

use demurrage_core::cost::Usd;

use super::cost_lines::CostLine;
use super::document::{Findings, Freed, Row, Totals};
use super::known_sum::KnownSum;
use super::text::dollars;

/// Sums over all registries.
#[derive(Debug, Default)]
pub(super) struct TotalSums {
    totals: Totals,
    usd: KnownSum<Usd>,
    next: FreedSums,
    settled: FreedSums,
    next_images: u64,
}

#[derive(Debug, Default)]
struct FreedSums {
    bytes: KnownSum<u128>,
    usd: KnownSum<Usd>,
}

impl FreedSums {
    fn finish(self, images: Option<u64>) -> Freed {
        Freed {
            images,
            bytes: self.bytes.sum,
            usd_per_month: dollars(self.usd.sum),
            unknown_repositories: self.bytes.unknown,
            unpriced_repositories: self.usd.unknown,
        }
    }
}

impl TotalSums {
    /// One more repository.
    pub(super) fn repository(&mut self, row: &Row, line: CostLine) {
        let totals = &mut self.totals;
        totals.repositories += 1;
        totals.images += row.images.unwrap_or_default();
        totals.stored_bytes += row.stored_bytes;
        totals.archived_bytes += row.archived_bytes;
        totals.image_size_sum_bytes += row.image_size_sum_bytes;
        totals.with_policy += usize::from(row.policy == "effective");
        if let Some(images) = row.in_use {
            *totals.in_use_images.get_or_insert(0) += images;
        }
        if let Some(images) = row.in_use_expiring {
            *totals.in_use_expiring.get_or_insert(0) += images;
        }
        self.next_images += row.next_images.unwrap_or_default();
        self.next.bytes.add(row.next_bytes);
        self.settled.bytes.add(row.settled_bytes);
        self.usd.add(line.usd);
        self.next.usd.add(line.next);
        self.settled.usd.add(line.settled);
    }

    /// What audits say.
    pub(super) fn audited(&mut self, findings: Findings, unanswered: u64) {
        self.totals.findings.add_all(findings);
        self.totals.unanswered += unanswered;
    }

    /// The sums; `is_use_known`: what is in use is known wherever that was asked.
    pub(super) fn finish(self, is_use_known: bool) -> Totals {
        let mut totals = self.totals;
        totals.usd_per_month = dollars(self.usd.sum);
        totals.unpriced_repositories = self.usd.unknown;
        totals.next = self.next.finish(Some(self.next_images));
        totals.settled = self.settled.finish(None);
        totals.in_use_known = is_use_known;
        if !is_use_known && totals.in_use_expiring == Some(0) {
            // None that is known is not none.
            totals.in_use_expiring = None;
        }
        totals
    }
}
