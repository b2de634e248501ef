//! The repositories of each registry, priced together: they fill the tiers of its prices in common.

use std::collections::HashSet;

use chrono::{DateTime, Utc};
use demurrage_core::cost::{
    Blobs, Currency, Freed, PolicyInForce, PriceList, PullRate, Region, RegionPrices, RegistryCost,
    RepositoryStorage, Savings, StorageWarning, StoredBytes, StoredGbMonths, Usd,
};
use demurrage_core::lifecycle::{Policy, Relations, Switches};
use demurrage_core::{Fact, Image, ImageStatus, Inventory, Listing, RegistryKind, Repository};
use demurrage_report::{
    CountedPulls, ImageCost, NetworkHours, PolicyEffect, PolicySavings, PullRow, RegistryFigures,
    RepositoryCost, RuleSavings, StorageSum, UnreadRepository, count, rule_sentence,
};
use rayon::prelude::*;

use super::billed::Billed;
use super::counted_pulls::StoredCounts;
use super::pulls::InternetMonths;
use super::replication::Replicating;
use super::{figures, pulls};
use crate::assumptions::Assumptions;
use crate::command::previews::attached;
use crate::registries::Registries;
use crate::talk;

/// What is asked of every registry.
pub(super) struct Question<'q> {
    pub(super) now: DateTime<Utc>,
    pub(super) switches: Switches,
    pub(super) list: &'q PriceList,
    /// Which repositories are asked about.
    pub(super) wanted: &'q (dyn Fn(&str) -> bool + Sync),
    /// What is said beside the rows.
    pub(super) beside: Beside,
    /// Pulls that somebody assumes.
    pub(super) assumed: Option<&'q Assumptions>,
    /// What bills have of it.
    pub(super) billed: Option<&'q Billed>,
    /// How many pulls there were, where somebody counted them.
    pub(super) counted: &'q StoredCounts,
    /// By which rate pulls from another region are charged.
    pub(super) rate: PullRate,
}

/// What is worked out beside the rows of repositories.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Beside {
    /// Nothing.
    Nothing,
    /// What each image holds.
    Images,
    /// What there is to know of whole registries.
    Registries,
}

/// What came out.
pub(super) struct Priced<'a> {
    pub(super) repositories: Vec<RepositoryCost<'a>>,
    /// Those that could not be read.
    pub(super) unread: Vec<UnreadRepository>,
    pub(super) registries: Vec<RegistryFigures>,
    pub(super) pulls: Option<Vec<PullRow>>,
    pub(super) network_hours: Vec<NetworkHours>,
    pub(super) counted_pulls: Vec<CountedPulls>,
    /// What makes figures less than exact, each with the repository.
    pub(super) warnings: Vec<(&'a str, StorageWarning)>,
    /// Whether a policy could not be read.
    pub(super) is_partial: bool,
}

/// A repository of which costs are asked, with all that they come from.
pub(super) struct Counted<'a> {
    pub(super) repository: &'a Repository,
    pub(super) policy: PolicyInForce,
    pub(super) blobs: Blobs,
    pub(super) storage: RepositoryStorage,
    /// What it costs in a month.
    pub(super) usd: Option<Usd>,
    /// What the other repositories of the registry store.
    pub(super) elsewhere: StoredGbMonths,
}

/// A registry with its prices.
pub(super) struct Place<'a> {
    pub(super) inventory: &'a Inventory,
    /// What it is called.
    pub(super) name: String,
    /// Its prices, of which any may be unknown; nothing where its region is not one that is known.
    pub(super) prices: Option<RegionPrices>,
}

/// Prices the repositories of each registry that are asked about.
pub(super) fn price<'a>(registries: &'a Registries, question: &Question<'_>) -> Priced<'a> {
    let has_pulls = question.assumed.is_some() || question.billed.is_some();
    let mut months = InternetMonths::default();
    let mut priced = Priced {
        repositories: Vec::new(),
        unread: Vec::new(),
        registries: Vec::new(),
        pulls: has_pulls.then(Vec::new),
        network_hours: Vec::new(),
        counted_pulls: Vec::new(),
        warnings: Vec::new(),
        is_partial: false,
    };
    for inventory in &registries.asked {
        price_registry(inventory, registries, question, &mut months, &mut priced);
    }
    priced
}

