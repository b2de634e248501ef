//! A bucket holds what a folder holds, byte for byte.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::thread;

use demurrage_core::instant;
use demurrage_store::{Store, StoreError};
use futures::TryStreamExt;
use object_store::memory::InMemory;
use object_store::path::Path as Key;
use object_store::{ObjectStore, ObjectStoreExt};
use tokio::runtime::Runtime;

use crate::crashes::Failing;
use crate::made;

pub(crate) fn runtime() -> Runtime {
    tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().expect("a runtime")
}

/// Every object below a prefix, by its key below it.
pub(crate) fn objects(
    runtime: &Runtime,
    objects: &dyn ObjectStore,
    prefix: &str,
) -> BTreeMap<String, Vec<u8>> {
    runtime.block_on(async {
        let mut all = BTreeMap::new();
        let listed: Vec<_> = objects.list(Some(&Key::from(prefix))).try_collect().await.expect("a listing");
        for object in listed {
            let bytes = objects.get(&object.location).await.expect("an object").bytes().await.expect("bytes");
            let key = object.location.as_ref().trim_start_matches(prefix).trim_start_matches('/');
            all.insert(key.to_owned(), bytes.to_vec());
        }
        all
    })
}

#[test]
fn a_bucket_has_the_files_and_bytes_of_a_folder_and_answers_the_same() {
    let runtime = runtime();
    let folder = tempfile::tempdir().expect("a folder");
    let taken_at = instant::parse("2026-11-01").expect("a time");
    for prefix in ["", "team/store"] {
        let here = Store::new(folder.path().join(format!("of-{}", prefix.len())));
        let memory = Arc::new(InMemory::new());
        // Whatever else is in the bucket is not listed: that fails here.
        let guarded = Arc::new(Failing::never(Arc::<InMemory>::clone(&memory)));
        let there = Store::bucket(guarded, prefix, runtime.handle().clone(), "s3://bucket/team/store/");
        assert_eq!(there.inventories().expect("an empty store"), Vec::new());
        assert_eq!(there.evidence().expect("an empty store"), Vec::new());
        for store in [&here, &there] {
            store.add(&made::small()).expect("it is written");
            store.add(&made::inventory(Vec::new())).expect("it is written");
            store.add_evidence("a preview", taken_at, "{}").expect("it is kept");
        }
        assert_eq!(made::files(here.shown().as_ref()), objects(&runtime, &*memory, prefix));
        let [first, second] = &there.inventories().expect("a store")[..] else { panic!("two inventories") };
        assert_eq!(there.newest().expect("a store"), vec![second.clone()]);
        assert_eq!(there.find("20261101T000000Z-0000").expect("it is there"), *first);
        assert_eq!(
            first.folder.display().to_string(),
            "s3://bucket/team/store/inventories/20261101T000000Z-0000"
        );
        assert_eq!(there.find(&first.folder.display().to_string()).expect("it is there"), *first);
        assert!(matches!(there.find("20261101T000000Z-0007"), Err(StoreError::NoSuch { .. })));
        assert_eq!(there.read(first, |_| true).expect("it is read"), made::small());
        assert_eq!(there.repositories(first).expect("they are read").len(), 3);
        let known = there.known_manifests(first).expect("a cursor").repository("web").expect("an answer");
        assert_eq!(known, vec![made::digest(1)]);
        let found = there.manifests(first).expect("a cursor").seek("web", made::digest(1));
        assert_eq!(found.expect("an answer"), Some(made::manifest(9, 2, 0)));
        assert_eq!(there.evidence().expect("a store"), here.evidence().expect("a store"));
        assert_eq!(there.to_string(), "s3://bucket/team/store");
    }
}

#[test]
fn writers_of_the_same_second_get_numbers_of_their_own() {
    let runtime = runtime();
    let memory: Arc<dyn ObjectStore> = Arc::new(InMemory::new());
    let store = Store::bucket(memory, "store", runtime.handle().clone(), "s3://bucket/store");
    let inventories: Vec<_> = (0..8_u32)
        .map(|number| {
            let images = vec![made::image(number, Some(made::manifest(number, 3, 0)))];
            made::inventory(vec![made::repository("app", images)])
        })
        .collect();
    let entries: Vec<_> = thread::scope(|scope| {
        let writing: Vec<_> =
            inventories.iter().map(|inventory| scope.spawn(|| store.add(inventory))).collect();
        writing.into_iter().map(|thread| thread.join().expect("a thread").expect("it is written")).collect()
    });
    for (entry, inventory) in entries.iter().zip(&inventories) {
        assert_eq!(store.read(entry, |_| true).expect("it is read"), *inventory);
    }
    let mut names: Vec<_> = entries.iter().map(|entry| entry.name().to_owned()).collect();
    names.sort();
    let expected: Vec<_> = (0..8).map(|number| format!("20261101T000000Z-{number:04}")).collect();
    assert_eq!(names, expected);
}

#[test]
fn an_object_that_changed_is_refused_by_its_place() {
    let runtime = runtime();
    let memory = Arc::new(InMemory::new());
    let objects: Arc<dyn ObjectStore> = Arc::<InMemory>::clone(&memory);
    let store = Store::bucket(objects, "store", runtime.handle().clone(), "s3://bucket/store");
    let entry = store.add(&made::small()).expect("it is written");
    let key = Key::from("store/inventories/20261101T000000Z-0000/images.parquet");
    runtime.block_on(async {
        let found = memory.get(&key).await.expect("an object").bytes().await.expect("bytes");
        let mut bytes = found.to_vec();
        bytes[20] ^= 1;
        memory.put(&key, bytes.into()).await.expect("it is put");
    });
    let message = store.read(&entry, |_| true).expect_err("it is refused").to_string();
    let place = "`s3://bucket/store/inventories/20261101T000000Z-0000/images.parquet` is damaged";
    assert!(message.starts_with(place), "{message}");
}
