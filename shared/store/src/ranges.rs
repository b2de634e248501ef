//! Pieces of objects, many at a time: what is merged from many of them need not be held whole.

use std::fs::File;
use std::io::{self, Read, Seek, SeekFrom};
use std::ops::Range;

use futures::{StreamExt, TryStreamExt};
use object_store::ObjectStoreExt;

use crate::bucket::{Bucket, failed};
use crate::folder::Folder;
use crate::place::Place;
use crate::{Documents, StoreError};

/// Pieces that are fetched at a time.
const FETCHES: usize = 32;

impl Documents {
    /// A piece of each of these objects, in their order. A range is none where it ends before it begins.
    ///
    /// # Errors
    /// When an object is not there or ends before its range does, or the file system or the bucket refuses.
    pub fn get_ranges(&self, wanted: &[(String, Range<u64>)]) -> Result<Vec<Vec<u8>>, StoreError> {
        let mut ranges = Vec::with_capacity(wanted.len());
        for (name, range) in wanted {
            ranges.push((self.parts(name)?, range.clone()));
        }
        match &self.place {
            Place::Folder(folder) => ranges.iter().map(|(parts, range)| folder.range(parts, range)).collect(),
            Place::Bucket(bucket) => bucket.ranges(ranges),
        }
    }
}

impl Folder {
    fn range(&self, parts: &[&str], range: &Range<u64>) -> Result<Vec<u8>, StoreError> {
        let path = self.path_of(parts);
        let read = || -> io::Result<Vec<u8>> {
            let mut file = File::open(&path)?;
            file.seek(SeekFrom::Start(range.start))?;
            let length = range.end.saturating_sub(range.start);
            let mut bytes = Vec::new();
            file.take(length).read_to_end(&mut bytes)?;
            if (bytes.len() as u64) < length {
                return Err(io::Error::from(io::ErrorKind::UnexpectedEof));
            }
            Ok(bytes)
        };
        read().map_err(StoreError::io("read", &path))
    }
}

impl Bucket {
    fn ranges(&self, wanted: Vec<(Vec<&str>, Range<u64>)>) -> Result<Vec<Vec<u8>>, StoreError> {
        let fetch = async |(parts, range): (Vec<&str>, Range<u64>)| {
            let length = range.end.saturating_sub(range.start);
            let found = self.objects.get_range(&self.key(&parts), range).await;
            let bytes = found.map_err(failed("fetch", self.shown_of(&parts)))?;
            // A bucket answers with what there is.
            if (bytes.len() as u64) < length {
                let short = io::Error::from(io::ErrorKind::UnexpectedEof);
                return Err(StoreError::io("fetch", self.shown_of(&parts))(short));
            }
            Ok(Vec::from(bytes))
        };
        self.wait(futures::stream::iter(wanted).map(fetch).buffered(FETCHES).try_collect())
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use object_store::memory::InMemory;

    use crate::Store;

    #[test]
    fn pieces_come_in_the_order_in_which_they_are_asked_for_and_a_short_object_is_an_error() {
        let folder = tempfile::tempdir().unwrap();
        let runtime = tokio::runtime::Runtime::new().unwrap();
        let bucket = Store::bucket(Arc::new(InMemory::new()), "", runtime.handle().clone(), "s3://bucket");
        for store in [Store::new(folder.path()), bucket] {
            let documents = store.documents(&["runs"]).unwrap();
            documents.put_new("a", b"0123456789").unwrap();
            documents.put_new("b", b"abc").unwrap();
            let wanted = |name: &str, range| (name.to_owned(), range);
            let pieces = documents.get_ranges(&[wanted("b", 1..3), wanted("a", 0..1), wanted("a", 8..10)]);
            assert_eq!(pieces.unwrap(), [b"bc".to_vec(), b"0".to_vec(), b"89".to_vec()]);
            documents.get_ranges(&[wanted("b", 1..4)]).unwrap_err();
            documents.get_ranges(&[wanted("c", 0..1)]).unwrap_err();
        }
    }
}
