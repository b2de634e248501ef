//! What policies free, keep and come to, by the core and by its slow literal twin, on small generated
//! repositories whose images share blobs; and when it pays to archive.

#[cfg(test)]
#[expect(dead_code, reason = "some of it is for the evaluation only")]
mod generators;

use std::cell::RefCell;
use std::collections::BTreeSet;

use demurrage_core::cost::{
    ArchiveAdvice, Blobs, Forecast, Freed, GbMonths, Horizon, Price, Region, RegionPrices, Savings, Sweep,
    SweepPoint, Tiers, WithPolicy, archive_advice, sweep,
};
use demurrage_core::lifecycle::{Acted, Action, IndexChildren, Relations, Switches, settle};
use demurrage_core::{Descriptor, Image, ImageStatus, Manifest, ManifestKind};
use demurrage_reference::cost as twin;
use demurrage_reference::{Count, Rule};
use generators::for_all;
use generators::scene::{IMAGES_MAX, Kind, NOW_MS, Scene, scene};
use generators::translation::{Given, digest, twin_switches};
use proptest::collection::vec;
use proptest::sample::select;
use proptest::strategy::Strategy;
use proptest::test_runner::TestCaseError;
use proptest::{prop_assert, prop_assert_eq};
use rust_decimal::Decimal;

/// Ids of blobs that images share; those of the blobs that only one image has are greater.
const SHARED: u64 = 6;
/// The most images of a repository of which there is a forecast.
const RECENT_IMAGES_MAX: usize = 9;
/// The blob of an image of which the manifest was not read.
const OF_ITS_OWN: u64 = 1_000;
/// Sizes that add up to the wrong sum wherever a blob is counted twice or not at all.
const SIZES: &[u64] = &[1, 10, 100, 1_000, 54_525_952_000, u64::MAX];

/// What an image holds besides its facts.
#[derive(Debug, Clone)]
struct Content {
    /// Ids of shared blobs; a manifest may name one twice.
    blobs: Vec<u64>,
    /// What a manifest that is wrong adds to the size of its first blob.
    wrong: u64,
    /// Whether the manifest was read.
    is_read: bool,
}

/// A repository with blobs, for both.
#[derive(Debug)]
struct Stock {
    given: Given,
    blobs: Blobs,
    held: Vec<twin::Held>,
}

fn contents() -> impl Strategy<Value = Vec<Content>> {
    let content = (vec(0..SHARED, 0..=4), select(&[0, 0, 0, 1][..]), select(&[true, true, true, false][..]));
    let content = content.prop_map(|(blobs, wrong, is_read)| Content { blobs, wrong, is_read });
    vec(content, IMAGES_MAX..=IMAGES_MAX)
}

fn size_of(blob: u64) -> u64 {
    SIZES.iter().copied().cycle().nth(usize::try_from(blob).unwrap_or_default()).unwrap_or_default()
}

impl Stock {
    fn of(scene: &Scene, contents: &[Content]) -> Self {
        let mut given = Given::of(scene);
        let mut held = Vec::new();
        for ((drawn, image), content) in scene.images.iter().zip(&mut given.images).zip(contents) {
            let wrong = |place: usize| if place == 0 { content.wrong } else { 0 };
            let sized = content.blobs.iter().enumerate();
            let mut blobs: Vec<(u64, u64)> =
                sized.map(|(place, &id)| (id, size_of(id).saturating_add(wrong(place)))).collect();
            match (drawn.kind, content.is_read) {
                (Kind::Plain, true) => image.manifest = Some(Box::new(manifest(&blobs))),
                (Kind::Plain, false) => {
                    image.manifest = None;
                    image.size_bytes = Some(size_of(drawn.image.id));
                    blobs = vec![(OF_ITS_OWN + drawn.image.id, size_of(drawn.image.id))];
                }
                // An index holds nothing by itself, whether it was read or not.
                (Kind::OciIndex | Kind::DockerList | Kind::UnreadIndex, _) => {
                    image.size_bytes = Some(7);
                    blobs = Vec::new();
                }
            }
            held.push(twin::Held { image: drawn.image.clone(), blobs });
        }
        given.relations = Relations::of(&given.images);
        Self { blobs: Blobs::of(&given.images), given, held }
    }
}

