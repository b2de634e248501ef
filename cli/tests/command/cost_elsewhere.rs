//! What a registry costs beside what it stores itself: replicas, pulls, mounted blobs, and the other service.

use serde_json::{Value, json};

use crate::cost::{image, repository};
use crate::server::{ACCOUNT, Live, REGION};

const NOW: &str = "2026-11-01T00:00:00Z";
const MIB: u64 = 1 << 20;

/// One repository of two images on one base: one pushed long ago, one within the last 30 days.
fn live() -> Live {
    let live = Live::empty();
    let images = vec![
        image("v1", &[(1, 600 * MIB), (11, 5 * MIB)], 60),
        image("v2", &[(1, 600 * MIB), (12, 7 * MIB)], 10),
    ];
    live.fake().load_repository(ACCOUNT, REGION, repository("shop/app", None), images);
    live
}

fn cost(live: &Live, more: &str) -> Value {
    live.folder.run(&format!("cost --now {NOW} --format json{more}")).expect(0).json()
}

/// Ten-billionths of a dollar for bytes at a price in ten-thousandths, each step rounded half up.
fn units(bytes: u64, price: u128) -> u128 {
    let gigabytes = (u128::from(bytes) * 10_000_000_000 * 2 + (1 << 30)) / (2 << 30);
    (gigabytes * price + 5_000) / 10_000
}

fn dollars(units: u128) -> String {
    format!("{}.{:010}", units / 10_000_000_000, units % 10_000_000_000)
}

#[test]
fn replication_costs_between_what_is_new_and_all_that_was_pushed_with_storage_there() {
    let live = live();
    let to = json!({"rules": [{"destinations": [{"region": "us-east-1", "registryId": ACCOUNT}],
        "repositoryFilters": [{"filter": "shop/", "filterType": "PREFIX_MATCH"}]}]});
    live.fake().load_registry(ACCOUNT, REGION, None, None, Some(&to.to_string()));
    live.collect("").expect(0);
    // Without an inventory there, storage is what was pushed at the least, and all that is here at the most. From Seoul
    // a GB costs 0.08.
    let (new, pushed, all) = (7 * MIB + 1_000, 607 * MIB + 1_000, 612 * MIB + 2_000);
    let low = units(new, 800) + units(pushed, 1_000);
    let high = units(pushed, 800) + units(all, 1_000);
    let wanted = |low: u128, high: u128| {
        json!([{"region": "us-east-1", "registry": ACCOUNT, "low_usd_per_month": dollars(low),
            "high_usd_per_month": dollars(high)}])
    };
    assert_eq!(cost(&live, "")["repositories"][0]["replication"], wanted(low, high));

    // With one, it is what is there.
    let there = vec![image("v2", &[(1, 600 * MIB), (12, 7 * MIB)], 10)];
    live.fake().load_repository(ACCOUNT, "us-east-1", repository("shop/app", None), there);
    live.collect(" --region us-east-1").expect(0);
    let (low, high) = (units(new, 800) + units(pushed, 1_000), units(pushed, 800) + units(pushed, 1_000));
    assert_eq!(cost(&live, "")["repositories"][0]["replication"], wanted(low, high));
    // Also where only the source is asked about.
    assert_eq!(
        cost(&live, &format!(" --region {REGION}"))["repositories"][0]["replication"],
        wanted(low, high)
    );
    let table = live.folder.run(&format!("cost --now {NOW}")).expect(0).stdout;
    assert!(table.contains("at 123456789012 us-east-1: 1 image missing, 0 images there"), "{table}");
    let registry = &cost(&live, "")["registries"][0];
    assert_eq!(
        registry["replication"],
        json!([{"region": "us-east-1", "registry": ACCOUNT, "low_usd_per_month": dollars(low),
            "high_usd_per_month": dollars(high), "is_exact": true}])
    );
    assert_eq!(
        registry["replicas"],
        json!([{"region": "us-east-1", "registry": ACCOUNT, "missing_images": 1, "orphan_images": 0, "orphan_bytes": 0,
            "never_pulled_images": 1, "never_pulled_bytes": pushed}])
    );
}

