//! What can be said only of a whole registry, by the core and by its slow literal twin: however the registry is cut into
//! shares and segments, and in whichever order they come.
#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "a test that stops when its own data is wrong"
)]

#[cfg(test)]
#[expect(dead_code, reason = "most of it is for the evaluation")]
mod generators;

use demurrage_core::cost::{BlobRun, Blobs, MountedBlobs, RegistryBlobs, RunBlob, common_places, merge};
use demurrage_core::plan::{
    DeletesElsewhere, RepositoryAddress, RepositoryEffect, RunGuards, SoftLimits, TrippedGuard,
};
use demurrage_core::{Descriptor, Digest, Image, ImageStatus, Manifest, ManifestKind, Repository};
use demurrage_reference::cost as twin;
use generators::for_all;
use proptest::collection::vec;
use proptest::option::weighted;
use proptest::prelude::{Strategy, any};
use proptest::prop_assert_eq;
use proptest::sample::select;

/// An image: whether it is archived, and the blobs that it names, or nothing where it was not read; its size.
type Drawn = (bool, Option<Vec<(u8, u64)>>, u64);
/// A repository: type and key of its encryption, and its images.
type DrawnRepository = (Option<&'static str>, Option<&'static str>, Vec<Drawn>);

/// Digests that share first bytes and first halves, so that ranges of them begin and end between.
fn digest(number: u8) -> Digest {
    let mut bytes = [0; 32];
    (bytes[0], bytes[1], bytes[31]) = (number / 4 * 85, number % 2, number);
    Digest::from_bytes(bytes)
}

fn blob() -> impl Strategy<Value = (u8, u64)> {
    // Seldom with another size than it has elsewhere.
    (0..12_u8, weighted(0.1, 0..4_u64))
        .prop_map(|(number, wrong)| (number, wrong.unwrap_or_else(|| 1 << (number * 5))))
}

fn repository() -> impl Strategy<Value = DrawnRepository> {
    let types =
        select(&[None, Some("AES256"), Some("AES256"), Some("KMS"), Some("KMS"), Some("KMS_DSSE")][..]);
    let keys = select(&[None, Some("a"), Some("b")][..]);
    let image = (any::<bool>(), weighted(0.9, vec(blob(), 0..=5)), 0..100_u64);
    (types, keys, vec(image, 0..=4))
}

fn for_the_core(number: usize, (encryption, key, images): &DrawnRepository) -> Repository {
    let mut repository = Repository::new(&format!("team/{number:02}"));
    repository.encryption_type = encryption.map(str::to_owned);
    repository.kms_key = key.map(str::to_owned);
    for (place, (is_archived, named, size_bytes)) in images.iter().enumerate() {
        let mut image = Image::new(Digest::from_bytes([u8::try_from(place).unwrap(); 32]));
        image.status = if *is_archived { ImageStatus::Archived } else { ImageStatus::Active };
        image.size_bytes = Some(*size_bytes);
        image.manifest = named.as_ref().map(|named| {
            let mut manifest = Manifest::new(ManifestKind::OciImage);
            let layers = named.iter().map(|&(number, size_bytes)| Descriptor {
                digest: digest(number),
                media_type: String::new(),
                size_bytes,
            });
            manifest.layers = layers.collect();
            Box::new(manifest)
        });
        repository.images.push(image);
    }
    repository
}

fn for_the_twin((encryption, key, images): &DrawnRepository) -> twin::MountingRepository {
    let encryption = match (encryption, key) {
        (Some("AES256"), _) => Some("AES256".to_owned()),
        (None, _) | (Some(_), None) => None,
        (Some(encryption), Some(key)) => Some(format!("{encryption} {key}")),
    };
    let images = images.iter().map(|(is_archived, named, size_bytes)| twin::StoredImage {
        is_archived: *is_archived,
        size_bytes: Some(*size_bytes),
        is_index: false,
        named: named.as_ref().map(|named| {
            let named = named.iter().map(|&(number, size_bytes)| twin::Named {
                digest: number.to_string(),
                media_type: String::new(),
                size_bytes,
            });
            named.collect()
        }),
    });
    twin::MountingRepository { encryption, images: images.collect() }
}

/// Parts of a list: an element belongs to the part of this number, so parts may be empty and in any order.
fn cut<T: Clone>(all: &[T], parts: &[usize]) -> Vec<Vec<T>> {
    let mut cut = vec![Vec::new(); 5];
    for (one, part) in all.iter().zip(parts.iter().cycle()) {
        cut[part % 5].push(one.clone());
    }
    cut
}

fn runs(parts: &[Vec<Repository>]) -> Vec<BlobRun> {
    let run = |part: &Vec<Repository>| {
        let mut blobs = RegistryBlobs::default();
        for repository in part {
            blobs.add(repository, &Blobs::of(&repository.images));
        }
        blobs.into_run()
    };
    parts.iter().map(run).collect()
}

