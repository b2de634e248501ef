//! Prices: those that the command carries, and those that it reads from a server into the store.

use std::io::{BufRead, BufReader, Write};
use std::net::TcpListener;

use serde_json::{Value, json};

use crate::cost::{image, repository};
use crate::server::{ACCOUNT, Live, REGION};
use crate::support::Folder;

const NOW: &str = "2026-11-01T00:00:00Z";

#[test]
fn the_carried_prices_are_shown_with_their_date_and_unknown_ones_as_such() {
    let folder = Folder::new();
    let run = folder
        .run("prices show --region ap-northeast-2 --region mx-central-1 --region us-east-1 --now 2026-11-01");
    let run = run.expect(0);
    assert!(run.stderr.contains("prices of 2026-09-21"), "{}", run.stderr);
    insta::assert_snapshot!("prices", run.stdout);
    folder.run("prices show --region eu-mars-1").expect(2);
    let run = folder.run("prices show --region eu-west-1 --format json").expect(0);
    assert_eq!(run.json()["regions"].as_object().map(serde_json::Map::len), Some(1));
    assert!(run.stdout.contains("\"0.1\""), "a price is a text: {}", run.stdout);
}

/// What a server of the price list has: Seoul, where a GB-month became dearer, and no data transfer.
fn file(path: &str) -> Option<Value> {
    let offer = |sku: &str, attributes: Value, price: &str| {
        json!({
            "formatVersion": "v1.0",
            "products": {sku: {"sku": sku, "productFamily": "EC2 Container Registry", "attributes": attributes}},
            "terms": {"OnDemand": {sku: {"term": {"offerTermCode": "JRTCKXETXF", "sku": sku, "priceDimensions": {"only": {
                "unit": "GB-Mo", "beginRange": "0", "endRange": "Inf", "pricePerUnit": {"USD": price}}}}}}},
        })
    };
    let index = |region: &str, url: &str| json!({"regions": {region: {"regionCode": region, "currentVersionUrl": url}}});
    match path {
        "/offers/v1.0/aws/AmazonECR/current/region_index.json" => Some(index(REGION, "/ecr.json")),
        "/offers/v1.0/aws/AmazonECRPublic/current/region_index.json" => {
            Some(index("us-east-1", "/public.json"))
        }
        "/offers/v1.0/aws/AWSDataTransfer/current/region_index.json" => Some(json!({"regions": {}})),
        "/ecr.json" => Some(offer(
            "A",
            json!({"usagetype": "APN2-TimedStorage-ByteHrs", "regionCode": REGION}),
            "0.1250000000",
        )),
        "/public.json" => Some(offer(
            "B",
            json!({"usagetype": "TimedStorage-ByteHrs", "regionCode": "us-east-1"}),
            "0.1000000000",
        )),
        _ => None,
    }
}

/// A server of these files, until the process ends.
fn server() -> String {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
    let address = listener.local_addr().expect("an address");
    std::thread::spawn(move || {
        for mut connection in listener.incoming().flatten() {
            let mut lines = BufReader::new(connection.try_clone().expect("a connection")).lines();
            let first = lines.next().and_then(Result::ok).unwrap_or_default();
            while lines.next().and_then(Result::ok).is_some_and(|line| !line.is_empty()) {}
            let path = first.split(' ').nth(1).unwrap_or_default();
            let (status, body) = match file(path) {
                Some(body) => ("200 OK", body.to_string()),
                None => ("404 Not Found", String::new()),
            };
            let length = body.len();
            let answer =
                format!("HTTP/1.1 {status}\r\nConnection: close\r\nContent-Length: {length}\r\n\r\n{body}");
            let _ = connection.write_all(answer.as_bytes());
        }
    });
    format!("http://{address}")
}

#[test]
fn prices_that_were_read_are_used_and_what_was_not_read_is_unknown() {
    let live = Live::empty();
    let images = vec![image("v1", &[(1, (1 << 30) - 1_000)], 5)];
    live.fake().load_repository(ACCOUNT, REGION, repository("app", None), images);
    live.collect("").expect(0);
    let usd = || {
        let answer = live.folder.run(&format!("cost --now {NOW} --format json")).expect(0).json();
        answer["total"]["storage_usd_per_month"].clone()
    };
    assert_eq!(usd(), "0.1000000000");
    let run = live.folder.run(&format!("prices refresh --region {REGION} --base-url {}", server()));
    // There is no file of data transfer, so a part could not be read.
    let run = run.expect(4);
    assert!(run.stderr.contains("AWSDataTransfer"), "{}", run.stderr);
    assert_eq!(usd(), "0.1250000000");
    let shown = live.folder.run(&format!("prices show --region {REGION} --format json")).expect(0).json();
    assert_eq!(shown["regions"][REGION]["other_region_gb"], Value::Null);
    // The list before stays in the store by its date, and a store without one uses what the command carries.
    let lists = std::fs::read_dir(live.folder.path("store/prices")).expect("a folder").count();
    assert_eq!(lists, 2);
    let other =
        live.folder.run(&format!("prices show --region {REGION} --store other --format json")).expect(0);
    assert_eq!(other.json()["date"], "2026-09-21");
}

#[test]
fn a_server_that_is_not_there_leaves_the_prices_as_they_were() {
    let folder = Folder::new();
    let gone = {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
        listener.local_addr().expect("an address")
    };
    let run = folder.run(&format!("prices refresh --region {REGION} --base-url http://{gone}")).expect(3);
    assert!(run.stderr.contains("the prices were not read"), "{}", run.stderr);
    assert!(!folder.path("store/prices").exists());
}

#[test]
fn an_address_that_is_none_is_bad_input() {
    let folder = Folder::new();
    for address in ["nonsense", "ftp://127.0.0.1", "https://name:secret@127.0.0.1"] {
        let run = folder.run(&format!("prices refresh --region {REGION} --base-url {address}")).expect(2);
        assert!(
            run.stderr.contains("is not an address of a server") && run.stderr.contains("hint"),
            "{}",
            run.stderr
        );
        assert!(!run.stderr.contains("secret"), "{}", run.stderr);
    }
}

#[test]
fn a_stored_list_that_is_none_is_named_and_ends_with_2() {
    let folder = Folder::new();
    folder.write("store/prices/newest.json", "{}");
    let run = folder.run("prices show").expect(2);
    assert!(run.stderr.contains("newest.json") && run.stderr.contains("hint"), "{}", run.stderr);
}