fn price_registry<'a, 'q>(
    inventory: &'a Inventory,
    registries: &'a Registries,
    question: &Question<'q>,
    months: &mut InternetMonths<'q>,
    priced: &mut Priced<'a>,
) {
    let place = Place::of(inventory, question.list);
    // What could not be read is not shown as if it were empty.
    let asked = inventory.repositories.iter().filter(|it| (question.wanted)(&it.name));
    let (unread, wanted): (Vec<&Repository>, Vec<&Repository>) =
        asked.partition(|it| matches!(it.listing, Listing::Failed(_)));
    // It says what of the policies cannot be read.
    priced.is_partial |= attached(wanted.iter().copied()).is_partial;
    let counted = counted(&wanted, &place);
    let replicating = Replicating::of(&place, registries, question);
    let rows = counted.par_iter().map(|counted| row(counted, &place, &replicating, question));
    let rows: Vec<_> = rows.collect();
    priced.repositories.extend(rows);
    for Counted { repository, storage, .. } in &counted {
        priced.warnings.extend(storage.warnings.iter().map(|warning| (&*repository.name, *warning)));
    }
    say_pushed_later(&place, &counted, question);
    if let Some(rows) = &mut priced.pulls {
        let of_registry = pulls::rows(&place, &counted, &replicating, question, months);
        priced.network_hours.extend(pulls::network_hours(&place, &of_registry, question));
        rows.extend(of_registry);
    }
    priced.counted_pulls.extend(question.counted.report(inventory, question.wanted));
    if question.beside == Beside::Registries {
        let figures = figures::figures(&place, &counted, &replicating, question, !unread.is_empty());
        priced.registries.push(figures);
    }
    priced.unread.extend(unread.into_iter().map(|repository| UnreadRepository {
        account: inventory.registry_id.clone(),
        region: inventory.region.clone(),
        resource_tags: resource_tags(repository),
    }));
}

/// Says that there are images from after the time that is asked about.
fn say_pushed_later(place: &Place<'_>, counted: &[Counted<'_>], question: &Question<'_>) {
    let later = counted.iter().map(|it| it.pushed_after(question.now)).sum();
    if later != 0 {
        talk::warn(format!(
            "{}: `--now` is before the push of {}: they count all the same, and nothing is forecast",
            place.name,
            count(later, "image")
        ));
    }
}

impl Counted<'_> {
    /// Whether the sum of the sizes of images, which ECR gives, is that of all of them.
    pub(super) fn is_size_sum_exact(&self) -> bool {
        self.repository.listing == Listing::Complete
    }

    /// How many images were pushed after this time.
    pub(super) fn pushed_after(&self, now: DateTime<Utc>) -> usize {
        self.repository.images.iter().filter(|image| image.pushed_at.is_some_and(|at| now < at)).count()
    }
}

impl<'a> Place<'a> {
    /// The prices of a registry; says where there are none.
    fn of(inventory: &'a Inventory, list: &PriceList) -> Self {
        let service = match inventory.kind {
            RegistryKind::Private => "",
            RegistryKind::Public => " (ECR Public)",
        };
        let account = inventory.registry_id.as_deref().unwrap_or("unknown account");
        let name = format!("{account} {}{service}", inventory.region);
        let Ok(region) = Region::parse(&inventory.region) else {
            talk::warn(format!("{name}: the region is none that is known, so its prices are not known"));
            return Self { inventory, name, prices: None };
        };
        let prices = list.registry_prices(inventory.kind, region);
        let is_unknown = prices.storage.as_slice().iter().any(|tier| tier.price.known().is_none());
        match region.currency() {
            Currency::Usd if is_unknown => {
                talk::warn(format!("{name}: the price list has no price for what is stored there"));
            }
            Currency::Usd => {}
            other @ (Currency::Cny | Currency::Eur) => {
                let code = other.code();
                talk::warn(format!("{name}: billed in {code}, in which nothing is priced here: unknown"));
            }
        }
        Self { inventory, name, prices: Some(prices) }
    }

    /// What these bytes cost in a month, on top of what others store.
    fn usd(&self, stored: StoredBytes, elsewhere: StoredGbMonths) -> Option<Usd> {
        stored.usd_per_month(self.prices.as_ref()?, elsewhere)
    }
}

