//! What pulls cost: as it is billed, and where it is not, as somebody assumes; how many pulls there are may be counted.

use std::collections::{BTreeMap, BTreeSet};

use demurrage_core::RegistryKind;
use demurrage_core::cost::{
    Basis, BilledTransfer, BreakEven, InternetMonth, PullAssumption, PullCircumstances, PullCost, PullCounts,
    PullSource, PullTarget, PulledRepository, Region, largest_image_bytes, pull_costs,
};
use demurrage_report::{NetworkHours, PullRow, count};
use rayon::prelude::*;

use super::registry::{Counted, Place, Question};
use super::replication::Replicating;
use crate::talk;

/// The month of each account, in which its free amount to the internet is there once. What is billed comes first.
#[derive(Default)]
pub(super) struct InternetMonths<'q>(BTreeMap<Option<String>, InternetMonth<'q>>);

impl<'q> InternetMonths<'q> {
    fn of_account(&mut self, account: Option<&str>, question: &Question<'q>) -> &mut InternetMonth<'q> {
        self.0.entry(account.map(str::to_owned)).or_insert_with(|| {
            let mut month = InternetMonth::new(question.list);
            for (region, bytes) in question.billed.iter().flat_map(|billed| billed.internet_bytes(account)) {
                month.charge(region, bytes);
            }
            month
        })
    }
}

/// A row for each repository and target, then one for what a bill has of repositories that are not here, and of the whole
/// registry. Nobody pays for pulls from ECR Public by repository, so it has none.
pub(super) fn rows<'q>(
    place: &Place<'_>,
    counted: &[Counted<'_>],
    replicating: &Replicating<'_>,
    question: &Question<'q>,
    months: &mut InternetMonths<'q>,
) -> Vec<PullRow> {
    let Ok(from) = Region::parse(&place.inventory.region) else { return Vec::new() };
    if place.inventory.kind == RegistryKind::Public {
        return Vec::new();
    }
    let registry = Registry { place, from, question, counts: question.counted.of(place.inventory) };
    let mut rows: Vec<PullRow> =
        counted.par_iter().flat_map_iter(|it| registry.of_repository(it, replicating)).collect();
    say_not_counted(place, &rows);
    let account = place.inventory.registry_id.as_deref();
    let month = months.of_account(account, question);
    for row in rows.iter_mut().filter(|row| is_assumed_to_internet(row)) {
        let bytes = row.image_bytes.zip(row.pulls_per_month);
        let bytes = bytes.map(|(image, pulls)| image.saturating_mul(u128::from(pulls)));
        row.transfer = bytes.and_then(|bytes| month.charge(from, bytes).usd);
    }
    let is_here = |name: &str| counted.iter().any(|it| it.repository.name == name);
    if let Some(billed) = question.billed {
        let gone = billed.repositories(account, from).into_iter();
        let gone = gone.filter(|name| (question.wanted)(name) && !is_here(name));
        for name in gone.map(Some).chain([None]) {
            rows.extend(registry.without_images(name, billed.of(account, from, name)));
        }
    }
    rows
}

/// What gateways and endpoints cost by the hour where somebody pulls within the region; nothing where no hours are
/// assumed.
pub(super) fn network_hours(
    place: &Place<'_>,
    rows: &[PullRow],
    question: &Question<'_>,
) -> Option<NetworkHours> {
    let region = Region::parse(&place.inventory.region).ok()?;
    let way = question.assumed?.same_region_path;
    let is_used = rows.iter().any(|row| row.to == PullTarget::Region(region));
    let has_hours = way.nat_gateway_hours != 0 || way.endpoint_hours != 0;
    (is_used && has_hours).then(|| NetworkHours {
        account: place.inventory.registry_id.clone(),
        region: place.inventory.region.clone(),
        nat_gateway_hours: way.nat_gateway_hours,
        endpoint_hours: way.endpoint_hours,
        cost: way.hours_usd(question.list, region),
    })
}

fn is_assumed_to_internet(row: &PullRow) -> bool {
    row.to == PullTarget::Internet && row.source.basis() == Basis::Assumed
}

/// Says where assumptions share pulls that nobody has counted.
fn say_not_counted(place: &Place<'_>, rows: &[PullRow]) {
    let is_unknown = |row: &&PullRow| row.source == PullSource::CloudWatch && row.pulls_per_month.is_none();
    let unknown: BTreeSet<&str> =
        rows.iter().filter(is_unknown).filter_map(|row| row.name.as_deref()).collect();
    if !unknown.is_empty() {
        talk::warn(format!(
            "{}: the pulls of {} were not counted, so what they cost is unknown",
            place.name,
            count(unknown.len(), "repository")
        ));
        talk::hint("`--count-pulls` asks CloudWatch for them; or give a number, `per_month`");
    }
}

/// A registry of which pulls are asked.
struct Registry<'r, 'q> {
    place: &'r Place<'r>,
    from: Region,
    question: &'r Question<'q>,
    counts: Option<&'r PullCounts>,
}

impl Registry<'_, '_> {
    /// What is billed of a repository, and what is assumed of it where neither it nor the whole registry is billed.
    fn of_repository(&self, counted: &Counted<'_>, replicating: &Replicating<'_>) -> Vec<PullRow> {
        let question = self.question;
        let name = &*counted.repository.name;
        let image_bytes = largest_image_bytes(&counted.repository.images, &counted.blobs);
        let whole = self.billed(None);
        let assumptions = question.assumed.map_or(&[][..], |assumed| &assumed.pulls);
        let costs = self.costs(assumptions, name, image_bytes, self.billed(Some(name)));
        let counts = |cost: &PullCost| {
            cost.source.basis() != Basis::Assumed || whole.iter().all(|transfer| transfer.to != cost.to)
        };
        let row = |cost: PullCost| PullRow {
            replica: match cost.to {
                PullTarget::Region(to) if to != self.from => Some(BreakEven::of(
                    question.list,
                    question.rate,
                    (self.from, to),
                    image_bytes,
                    replicating.to_region(counted, to),
                )),
                PullTarget::Region(_) | PullTarget::Internet => None,
            },
            is_exact: counted.storage.is_exact(),
            ..self.row(Some(name), image_bytes, cost)
        };
        costs.into_iter().filter(counts).map(row).collect()
    }

