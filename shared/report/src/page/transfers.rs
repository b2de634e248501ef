//! What is sent between regions: as bills have it, else as replication is computed to send.

use std::collections::BTreeMap;

use demurrage_core::cost::{Bounds, Usd};

use super::document::PageTransfer;
use super::flow::Flow;
use super::key::RegistryKey;
use super::text::usd;

/// Sums by sender and destination.
#[derive(Debug, Default)]
pub(super) struct Transfers {
    computed: BTreeMap<(RegistryKey, String), Sum>,
    given: Vec<PageTransfer>,
}

#[derive(Debug)]
struct Sum {
    bytes: u128,
    usd: Option<Bounds<Usd>>,
}

impl Transfers {
    /// What a repository of this registry sends.
    pub(super) fn replicated(&mut self, from: &RegistryKey, flow: Flow) {
        let there = flow.destination;
        let is_own = from.account.as_ref().is_none_or(|own| *own == there.registry_id);
        let to = if is_own { there.region } else { format!("{} ({})", there.region, there.registry_id) };
        let nothing = || Sum { bytes: 0, usd: Some(Bounds { low: Usd::ZERO, high: Usd::ZERO }) };
        let sum = self.computed.entry((from.clone(), to)).or_insert_with(nothing);
        sum.bytes = sum.bytes.saturating_add(flow.bytes);
        sum.usd = sum
            .usd
            .zip(flow.usd)
            .map(|(sum, more)| Bounds { low: sum.low + more.low, high: sum.high + more.high });
    }

    /// What bills or people say.
    pub(super) fn given(&mut self, transfer: PageTransfer) {
        self.given.push(transfer);
    }

    /// All lines. A bill has replication in what it says a region sends, so that no line stands beside it.
    pub(super) fn finish(self) -> Vec<PageTransfer> {
        let mut lines = self.given;
        let is_billed = |from: &RegistryKey| {
            let is_of_it = |line: &&PageTransfer| line.account == from.account && line.from == from.region;
            lines.iter().filter(is_of_it).any(|line| line.basis == "billed")
        };
        let computed: Vec<PageTransfer> = self
            .computed
            .into_iter()
            .filter(|((from, _), _)| !is_billed(from))
            .map(|((from, to), sum)| PageTransfer {
                account: from.account,
                from: from.region,
                to,
                what: "replication".to_owned(),
                bytes: sum.bytes,
                usd_low: usd(sum.usd.map(|it| it.low)),
                usd_high: usd(sum.usd.map(|it| it.high)),
                basis: "computed",
            })
            .collect();
        lines.extend(computed);
        lines
    }
}
