//! Faults, rates and counts.

use std::time::{Duration, Instant};

use fake_ecr::{Fault, FaultKind, FaultTimes};
use serde_json::json;

use crate::client::{ACCOUNT, Client, REGION, manifest};

fn once(client: &Client, kind: FaultKind) {
    let times = FaultTimes::Count(1);
    client.fake().add_fault(Fault {
        operation: "DescribeImages".into(),
        account: None,
        region: None,
        kind,
        times,
    });
}

fn ask(client: &Client) -> std::io::Result<crate::client::Answer> {
    client.call("DescribeImages", &json!({ "repositoryName": "app" }))
}

#[test]
fn each_fault_strikes_its_operation_once_and_then_all_is_well() {
    let client = Client::with_app();
    let named = [
        (FaultKind::ServerError, 500, "ServerException"),
        (FaultKind::Throttled, 400, "ThrottlingException"),
        (FaultKind::ExpiredToken, 400, "ExpiredTokenException"),
        (FaultKind::AccessDenied, 400, "AccessDeniedException"),
    ];
    for (kind, status, name) in named {
        once(&client, kind);
        client.ok("DescribeRepositories", json!({}));
        let answer = ask(&client).unwrap();
        assert_eq!((answer.status, answer.json()["__type"].as_str()), (status, Some(name)));
        assert_eq!(ask(&client).unwrap().status, 200);
    }
}

#[test]
fn connections_break_before_or_within_the_answer() {
    let client = Client::with_app();
    once(&client, FaultKind::Reset);
    let error = ask(&client).unwrap_err();
    assert_eq!(error.kind(), std::io::ErrorKind::ConnectionReset);
    once(&client, FaultKind::Truncated);
    let error = ask(&client).unwrap_err();
    assert_eq!(error.kind(), std::io::ErrorKind::UnexpectedEof);
    assert_eq!(ask(&client).unwrap().status, 200);
}

#[test]
fn a_slow_answer_is_right_and_one_that_hangs_holds_up_nobody_else() {
    let client = Client::with_app();
    once(&client, FaultKind::Slow(Duration::from_millis(80)));
    let began = Instant::now();
    assert_eq!(ask(&client).unwrap().status, 200);
    assert!(Duration::from_millis(80) <= began.elapsed());
    once(&client, FaultKind::Timeout);
    std::thread::scope(|scope| {
        let hangs = scope.spawn(|| {
            let address = client.server.address();
            let mut stream = std::net::TcpStream::connect(address).unwrap();
            stream.set_read_timeout(Some(Duration::from_millis(300))).unwrap();
            let head = "POST / HTTP/1.1\r\nHost: x\r\nX-Amz-Target: \
                        AmazonEC2ContainerRegistry_V20150921.DescribeImages\r\nAuthorization: x Credential=k/d/r/ecr/t\r\n\
                        Content-Length: 2\r\n\r\n{}";
            std::io::Write::write_all(&mut stream, head.as_bytes()).unwrap();
            std::io::Read::read(&mut stream, &mut [0_u8; 16]).unwrap_err().kind()
        });
        client.ok("DescribeRepositories", json!({}));
        let kind = hangs.join().unwrap();
        assert!(matches!(kind, std::io::ErrorKind::WouldBlock | std::io::ErrorKind::TimedOut), "{kind}");
    });
}

#[test]
fn an_empty_bucket_throttles_and_every_kind_of_call_is_counted() {
    let client = Client::with_app();
    client.fake().reset_calls();
    client.fake().set_rate("DescribeImages", 0.001, 2.0);
    let statuses: Vec<u16> = (0..3).map(|_| ask(&client).unwrap().status).collect();
    assert_eq!(statuses, [200, 200, 400]);
    client.fake().clear_rates();
    client.refused("DescribeImages", json!({ "repositoryName": "other" }));
    let calls = client.admin("GET", "/_fake/calls", &json!(null)).json();
    assert_eq!(
        calls,
        json!({ "calls": [{
            "account": crate::client::ACCOUNT, "region": crate::client::REGION, "operation": "DescribeImages",
            "calls": 4, "throttled": 1, "failed": 1,
        }]})
    );
}

#[test]
fn what_is_done_when_a_call_arrives_is_done_before_it_is_answered() {
    let client = Client::with_app();
    let digest = client.push(&manifest("one", 1), Some("v1"));
    client.fake().on_call(|fake, operation| {
        if operation == "DescribeImages" {
            let record = fake.repository(ACCOUNT, REGION, "app").unwrap();
            fake.load_repository(ACCOUNT, REGION, record, Vec::new());
        }
        (operation == "BatchDeleteImage").then_some(FaultKind::Throttled)
    });
    let listed = client.ok("DescribeImages", json!({ "repositoryName": "app" }));
    assert_eq!(listed["imageDetails"], json!([]));
    let gone = json!({ "repositoryName": "app", "imageIds": [{ "imageDigest": digest }] });
    assert_eq!(client.refused("BatchDeleteImage", gone), "ThrottlingException");
    client.fake().clear_hook();
    client.push(&manifest("one", 1), Some("v1"));
    assert_eq!(client.tags_by_digest().len(), 1);
}