#[test]
fn assumed_pulls_cost_the_largest_image_each_time() {
    let live = live();
    live.collect("").expect(0);
    live.folder.write(
        "assumed.toml",
        "[[pulls]]\nrepository = \"shop/*\"\nto = \"us-west-2\"\nper_month = 12_000\n\n\
         [[pulls]]\nrepository = \"*\"\nto = \"internet\"\nper_month = 10\n\n\
         [[pulls]]\nrepository = \"*\"\nto = \"ap-east-2\"\nper_month = 1\n\n\
         [[pulls]]\nrepository = \"other\"\nto = \"eu-west-1\"\nper_month = 1\n",
    );
    let answer = cost(&live, " --assumptions assumed.toml");
    let image_bytes = 607 * MIB + 1_000;
    let bytes = image_bytes * 12_000;
    let pulls = answer["pulls"].as_array().expect("pulls");
    let to =
        |place: &str| pulls.iter().find(|pull| pull["to"] == place).unwrap_or_else(|| panic!("{answer:#}"));
    assert_eq!(pulls.len(), 3, "{answer:#}");
    assert_eq!(to("us-west-2")["transfer_usd_per_month"], dollars(units(bytes, 800)));
    assert_eq!(to("us-west-2")["basis"], "assumed");
    assert_eq!(to("us-west-2")["image_bytes"], image_bytes);
    // Ten pulls are 6 GB, and the first 100 GB of a month are free.
    assert_eq!(to("internet")["transfer_usd_per_month"], dollars(0));
    // A replica costs at the most what storing all and sending what was pushed does: the least number of pulls that
    // costs more.
    let replica = units(image_bytes, 800) + units(612 * MIB + 2_000, 1_000);
    let from = to("us-west-2")["replica"]["from_pulls_per_month"].as_u64().expect("a number");
    assert!(
        units(image_bytes * (from - 1), 800) <= replica && replica < units(image_bytes * from, 800),
        "{from}"
    );
    // What goes to Taipei has the rate of Seoul, and whether a replica is cheaper follows from its price of storage.
    assert_eq!(to("ap-east-2")["transfer_usd_per_month"], dollars(units(image_bytes, 800)));
    // By the other reading both sides pay by the rate to the internet, and that of Taipei is not known.
    let answer = cost(&live, " --assumptions assumed.toml --pull-rate internet");
    let pulls = answer["pulls"].as_array().expect("pulls");
    let to =
        |place: &str| pulls.iter().find(|pull| pull["to"] == place).unwrap_or_else(|| panic!("{answer:#}"));
    assert_eq!(to("ap-east-2")["transfer_usd_per_month"], Value::Null);
    assert_eq!(to("ap-east-2")["replica"], json!({"is_cheaper": "unknown", "from_pulls_per_month": null}));
    assert_ne!(to("us-west-2")["transfer_usd_per_month"], dollars(units(bytes, 800)));
}

#[test]
fn where_blobs_are_mounted_the_second_figure_stands_beside_the_first() {
    let live = live();
    let images = vec![image("latest", &[(1, 600 * MIB)], 5)];
    live.fake().load_repository(ACCOUNT, REGION, repository("shop/web", None), images);
    live.collect("").expect(0);
    let said = |live: &Live| live.folder.run(&format!("cost --now {NOW}")).expect(0).stdout;
    assert!(!said(&live).contains("blob mounting"), "{}", said(&live));
    let answer = live.post("PutAccountSetting", &json!({"name": "BLOB_MOUNTING", "value": "ENABLED"}));
    assert!(answer.contains("ENABLED"), "{answer}");
    live.collect("").expect(0);
    let text = said(&live);
    assert!(text.contains("if blobs count once in the registry, 612 MiB (0.06 USD a month)"), "{text}");
    assert!(text.contains("1.18 GiB"), "the first figure stays: {text}");
    let once = 612 * MIB + 3_000;
    assert_eq!(
        cost(&live, "")["registries"][0]["blob_mounting"],
        json!({"setting": "on", "counted_once": {"bytes": once, "usd_per_month": dollars(units(once, 1_000))}})
    );
}