/// The same runs merged over ranges of digests that end before these first bytes.
fn by_ranges(runs: &[BlobRun], ends: &[u8]) -> MountedBlobs {
    let tables: Vec<_> = runs.iter().map(|run| &*run.encryptions).collect();
    let places = common_places(&tables);
    let mut ends: Vec<u16> = ends.iter().copied().map(u16::from).chain([0, 256]).collect();
    ends.sort_unstable();
    let alone = runs.iter().map(|run| MountedBlobs { stored: run.alone, ..MountedBlobs::default() });
    let ranges = ends.windows(2).map(|range| {
        let of_range = runs.iter().zip(&places).map(|(run, places)| {
            let is_in =
                |blob: &&RunBlob| (range[0]..range[1]).contains(&u16::from(blob.digest.as_bytes()[0]));
            let moved = |blob: &RunBlob| RunBlob { encryption: places[blob.encryption as usize], ..*blob };
            run.blobs.iter().filter(is_in).map(moved).collect::<Vec<_>>().into_iter()
        });
        merge(of_range.collect())
    });
    alone.chain(ranges).sum()
}

#[test]
fn any_cut_of_a_registry_stores_what_its_twin_finds_by_looking_at_all_of_it() {
    let drawn = (vec(repository(), 0..=7), vec(0..5_usize, 1..=7), vec(any::<u8>(), 0..=4));
    for_all(&drawn, |(drawn, parts, ends)| {
        let all: Vec<Repository> =
            drawn.iter().enumerate().map(|(number, drawn)| for_the_core(number, drawn)).collect();
        let expected = twin::mounted(&drawn.iter().map(for_the_twin).collect::<Vec<_>>());
        let runs = runs(&cut(&all, &parts));
        for found in
            [MountedBlobs::of(&self::runs(&[all])[..]), MountedBlobs::of(&runs), by_ranges(&runs, &ends)]
        {
            let found = twin::MountedTogether {
                standard_bytes: found.stored.standard_bytes,
                archived_bytes: found.stored.archived_bytes,
                blobs: found.blobs,
                shared_blobs: found.shared_blobs,
                held_blobs: found.held_blobs,
            };
            prop_assert_eq!(found, expected);
        }
        Ok(())
    });
}

fn effect() -> impl Strategy<Value = RepositoryEffect> {
    let numbers = (0..30_u64, 0..30_u64, 0..30_u64);
    let elsewhere = select(&[0, 1, 2][..]);
    (numbers, any::<u16>(), elsewhere).prop_map(|((images, more, bytes_freed), name, elsewhere)| {
        RepositoryEffect {
            repository: RepositoryAddress {
                account: None,
                region: "eu-west-1".to_owned(),
                name: format!("team/{name}"),
            },
            images_listed: images + more,
            images,
            has_deletes: images % 2 == 1,
            bytes_freed,
            deletes_elsewhere: match elsewhere {
                0 => DeletesElsewhere::No,
                1 => DeletesElsewhere::In(vec!["123456789012/us-east-1".to_owned()]),
                _ => DeletesElsewhere::Unknown,
            },
        }
    })
}

#[test]
fn any_cut_of_a_plan_trips_the_guards_that_all_of_it_trips() {
    let limit = || weighted(0.8, 0..60_u64);
    let percent = || weighted(0.8, 0..100_u32);
    let limits = (limit(), limit(), limit(), limit(), percent(), percent(), weighted(0.8, 1..4_u32))
        .prop_map(
            |(
                images_per_repository,
                images_per_run,
                bytes_per_repository,
                bytes_per_run,
                one,
                all,
                unusual_factor,
            )| {
                SoftLimits {
                    images_per_repository,
                    images_per_run,
                    percent_per_repository: one,
                    percent_per_run: all,
                    bytes_per_repository,
                    bytes_per_run,
                    unusual_factor,
                }
            },
        );
    let drawn = (limits, vec(effect(), 0..=8), vec(0..5_usize, 1..=8), vec(0..40_u64, 0..=6));
    for_all(&drawn, |(limits, effects, parts, past)| {
        let of = |effects: &[RepositoryEffect]| {
            let mut guards = RunGuards::new(&limits);
            for effect in effects {
                guards.add(effect);
            }
            guards
        };
        let expected: Vec<TrippedGuard> = limits.trips(&effects, &past);
        let mut guards = RunGuards::new(&limits);
        for part in cut(&effects, &parts) {
            guards.append(of(&part));
        }
        let sum = |of: fn(&RepositoryEffect) -> u64| effects.iter().map(of).sum::<u64>();
        prop_assert_eq!(guards.totals().images, sum(|effect| effect.images));
        prop_assert_eq!(guards.totals().images_listed, sum(|effect| effect.images_listed));
        prop_assert_eq!(guards.totals().bytes_freed, sum(|effect| effect.bytes_freed));
        // The limits of a run look at all of it, read from the sentences.
        let trips = |limit: Option<u64>, sum: u64| limit.is_some_and(|limit| limit < sum);
        let of_all: Vec<String> = expected
            .iter()
            .filter(|it| it.repository.is_none())
            .map(|it| it.guard.name().to_owned())
            .collect();
        prop_assert_eq!(
            of_all.contains(&"images".to_owned()),
            trips(limits.images_per_run, sum(|it| it.images))
        );
        prop_assert_eq!(
            of_all.contains(&"bytes".to_owned()),
            trips(limits.bytes_per_run, sum(|it| it.bytes_freed))
        );
        prop_assert_eq!(guards.end(&past), expected);
        Ok(())
    });
}
