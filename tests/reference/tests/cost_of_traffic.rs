//! What is sent and what it costs, by the core and by its slow literal twin: on small repositories whose images were
//! pushed at the edges of the window, and on amounts at the edges of tiers.

#![expect(clippy::unwrap_used, reason = "a test that stops when its own data is wrong")]

#[cfg(test)]
#[expect(dead_code, reason = "most of it is for the evaluation")]
mod generators;

use std::num::NonZeroU32;

use chrono::{DateTime, TimeDelta, Utc};
use demurrage_core::cost::{
    Blobs, BreakEven, Egress, Partition, Price, PriceList, PullRate, Pushed, Region, RegionPrices,
    ReplicaState, Replicated, StoredBytes, Tier, Tiers, Usd, internet, replicas, replication_costs,
};
use demurrage_core::{
    DeleteReplication, Descriptor, Destination, Digest, Image, Inventory, Manifest, ManifestKind,
    RegistryFacts, RegistryKind, Replication, ReplicationRule, RepositoriesListing, Repository,
};
use demurrage_reference::cost as twin;
use generators::for_all;
use proptest::collection::vec;
use proptest::option::weighted;
use proptest::prelude::{Just, Strategy, any};
use proptest::sample::select;
use proptest::{prop_assert, prop_assert_eq, prop_oneof};
use rust_decimal::Decimal;

const GB: u128 = 1 << 30;
const DAY_MS: i64 = 24 * 60 * 60 * 1000;
const NOW_MS: i64 = 1_800_000_000_000;
const ACCOUNT: &str = "111111111111";

fn at(ms: i64) -> DateTime<Utc> {
    DateTime::from_timestamp_millis(ms).unwrap()
}

fn digest(number: u64) -> Digest {
    let mut bytes = [0; 32];
    bytes[..8].copy_from_slice(&number.to_be_bytes());
    Digest::from_bytes(bytes)
}

fn region(code: &str) -> Region {
    Region::parse(code).unwrap()
}

fn price(text: &str) -> Price {
    Price::Known(Decimal::from_str_exact(text).unwrap())
}

/// An image, and whether its manifest is read.
#[derive(Debug, Clone)]
struct Drawn {
    image: twin::SentImage,
    is_read: bool,
}

/// Times at the edges of a window of so many days, a millisecond beside them, and anywhere near.
fn time(window_days: i64) -> impl Strategy<Value = Option<i64>> {
    let edges = [NOW_MS, NOW_MS - window_days * DAY_MS];
    let beside = (select(edges.to_vec()), -1_i64..=1).prop_map(|(edge, beside)| edge + beside);
    let near = (NOW_MS - 2 * window_days * DAY_MS)..=(NOW_MS + DAY_MS);
    weighted(0.9, prop_oneof![beside, near])
}

fn size() -> impl Strategy<Value = u64> {
    prop_oneof![select(vec![0, 1, 22, 524_288, u64::MAX]), any::<u32>().prop_map(u64::from)]
}

fn drawn(window_days: i64) -> impl Strategy<Value = Drawn> {
    let blobs = vec((0..6_u64, size()), 0..4);
    let restored = prop_oneof![3 => Just(None), 1 => time(window_days)];
    (time(window_days), restored, blobs, weighted(0.85, Just(()))).prop_map(
        |(pushed_ms, restored_ms, blobs, read)| Drawn {
            image: twin::SentImage { pushed_ms, restored_ms, blobs },
            is_read: read.is_some(),
        },
    )
}

fn manifest(blobs: &[(u64, u64)]) -> Box<Manifest> {
    let layer = |(blob, size_bytes): &(u64, u64)| Descriptor {
        digest: digest(1_000 + blob),
        media_type: String::new(),
        size_bytes: *size_bytes,
    };
    let layers = blobs.iter().map(layer).collect();
    Box::new(Manifest { layers, ..Manifest::new(ManifestKind::OciImage) })
}

