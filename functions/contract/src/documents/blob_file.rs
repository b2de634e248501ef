//! The blobs of some repositories of a registry as an object: rows of one length in the order of their digests.
//!
//! All objects of a registry are merged range by range of digests, so each says how many rows begin with which byte, and the
//! checksum of these. Leaves out how they are merged ([`demurrage_core::cost::merge`]) and where the object lies.

use std::ops::{Range, RangeInclusive};

use demurrage_core::Digest;
use demurrage_core::cost::{BlobRun, MountEncryption, RunBlob, StoredBytes};
use demurrage_core::lifecycle::StorageClass;
use serde::{Deserialize, Serialize};

use super::Stored;
use crate::{Failure, FailureKind};

/// The bytes of one row: digest, size, how many repositories, and encryption with class.
pub const ROW_BYTES: usize = DIGEST_BYTES + SIZE_BYTES + 2 * NUMBER_BYTES;
const DIGEST_BYTES: usize = 32;
const SIZE_BYTES: usize = 8;
const NUMBER_BYTES: usize = 4;
/// Stands in the number of the encryption where the blob is archived.
const ARCHIVED: u32 = 1 << 31;

/// An object with blobs, and what is not in its rows.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct BlobFile {
    /// Its name below the run; nothing where there is no row.
    pub object: Option<String>,
    /// What nobody can share.
    pub alone: Stored,
    /// The encryptions that rows name by their places.
    pub encryptions: Vec<EncryptionOf>,
    /// Its rows by the first byte of their digests, ascending; those of which there are any.
    pub slices: Vec<BlobSlice>,
}

/// Type and key of an encryption.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct EncryptionOf {
    /// The type, such as `KMS`.
    pub encryption_type: String,
    /// The key, where it needs one.
    pub kms_key: Option<String>,
}

/// The rows whose digests begin with one byte.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct BlobSlice {
    /// The byte.
    pub first: u8,
    /// How many rows.
    pub rows: u32,
    /// The CRC-32 of these rows.
    pub crc32: u32,
}

impl BlobFile {
    /// The object of this name with the blobs of a run, and its bytes.
    pub fn of(run: &BlobRun, object: String) -> (Self, Vec<u8>) {
        let mut bytes = Vec::with_capacity(run.blobs.len().saturating_mul(ROW_BYTES));
        let mut slices = Vec::new();
        for rows in run.blobs.chunk_by(|one, other| first_byte(one) == first_byte(other)) {
            let begin = bytes.len();
            for row in rows {
                write(&mut bytes, row);
            }
            slices.extend(rows.first().map(|row| BlobSlice {
                first: first_byte(row),
                rows: u32::try_from(rows.len()).unwrap_or(u32::MAX),
                crc32: crc32fast::hash(bytes.get(begin..).unwrap_or_default()),
            }));
        }
        let encryption = |encryption: &MountEncryption| {
            let (encryption_type, kms_key) = encryption.parts();
            EncryptionOf { encryption_type: encryption_type.to_owned(), kms_key: kms_key.map(str::to_owned) }
        };
        let file = Self {
            object: (!run.blobs.is_empty()).then_some(object),
            alone: run.alone.into(),
            encryptions: run.encryptions.iter().map(encryption).collect(),
            slices,
        };
        (file, bytes)
    }

    /// What nobody can share.
    pub fn alone(&self) -> StoredBytes {
        self.alone.into()
    }

    /// The encryptions that rows name by their places.
    ///
    /// # Errors
    /// When one of them is none.
    pub fn encryptions(&self) -> Result<Vec<MountEncryption>, Failure> {
        let parse = |of: &EncryptionOf| MountEncryption::of_parts(&of.encryption_type, of.kms_key.as_deref());
        let parsed: Option<Vec<MountEncryption>> = self.encryptions.iter().map(parse).collect();
        parsed.ok_or_else(|| self.damaged("an encryption that needs a key has none"))
    }

    /// How many rows begin with one of these bytes.
    pub fn rows(&self, first: &RangeInclusive<u8>) -> u64 {
        self.slices
            .iter()
            .filter(|slice| first.contains(&slice.first))
            .map(|slice| u64::from(slice.rows))
            .sum()
    }

    /// Where in the object the rows lie that begin with one of these bytes; nothing where there are none.
    pub fn range(&self, first: &RangeInclusive<u8>) -> Option<Range<u64>> {
        let row_bytes = ROW_BYTES as u64;
        let before = match first.start().checked_sub(1) {
            Some(last) => self.rows(&(0..=last)),
            None => 0,
        };
        let rows = self.rows(first);
        (rows != 0).then(|| before * row_bytes..(before + rows) * row_bytes)
    }

    /// The rows that begin with one of these bytes, of which the object has these bytes at [`Self::range`]. `places` has for
    /// each encryption of this object its place among those of all.
    ///
    /// # Errors
    /// When the bytes are not those that were written.
    pub fn read<'a>(
        &self,
        first: &RangeInclusive<u8>,
        bytes: &'a [u8],
        places: &'a [u32],
    ) -> Result<impl Iterator<Item = RunBlob> + use<'a>, Failure> {
        let mut rest = bytes;
        for slice in self.slices.iter().filter(|slice| first.contains(&slice.first)) {
            let length = (slice.rows as usize).saturating_mul(ROW_BYTES);
            let Some((rows, after)) = rest.split_at_checked(length) else {
                return Err(self.damaged("it is shorter than it was"));
            };
            if crc32fast::hash(rows) != slice.crc32 {
                return Err(self.damaged("its checksum is another one"));
            }
            rest = after;
        }
        if !rest.is_empty() {
            return Err(self.damaged("it is longer than it was"));
        }
        if places.len() != self.encryptions.len() {
            return Err(self.damaged("its encryptions are others"));
        }
        Ok(bytes.chunks_exact(ROW_BYTES).filter_map(move |row| read(row, places)))
    }

    fn damaged(&self, cause: &str) -> Failure {
        let object = self.object.as_deref().unwrap_or("the blobs of a part");
        Failure::new(FailureKind::Damaged, format!("`{object}`: {cause}"))
    }
}