/// The first blob is the configuration, the others are layers.
fn manifest(blobs: &[(u64, u64)]) -> Manifest {
    let mut descriptors = blobs.iter().map(|&(id, size_bytes)| Descriptor {
        digest: digest(100_000 + id),
        media_type: String::new(),
        size_bytes,
    });
    Manifest {
        config: descriptors.next(),
        layers: descriptors.collect(),
        ..Manifest::new(ManifestKind::OciImage)
    }
}

fn stock() -> impl Strategy<Value = (Scene, Vec<Content>)> {
    (scene(), contents())
}

/// The same with images that were pushed in the last two months, on which a forecast can stand.
fn recent_stock() -> impl Strategy<Value = (Scene, Vec<Content>, Switches)> {
    let days = vec(select(&[0_i64, 1, 4, 5, 6, 15, 29, 30, 31, 60][..]), IMAGES_MAX..=IMAGES_MAX);
    let settings: Vec<Switches> = settings_of_references().collect();
    (stock(), days, select(settings)).prop_map(|((mut scene, contents), days, switches)| {
        // There will be thirteen times as many.
        scene.images.truncate(RECENT_IMAGES_MAX);
        for (drawn, days) in scene.images.iter_mut().zip(days) {
            let pushed = drawn.image.pushed_ms.as_mut();
            // The parts of a day that were drawn stay.
            if let Some(pushed) = pushed {
                *pushed = NOW_MS - days * 86_400_000 + (*pushed - NOW_MS) % 86_400_000 / 43_200_000;
            }
        }
        (scene, contents, switches)
    })
}

/// The settings that change who goes with whom. How ages are counted is the evaluation's alone.
fn settings_of_references() -> impl Iterator<Item = Switches> {
    Switches::all().into_iter().take(4)
}

fn in_words_of_the_twin(freed: &Freed) -> twin::Freed {
    twin::Freed {
        bytes: freed.bytes(),
        standard_after: freed.after.standard_bytes,
        archived_after: freed.after.archived_bytes,
        by_rule: freed.by_rule.clone(),
        expired: freed.images_expired,
        archived: freed.images_archived,
    }
}

#[test]
fn the_core_frees_by_each_rule_what_its_twin_frees_under_each_setting_of_references() {
    for_all(&stock(), |(scene, contents)| {
        let Stock { given, blobs, held } = Stock::of(&scene, &contents);
        for switches in settings_of_references() {
            let savings =
                Savings::of(&given.policy, &given.images, &given.relations, given.now, switches, &blobs);
            let as_twin = twin_switches(switches);
            let next_run = twin::next_run(&scene.rules, &held, NOW_MS, as_twin);
            let settled = twin::settled(&scene.rules, &held, NOW_MS, as_twin);
            prop_assert_eq!(in_words_of_the_twin(&savings.next_run), next_run, "under {:?}", switches);
            prop_assert_eq!(in_words_of_the_twin(&savings.settled), settled, "under {:?}", switches);
            for freed in [&savings.next_run, &savings.settled] {
                prop_assert_eq!(freed.by_rule.iter().map(|(_, bytes)| bytes).sum::<u128>(), freed.bytes());
            }
        }
        Ok(())
    });
}

#[test]
fn a_settled_repository_has_nothing_more_to_free() {
    for_all(&stock(), |(scene, contents)| {
        let Stock { given, blobs, .. } = Stock::of(&scene, &contents);
        for switches in settings_of_references() {
            let mut images = given.images.clone();
            for acted_on in settle(&given.policy, &given.images, &given.relations, given.now, switches) {
                prop_assert!(!acted_on.is_empty());
                for acted in acted_on {
                    let digest = given.images[acted.image as usize].digest;
                    match acted.action {
                        Action::Expire => images.retain(|i| i.digest != digest),
                        Action::Archive => {
                            let image = images.iter_mut().find(|i| i.digest == digest).unwrap();
                            image.status = ImageStatus::Archived;
                            image.archived_at = Some(given.now);
                        }
                    }
                }
            }
            let before =
                Savings::of(&given.policy, &given.images, &given.relations, given.now, switches, &blobs);
            let (relations, blobs) = (Relations::of(&images), Blobs::of(&images));
            let after = Savings::of(&given.policy, &images, &relations, given.now, switches, &blobs);
            prop_assert_eq!(after.settled.bytes(), 0);
            prop_assert_eq!(after.settled.images_archived + after.settled.images_expired, 0);
            prop_assert_eq!(images.len() + before.settled.images_expired, given.images.len());
        }
        Ok(())
    });
}

