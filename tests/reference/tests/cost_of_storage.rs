//! What is stored and what it costs, by the core and by its slow literal twin: on small generated repositories
//! whose images share blobs, and on amounts at the limits of rounding and of tiers.
#![expect(clippy::unwrap_used, reason = "a test that stops when its own data is wrong")]

#[cfg(test)]
#[expect(dead_code, reason = "most of it is for the evaluation")]
mod generators;

use chrono::NaiveDate;
use demurrage_core::cost::{
    Amount, Blobs, GbMonths, Gigabytes, Holding, MonthHours, Price, PriceList, Region, RegionPrices,
    RegistryBlobs, RegistryCost, RepositoryStorage, StorageWarning, StoredBytes, Tier, Tiers, Usd,
};
use demurrage_core::lifecycle::StorageClass;
use demurrage_core::{Child, Descriptor, Digest, Image, ImageStatus, Manifest, ManifestKind, Repository};
use demurrage_reference::cost as twin;
use generators::for_all;
use proptest::collection::vec;
use proptest::option::weighted;
use proptest::prelude::{Just, Strategy, any};
use proptest::sample::{Index, select};
use proptest::{prop_assert_eq, prop_oneof};
use rust_decimal::Decimal;

const GB: u128 = 1 << 30;
const FOREIGN: &str = "application/vnd.docker.image.rootfs.foreign.diff.tar.gzip";

/// The kinds of image that are stored in different ways.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    DockerImage,
    OciImage,
    Artifact,
    /// An index; its manifest names layers as well, which are none of its own.
    Index,
    /// Of a kind that is not known: nothing is known of its blobs.
    Novel,
    Unread,
    UnreadIndex,
}

/// Which list of a manifest names a blob.
#[derive(Debug, Clone, Copy)]
enum List {
    Config,
    Layers,
    Blobs,
}

#[derive(Debug, Clone)]
struct Drawn {
    kind: Kind,
    status: ImageStatus,
    size_bytes: Option<u64>,
    named: Vec<(List, twin::Named)>,
}

/// Sizes at limits: of rounding (a multiple of 512 KiB is half of a ten-billionth), of a layer, of integers.
fn size() -> impl Strategy<Value = u64> {
    const LIMITS: &[u64] =
        &[0, 1, 21, 22, 524_287, 524_288, 524_289, 1_572_864, 54_525_952_000, 54_525_952_001, u64::MAX];
    prop_oneof![select(LIMITS), any::<u32>().prop_map(u64::from), any::<u64>()]
}

/// A blob of few; seldom with another size than it has elsewhere, seldom foreign.
fn named() -> impl Strategy<Value = (List, twin::Named)> {
    let sizes = [22, 524_288, 1 << 30, 54_525_952_001, u64::MAX, 1];
    let wrong = weighted(0.05, size());
    let media_types = select(
        &[
            "application/vnd.oci.image.layer.v1.tar+gzip",
            "",
            "application/vnd.docker.image.rootfs.diff.tar.gzip",
            "application/vnd.oci.image.config.v1+json",
            FOREIGN,
            "application/vnd.oci.image.layer.nondistributable.v1.tar+zstd",
            "application/vnd.docker.image.rootfs.foreign.diff.tar",
        ][..],
    );
    let lists = select(&[List::Layers, List::Layers, List::Blobs, List::Config][..]);
    (lists, 0..sizes.len(), wrong, prop_oneof![3 => Just(""), 1 => media_types]).prop_map(
        move |(list, digest, wrong, media_type)| {
            let size_bytes = wrong.or(sizes.get(digest).copied()).unwrap_or_default();
            let named =
                twin::Named { digest: digest.to_string(), media_type: media_type.to_owned(), size_bytes };
            (list, named)
        },
    )
}

