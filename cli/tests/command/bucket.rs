//! The store in a bucket, on a server that is not ours.

use std::net::TcpListener;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use crate::server::{Live, REGION};

/// How long the server may take to start on a busy machine.
const START_SECONDS_MAX: u64 = 60;

/// S3 with an empty bucket `team`; it ends with the test.
struct Bucket {
    process: Child,
    endpoint: String,
}

impl Drop for Bucket {
    fn drop(&mut self) {
        // One that is gone already needs no end.
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

impl Bucket {
    fn start(python: &std::ffi::OsStr) -> Self {
        let port =
            TcpListener::bind("127.0.0.1:0").and_then(|free| free.local_addr()).expect("a port").port();
        let process = Command::new(python)
            .args(["-m", "ministack"])
            .env("BIND_HOST", "127.0.0.1")
            .env("GATEWAY_PORT", port.to_string())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .expect("Python starts");
        let bucket = Self { process, endpoint: format!("http://127.0.0.1:{port}") };
        let make = format!(
            "import urllib.request as u; u.urlopen(u.Request('{}/team', method='PUT'))",
            bucket.endpoint
        );
        let began = Instant::now();
        while !Command::new(python)
            .args(["-c", &make])
            .stderr(Stdio::null())
            .status()
            .expect("a code")
            .success()
        {
            assert!(began.elapsed() < Duration::from_secs(START_SECONDS_MAX), "the server does not answer");
        }
        bucket
    }
}

/// Runs where `DEMURRAGE_PYTHON` names a Python that has `ministack`: the gate sees to that.
#[test]
fn a_store_in_a_bucket_is_collected_into_and_previewed_from_as_one_in_a_folder() {
    let Some(python) = std::env::var_os("DEMURRAGE_PYTHON") else {
        assert!(std::env::var_os("CI").is_none(), "the gate names a Python with ministack");
        return;
    };
    let bucket = Bucket::start(&python);
    let live = Live::generated(6, 40, 3);
    let run = |arguments: &str| {
        let mut command = live.command(arguments);
        command.env("AWS_ENDPOINT_URL_S3", &bucket.endpoint).env("AWS_REGION", "us-east-1");
        crate::support::Run::of(&command.output().expect("the command starts"))
    };
    let s3 = "--store s3://team/ecr/inventories";
    live.exclude();
    run(&format!("collect --region {REGION} {s3}")).expect(0);
    live.collect("").expect(0);
    let preview = "preview --now 2026-11-01 --format json";
    let here = live.folder.run(preview).expect(0);
    let there = run(&format!("{preview} {s3}")).expect(0);
    assert_eq!(there.stdout, here.stdout);
    // Nothing is read twice there, either.
    live.fake().reset_calls();
    run(&format!("collect --region {REGION} {s3}")).expect(0);
    assert!(live.fake().calls().keys().all(|key| key.operation != "BatchGetImage"));
    run(&format!("aws-deleted {s3} --region us-west-2")).expect(2);
    let missing = run("preview --store s3://nobody-has-this/x");
    assert!(missing.code == 2 || missing.code == 3, "{}", missing.stderr);
    assert!(missing.stderr.contains("s3://nobody-has-this/x"), "{}", missing.stderr);
    assert!(missing.stderr.contains("hint: look whether the bucket is there"), "{}", missing.stderr);
    // Nothing is registered, either, for an inventory that would have no place.
    live.fake().reset_calls();
    let unplaced = run(&format!(
        "collect --region {REGION} --register-pull-time-exclusion --store s3://nobody-has-this/x"
    ));
    assert!(unplaced.code == 2 || unplaced.code == 3, "{}", unplaced.stderr);
    assert!(live.fake().calls().is_empty(), "{}", unplaced.stderr);
}