/// What the core's sweep has in the words of the twin.
fn points(points: &[SweepPoint]) -> Vec<twin::Point> {
    let point = |point: &SweepPoint| twin::Point {
        number: point.number,
        images: point.images,
        archived: point.images_archived,
        standard: point.stored.standard_bytes,
        in_archive: point.stored.archived_bytes,
    };
    points.iter().map(point).collect()
}

fn swept(
    stock: &Stock,
    rules: &[Rule],
    numbers: std::ops::RangeInclusive<u64>,
    switches: Switches,
) -> Result<(), TestCaseError> {
    let Stock { given, blobs, held } = stock;
    for rule in rules.iter().filter(|rule| rule.count == Count::MoreThan) {
        let asked = Sweep { priority: rule.priority, numbers: numbers.clone() };
        let found = sweep(&given.policy, &asked, &given.images, &given.relations, given.now, switches, blobs);
        let expected: Vec<twin::Point> = numbers
            .clone()
            .map(|number| twin::point(rules, rule.priority, number, held, NOW_MS, twin_switches(switches)))
            .collect();
        prop_assert_eq!(
            found.map(|found| points(&found)),
            Ok(expected),
            "rule {} under {:?}",
            rule.priority,
            switches
        );
    }
    Ok(())
}

#[test]
fn a_sweep_keeps_for_each_number_what_an_evaluation_with_it_keeps_under_each_setting_of_references() {
    for_all(&stock(), |(scene, contents)| {
        let stock = Stock::of(&scene, &contents);
        for switches in settings_of_references() {
            swept(&stock, &scene.rules, 1..=5, switches)?;
        }
        swept(&stock, &scene.rules, 3..=16, Switches::default())?;
        swept(&stock, &scene.rules, u64::MAX - 1..=u64::MAX, Switches::default())
    });
}

#[test]
fn a_forecast_is_the_mean_of_the_last_days_and_the_same_pushes_under_the_policy() {
    for_all(&recent_stock(), |(scene, contents, switches)| {
        let Stock { given, blobs, held } = Stock::of(&scene, &contents);
        let forecast = Forecast::of(Some(&given.policy), &given.images, given.now, switches, &blobs);
        prop_assert_eq!(forecast.new_bytes, twin::new_bytes(&held, NOW_MS));
        for horizon in forecast.horizons {
            let without = twin::without_policy(&held, NOW_MS, horizon.days);
            prop_assert_eq!(horizon.without_policy_bytes, without);
            let with = twin::with_policy(&scene.rules, &held, NOW_MS, twin_switches(switches), horizon.days);
            prop_assert_eq!(
                horizon.with_policy,
                WithPolicy::Bytes(with),
                "after {} days under {:?}",
                horizon.days,
                switches
            );
        }
        Ok(())
    });
}

#[test]
fn archiving_pays_from_the_first_day_on_which_it_has_cost_less() {
    // Prices in ten-billionths of a dollar, as small as they can be, so that each day makes a difference.
    let prices = (1_u32..60, 0_u32..60, 0_u32..200, 1_u32..5);
    for_all(&prices, |(standard, archive, retrieval, gb)| {
        let price = |units: u32| Price::Known(Decimal::new(i64::from(units), 10));
        let prices = RegionPrices {
            storage: Tiers::flat(price(standard)),
            archive: Tiers::flat(price(archive)),
            retrieval_gb: price(retrieval),
            ..RegionPrices::unknown(Region::parse("us-east-1").unwrap())
        };
        let cost = |units: u32| u64::from(units) * u64::from(gb);
        let first_day = |fee| twin::pays_after_days(cost(standard), cost(archive), fee, 10_000);
        match archive_advice(u128::from(gb) << 30, GbMonths::ZERO, &prices) {
            ArchiveAdvice::Unknown => prop_assert!(false, "all prices are known"),
            ArchiveAdvice::SavesNothing { .. } => prop_assert!(standard <= archive),
            ArchiveAdvice::Saves { pays_after_days, pays_after_days_restored_once, .. } => {
                prop_assert!(archive < standard);
                prop_assert_eq!(Some(pays_after_days), first_day(0));
                prop_assert_eq!(pays_after_days_restored_once, first_day(cost(retrieval)));
            }
        }
        Ok(())
    });
}