#[test]
fn ecr_public_has_its_own_price_with_fifty_gigabytes_free() {
    let live = Live::empty();
    let mut large = image("v1", &[(1, 1)], 5);
    large.size_bytes = 49 << 30;
    live.fake().load_repository(ACCOUNT, "public", repository("gallery/a", None), vec![large.clone()]);
    large.size_bytes = 3 << 30;
    live.fake().load_repository(ACCOUNT, "public", repository("gallery/b", None), vec![large]);
    live.collect(" --public").expect(0);
    let answer =
        live.folder.run(&format!("cost --now {NOW} --region us-east-1 --format json")).expect(0).json();
    let usd: Vec<&Value> = answer["repositories"]
        .as_array()
        .expect("rows")
        .iter()
        .map(|row| &row["storage_usd_per_month"])
        .collect();
    assert_eq!(usd, ["0.0000000000", "0.2000000000"], "the second fills the last free GB first");
    assert_eq!(answer["total"]["storage_usd_per_month"], "0.2000000000");
    // Without either the other would be free, so each saves all of it.
    let cost = |more: &str| live.folder.run(&format!("cost --now {NOW} --region us-east-1{more}"));
    let answer = cost(" --by image --format json").expect(0).json();
    let saved: Vec<&Value> = answer["images"]
        .as_array()
        .expect("rows")
        .iter()
        .map(|row| &row["exclusive_usd_per_month"])
        .collect();
    assert_eq!(saved, ["0.2000000000", "0.2000000000"], "{answer:#}");
    // ECR Public has no policies; what one would leave costs what it costs beside the others.
    live.folder.write_json("policy.json", &crate::cost::keep_newest(1, 7));
    let sweep = live.folder.run(&format!(
        "sweep gallery/b --rule 1 --policy policy.json --from 1 --to 1 --now {NOW} --region us-east-1 --format json"
    ));
    assert_eq!(sweep.expect(0).json()["points"][0]["storage_usd_per_month"], "0.2000000000");
}

#[test]
fn hours_of_gateways_and_endpoints_count_once_for_the_region_and_only_where_somebody_pulls_in_it() {
    let live = live();
    let images = vec![image("latest", &[(1, 600 * MIB)], 5)];
    live.fake().load_repository(ACCOUNT, REGION, repository("shop/web", None), images);
    live.collect("").expect(0);
    let assume = |to: &str| {
        let pulls = format!("[[pulls]]\nrepository = \"*\"\nto = \"{to}\"\nper_month = 100\n");
        let way = "[same_region]\nlayers = \"nat\"\nnat_gateway_hours = 730\nendpoint_hours = 1_460\n";
        live.folder.write("assumed.toml", format!("{pulls}\n{way}"));
        cost(&live, " --assumptions assumed.toml")
    };
    let answer = assume(REGION);
    let rows = answer["pulls"].as_array().expect("rows");
    // A GB through a gateway in Seoul costs 0.059, and so does an hour; one of an endpoint costs 0.013.
    let usd: Vec<&Value> = rows.iter().map(|row| &row["transfer_usd_per_month"]).collect();
    let nat = |bytes: u64| dollars(units(bytes * 100, 590));
    assert_eq!(usd, [&json!(nat(607 * MIB + 1_000)), &json!(nat(600 * MIB + 1_000))]);
    assert_eq!(
        answer["network_hours"],
        json!([{"account": ACCOUNT, "region": REGION, "nat_gateway_hours": 730, "endpoint_hours": 1_460,
            "usd_per_month": "62.0500000000", "basis": "assumed"}])
    );
    let table = live.folder.run(&format!("cost --now {NOW} --assumptions assumed.toml")).expect(0).stdout;
    assert!(table.contains("for all repositories together: 62.05 USD a month (assumed)"), "{table}");
    assert_eq!(assume("us-east-1").get("network_hours"), None);
    live.folder.write("assumed.toml", "[same_region]\nendpoint_hours = -1\n");
    let run = live.folder.run("cost --assumptions assumed.toml").expect(2);
    assert!(run.stderr.contains("`endpoint_hours` is less than 0"), "{}", run.stderr);
}
