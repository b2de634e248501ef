//! The admin interface, loading, and the shop.

use std::io::{Read as _, Write as _};

use fake_ecr::{EventTarget, shop};
use serde_json::{Value, json};

use crate::client::{ACCOUNT, Client, NOW, REGION, at, manifest};

#[test]
fn the_clock_is_set_and_advanced_from_outside() {
    let client = Client::new();
    let clock = |body: Value| client.admin("POST", "/_fake/clock", &body).json()["now"].clone();
    assert_eq!(clock(json!({ "fixed": "2026-01-01T00:00:00Z" })), "2026-01-01T00:00:00.000Z");
    assert_eq!(clock(json!({ "advance_seconds": 1.5 })), "2026-01-01T00:00:01.500Z");
    let slip = client.admin("POST", "/_fake/clock", &json!({ "fixd": "2026-01-01T00:00:00Z" }));
    assert_eq!(slip.status, 400);
}

#[test]
fn the_shop_is_loaded_without_pushes() {
    let client = Client::new();
    for (repository, images) in shop::registry(at(NOW), 1) {
        let (name, count) = (repository.name.clone(), images.len());
        client.fake().load_repository(ACCOUNT, REGION, repository, images);
        assert_eq!(client.fake().images(ACCOUNT, REGION, &name).len(), count);
    }
    assert_eq!(client.fake().events(), Vec::<Value>::new());
    assert!(!client.fake().calls().keys().any(|key| key.operation == "PutImage"));
}

#[test]
fn events_are_appended_to_a_file_as_lines() {
    let client = Client::with_app();
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("events");
    client.fake().send_events(EventTarget::File(path.clone())).unwrap();
    client.push(&manifest("one", 1), Some("v1"));
    let text = std::fs::read_to_string(path).unwrap();
    assert!(text.ends_with('\n'));
    assert_eq!(serde_json::from_str::<Value>(text.trim()).unwrap(), client.fake().events()[0]);
}

#[test]
fn events_are_posted_one_by_one() {
    let client = Client::with_app();
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}/events", listener.local_addr().unwrap());
    client.admin("POST", "/_fake/events", &json!({ "url": url }));
    let digest = client.push(&manifest("one", 1), Some("v1"));
    let (mut stream, _) = listener.accept().unwrap();
    let mut received = Vec::new();
    let event = loop {
        let mut part = [0_u8; 4096];
        let read = stream.read(&mut part).unwrap();
        received.extend_from_slice(&part[..read]);
        let text = String::from_utf8_lossy(&received);
        let parsed =
            text.split_once("\r\n\r\n").and_then(|(_, body)| serde_json::from_str::<Value>(body).ok());
        if let Some(event) = parsed {
            break event;
        }
        assert_ne!(read, 0, "{text}");
    };
    stream.write_all(b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n").unwrap();
    assert!(received.starts_with(b"POST /events HTTP/1.1\r\n"));
    assert_eq!(
        (&event["detail"]["image-digest"], &event["detail"]["image-tag"]),
        (&json!(digest), &json!("v1"))
    );
}

#[test]
fn a_reset_leaves_no_registry() {
    let client = Client::with_app();
    client.admin("POST", "/_fake/reset", &json!({}));
    assert_eq!(client.ok("DescribeRepositories", json!({}))["repositories"], json!([]));
}