fn image() -> impl Strategy<Value = Drawn> {
    use Kind::{Artifact, DockerImage, Index, Novel, OciImage, Unread, UnreadIndex};
    const KINDS: &[Kind] =
        &[OciImage, OciImage, OciImage, DockerImage, Artifact, Index, Novel, Unread, UnreadIndex];
    const STATUSES: &[ImageStatus] = &[
        ImageStatus::Active,
        ImageStatus::Archived,
        ImageStatus::Archived,
        ImageStatus::Activating,
        ImageStatus::Unrecognised,
    ];
    (select(KINDS), select(STATUSES), weighted(0.9, size()), vec(named(), 0..=5))
        .prop_map(|(kind, status, size_bytes, named)| Drawn { kind, status, size_bytes, named })
}

fn images() -> impl Strategy<Value = Vec<Drawn>> {
    vec(image(), 0..=8)
}

impl Drawn {
    fn for_the_twin(&self) -> twin::StoredImage {
        let is_known = !matches!(self.kind, Kind::Novel | Kind::Unread | Kind::UnreadIndex);
        twin::StoredImage {
            is_archived: self.status == ImageStatus::Archived,
            size_bytes: self.size_bytes,
            is_index: matches!(self.kind, Kind::Index | Kind::UnreadIndex),
            named: is_known.then(|| self.named_once().map(|(_, named)| named.clone()).collect()),
        }
    }

    fn for_the_core(&self, place: usize) -> Image {
        let mut image = Image::new(digest(1_000 + place));
        image.status = self.status;
        image.size_bytes = self.size_bytes;
        let kind = match self.kind {
            Kind::DockerImage => ManifestKind::DockerImage,
            Kind::OciImage => ManifestKind::OciImage,
            Kind::Artifact => ManifestKind::OrasArtifact,
            Kind::Index => ManifestKind::OciIndex,
            Kind::Novel => ManifestKind::Unrecognised("application/x-novel".to_owned()),
            Kind::Unread => return image,
            Kind::UnreadIndex => {
                image.manifest_media_type = Some(ManifestKind::DockerManifestList.media_type().to_owned());
                return image;
            }
        };
        let mut manifest = Manifest::new(kind);
        if self.kind != Kind::Novel {
            for (list, named) in self.named_once() {
                let descriptor = Descriptor {
                    digest: digest(named.digest.parse().unwrap()),
                    media_type: named.media_type.clone(),
                    size_bytes: named.size_bytes,
                };
                match list {
                    List::Config => manifest.config = Some(descriptor),
                    List::Layers => manifest.layers.push(descriptor),
                    List::Blobs => manifest.blobs.push(descriptor),
                }
            }
        }
        if self.kind == Kind::Index {
            let descriptor =
                Descriptor { digest: digest(1_000), media_type: String::new(), size_bytes: u64::MAX };
            manifest.children.push(Child { descriptor, platform: None, attests: None });
        }
        image.manifest = Some(Box::new(manifest));
        image
    }

    /// What the manifest names; it has one configuration, the first.
    fn named_once(&self) -> impl Iterator<Item = &(List, twin::Named)> {
        let config = self.named.iter().position(|(list, _)| matches!(list, List::Config));
        let is_taken = move |(place, (list, _)): &(usize, &(List, twin::Named))| {
            !matches!(list, List::Config) || config == Some(*place)
        };
        self.named.iter().enumerate().filter(is_taken).map(|(_, named)| named)
    }
}

fn digest(number: usize) -> Digest {
    let mut bytes = [0; 32];
    bytes[..8].copy_from_slice(&number.to_be_bytes());
    Digest::from_bytes(bytes)
}

fn repository(drawn: &[Drawn]) -> Repository {
    let mut repository = Repository::new("team/app");
    repository.images = drawn.iter().enumerate().map(|(place, image)| image.for_the_core(place)).collect();
    repository
}

fn for_the_twin(drawn: &[Drawn]) -> Vec<twin::StoredImage> {
    drawn.iter().map(Drawn::for_the_twin).collect()
}

fn pair(stored: StoredBytes) -> (u128, u128) {
    (stored.standard_bytes, stored.archived_bytes)
}

