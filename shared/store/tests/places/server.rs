//! S3 as somebody else understood it: the store on a server that is not ours.

use std::net::TcpListener;
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::thread;
use std::time::{Duration, Instant};

use demurrage_core::instant;
use demurrage_store::Store;
use object_store::aws::AmazonS3Builder;
use object_store::{ClientOptions, ObjectStore};

use crate::bucket::{objects, runtime};
use crate::made;

/// How long the server may take to start on a busy machine.
const START_SECONDS_MAX: u64 = 60;

/// A server that ends with the test.
struct Server(Child);

impl Drop for Server {
    fn drop(&mut self) {
        // One that is gone already needs no end.
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// Starts the server on a free port of the loopback, with a bucket of this name.
fn start(python: &std::ffi::OsStr, bucket: &str) -> (Server, String) {
    let port = TcpListener::bind("127.0.0.1:0").and_then(|free| free.local_addr()).expect("a port").port();
    let child = Command::new(python)
        .args(["-m", "ministack"])
        .env("BIND_HOST", "127.0.0.1")
        .env("GATEWAY_PORT", port.to_string())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .expect("Python starts");
    let mut server = Server(child);
    let begun = Instant::now();
    let make = format!(
        "import urllib.request as u; u.urlopen(u.Request('http://127.0.0.1:{port}/{bucket}', method='PUT'))"
    );
    loop {
        let answer = Command::new(python).args(["-c", &make]).stderr(Stdio::null()).status();
        if answer.expect("Python starts").success() {
            return (server, format!("http://127.0.0.1:{port}"));
        }
        assert_eq!(server.0.try_wait().expect("a state"), None, "the server ended");
        assert!(begun.elapsed() < Duration::from_secs(START_SECONDS_MAX), "the server does not answer");
        thread::yield_now();
    }
}

/// Runs where `DEMURRAGE_PYTHON` names a Python that has `ministack`: the gate sees to that.
#[test]
fn a_bucket_of_a_server_has_the_bytes_of_a_folder_and_answers_the_same() {
    let Some(python) = std::env::var_os("DEMURRAGE_PYTHON") else {
        assert!(std::env::var_os("CI").is_none(), "the gate names a Python with ministack");
        return;
    };
    let (_server, endpoint) = start(&python, "demurrage");
    let client = AmazonS3Builder::new()
        .with_endpoint(endpoint)
        .with_client_options(ClientOptions::new().with_allow_http(true))
        .with_bucket_name("demurrage")
        .with_region("us-east-1")
        .with_access_key_id("test")
        .with_secret_access_key("test")
        .build()
        .expect("a client");
    let client: Arc<dyn ObjectStore> = Arc::new(client);
    let runtime = runtime();
    let store =
        Store::bucket(Arc::clone(&client), "a/store", runtime.handle().clone(), "s3://demurrage/a/store");
    let folder = tempfile::tempdir().expect("a folder");
    let here = Store::new(folder.path());
    assert_eq!(store.newest().expect("an empty store"), Vec::new());

    // Descriptors of more than one part, so that an upload in parts is one.
    let images = (0..24_000).map(|number| made::image(number, Some(made::manifest(number, 12, 0)))).collect();
    let large = made::inventory(vec![made::repository("large", images)]);
    let taken_at = instant::parse("2026-11-01").expect("a time");
    for store in [&here, &store] {
        store.add(&made::small()).expect("it is written");
        store.add(&large).expect("it is written");
        store.add_evidence("preview", taken_at, "{}").expect("it is kept");
        store.add_evidence("preview", taken_at, "[]").expect("it is kept");
    }
    let written = made::files(folder.path());
    assert!(written == objects(&runtime, &*client, "a/store"), "every file has the same bytes");
    let largest = written.values().map(Vec::len).max();
    assert!(Some(8 * 1024 * 1024) < largest, "{largest:?} is more than one part");

    let entries = store.inventories().expect("a store");
    let [small, newest] = &entries[..] else { panic!("two inventories") };
    assert_eq!(store.newest().expect("a store"), vec![newest.clone()]);
    assert_eq!(store.find("20261101T000000Z-0000").expect("it is there"), *small);
    assert_eq!(store.read(small, |_| true).expect("it is read"), made::small());
    assert!(store.read(newest, |_| true).expect("it is read") == large);
    assert_eq!(store.evidence().expect("a store"), here.evidence().expect("a store"));

    let both = thread::scope(|scope| {
        let one = scope.spawn(|| store.add(&made::small()));
        let other = scope.spawn(|| store.add(&made::small()));
        [one, other].map(|thread| thread.join().expect("a thread").expect("it is written"))
    });
    assert_ne!(both[0].name(), both[1].name());
    assert_eq!(store.inventories().expect("a store").len(), 4);
}