/// What the repositories that are wanted store and cost. All repositories of the registry fill its tiers.
fn counted<'a>(wanted: &[&'a Repository], place: &Place<'a>) -> Vec<Counted<'a>> {
    let is_wanted: HashSet<&str> = wanted.iter().map(|repository| &*repository.name).collect();
    let of = |repository: &'a Repository| {
        let blobs = Blobs::of(&repository.images);
        let storage = RepositoryStorage::of(repository, &blobs);
        // What is only in the way of others need not be held.
        (repository, is_wanted.contains(&*repository.name).then_some(blobs), storage)
    };
    let all: Vec<_> = place.inventory.repositories.par_iter().map(of).collect();
    let costs = place.prices.as_ref().map(|prices| {
        let stored: Vec<_> = all.iter().map(|(it, _, storage)| (&*it.name, storage)).collect();
        RegistryCost::of(&stored, prices).repositories
    });
    let stored_in_all: StoredGbMonths =
        all.iter().map(|(_, _, storage)| StoredGbMonths::of(storage.stored)).sum();
    let mut counted = Vec::new();
    for (at, (repository, blobs, storage)) in all.into_iter().enumerate() {
        let Some(blobs) = blobs else { continue };
        counted.push(Counted {
            repository,
            policy: PolicyInForce::of(repository),
            blobs,
            usd: costs.as_ref().and_then(|costs| costs.get(at)?.usd),
            elsewhere: stored_in_all.without(StoredGbMonths::of(storage.stored)),
            storage,
        });
    }
    counted
}

fn resource_tags(repository: &Repository) -> Option<Vec<(String, String)>> {
    match &repository.resource_tags {
        Fact::Present(tags) => Some(tags.iter().map(|(key, value)| (key.clone(), value.clone())).collect()),
        Fact::Absent => Some(Vec::new()),
        Fact::NotEvaluated => None,
    }
}

fn row<'a>(
    counted: &Counted<'a>,
    place: &Place<'_>,
    replicating: &Replicating<'_>,
    question: &Question<'_>,
) -> RepositoryCost<'a> {
    let Counted { repository, storage, .. } = counted;
    RepositoryCost {
        account: place.inventory.registry_id.clone(),
        region: place.inventory.region.clone(),
        name: repository.name.clone(),
        resource_tags: resource_tags(repository),
        sum: StorageSum {
            images: storage.images,
            image_size_sum_bytes: storage.image_size_sum_bytes,
            is_size_sum_exact: counted.is_size_sum_exact(),
            stored_bytes: storage.stored.standard_bytes,
            archived_bytes: storage.stored.archived_bytes,
            storage: counted.usd,
        },
        images_without_manifest: storage.images_without_manifest,
        is_exact: storage.is_exact(),
        lifecycle: match &counted.policy {
            PolicyInForce::None => PolicyEffect::NoPolicy,
            PolicyInForce::Known(policy) => PolicyEffect::Known(savings(counted, policy, place, question)),
            PolicyInForce::Unknown(why) => PolicyEffect::Unknown(*why),
        },
        replication: replicating.of_repository(counted),
        images: if question.beside == Beside::Images { images(counted, place) } else { Vec::new() },
    }
}

fn savings(
    counted: &Counted<'_>,
    policy: &Policy,
    place: &Place<'_>,
    question: &Question<'_>,
) -> PolicySavings {
    let images = &counted.repository.images;
    let relations = Relations::of(images);
    let savings = Savings::of(policy, images, &relations, question.now, question.switches, &counted.blobs);
    let sentence = |priority: u64| {
        let rule = policy.rules().iter().find(|rule| rule.priority == priority);
        rule.map_or_else(String::new, rule_sentence)
    };
    let by_rule = savings.settled.by_rule.iter();
    let usd = |freed: &Freed| freed.usd_per_month(place.prices.as_ref()?, counted.elsewhere);
    PolicySavings {
        next_run_freed_bytes: savings.next_run.bytes(),
        next_run_freed: usd(&savings.next_run),
        settled_freed_bytes: savings.settled.bytes(),
        settled_freed: usd(&savings.settled),
        by_rule: by_rule
            .map(|&(priority, freed_bytes)| RuleSavings {
                priority,
                sentence: sentence(priority),
                freed_bytes,
            })
            .collect(),
    }
}

fn images<'a>(counted: &Counted<'a>, place: &Place<'_>) -> Vec<ImageCost<'a>> {
    let stored = counted.storage.stored;
    let before = place.usd(stored, counted.elsewhere);
    let cost = |(at, image): (u32, &'a Image)| {
        let bytes = counted.blobs.image_bytes(at);
        let mut after = stored;
        // What it alone holds is in its own class.
        let class = match image.status {
            ImageStatus::Archived => &mut after.archived_bytes,
            ImageStatus::Active | ImageStatus::Activating | ImageStatus::Unrecognised => {
                &mut after.standard_bytes
            }
        };
        *class = class.saturating_sub(bytes.exclusive_bytes);
        ImageCost {
            image,
            exclusive_bytes: bytes.exclusive_bytes,
            shared_bytes: bytes.shared_bytes,
            exclusive: before.zip(place.usd(after, counted.elsewhere)).map(|(before, after)| before - after),
        }
    };
    (0..u32::MAX).zip(&counted.repository.images).map(cost).collect()
}