fn twin_pair(stored: &twin::Stored) -> (u128, u128) {
    (stored.standard_bytes, stored.archived_bytes)
}

#[test]
fn a_repository_stores_what_its_twin_finds_by_scanning() {
    for_all(&images(), |drawn| {
        let repository = repository(&drawn);
        let blobs = Blobs::of(&repository.images);
        let storage = RepositoryStorage::of(&repository, &blobs);
        let images = for_the_twin(&drawn);
        let expected = twin::stored(&images);
        prop_assert_eq!(pair(storage.stored), twin_pair(&expected));
        let sum: u128 = drawn.iter().filter_map(|image| image.size_bytes).map(u128::from).sum();
        prop_assert_eq!(storage.image_size_sum_bytes, sum);
        let unread = images.iter().filter(|image| image.named.is_none()).count();
        prop_assert_eq!(storage.images_without_manifest, u64::try_from(unread).unwrap());
        let has_two_sizes =
            storage.warnings.iter().any(|warning| matches!(warning, StorageWarning::TwoSizes { .. }));
        prop_assert_eq!(has_two_sizes, expected.has_two_sizes);
        let is_odd = drawn.iter().any(|image| image.status == ImageStatus::Unrecognised);
        prop_assert_eq!(storage.is_exact(), unread == 0 && !expected.has_two_sizes && !is_odd);
        Ok(())
    });
}

#[test]
fn an_image_holds_alone_what_is_freed_if_it_alone_goes() {
    for_all(&images(), |drawn| {
        let repository = repository(&drawn);
        let blobs = Blobs::of(&repository.images);
        let images = for_the_twin(&drawn);
        for (place, number) in (0..drawn.len()).zip(0..) {
            let bytes = blobs.image_bytes(number);
            let expected = twin::exclusive_and_shared(&images, place);
            prop_assert_eq!((bytes.exclusive_bytes, bytes.shared_bytes), expected, "image {}", place);
            let freed = Holding::of(&blobs, &repository.images).remove(number);
            prop_assert_eq!(freed, bytes.exclusive_bytes);
        }
        Ok(())
    });
}

/// What happens to an image.
#[derive(Debug, Clone, Copy)]
enum Event {
    Goes,
    IsArchived,
}

#[test]
fn after_each_image_that_goes_or_is_archived_the_rest_is_what_its_twin_counts_again() {
    let events = vec((select(&[Event::Goes, Event::IsArchived][..]), any::<Index>()), 0..=12);
    for_all(&(vec(image(), 1..=8), events), |(drawn, events)| {
        let repository = repository(&drawn);
        let blobs = Blobs::of(&repository.images);
        let mut holding = Holding::of(&blobs, &repository.images);
        let all = for_the_twin(&drawn);
        let mut left: Vec<Option<twin::StoredImage>> = all.iter().cloned().map(Some).collect();
        let mut before = twin::stored(&all);
        for (event, image) in events {
            let place = image.index(left.len());
            let number = u32::try_from(place).unwrap();
            let (said, is_freed) = match event {
                Event::Goes => {
                    left[place] = None;
                    (holding.remove(number), true)
                }
                Event::IsArchived => {
                    if let Some(image) = &mut left[place] {
                        image.is_archived = true;
                    }
                    (holding.archive(number), false)
                }
            };
            let still: Vec<_> = left.iter().flatten().cloned().collect();
            let after = twin::stored_with(&still, &all);
            prop_assert_eq!(pair(holding.stored()), twin_pair(&after));
            let expected = if is_freed {
                before.standard_bytes + before.archived_bytes - after.standard_bytes - after.archived_bytes
            } else {
                after.archived_bytes - before.archived_bytes
            };
            prop_assert_eq!(said, expected);
            before = after;
        }
        Ok(())
    });
}

