//! Whichever request of a writer fails, or is the last of it: a store has the old state or the new one.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use async_trait::async_trait;
use demurrage_store::{InventoryEntry, Store};
use futures::stream::BoxStream;
use futures::{FutureExt, StreamExt};
use object_store::memory::InMemory;
use object_store::path::Path as Key;
use object_store::{
    CopyOptions, GetOptions, GetResult, ListResult, MultipartUpload, ObjectMeta, ObjectStore,
    PutMultipartOptions, PutOptions, PutPayload, PutResult, Result, UploadPart,
};

use crate::bucket::runtime;
use crate::made;

/// What becomes of the request that fails.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Lost {
    /// It does not arrive.
    Request,
    /// It is done, and the answer does not arrive.
    Answer,
}

/// A bucket of which one writing request fails, and with it all that come after. Listing without delimiter,
/// copying and deleting are not there.
#[derive(Debug)]
pub(crate) struct Failing {
    inner: Arc<InMemory>,
    /// Writing requests that came.
    requests: Arc<AtomicUsize>,
    fails_at: usize,
    lost: Lost,
}

impl Failing {
    pub(crate) fn never(inner: Arc<InMemory>) -> Self {
        Self { inner, requests: Arc::default(), fails_at: usize::MAX, lost: Lost::Request }
    }

    /// A bucket whose writing request of this number does not arrive, nor any after it.
    pub(crate) fn at(inner: Arc<InMemory>, fails_at: usize) -> Self {
        Self { fails_at, ..Self::never(inner) }
    }

    /// How many writing requests came.
    pub(crate) fn requests(&self) -> Arc<AtomicUsize> {
        Arc::clone(&self.requests)
    }
}

fn failure() -> object_store::Error {
    object_store::Error::Generic { store: "failing", source: "the connection is gone".into() }
}

/// Counts a request: whether it is done, and whether that is told.
fn fate(requests: &AtomicUsize, fails_at: usize, lost: Lost) -> (bool, bool) {
    let number = requests.fetch_add(1, Ordering::SeqCst);
    (number < fails_at || (number == fails_at && lost == Lost::Answer), number < fails_at)
}

#[async_trait]
impl ObjectStore for Failing {
    async fn put_opts(&self, key: &Key, payload: PutPayload, options: PutOptions) -> Result<PutResult> {
        let (is_done, is_told) = fate(&self.requests, self.fails_at, self.lost);
        let done = if is_done { self.inner.put_opts(key, payload, options).await } else { Err(failure()) };
        if is_told { done } else { Err(failure()) }
    }

    async fn put_multipart_opts(
        &self,
        key: &Key,
        options: PutMultipartOptions,
    ) -> Result<Box<dyn MultipartUpload>> {
        let (_, is_told) = fate(&self.requests, self.fails_at, self.lost);
        if !is_told {
            return Err(failure());
        }
        let inner = self.inner.put_multipart_opts(key, options).await?;
        let requests = Arc::clone(&self.requests);
        Ok(Box::new(FailingUpload { inner, requests, fails_at: self.fails_at, lost: self.lost }))
    }

    async fn get_opts(&self, key: &Key, options: GetOptions) -> Result<GetResult> {
        self.inner.get_opts(key, options).await
    }

    fn delete_stream(&self, _: BoxStream<'static, Result<Key>>) -> BoxStream<'static, Result<Key>> {
        futures::stream::once(async { Err(failure()) }).boxed()
    }

    fn list(&self, _: Option<&Key>) -> BoxStream<'static, Result<ObjectMeta>> {
        futures::stream::once(async { Err(failure()) }).boxed()
    }

    async fn list_with_delimiter(&self, prefix: Option<&Key>) -> Result<ListResult> {
        self.inner.list_with_delimiter(prefix).await
    }

    async fn copy_opts(&self, _: &Key, _: &Key, _: CopyOptions) -> Result<()> {
        Err(failure())
    }
}

impl std::fmt::Display for Failing {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("a bucket that fails")
    }
}

#[derive(Debug)]
struct FailingUpload {
    inner: Box<dyn MultipartUpload>,
    requests: Arc<AtomicUsize>,
    fails_at: usize,
    lost: Lost,
}

#[async_trait]
impl MultipartUpload for FailingUpload {
    fn put_part(&mut self, data: PutPayload) -> UploadPart {
        let (is_done, is_told) = fate(&self.requests, self.fails_at, self.lost);
        let done =
            if is_done { self.inner.put_part(data) } else { futures::future::ready(Err(failure())).boxed() };
        done.map(move |done| if is_told { done } else { Err(failure()) }).boxed()
    }

    async fn complete(&mut self) -> Result<PutResult> {
        let (is_done, is_told) = fate(&self.requests, self.fails_at, self.lost);
        let done = if is_done { self.inner.complete().await } else { Err(failure()) };
        if is_told { done } else { Err(failure()) }
    }

    async fn abort(&mut self) -> Result<()> {
        Err(failure())
    }
}

#[test]
fn whichever_request_is_lost_the_store_has_the_old_state_or_the_whole_new_one() {
    let runtime = runtime();
    let open = |objects: Arc<dyn ObjectStore>| {
        Store::bucket(objects, "store", runtime.handle().clone(), "s3://bucket/store")
    };
    let mut told_and_new = 0;
    for lost in [Lost::Request, Lost::Answer] {
        for fails_at in 0.. {
            let memory = Arc::new(InMemory::new());
            let healthy = open(Arc::<InMemory>::clone(&memory));
            let old = healthy.add(&made::inventory(Vec::new())).expect("it is written");
            let failing = Failing { inner: memory, requests: Arc::default(), fails_at, lost };
            let requests = Arc::clone(&failing.requests);
            let added = open(Arc::new(failing)).add(&made::small());

            let found: Vec<InventoryEntry> = healthy.inventories().expect("it can be listed");
            match &found[..] {
                [only] => assert_eq!((only, added.is_err()), (&old, true)),
                [first, new] => {
                    assert_eq!(first, &old);
                    assert_eq!(healthy.read(new, |_| true).expect("it is read"), made::small());
                    told_and_new += usize::from(added.is_ok());
                }
                other => panic!("{other:?}"),
            }
            let again = healthy.add(&made::small()).expect("the next writer is not in its way");
            assert_eq!(healthy.read(&again, |_| true).expect("it is read"), made::small());
            if requests.load(Ordering::SeqCst) <= fails_at {
                assert_eq!(fails_at, 9, "two claims, twice three for two uploads, and the description");
                break;
            }
        }
    }
    assert_eq!(told_and_new, 3, "twice where nothing was lost, and where the last answer was");
}

#[test]
fn evidence_whose_put_fails_is_not_there() {
    let runtime = runtime();
    let memory = Arc::new(InMemory::new());
    let failing = Failing { inner: memory, requests: Arc::default(), fails_at: 0, lost: Lost::Request };
    let store = Store::bucket(Arc::new(failing), "", runtime.handle().clone(), "s3://bucket");
    let taken_at = demurrage_core::instant::parse("2026-11-01").expect("a time");
    store.add_evidence("x", taken_at, "{}").expect_err("it is refused");
    assert_eq!(store.evidence().expect("a store"), Vec::new());
}