/// The images for the core, and for the twin, to which a manifest that is not read is one blob that nobody shares.
fn both(drawn: &[Drawn]) -> (Vec<Image>, Vec<twin::SentImage>) {
    let numbered = || drawn.iter().zip(100_u64..);
    let image = |(Drawn { image, is_read }, number): (&Drawn, u64)| Image {
        pushed_at: image.pushed_ms.map(at),
        activated_at: image.restored_ms.map(at),
        size_bytes: image.blobs.first().map(|(_, size)| *size),
        manifest: is_read.then(|| manifest(&image.blobs)),
        ..Image::new(digest(number))
    };
    let as_twin = |(Drawn { image, is_read }, number): (&Drawn, u64)| {
        let alone = || image.blobs.first().map(|(_, size)| (number, *size)).into_iter().collect();
        twin::SentImage { blobs: if *is_read { image.blobs.clone() } else { alone() }, ..image.clone() }
    };
    (numbered().map(image).collect(), numbered().map(as_twin).collect())
}

/// A window, and images that were pushed at its edges.
fn pushes() -> impl Strategy<Value = (u32, Vec<Drawn>)> {
    select(vec![1_u32, 7, 30, 90]).prop_flat_map(|days| (Just(days), vec(drawn(i64::from(days)), 0..6)))
}

#[test]
fn what_is_sent_of_a_repository_is_what_its_twin_finds() {
    for_all(&pushes(), |(days, drawn)| {
        let (images, as_twin) = both(&drawn);
        let window_days = NonZeroU32::new(days).unwrap();
        let pushed = Pushed::of(&images, &Blobs::of(&images), at(NOW_MS), window_days);
        let found = twin::Sent {
            images: pushed.images,
            all_bytes: pushed.all_bytes,
            new_bytes: pushed.new_bytes,
            distinct_bytes: pushed.distinct_bytes,
        };
        prop_assert_eq!(&found, &twin::sent(&as_twin, NOW_MS, days.into()));
        prop_assert!(pushed.new_bytes <= pushed.distinct_bytes && pushed.distinct_bytes <= pushed.all_bytes);
        for bytes in [pushed.all_bytes, pushed.new_bytes] {
            prop_assert_eq!(pushed.in_a_month(bytes), twin::in_a_month(bytes, days.into()));
        }
        Ok(())
    });
}

#[test]
fn what_replication_costs_is_what_is_sent_times_the_price_of_the_source() {
    let list = PriceList::embedded();
    let rule = ReplicationRule {
        destinations: vec![Destination { region: "us-east-1".to_owned(), registry_id: ACCOUNT.to_owned() }],
        repository_prefixes: Vec::new(),
        deletes: DeleteReplication::Off,
    };
    let replication = Replication { rules: vec![rule] };
    for_all(&(pushes(), any::<u32>()), |((days, drawn), more_bytes)| {
        let (images, as_twin) = both(&drawn);
        let window_days = NonZeroU32::new(days).unwrap();
        let pushed = Pushed::of(&images, &Blobs::of(&images), at(NOW_MS), window_days);
        let all_bytes = pushed.distinct_bytes + u128::from(more_bytes);
        let replicated = Replicated {
            region: region("ap-northeast-2"),
            registry_id: Some(ACCOUNT),
            name: "app",
            pushed,
            stored: StoredBytes { standard_bytes: pushed.distinct_bytes, archived_bytes: more_bytes.into() },
        };
        let costs = replication_costs(&list, &replication, replicated, &[]);
        prop_assert_eq!(costs.len(), 1);
        let sent = twin::sent(&as_twin, NOW_MS, days.into());
        let transfer = |bytes| twin::cost(&twin::gb(twin::in_a_month(bytes, days.into())), "0.08");
        let storage = |bytes| twin::cost(&twin::gb(bytes), "0.10");
        let (found_transfer, found_storage) = (costs[0].transfer_usd.unwrap(), costs[0].storage_usd.unwrap());
        prop_assert_eq!(found_transfer.low.to_string(), transfer(sent.new_bytes));
        prop_assert_eq!(found_transfer.high.to_string(), transfer(sent.all_bytes));
        prop_assert_eq!(found_storage.low.to_string(), storage(sent.distinct_bytes));
        prop_assert_eq!(found_storage.high.to_string(), storage(all_bytes));
        let usd = costs[0].usd().unwrap();
        prop_assert_eq!(usd.low, found_transfer.low + found_storage.low);
        prop_assert_eq!(usd.high, found_transfer.high + found_storage.high);
        Ok(())
    });
}