#[test]
fn a_registry_that_mounts_blobs_stores_what_one_repository_of_all_images_would() {
    for_all(&vec(images(), 0..=3), |repositories| {
        let mut registry = RegistryBlobs::default();
        for drawn in &repositories {
            let mut repository = repository(drawn);
            repository.encryption_type = Some("AES256".to_owned());
            registry.add(&repository, &Blobs::of(&repository.images));
        }
        let all: Vec<_> = repositories.iter().flat_map(|drawn| for_the_twin(drawn)).collect();
        prop_assert_eq!(pair(registry.stored()), twin_pair(&twin::stored(&all)));
        Ok(())
    });
}

/// Bytes at the limits: of rounding, of tiers, and of nothing.
fn bytes() -> impl Strategy<Value = u128> {
    let rounding = (any::<u32>(), 0..3_u128).prop_map(|(n, beside)| u128::from(n) * 524_288 + beside);
    let ends = select(&[50, 100, 10_240, 51_200, 153_600, 1_048_576, 5_242_880][..]);
    let beside = select(&[0, 1, 21, 22, 524_287, 524_288][..]);
    let tiers =
        (ends, beside, any::<bool>()).prop_map(
            |(end, beside, is_above): (u128, u128, bool)| {
                if is_above { end * GB + beside } else { end * GB - beside }
            },
        );
    prop_oneof![
        1 => select(&[0, 1, 53, 54, 55][..]),
        2 => rounding.prop_map(|bytes| bytes.saturating_sub(1)),
        4 => tiers,
        2 => any::<u64>().prop_map(u128::from),
        1 => 0..1_u128 << 80,
    ]
}

/// A price as text; those of AWS, and some with more or fewer decimals.
fn price() -> impl Strategy<Value = String> {
    const SOME: &[&str] =
        &["0", "0.1", "0.10", "0.07", "0.1000000000", "0.138", "0.1093", "0.0000000001", "1", "9.99"];
    let drawn =
        (0..20_u64, 0..1_000_000_000_000_000_u64).prop_map(|(whole, part)| format!("{whole}.{part:015}"));
    prop_oneof![4 => select(SOME).prop_map(str::to_owned), 1 => drawn]
}

fn decimal(price: &str) -> Decimal {
    Decimal::from_str_exact(price).unwrap()
}

#[test]
fn amounts_and_costs_are_rounded_as_on_paper() {
    let months = select(&[(2026, 2), (2028, 2), (2026, 9), (2026, 12)][..]);
    for_all(&(bytes(), price(), months), |(bytes, price, (year, month))| {
        let gb_months = GbMonths::of_bytes(bytes);
        prop_assert_eq!(gb_months.to_string(), twin::gb(bytes));
        prop_assert_eq!(Gigabytes::of_bytes(bytes).to_string(), twin::gb(bytes));
        let cost = Usd::of(gb_months, decimal(&price));
        prop_assert_eq!(cost.to_string(), twin::cost(&twin::gb(bytes), &price));
        prop_assert_eq!(cost.to_string().parse(), Ok(cost));
        prop_assert_eq!(cost.to_decimal().to_string(), cost.to_string());
        prop_assert_eq!(Amount::of_decimal(gb_months.amount().to_decimal()), Some(gb_months.amount()));

        let hours = MonthHours::of(NaiveDate::from_ymd_opt(year, month, 5).unwrap());
        let of_hours = GbMonths::of_byte_hours(bytes, hours);
        prop_assert_eq!(of_hours.to_string(), twin::gb_months_of_hours(bytes, hours.hours().into()));
        prop_assert_eq!(GbMonths::of_byte_hours(bytes * u128::from(hours.hours()), hours), gb_months);
        Ok(())
    });
}

/// Tiers that cover every amount, each with its price as text.
fn tiers() -> impl Strategy<Value = Vec<(Option<u64>, Option<String>)>> {
    const ENDS: &[&[u64]] = &[&[], &[153_600], &[10_240, 51_200, 153_600], &[50], &[1, 2]];
    (select(ENDS), vec(weighted(0.9, price()), 4..=4)).prop_map(|(ends, prices)| {
        let ends = ends.iter().copied().map(Some).chain([None]);
        ends.zip(prices).collect()
    })
}

