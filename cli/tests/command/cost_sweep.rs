//! The curve of a rule, beside what `cost` says of a policy with that number.

use serde_json::{Value, json};

use crate::cost::{image, keep_newest, repository};
use crate::server::{ACCOUNT, Live, REGION};

const NOW: &str = "2026-11-01T00:00:00Z";

/// Thirty images; every tenth push brings a new base.
fn live() -> Live {
    let live = Live::empty();
    let images = (0..30_i64).map(|age| {
        let number = u64::try_from(age).expect("a number");
        image(
            &format!("v{age}"),
            &[(1_000 + number / 10, 40 << 20), (number + 1, (number + 1) << 20)],
            age + 1,
        )
    });
    let policy = keep_newest(3, 12);
    live.fake().load_repository(ACCOUNT, REGION, repository("app", Some(&policy)), images.collect());
    live.collect("").expect(0);
    live
}

#[test]
fn each_number_keeps_what_a_policy_with_it_keeps() {
    let live = live();
    let run =
        live.folder.run(&format!("sweep app --rule 3 --from 1 --to 40 --step 4 --now {NOW} --format json"));
    let answer = run.expect(0).json();
    assert_eq!((&answer["rule_priority"], &answer["count_number"]), (&json!(3), &json!(12)));
    let points = answer["points"].as_array().expect("points");
    let numbers: Vec<u64> = points.iter().filter_map(|point| point["count_number"].as_u64()).collect();
    assert_eq!(numbers, [1, 5, 9, 12, 13, 17, 21, 25, 29, 33, 37], "that of the policy is among them");
    for point in points {
        // The newest are v0, v1, …: added up here by hand.
        let number = point["count_number"].as_u64().expect("a number").min(30);
        let own: u64 = (1..=number).map(|mib| mib << 20).sum();
        let bytes = own + number.div_ceil(10) * (40 << 20) + number * 1_000;
        assert_eq!(point["images"], number);
        assert_eq!(point["stored_bytes"], bytes, "{number}");
    }
    // What is freed by the policy is what the curve says of its number.
    let cost = live.folder.run(&format!("cost --now {NOW} --format json")).expect(0).json();
    let row = &cost["repositories"][0];
    let kept = points.iter().find(|point| point["count_number"] == 12).expect("the point");
    let number = |value: &Value| value.as_u64().expect("a number");
    let freed = number(&row["stored_bytes"]) - number(&kept["stored_bytes"]);
    assert_eq!(row["lifecycle"]["next_run_freed_bytes"], freed);
    let all = points.last().expect("a point");
    assert_eq!(all["storage_usd_per_month"], row["storage_usd_per_month"]);
}

#[test]
fn the_curve_is_a_table_that_marks_the_policy_and_rows_for_spreadsheets() {
    let live = live();
    let run =
        live.folder.run(&format!("sweep app --rule 3 --from 10 --to 30 --step 10 --now {NOW}")).expect(0);
    insta::assert_snapshot!("sweep", run.stdout);
    let run =
        live.folder.run(&format!("sweep app --rule 3 --from 10 --to 30 --step 10 --now {NOW} --format csv"));
    let csv = run.expect(0).stdout;
    assert_eq!(csv.lines().count(), 5, "{csv}");
    assert!(csv.contains("123456789012,ap-northeast-2,app,3,12,12,"), "{csv}");
}

#[test]
fn a_rule_that_counts_no_images_ends_with_2_and_a_hint_which_do() {
    let live = live();
    let run = live.folder.run("sweep app --rule 4").expect(2);
    assert!(run.stderr.contains("no rule has the priority 4"), "{}", run.stderr);
    assert!(run.stderr.contains("rules that count images: 3"), "{}", run.stderr);
    live.folder.run("sweep nothing --rule 3").expect(2);
    live.folder.run("sweep app --rule 3 --from 0").expect(2);
    live.folder.run("sweep app --rule 3 --from 9 --to 8").expect(2);
    live.folder.run("sweep app --rule 3 --region eu-mars-1").expect(2);
}