fn first_byte(blob: &RunBlob) -> u8 {
    let [first, ..] = *blob.digest.as_bytes();
    first
}

fn write(bytes: &mut Vec<u8>, blob: &RunBlob) {
    let archived = match blob.class {
        StorageClass::Standard => 0,
        StorageClass::Archive => ARCHIVED,
    };
    bytes.extend_from_slice(blob.digest.as_bytes());
    bytes.extend_from_slice(&blob.size_bytes.to_le_bytes());
    bytes.extend_from_slice(&blob.repositories.to_le_bytes());
    bytes.extend_from_slice(&(blob.encryption | archived).to_le_bytes());
}

/// The blob of a row. A place that no encryption has would be that of another object, whose checksum would be another one.
fn read(row: &[u8], places: &[u32]) -> Option<RunBlob> {
    let (digest, row) = row.split_first_chunk::<DIGEST_BYTES>()?;
    let (size_bytes, row) = row.split_first_chunk::<SIZE_BYTES>()?;
    let (repositories, row) = row.split_first_chunk::<NUMBER_BYTES>()?;
    let (encryption, _) = row.split_first_chunk::<NUMBER_BYTES>()?;
    let encryption = u32::from_le_bytes(*encryption);
    let is_archived = encryption & ARCHIVED != 0;
    Some(RunBlob {
        digest: Digest::from_bytes(*digest),
        encryption: *places.get((encryption & !ARCHIVED) as usize)?,
        repositories: u32::from_le_bytes(*repositories),
        size_bytes: u64::from_le_bytes(*size_bytes),
        class: if is_archived { StorageClass::Archive } else { StorageClass::Standard },
    })
}

#[cfg(test)]
mod tests {
    use demurrage_core::Digest;
    use demurrage_core::cost::{BlobRun, MountEncryption, RunBlob, StoredBytes};
    use demurrage_core::lifecycle::StorageClass;

    use super::{BlobFile, ROW_BYTES};
    use crate::FailureKind;

    fn blob(first: u8, last: u8, encryption: u32, class: StorageClass) -> RunBlob {
        let mut digest = [7; 32];
        (digest[0], digest[31]) = (first, last);
        let digest = Digest::from_bytes(digest);
        RunBlob { digest, encryption, repositories: 3, size_bytes: 1 << 40, class }
    }

    fn run() -> BlobRun {
        BlobRun {
            alone: StoredBytes { standard_bytes: 5, archived_bytes: 6 },
            encryptions: vec![
                MountEncryption::of_parts("AES256", None).unwrap(),
                MountEncryption::of_parts("KMS", Some("key")).unwrap(),
            ],
            blobs: vec![
                blob(0, 1, 0, StorageClass::Standard),
                blob(0, 2, 1, StorageClass::Archive),
                blob(9, 0, 0, StorageClass::Standard),
                blob(255, 0, 1, StorageClass::Archive),
            ],
        }
    }

    #[test]
    fn what_is_read_range_by_range_is_what_was_written() {
        let run = run();
        let (file, bytes) = BlobFile::of(&run, "blobs/a".to_owned());
        assert_eq!(bytes.len(), 4 * ROW_BYTES);
        assert_eq!((file.alone(), file.encryptions().unwrap()), (run.alone, run.encryptions.clone()));
        let mut read = Vec::new();
        for first in [0..=8, 9..=9, 10..=254, 255..=255] {
            let Some(range) = file.range(&first) else { continue };
            let place = |at: u64| usize::try_from(at).unwrap();
            let bytes = &bytes[place(range.start)..place(range.end)];
            read.extend(file.read(&first, bytes, &[0, 1]).unwrap());
        }
        assert_eq!(read, run.blobs);
        assert_eq!(file.range(&(10..=254)), None);
        let moved: Vec<u32> =
            file.read(&(0..=255), &bytes, &[4, 7]).unwrap().map(|it| it.encryption).collect();
        assert_eq!(moved, [4, 7, 4, 7]);
    }

    #[test]
    fn an_object_that_was_changed_is_damaged() {
        let (file, bytes) = BlobFile::of(&run(), "blobs/a".to_owned());
        let damaged = |bytes: &[u8]| {
            let failure = file.read(&(0..=255), bytes, &[0, 1]).err().unwrap();
            assert_eq!(failure.kind, FailureKind::Damaged);
            failure.message
        };
        let mut changed = bytes.clone();
        changed[40] ^= 1;
        assert_eq!(damaged(&changed), "`blobs/a`: its checksum is another one");
        assert_eq!(damaged(&bytes[..bytes.len() - 1]), "`blobs/a`: it is shorter than it was");
        assert_eq!(damaged(&[&*bytes, &[0]].concat()), "`blobs/a`: it is longer than it was");
    }

    #[test]
    fn without_rows_there_is_no_object() {
        let (file, bytes) = BlobFile::of(&BlobRun::default(), "blobs/a".to_owned());
        assert_eq!((file.object, bytes.len()), (None, 0));
    }
}