    /// What is billed of a repository that is not here, or of the whole registry.
    fn without_images(&self, name: Option<&str>, billed: &[BilledTransfer]) -> Vec<PullRow> {
        let costs = self.costs(&[], name.unwrap_or_default(), None, billed);
        costs.into_iter().map(|cost| self.row(name, None, cost)).collect()
    }

    fn billed(&self, name: Option<&str>) -> &[BilledTransfer] {
        let account = self.place.inventory.registry_id.as_deref();
        self.question.billed.map_or(&[], |billed| billed.of(account, self.from, name))
    }

    fn costs(
        &self,
        assumptions: &[PullAssumption],
        name: &str,
        image_bytes: Option<u128>,
        billed: &[BilledTransfer],
    ) -> Vec<PullCost> {
        let question = self.question;
        let circumstances = PullCircumstances {
            prices: question.list,
            rate: question.rate,
            same_region_path: question.assumed.map(|assumed| assumed.same_region_path).unwrap_or_default(),
            assumptions,
        };
        let counted_pulls = self.counts.and_then(|counts| counts.of(name));
        let repository = PulledRepository { region: self.from, name, image_bytes, counted_pulls };
        pull_costs(&circumstances, repository, billed)
    }

    fn row(&self, name: Option<&str>, image_bytes: Option<u128>, cost: PullCost) -> PullRow {
        PullRow {
            account: self.place.inventory.registry_id.clone(),
            region: self.place.inventory.region.clone(),
            name: name.map(str::to_owned),
            to: cost.to,
            pulls_per_month: cost.per_month,
            image_bytes,
            gigabytes: cost.gigabytes,
            transfer: cost.usd,
            is_exact: true,
            source: cost.source,
            rate: self.question.rate,
            replica: None,
        }
    }
}