#[test]
fn images_in_another_order_free_the_same() {
    for_all(&(stock(), generators::scene::order()), |((scene, contents), order)| {
        let pairs: Vec<_> = scene.images.iter().cloned().zip(contents.iter().cloned()).collect();
        let shuffled: Vec<_> = order.iter().filter_map(|&place| pairs.get(place).cloned()).collect();
        let other =
            Scene { images: shuffled.iter().map(|(drawn, _)| drawn.clone()).collect(), ..scene.clone() };
        let other_contents: Vec<Content> = shuffled.into_iter().map(|(_, content)| content).collect();
        let of = |scene: &Scene, contents: &[Content]| {
            let Stock { given, blobs, .. } = Stock::of(scene, contents);
            let images: &[Image] = &given.images;
            Savings::of(&given.policy, images, &given.relations, given.now, Switches::default(), &blobs)
        };
        prop_assert_eq!(of(&scene, &contents), of(&other, &other_contents));
        Ok(())
    });
}

#[test]
fn what_is_drawn_has_everything_that_is_compared() {
    const WANTED: [&str; 9] = [
        "a second round frees more",
        "there are three rounds",
        "a referrer goes with its subject",
        "a referrer is archived with its subject",
        "two rules free bytes",
        "bytes are archived and none are freed",
        "a curve bends twice",
        "an index changes a curve",
        "a forecast with the policy lies between nothing and that without it",
    ];
    let seen = RefCell::new(BTreeSet::<&str>::new());
    let see = |what: usize, is_so: bool| {
        if is_so {
            seen.borrow_mut().extend(WANTED.get(what));
        }
    };
    for_all(&recent_stock(), |(scene, contents, switches)| {
        let Stock { given, blobs, .. } = Stock::of(&scene, &contents);
        let Given { policy, images, relations, now } = &given;
        let savings = Savings::of(policy, images, relations, *now, switches, &blobs);
        let rounds: Vec<Vec<Acted>> = settle(policy, images, relations, *now, switches).collect();
        let follows = |action| rounds.iter().flatten().any(|a| a.subject.is_some() && a.action == action);
        see(0, savings.next_run.bytes() > 0 && savings.settled.bytes() > savings.next_run.bytes());
        see(1, rounds.len() > 2);
        see(2, follows(Action::Expire));
        see(3, follows(Action::Archive));
        see(4, savings.settled.by_rule.iter().filter(|(_, bytes)| *bytes > 0).count() > 1);
        let archived = savings.settled.after.archived_bytes > savings.settled.before.archived_bytes;
        see(5, archived && savings.settled.bytes() == 0);

        for rule in scene.rules.iter().filter(|rule| rule.count == Count::MoreThan) {
            let asked = Sweep { priority: rule.priority, numbers: 1..=5 };
            let curve = |index_children| {
                let switches = Switches { index_children, ..switches };
                let found = sweep(policy, &asked, images, relations, *now, switches, &blobs);
                found.unwrap_or_default().iter().map(|point| point.stored).collect::<Vec<_>>()
            };
            let counted = curve(IndexChildren::Counted);
            let mut bends = counted.clone();
            bends.dedup();
            see(6, bends.len() > 2);
            see(7, bends.len() > 1 && counted != curve(IndexChildren::Ignored));
        }

        let forecast = Forecast::of(Some(policy), images, *now, switches, &blobs);
        let between = |horizon: &Horizon| match horizon.with_policy {
            WithPolicy::Bytes(bytes) => 0 < bytes && bytes < horizon.without_policy_bytes,
            WithPolicy::NoPolicy | WithPolicy::TooManyImages => false,
        };
        see(8, forecast.horizons.iter().all(between));
        Ok(())
    });
    let missing: Vec<&str> = WANTED.into_iter().filter(|wanted| !seen.borrow().contains(wanted)).collect();
    assert_eq!(missing, Vec::<&str>::new());
}
