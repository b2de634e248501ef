//! `demurrage report`: the page says what the other commands say, and is written whole or not at all.

use std::fs;

use chrono::TimeDelta;
use serde_json::{Value, json};

use crate::cost::{image, repository};
use crate::server::{ACCOUNT, Live, REGION};
use crate::support::{Folder, image as listed, images, keep, registry};

const MIB: u64 = 1 << 20;

/// What the scripts of a page read.
fn data(folder: &Folder, name: &str) -> Value {
    let html = fs::read_to_string(folder.path(name)).expect("a page");
    let (_, after) = html.split_once(r#"id="page-data">"#).expect("data");
    let (json, _) = after.split_once("</script>").expect("its end");
    serde_json::from_str(json).expect("JSON")
}

#[test]
fn the_report_says_what_cost_audit_and_preview_say() {
    let folder = Folder::new();
    let demo = folder.run("demo --dir demo --now 2026-11-24").expect(0);
    assert!(demo.stdout.ends_with("MiB)\n"), "{}", demo.stdout);
    assert!(demo.stdout.contains("is in `demo/report.html`"), "{}", demo.stdout);
    let run = folder.run("report --store demo/store --now 2026-11-24 --out page.html").expect(0);
    assert!(run.stderr.contains("the report of 40 repositories is in `page.html`"), "{}", run.stderr);
    let page = data(&folder, "page.html");
    let store = "--store demo/store --now 2026-11-24 --format json";
    let cost = folder.run(&format!("cost {store}")).expect(0).json();
    assert_eq!(page["totals"]["usd_per_month"], cost["total"]["storage_usd_per_month"], "{}", cost["total"]);
    let preview = folder.run(&format!("preview {store}")).expect(0).json();
    let acted: usize = preview
        .as_array()
        .expect("documents")
        .iter()
        .map(|document| document["previewResults"].as_array().map_or(0, Vec::len))
        .sum();
    assert_eq!(page["totals"]["next"]["images"], acted);
    let audit = folder.run(&format!("audit {store}")).expect(1).json();
    let findings = audit.to_string().matches("\"severity\":").count();
    assert!(findings != 0 && page["totals"]["findings"]["total"] != 0);
    let same = |name: &str| fs::read(folder.path(name)).expect("a page");
    folder.run("report --store demo/store --now 2026-11-24 --out again.html").expect(0);
    assert_eq!(same("page.html"), same("again.html"), "the same store and time have the same page");
}

#[test]
fn a_file_that_is_no_report_stays_unless_somebody_insists() {
    let folder = Folder::new();
    registry(&folder);
    folder.run("import aws --region ap-northeast-2 --taken-at 2026-03-01").expect(0);
    folder.write("report.html", "<p>somebody's page</p>");
    let run = folder.run("report --now 2026-03-01").expect(2);
    assert!(run.stderr.contains("`report.html` is there, and is no report"), "{}", run.stderr);
    assert_eq!(fs::read_to_string(folder.path("report.html")).expect("a file"), "<p>somebody's page</p>");
    folder.run("report --now 2026-03-01 --force").expect(0);
    let first = fs::read(folder.path("report.html")).expect("a page");
    folder.run("report --now 2026-03-02").expect(0);
    assert_ne!(first, fs::read(folder.path("report.html")).expect("a page"), "an earlier report is replaced");
    folder.run("report --out .").expect(2);
    let run = folder.run("report --out nowhere/report.html").expect(3);
    assert!(run.stderr.contains("cannot write `nowhere/report.html`"), "{}", run.stderr);
    let left: Vec<_> = fs::read_dir(folder.path("")).expect("a folder").flatten().collect();
    assert!(!left.iter().any(|it| it.file_name().to_string_lossy().ends_with(".part")), "{left:?}");
}

#[test]
fn a_store_without_inventory_has_no_report() {
    let folder = Folder::new();
    let run = folder.run("report").expect(2);
    assert!(run.stderr.contains("hint: make one with"), "{}", run.stderr);
    assert!(!folder.path("report.html").exists());
}

#[test]
fn what_could_not_be_read_stands_on_the_page_and_in_the_exit_code() {
    let folder = Folder::new();
    registry(&folder);
    let mut web = listed('c', &["w1"], "2026-01-01T00:00:00Z");
    web["repositoryName"] = json!("team/web");
    let mut cut_off = images(&[web]);
    cut_off["nextToken"] = json!("more");
    folder.write_json("aws/repositories/team/web/describe-images.json", &cut_off);
    folder.run("import aws --region ap-northeast-2 --taken-at 2026-03-01").expect(4);
    folder.write("store/inventories/20260201T000000Z-0000/inventory.json", "{");
    let run = folder.run("report --now 2026-03-01");
    assert!(run.code == 2, "a store with an inventory that cannot be read, as for `cost`: {}", run.stderr);
    fs::remove_dir_all(folder.path("store/inventories/20260201T000000Z-0000")).expect("removed");
    folder.run("report --now 2026-03-01").expect(4);
    let page = data(&folder, "report.html");
    let gaps = page["gaps"].as_array().expect("gaps");
    assert!(gaps.iter().any(|gap| gap["what"] == "not all images were listed"), "{gaps:?}");
    assert_eq!(page["registries"][0]["is_complete"], false);
}

#[test]
fn what_runs_and_goes_what_went_and_what_was_stored_before_are_on_the_page() {
    let live = Live::empty();
    let images = || vec![image("v1", &[(1, 5 * MIB)], 20), image("v2", &[(2, 5 * MIB)], 10)];
    live.fake().load_repository(ACCOUNT, REGION, repository("team/app", Some(&keep(1))), images());
    live.fake().load_repository(ACCOUNT, REGION, repository("team/other", Some(&keep(1))), images());
    live.collect("").expect(0);
    live.fake().advance(TimeDelta::days(2));
    let body = json!({"repositoryName": "team/other", "imageIds": [{"imageTag": "v1"}]});
    live.post("BatchDeleteImage", &body);
    live.fake().advance(TimeDelta::minutes(1));
    live.collect("").expect(0);
    let uri = format!("{ACCOUNT}.dkr.ecr.{REGION}.amazonaws.com/team/app:v1\n");
    live.folder.write("runs.txt", uri);
    live.folder.run("report --in-use runs.txt --now 2026-11-03").expect(0);
    let page = data(&live.folder, "report.html");
    assert_eq!(page["totals"]["in_use_expiring"], 1, "{}", page["totals"]);
    assert_eq!(page["totals"]["in_use_known"], false, "a file of references is not all that could be asked");
    let past = page["over_time"]["past"].as_array().expect("past");
    assert_eq!(past.len(), 2, "{past:?}");
    assert!(past[1]["bytes"].as_u64() < past[0]["bytes"].as_u64(), "{past:?}");
    let went = &page["aws_deleted"];
    assert_eq!(
        (&went[0]["repository"], &went[0]["images"], &went[0]["expected"]),
        (&json!("team/other"), &json!(1), &json!(1)),
        "{went}"
    );
    let bill = "line_item_product_code,line_item_line_item_type,line_item_usage_type,line_item_usage_start_date,\
        line_item_usage_end_date,line_item_resource_id,line_item_usage_account_id,line_item_usage_amount,\
        line_item_unblended_cost,pricing_rate_code,pricing_unit,line_item_currency_code\n\
        AmazonECR,Usage,APN2-USE1-AWS-Out-Bytes,2026-10-01T00:00:00Z,2026-11-01T00:00:00Z,,123456789012,10,0.8,RATE,GB,USD\n";
    live.folder.write("bill.csv", bill);
    live.folder.run("report --bill bill.csv --now 2026-11-03").expect(0);
    let transfer = data(&live.folder, "report.html")["transfer"][0].clone();
    assert_eq!(
        (&transfer["from"], &transfer["to"], &transfer["basis"], &transfer["usd_high"]),
        (&json!(REGION), &json!("us-east-1"), &json!("billed"), &json!("0.8000000000"))
    );
}