type Text = [(Option<u64>, Option<String>)];

fn core_tiers(tiers: &Text) -> Tiers {
    let tier = |(up_to_gb, price): &(Option<u64>, Option<String>)| Tier {
        up_to_gb: *up_to_gb,
        price: price.as_ref().map_or(Price::Unknown, |price| Price::Known(decimal(price))),
    };
    Tiers::new(tiers.iter().map(tier).collect()).unwrap()
}

fn twin_tiers(tiers: &Text) -> Vec<twin::Tier<'_>> {
    tiers.iter().map(|(end, price)| (*end, price.as_deref())).collect()
}

#[test]
fn an_amount_fills_the_tiers_as_its_twin_divides_it() {
    for_all(&(tiers(), bytes(), bytes()), |(tiers, filled, bytes)| {
        let parts = core_tiers(&tiers).charge_beyond(GbMonths::of_bytes(filled), GbMonths::of_bytes(bytes));
        let by_core: Vec<twin::Line> = parts
            .iter()
            .map(|part| (part.tier, part.amount.to_string(), part.usd.map(|usd| usd.to_string())))
            .collect();
        let by_twin = twin::lines(&twin_tiers(&tiers), &twin::gb(filled), &twin::gb(bytes));
        prop_assert_eq!(&by_core, &by_twin);
        let whole: Amount = parts.iter().map(|part| part.amount).sum();
        prop_assert_eq!(whole, GbMonths::of_bytes(bytes).amount(), "the parts are the whole");

        let alone = twin::lines(&twin_tiers(&tiers), "0", &twin::gb(bytes));
        let total = core_tiers(&tiers).charge(GbMonths::of_bytes(bytes)).map(|usd| usd.to_string());
        prop_assert_eq!(total, twin::total(&alone));
        Ok(())
    });
}

#[test]
fn a_registry_costs_what_its_twin_adds_up_line_by_line() {
    let names = select(&["a", "a/b", "a-b", "b", "team/app", "z"][..]);
    let archived = prop_oneof![1 => Just(0), 3 => bytes()];
    let repositories = vec((names.prop_map(str::to_owned), bytes(), archived), 0..=5);
    for_all(&(repositories, tiers(), tiers()), |(repositories, storage, archive)| {
        let region = Region::parse("ap-northeast-2").unwrap();
        let prices = RegionPrices {
            storage: core_tiers(&storage),
            archive: core_tiers(&archive),
            ..PriceList::embedded().prices(region)
        };
        let given: Vec<_> = repositories
            .iter()
            .map(|(name, standard_bytes, archived_bytes)| {
                let stored = StoredBytes { standard_bytes: *standard_bytes, archived_bytes: *archived_bytes };
                (name.as_str(), Some(stored))
            })
            .collect();
        let cost = RegistryCost::of_bytes(&given, &prices);
        let expected = twin::registry(&repositories, &twin_tiers(&storage), &twin_tiers(&archive));
        let text = |usd: Option<Usd>| usd.map(|usd| usd.to_string());
        for (found, (standard, archive)) in cost.repositories.iter().zip(&expected) {
            let of = |class| -> Vec<twin::Line> {
                let lines = found.lines.iter().filter(|line| line.class == class);
                lines.map(|line| (line.tier, line.amount.to_string(), text(line.usd))).collect()
            };
            prop_assert_eq!(&of(StorageClass::Standard), standard);
            prop_assert_eq!(&of(StorageClass::Archive), archive);
            prop_assert_eq!(text(found.usd), twin::total(standard.iter().chain(archive)));
        }
        let all = expected.iter().flat_map(|(standard, archive)| standard.iter().chain(archive));
        prop_assert_eq!(text(cost.total), twin::total(all));
        prop_assert_eq!(cost.repositories.len(), repositories.len());
        Ok(())
    });
}