/// Bytes at the ends of tiers and of the free amount, and beside them.
fn egress_bytes() -> impl Strategy<Value = u128> {
    let ends = select(vec![0, 100, 200, 10_240, 10_340, 51_300, 153_700, 1_000_000_u128]);
    prop_oneof![
        (ends, -600_i64..600).prop_map(|(end, beside)| (end * GB).saturating_add_signed(beside.into())),
        any::<u64>().prop_map(u128::from),
    ]
}

#[test]
fn the_internet_costs_what_the_twin_reckons_from_the_free_amount_through_every_tier() {
    const CODES: [&str; 4] = ["ap-south-1", "eu-west-1", "sa-east-1", "us-gov-west-1"];
    const PRICES: [Option<&str>; 5] = [Some("0.114"), Some("0.0765"), Some("0.1093000001"), Some("0"), None];
    const ENDS: [Option<u64>; 4] = [Some(10_240), Some(51_200), Some(153_600), None];
    let tiers = vec(select(PRICES.to_vec()), 1..=4);
    let senders = vec((select(CODES.to_vec()), tiers, egress_bytes(), egress_bytes()), 0..4);
    for_all(&(senders, select(vec![0_u64, 1, 100])), |(mut senders, free_gb)| {
        senders.sort_by_key(|sender| sender.0);
        senders.dedup_by_key(|sender| sender.0);
        let mut list = PriceList { internet_free_gb: free_gb, ..PriceList::embedded() };
        let mut egress = Vec::new();
        let mut as_twin = Vec::new();
        for (code, prices, bytes, other_bytes) in &senders {
            let from = region(code);
            let ends = ENDS.iter().copied().take(prices.len() - 1).chain([None]);
            let as_text: Vec<twin::Tier<'_>> = ends.zip(prices.iter().copied()).collect();
            let tier = |(up_to_gb, text): &twin::Tier<'_>| Tier {
                up_to_gb: *up_to_gb,
                price: text.map_or(Price::Unknown, price),
            };
            let internet = Tiers::new(as_text.iter().map(tier).collect()).unwrap();
            list.regions.insert(from, RegionPrices { internet, ..RegionPrices::unknown(from) });
            egress.push(Egress { from, bytes: *bytes, other_bytes: *other_bytes });
            as_twin.push((*code, as_text, *bytes, *other_bytes));
        }
        let as_twin: Vec<twin::Sender<'_>> = as_twin
            .iter()
            .map(|(code, tiers, bytes, other)| {
                (*code, Partition::of(region(code)) == Partition::Commercial, &**tiers, *bytes, *other)
            })
            .collect();
        egress.reverse();
        let found: Vec<(String, Vec<twin::Line>)> = internet(&list, &egress)
            .iter()
            .map(|charge| {
                let line = |part: &demurrage_core::cost::TierCharge| {
                    (part.tier, part.amount.to_string(), part.usd.map(|usd| usd.to_string()))
                };
                (charge.free.to_string(), charge.parts.iter().map(line).collect())
            })
            .collect();
        prop_assert_eq!(&found, &twin::to_internet(free_gb, &as_twin));
        let sums: Vec<Option<String>> =
            internet(&list, &egress).iter().map(|charge| charge.usd.map(|usd| usd.to_string())).collect();
        let expected: Vec<Option<String>> = found.iter().map(|(_, lines)| twin::total(lines)).collect();
        prop_assert_eq!(sums, expected);
        Ok(())
    });
}

