//! The blobs of all shares of a registry, merged: what it stores where a blob counts once.
//!
//! Each share left its blobs in the order of their digests. They are merged range by range of digests, all shares at a
//! time, so that what is held is one range of each, whatever there is in all.

use std::ops::RangeInclusive;

use demurrage_contract::documents::{
    BlobFile, CostedDocument, FoundDocument, FoundShare, MountedOf, PlannedRegistry, ROW_BYTES, names,
};
use demurrage_contract::{Failure, FailureKind};
use demurrage_core::RegistryKind;
use demurrage_core::cost::{
    MountEncryption, MountedBlobs, PriceList, Region, StoredGbMonths, common_places, merge,
};
use demurrage_store::Documents;
use tracing::{info, warn};

/// Documents that are held at a time.
const DOCUMENTS_AT_A_TIME: usize = 64;
/// Percent of the memory that the rows of one range may take.
const ROWS_PERCENT: u64 = 25;

/// What a registry stores where each blob counts once; nothing where a share of it was not priced.
pub(crate) fn mounted(
    documents: &Documents,
    planned: &PlannedRegistry,
    found: &FoundDocument,
    prices: &PriceList,
    memory_bytes: u64,
) -> Result<Option<MountedOf>, Failure> {
    let Some(names) = priced(planned, found) else { return Ok(None) };
    let Some(files) = files(documents, &names)? else { return Ok(None) };
    let Some(merged) = merged(documents, &files, memory_bytes / 100 * ROWS_PERCENT)? else { return Ok(None) };
    let region = Region::parse(&planned.region).ok();
    let prices = region.map(|region| prices.registry_prices(RegistryKind::Private, region));
    let usd = prices.and_then(|prices| merged.stored.usd_per_month(&prices, StoredGbMonths::NOTHING));
    Ok(Some(MountedOf::new(&merged, usd)))
}

/// The names of the documents that have the prices of all shares; nothing where one is missing.
fn priced(planned: &PlannedRegistry, found: &FoundDocument) -> Option<Vec<String>> {
    let mut all = Vec::new();
    for &share in &planned.shares {
        let FoundShare { segments, is_whole: true, .. } = found.shares.get(share as usize)? else {
            return None;
        };
        for (segment, found) in (0..).zip(segments) {
            if !found.is_whole {
                return None;
            }
            all.extend(found.costed.iter().map(|&from| names::costed(share, segment, from)));
        }
    }
    Some(all)
}

/// The objects that these documents name; nothing where one names none.
fn files(documents: &Documents, names: &[String]) -> Result<Option<Vec<BlobFile>>, Failure> {
    let mut files = Vec::new();
    for names in names.chunks(DOCUMENTS_AT_A_TIME) {
        for (document, name) in documents.read_all::<CostedDocument>(names)?.into_iter().zip(names) {
            let missing = || Failure::new(FailureKind::Damaged, format!("`{name}` is missing"));
            let Some(file) = document.ok_or_else(missing)?.blobs else { return Ok(None) };
            files.push(file);
        }
    }
    Ok(Some(files))
}

/// All of these objects merged, with what of each nobody shares, holding so many bytes of rows at most; nothing where that
/// is not enough.
fn merged(
    documents: &Documents,
    files: &[BlobFile],
    budget_bytes: u64,
) -> Result<Option<MountedBlobs>, Failure> {
    let tables: Vec<Vec<MountEncryption>> =
        files.iter().map(BlobFile::encryptions).collect::<Result<_, _>>()?;
    let tables: Vec<&[MountEncryption]> = tables.iter().map(Vec::as_slice).collect();
    let places = common_places(&tables);
    let Some(ranges) = ranges(files, budget_bytes / ROW_BYTES as u64) else {
        warn!(
            "the blobs of one range of digests do not fit the memory, so nobody knows what mounting them comes to"
        );
        return Ok(None);
    };
    let mut sum: MountedBlobs =
        files.iter().map(|file| MountedBlobs { stored: file.alone(), ..MountedBlobs::default() }).sum();
    for first in &ranges {
        sum = sum + of_range(documents, files, &places, first)?;
    }
    info!(files = files.len(), ranges = ranges.len(), blobs = sum.blobs, held = sum.held_blobs, "merged");
    Ok(Some(sum))
}

/// Ranges of first bytes of digests, none of which has more rows than this; nothing where a single byte has.
fn ranges(files: &[BlobFile], rows_max: u64) -> Option<Vec<RangeInclusive<u8>>> {
    let mut ranges: Vec<RangeInclusive<u8>> = Vec::new();
    let mut rows = 0;
    for first in 0..=u8::MAX {
        let of_first: u64 = files.iter().map(|file| file.rows(&(first..=first))).sum();
        if rows_max < of_first {
            return None;
        }
        match ranges.last_mut() {
            Some(open) if rows + of_first <= rows_max => *open = *open.start()..=first,
            Some(_) | None => {
                ranges.push(first..=first);
                rows = 0;
            }
        }
        rows += of_first;
    }
    Some(ranges)
}

