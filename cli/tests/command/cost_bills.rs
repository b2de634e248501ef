//! Pulls: what a bill has of them, what is assumed where it has nothing, and the free amount that an account has once.

use serde_json::{Value, json};

use crate::cost::{image, repository};
use crate::server::{ACCOUNT, Live, REGION};

const NOW: &str = "2026-11-01T00:00:00Z";
const MIB: u64 = 1 << 20;
const HEADER: &str = "line_item_product_code,line_item_line_item_type,line_item_usage_type,line_item_usage_start_date,\
    line_item_usage_end_date,line_item_resource_id,line_item_usage_account_id,line_item_usage_amount,\
    line_item_unblended_cost,pricing_rate_code,pricing_unit,line_item_currency_code\n";

/// Two repositories with an image of one GB each, and two assumptions about both.
fn live() -> Live {
    let live = Live::empty();
    for name in ["shop/app", "shop/web"] {
        let images = vec![image("v1", &[(1, 1024 * MIB - 1_000)], 10)];
        live.fake().load_repository(ACCOUNT, REGION, repository(name, None), images);
    }
    live.collect("").expect(0);
    live.folder.write(
        "assumed.toml",
        "[[pulls]]\nrepository = \"shop/*\"\nto = \"us-east-1\"\nper_month = 100\n\n\
         [[pulls]]\nrepository = \"shop/*\"\nto = \"internet\"\nper_month = 60\n",
    );
    live
}

/// A line of October, of a repository or of none.
fn line(usage_type: &str, name: Option<&str>, gb: &str, usd: &str) -> String {
    let arn = name.map(|name| format!("arn:aws:ecr:{REGION}:{ACCOUNT}:repository/{name}"));
    format!(
        "AmazonECR,Usage,{usage_type},2026-10-01T00:00:00Z,2026-11-01T00:00:00Z,{},{ACCOUNT},{gb},{usd},RATE,GB,USD\n",
        arn.unwrap_or_default()
    )
}

fn pulls(live: &Live, more: &str) -> Vec<Value> {
    let answer = live.folder.run(&format!("cost --now {NOW} --format json {more}")).expect(0).json();
    answer.get("pulls").and_then(Value::as_array).cloned().unwrap_or_default()
}

/// Repository, target, GB, dollars and basis of each row.
fn figures(pulls: &[Value]) -> Vec<Value> {
    let keys = ["name", "to", "gigabytes_per_month", "transfer_usd_per_month", "basis"];
    pulls
        .iter()
        .map(|pull| {
            keys.iter()
                .map(|key| pull.get(*key).cloned().unwrap_or_else(|| json!("no such member")))
                .collect()
        })
        .collect()
}

#[test]
fn the_free_amount_to_the_internet_is_there_once_for_an_account() {
    let live = live();
    let images = vec![image("v1", &[(1, 1024 * MIB - 1_000)], 10)];
    live.fake().load_repository(ACCOUNT, "us-east-1", repository("shop/app", None), images);
    live.collect(" --region us-east-1").expect(0);
    let pulls = pulls(&live, "--assumptions assumed.toml");
    let usd = |pull: &&Value| pull["to"] == "internet";
    let internet: Vec<Value> = pulls.iter().filter(usd).cloned().collect();
    // Of 60 GB each: the first is free, of the second 20 are not, and in Virginia, where a GB costs 0.09, all.
    assert_eq!(
        figures(&internet),
        [
            json!(["shop/app", "internet", "60.0000000000", "0.0000000000", "assumed"]),
            json!(["shop/web", "internet", "60.0000000000", "2.5200000000", "assumed"]),
            json!(["shop/app", "internet", "60.0000000000", "5.4000000000", "assumed"]),
        ]
    );
}

#[test]
fn what_a_bill_has_of_a_repository_replaces_what_is_assumed_of_it() {
    let live = live();
    let bill = [
        line("APN2-USE1-AWS-Out-Bytes", Some("shop/app"), "40", "3.2"),
        line("APN2-USE1-AWS-Out-Bytes", Some("shop/app"), "2.5", "0.2"),
        line("APN2-DataTransfer-Out-Bytes", Some("shop/gone"), "90", "0"),
        line("APN2-TimedStorage-ByteHrs", Some("shop/app"), "1", "0.1"),
    ];
    live.folder.write("bill.csv", format!("{HEADER}{}", bill.concat()));
    let app = json!(["shop/app", "us-east-1", "42.5000000000", "3.4000000000", "billed"]);
    let gone = json!(["shop/gone", "internet", "90.0000000000", "0.0000000000", "billed"]);
    assert_eq!(figures(&pulls(&live, "--bill bill.csv")), [app.clone(), gone.clone()]);
    // The rest is assumed. Of the free 100 GB the bill has taken 90, so that 50 of the first 60 cost 0.126 each.
    assert_eq!(
        figures(&pulls(&live, "--assumptions assumed.toml --bill bill.csv")),
        [
            app,
            json!(["shop/app", "internet", "60.0000000000", "6.3000000000", "assumed"]),
            json!(["shop/web", "us-east-1", "100.0000000000", "8.0000000000", "assumed"]),
            json!(["shop/web", "internet", "60.0000000000", "7.5600000000", "assumed"]),
            gone,
        ]
    );
}

