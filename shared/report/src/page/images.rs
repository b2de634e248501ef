//! One of the largest repositories, looked into: its images, and the curves of its rules.

use std::collections::BTreeSet;

use demurrage_core::cost::{Blobs, PolicyInForce, SWEEP_NUMBERS_MAX, StoredGbMonths, Sweep as Asked, sweep};
use demurrage_core::in_use::Protection;
use demurrage_core::ledger::RepositoryLedger;
use demurrage_core::lifecycle::{Decision, Limit, Outcome, Policy, Relations, evaluate};
use demurrage_core::{Image, Repository};

use super::document::{Detail, ImageRow, Sweep, SweepPoint};
use super::repository::PageAbout;
use super::text::usd;
use crate::known_use::KnownUse;
use crate::sentence::reason_sentence;

/// Images of a repository that are shown.
const IMAGES_MAX: usize = 60;
/// Rules of a repository of which a curve is drawn.
const RULES_MAX: usize = 2;
/// The number up to which a curve goes at least, where there are so many images.
const SWEPT_LEAST: u64 = 100;

/// What the page says of the images of one repository.
#[derive(Debug, Clone)]
pub struct PageImages {
    pub(super) detail: Detail,
    pub(super) sweeps: Vec<Sweep>,
}

impl PageImages {
    /// What there is to say: of the images that hold most by themselves, and of the rules that count.
    pub fn of(about: &PageAbout<'_>, repository: &Repository, ledger: Option<&RepositoryLedger>) -> Self {
        let images = &repository.images;
        let relations = Relations::of(images);
        let blobs = Blobs::of(images);
        let policy = PolicyInForce::of(repository);
        let decisions = policy.known().map(|it| evaluate(it, images, &relations, about.now, about.switches));
        let used = about.uses.map(|graph| KnownUse {
            graph,
            of_repository: graph.of_repository_at(about.kind, repository, &relations, ledger),
        });
        let mut rows: Vec<(u128, u32)> = (0_u32..)
            .zip(images)
            .map(|(place, _)| (blobs.image_bytes(place).exclusive_bytes, place))
            .collect();
        rows.sort_unstable_by(|a, b| b.cmp(a));
        // What is in use is looked for: it comes first.
        let is_used = |place: u32| {
            used.as_ref()
                .is_some_and(|it| matches!(it.of_repository.protection(place), Some(Protection::InUse(_))))
        };
        rows.sort_by_key(|&(_, place)| !is_used(place));
        let left_out = rows.len().saturating_sub(IMAGES_MAX);
        rows.truncate(IMAGES_MAX);
        let row = |(_, place): (u128, u32)| {
            let image = images.get(place as usize)?;
            let decision = decisions.as_ref().and_then(|decisions| decisions.get(place as usize));
            let bytes = blobs.image_bytes(place);
            Some(ImageRow {
                digest: image.digest.to_string(),
                tags: image.tags.iter().map(|tag| tag.as_str().to_owned()).collect(),
                pushed_at: image.pushed_at,
                pulled_at: image.last_pulled_at,
                exclusive_bytes: bytes.exclusive_bytes,
                shared_bytes: bytes.shared_bytes,
                decision: word(&policy, decision),
                why: why(&policy, images, decision, about),
                in_use: used.as_ref().map_or_else(String::new, |used| used.cell(images, place)),
            })
        };
        Self {
            detail: Detail { images: rows.into_iter().filter_map(row).collect(), left_out },
            sweeps: policy
                .known()
                .map_or_else(Vec::new, |it| sweeps(about, repository, it, &relations, &blobs)),
        }
    }
}

const fn word(policy: &PolicyInForce, decision: Option<&Decision>) -> &'static str {
    match (policy, decision) {
        (PolicyInForce::Unknown(_), _) => "unknown",
        (_, Some(Decision { outcome: Outcome::Expire, .. })) => "expires",
        (_, Some(Decision { outcome: Outcome::Archive, .. })) => "archives",
        (_, Some(Decision { outcome: Outcome::Keep, .. }) | None) => "stays",
    }
}

fn why(
    policy: &PolicyInForce,
    images: &[Image],
    decision: Option<&Decision>,
    about: &PageAbout<'_>,
) -> String {
    match (policy, decision) {
        (PolicyInForce::None, _) => "there is no policy, so ECR keeps every image".to_owned(),
        (PolicyInForce::Unknown(why), _) => format!("the policy is not known ({})", why.name()),
        (PolicyInForce::Known(policy), Some(decision)) => {
            reason_sentence(policy, images, decision, about.now)
        }
        (PolicyInForce::Known(_), None) => String::new(),
    }
}

/// Where a curve ends: well beyond today's number, and where nothing more would be kept.
fn last_number(today: u64, images: u64) -> u64 {
    let wanted = today.saturating_mul(4).max(SWEPT_LEAST);
    wanted.min(images.max(today)).clamp(1, SWEEP_NUMBERS_MAX)
}

/// The numbers that are shown: each of the first, then wider and wider apart, and today's.
fn shown_numbers(last: u64, today: u64) -> BTreeSet<u64> {
    let mut numbers = BTreeSet::from([today, last]);
    let mut number = 1;
    while number < last {
        numbers.insert(number);
        number += (number / 8).max(1);
    }
    numbers
}

/// The curves of the first rules that count images.
fn sweeps(
    about: &PageAbout<'_>,
    repository: &Repository,
    policy: &Policy,
    relations: &Relations,
    blobs: &Blobs,
) -> Vec<Sweep> {
    let counting = policy.rules().iter().filter_map(|rule| match rule.limit {
        Limit::ImageCountMoreThan(number) => Some((rule.priority, number)),
        Limit::SinceImagePushed(_) | Limit::SinceImagePulled(_) | Limit::SinceImageTransitioned(_) => None,
    });
    let curve = |(priority, today): (u64, u64)| {
        let last = last_number(today, repository.images.len() as u64);
        let asked = Asked { priority, numbers: 1..=last };
        let points =
            sweep(policy, &asked, &repository.images, relations, about.now, about.switches, blobs).ok()?;
        let steps = shown_numbers(last, today);
        let shown = points.into_iter().filter(|it| steps.contains(&it.number));
        let point = |it: demurrage_core::cost::SweepPoint| SweepPoint {
            number: it.number,
            kept_images: it.images,
            kept_bytes: it.stored.total(),
            usd_per_month: usd(about
                .prices
                .and_then(|prices| it.stored.usd_per_month(prices, StoredGbMonths::NOTHING))),
        };
        Some(Sweep {
            repository: repository.name.clone(),
            region: about.shown_region(),
            rule: priority,
            today,
            points: shown.map(point).collect(),
        })
    };
    counting.take(RULES_MAX).filter_map(curve).collect()
}