/// The rows of one range, merged.
fn of_range(
    documents: &Documents,
    files: &[BlobFile],
    places: &[Vec<u32>],
    first: &RangeInclusive<u8>,
) -> Result<MountedBlobs, Failure> {
    let (mut wanted, mut whose) = (Vec::new(), Vec::new());
    for (file, places) in files.iter().zip(places) {
        if let Some((object, range)) = file.object.clone().zip(file.range(first)) {
            wanted.push((object, range));
            whose.push((file, places));
        }
    }
    let pieces = documents.get_ranges(&wanted)?;
    let runs: Result<Vec<_>, Failure> =
        whose.iter().zip(&pieces).map(|((file, places), bytes)| file.read(first, bytes, places)).collect();
    Ok(merge(runs?))
}

#[cfg(test)]
mod tests {
    use demurrage_contract::documents::{BlobFile, BlobSlice, ROW_BYTES, Stored};
    use demurrage_core::Digest;
    use demurrage_core::cost::{BlobRun, MountEncryption, MountedBlobs, RunBlob};
    use demurrage_core::lifecycle::StorageClass;
    use demurrage_store::Store;

    use super::{merged, ranges};

    fn file(rows: &[(u8, u32)]) -> BlobFile {
        let slices = rows.iter().map(|&(first, rows)| BlobSlice { first, rows, crc32: 0 }).collect();
        BlobFile { object: Some("a".to_owned()), alone: Stored::default(), encryptions: Vec::new(), slices }
    }

    #[test]
    fn ranges_hold_as_many_rows_as_fit_and_leave_no_digest_out() {
        let files = [file(&[(0, 5), (1, 5), (255, 1)]), file(&[(1, 5), (2, 10)])];
        let of = |rows_max| ranges(&files, rows_max);
        assert_eq!(of(1_000).unwrap(), [0..=255]);
        assert_eq!(of(15).unwrap(), [0..=1, 2..=255]);
        assert_eq!(of(14).unwrap(), [0..=0, 1..=1, 2..=255]);
        assert_eq!(of(10).unwrap(), [0..=0, 1..=1, 2..=254, 255..=255]);
        assert_eq!(of(9), None);
    }

    /// A registry of three shares whose digests are spread as those of SHA-256 are.
    fn runs(blobs: u64) -> Vec<BlobRun> {
        let keys = [("AES256", None), ("KMS", Some("key"))];
        let run = |share: u64| {
            let blob = |number: u64| {
                let spread = number.wrapping_mul(0x9e37_79b9_7f4a_7c15);
                let mut digest = [0; 32];
                digest[..8].copy_from_slice(&spread.to_be_bytes());
                digest[8..16].copy_from_slice(&number.to_be_bytes());
                RunBlob {
                    digest: Digest::from_bytes(digest),
                    encryption: u32::from(share != 1 && number.is_multiple_of(3)),
                    repositories: 1 + u32::from(number.is_multiple_of(5)),
                    size_bytes: number,
                    class: if number.is_multiple_of(7) {
                        StorageClass::Archive
                    } else {
                        StorageClass::Standard
                    },
                }
            };
            let mut blobs: Vec<RunBlob> =
                (share * blobs / 4..share * blobs / 4 + blobs / 2).map(blob).collect();
            blobs.sort_unstable_by_key(RunBlob::key);
            let keys = &keys[..if share == 1 { 1 } else { 2 }];
            let encryptions = keys.iter().filter_map(|(kind, key)| MountEncryption::of_parts(kind, *key));
            BlobRun { encryptions: encryptions.collect(), blobs, ..BlobRun::default() }
        };
        (0..3).map(run).collect()
    }

    #[test]
    fn what_is_merged_range_by_range_is_what_is_merged_at_once() {
        let folder = tempfile::tempdir().unwrap();
        let documents = Store::new(folder.path()).documents(&["runs"]).unwrap();
        let runs = runs(4_000);
        let files: Vec<BlobFile> = runs
            .iter()
            .enumerate()
            .map(|(number, run)| {
                let (file, bytes) = BlobFile::of(run, format!("blobs/{number}"));
                documents.put_new(file.object.as_deref().unwrap(), &bytes).unwrap();
                file
            })
            .collect();
        let whole = MountedBlobs::of(&runs);
        assert!(whole.shared_blobs != 0 && whole.blobs < whole.held_blobs);
        for rows in [100, 1_000, 1_000_000] {
            assert_eq!(merged(&documents, &files, rows * ROW_BYTES as u64).unwrap(), Some(whole), "{rows}");
        }
        assert_eq!(merged(&documents, &files, 10 * ROW_BYTES as u64).unwrap(), None);
    }
}