#[test]
fn a_bill_that_names_no_repository_is_a_row_for_the_registry() {
    let live = live();
    live.folder
        .write("bill.csv", format!("{HEADER}{}", line("APN2-USE1-AWS-Out-Bytes", None, "1500", "120")));
    let rows = pulls(&live, "--assumptions assumed.toml --bill bill.csv");
    let to_virginia: Vec<Value> = rows.iter().filter(|pull| pull["to"] == "us-east-1").cloned().collect();
    assert_eq!(
        figures(&to_virginia),
        [json!([null, "us-east-1", "1500.0000000000", "120.0000000000", "billed"])]
    );
    let run = live.folder.run(&format!("cost --now {NOW} --assumptions assumed.toml --bill bill.csv"));
    let run = run.expect(0);
    let row = run.stdout.lines().find(|line| line.contains("(the whole registry)")).expect("the row");
    let cells: Vec<&str> = row.split_whitespace().collect();
    assert!(cells.ends_with(&["us-east-1", "—", "1,500.00", "120.00", "billed", "—"]), "{}", run.stdout);
    assert!(run.stderr.contains("what was sent is billed in 2026-10"), "{}", run.stderr);
}

#[test]
fn the_newest_month_of_a_bill_counts_and_what_cannot_be_used_is_said() {
    let live = live();
    let old =
        line("APN2-USE1-AWS-Out-Bytes", Some("shop/app"), "7", "0.56").replace("2026-10-01", "2026-09-01");
    let foreign = line("APN2-USE1-AWS-Out-Bytes", Some("shop/app"), "7", "4").replace(",USD\n", ",EUR\n");
    let new = line("APN2-USE1-AWS-Out-Bytes", Some("shop/app"), "3", "0.24");
    live.folder.write("old.csv", format!("{HEADER}{old}"));
    live.folder.write("new.csv", format!("{HEADER}{foreign}{new}"));
    let run =
        live.folder.run(&format!("cost --now {NOW} --format json --bill old.csv --bill new.csv")).expect(0);
    let pulls = run.json()["pulls"].as_array().cloned().expect("pulls");
    assert_eq!(figures(&pulls), [json!(["shop/app", "us-east-1", "3.0000000000", "0.2400000000", "billed"])]);
    assert!(run.stderr.contains("1 line of what was sent left out"), "{}", run.stderr);
    // A row that cannot be read makes the answer a part, and no file at all is bad input.
    live.folder.write("bad.csv", format!("{HEADER}{}", new.replace(",3,", ",three,")));
    live.folder.run(&format!("cost --now {NOW} --bill bad.csv")).expect(4);
    live.folder.run(&format!("cost --now {NOW} --bill none.csv")).expect(2);
    live.folder.run(&format!("cost --now {NOW} --bill new.csv --format csv")).expect(2);
}

#[test]
fn a_correction_under_another_rate_counts_against_what_it_corrects_and_alone_is_left_out() {
    let live = live();
    let sent = line("APN2-USE1-AWS-Out-Bytes", Some("shop/app"), "300", "24");
    let correction =
        line("APN2-USE1-AWS-Out-Bytes", Some("shop/app"), "-100", "-8").replace(",RATE,", ",OTHER,");
    live.folder.write("bill.csv", format!("{HEADER}{sent}{correction}"));
    let app = json!(["shop/app", "us-east-1", "200.0000000000", "16.0000000000", "billed"]);
    assert_eq!(figures(&pulls(&live, "--bill bill.csv")), [app]);
    live.folder.write("alone.csv", format!("{HEADER}{correction}"));
    let run = live.folder.run(&format!("cost --now {NOW} --bill alone.csv")).expect(4);
    assert!(run.stderr.contains("1 line of what was sent left out: they come to less"), "{}", run.stderr);
}