#[test]
fn a_replica_is_cheaper_from_the_first_number_of_pulls_that_costs_more() {
    const LAST: u64 = 150;
    let list = PriceList::embedded();
    let image_bytes =
        prop_oneof![select(vec![1, 26, 27, 524_288, GB, 3 * GB + 1]), any::<u32>().prop_map(u128::from)];
    let strategy = (image_bytes, 0..LAST, -1_i64..=1);
    for_all(&strategy, |(image_bytes, pulls, beside)| {
        let pulled = twin::cost(&twin::gb(image_bytes * u128::from(pulls)), "0.086");
        let pulled: Usd = pulled.parse().unwrap();
        let replication = (pulled + Usd::of_decimal(Decimal::new(beside, 10))).max(Usd::ZERO);
        let between = (region("ap-south-1"), region("eu-west-1"));
        let found = BreakEven::of(&list, PullRate::default(), between, Some(image_bytes), Some(replication));
        let expected = twin::first_dearer_pull(image_bytes, "0.086", &replication.to_string(), LAST);
        match (found, expected) {
            (BreakEven::From(found), Some(expected)) => prop_assert_eq!(found, expected),
            (BreakEven::From(found), None) => prop_assert!(LAST < found),
            (BreakEven::Never, None) => prop_assert!(image_bytes == 0),
            (other, expected) => prop_assert!(false, "{:?} instead of {:?}", other, expected),
        }
        Ok(())
    });
}

#[test]
fn replicas_differ_as_the_twin_finds_by_looking_at_each() {
    fn inventory(code: &str, images: Vec<Image>) -> Inventory {
        let repository = Repository { images, ..Repository::new("app") };
        Inventory {
            kind: RegistryKind::Private,
            registry_id: Some(ACCOUNT.to_owned()),
            region: code.to_owned(),
            taken_at: at(NOW_MS),
            registry: RegistryFacts::default(),
            repositories_listing: RepositoriesListing::Complete,
            repositories: vec![repository],
            notes: Vec::new(),
        }
    }
    let sizes = [1_u64, 20, 300, 4_000, 50_000, u64::MAX];
    let blobs = vec((0..6_usize).prop_map(move |blob| (u64::try_from(blob).unwrap(), sizes[blob])), 0..4);
    let there = vec((0..8_u64, blobs, any::<bool>()), 0..6);
    for_all(&(vec(0..8_u64, 0..6), there), |(mut here, mut there)| {
        here.sort_unstable();
        here.dedup();
        there.sort();
        there.dedup_by_key(|image| image.0);
        let replication = Replication {
            rules: vec![ReplicationRule {
                destinations: vec![Destination {
                    region: "us-east-1".to_owned(),
                    registry_id: ACCOUNT.to_owned(),
                }],
                repository_prefixes: Vec::new(),
                deletes: DeleteReplication::NotStated,
            }],
        };
        let originals = here.iter().map(|name| Image::new(digest(*name))).collect();
        let replica = |(name, blobs, is_pulled): &twin::Replica| Image {
            last_pulled_at: is_pulled.then(|| at(NOW_MS) - TimeDelta::days(1)),
            manifest: Some(manifest(blobs)),
            ..Image::new(digest(*name))
        };
        let replicated = inventory("us-east-1", there.iter().map(replica).collect());
        let found = replicas(&inventory("eu-west-1", originals), &replication, &[&replicated]);
        prop_assert_eq!(found.len(), 1);
        let ReplicaState::Compared(found) = &found[0].state else { panic!("both were listed whole") };
        let (missing, orphans, never_pulled) = twin::differences(&here, &there);
        let digests = |names: &[u64]| names.iter().map(|name| digest(*name)).collect::<Vec<_>>();
        prop_assert_eq!(&found.missing, &digests(&missing));
        prop_assert_eq!((&found.orphans, found.orphan_bytes), (&digests(&orphans.0), orphans.1));
        let unused = (&found.never_pulled, found.never_pulled_bytes);
        prop_assert_eq!(unused, (&digests(&never_pulled.0), never_pulled.1));
        Ok(())
    });
}
