//! Where a cost is not sure, and how that is said: in the figures, once on stderr, and in the code.

use fake_ecr::{FaultKind, FaultTimes, ImageStatus};
use serde_json::Value;

use crate::cost::{image, repository};
use crate::server::{ACCOUNT, Live, REGION};
use crate::support::{Folder, registry};

const NOW: &str = "2026-11-01T00:00:00Z";
const MIB: u64 = 1 << 20;

#[test]
fn a_blob_with_two_sizes_counts_the_larger_and_is_said_once() {
    let live = Live::empty();
    for name in ["app", "web"] {
        let images =
            vec![image("v1", &[(1, 300 * MIB)], 20), image("v2", &[(1, 301 * MIB), (2, 53_000 * MIB)], 10)];
        live.fake().load_repository(ACCOUNT, REGION, repository(name, None), images);
    }
    live.collect("").expect(0);
    let run = live.folder.run(&format!("cost --now {NOW} --format json")).expect(0);
    assert_eq!(run.json()["repositories"][0]["stored_bytes"], 53_301 * MIB + 2_000);
    let said = |part: &str| run.stderr.lines().filter(|line| line.contains(part)).count();
    assert_eq!(said("2 blobs of 2 repositories with two sizes"), 1, "{}", run.stderr);
    assert_eq!(said("2 blobs of 2 repositories larger than ECR takes a layer"), 1, "{}", run.stderr);
    assert_eq!(said("the figures of 2 repositories are not exact"), 1, "{}", run.stderr);
    let table = live.folder.run(&format!("cost --now {NOW}")).expect(0).stdout;
    assert!(table.contains("~52.0 GiB"), "{table}");
}

#[test]
fn an_archived_image_without_a_manifest_counts_its_size_in_its_class() {
    let live = Live::empty();
    let mut archived = image("v1", &[(1, 300 * MIB)], 20);
    archived.status = ImageStatus::Archived;
    archived.archived_at = Some(archived.pushed_at);
    let images = vec![archived, image("v2", &[(1, 300 * MIB)], 10)];
    live.fake().load_repository(ACCOUNT, REGION, repository("app", None), images);
    live.collect("").expect(0);
    let run = live.folder.run(&format!("cost --now {NOW} --format json")).expect(0);
    let row = run.json()["repositories"][0].clone();
    // Nobody can read it, so nobody knows that it shares its layer.
    assert_eq!(
        (&row["archived_bytes"], &row["images_without_manifest"]),
        (&(300 * MIB + 1_000).into(), &1.into())
    );
    assert!(run.stderr.contains("1 image of 1 repository without a manifest"), "{}", run.stderr);
}

#[test]
fn a_repository_that_could_not_be_read_is_no_empty_one_and_the_code_is_4() {
    let live = Live::generated(3, 10, 9);
    live.deny(&[]);
    live.fail("DescribeImages", FaultKind::AccessDenied, FaultTimes::Count(1));
    live.collect("").expect(4);
    let run = live.folder.run(&format!("cost --now {NOW} --format json")).expect(4);
    assert_eq!(run.json()["repositories"].as_array().map(Vec::len), Some(2));
    assert!(run.stderr.contains("could not be read"), "{}", run.stderr);
    // A sum that lacks it says so wherever it goes.
    let total = &run.json()["total"];
    assert_eq!((&total["repositories_unread"], &total["is_exact"]), (&1.into(), &false.into()));
    assert_eq!(run.json()["registries"][0]["is_exact"], false);
    let table = live.folder.run(&format!("cost --now {NOW}")).expect(4).stdout;
    assert!(table.contains("2 repositories in all, 1 not read"), "{table}");
    let csv = live.folder.run(&format!("cost --now {NOW} --by region --format csv")).expect(4).stdout;
    assert!(csv.contains(",2,1,") && csv.ends_with(",false\n"), "{csv}");
    // Nor is there a curve of nothing.
    let sweep = live.folder.run(&format!("sweep {} --rule 1 --now {NOW}", unread(&run.json()))).expect(2);
    assert!(sweep.stdout.is_empty() && sweep.stderr.contains("could not be listed"), "{}", sweep.stderr);
    // What was asked about is whole.
    let name = run.json()["repositories"][0]["name"].as_str().expect("a name").to_owned();
    live.folder.run(&format!("cost --now {NOW} --repository {name}")).expect(0);
}

/// The name of the one of three generated repositories that is not there.
fn unread(answer: &Value) -> String {
    let live = Live::generated(3, 10, 9);
    live.collect("").expect(0);
    let all = live.folder.run(&format!("cost --now {NOW} --format json")).expect(0).json();
    let names = |answer: &Value| -> Vec<String> {
        let rows = answer["repositories"].as_array().expect("rows");
        rows.iter().map(|row| row["name"].as_str().expect("a name").to_owned()).collect()
    };
    let there = names(answer);
    names(&all).into_iter().find(|name| !there.contains(name)).expect("one is missing")
}

#[test]
fn what_nobody_read_is_unknown_and_not_nothing() {
    let folder = Folder::new();
    registry(&folder);
    folder.run(&format!("import aws --region {REGION}")).expect(0);
    let run = folder.run(&format!("cost --now {NOW} --format json")).expect(0);
    let answer = run.json();
    let states: Vec<_> = answer["repositories"]
        .as_array()
        .expect("rows")
        .iter()
        .map(|row| (row["lifecycle_state"].as_str(), row["replication"].is_null()))
        .collect();
    assert_eq!(states, [(Some("known"), true), (Some("not_read"), true)], "{answer:#}");
    assert_eq!(answer["registries"][0]["forecast"]["horizons"][0]["with_policies"], Value::Null);
    let table = folder.run(&format!("cost --now {NOW}")).expect(0).stdout;
    assert!(table.contains("what the policies free together is unknown: of 1 repository"), "{table}");
    let csv = folder.run(&format!("cost --now {NOW} --by region --format csv")).expect(0).stdout;
    assert!(csv.contains(",unknown,unknown,"), "{csv}");

    // Nor is what the replication of a registry costs of which nobody read to where.
    assert_eq!(answer["registries"][0]["replication"], Value::Null);
    let csv = folder.run(&format!("cost --now {NOW} --format csv")).expect(0).stdout;
    assert!(csv.lines().skip(1).all(|line| line.contains(",unknown,unknown,2026-")), "{csv}");
    let described = serde_json::json!({"registryId": ACCOUNT, "replicationConfiguration": {"rules": []}});
    folder.write_json("aws/describe-registry.json", &described);
    folder.run(&format!("import aws --region {REGION}")).expect(0);
    let answer = folder.run(&format!("cost --now {NOW} --format json")).expect(0).json();
    assert_eq!(answer["repositories"][0]["replication"], serde_json::json!([]));
    assert_eq!(answer["registries"][0]["replication"], serde_json::json!([]));
}

#[test]
fn over_a_list_that_was_cut_off_no_policy_is_priced_and_no_number_has_a_curve() {
    let folder = Folder::new();
    registry(&folder);
    let images = [crate::support::image('a', &["v1"], "2026-10-01T00:00:00Z")];
    let mut answer = crate::support::images(&images);
    answer["NextToken"] = "more".into();
    folder.write_json("aws/repositories/team/app/describe-images.json", &answer);
    folder.run(&format!("import aws --region {REGION}")).expect(4);
    let run = folder.run(&format!("cost --now {NOW} --format json --repository team/app")).expect(4);
    let row = &run.json()["repositories"][0];
    assert_eq!((&row["lifecycle_state"], &row["lifecycle"]), (&"images_not_listed".into(), &Value::Null));
    let table = folder.run(&format!("cost --now {NOW} --repository team/app")).expect(4).stdout;
    assert!(table.contains("~1000 B") && table.contains("unknown"), "{table}");
    let sweep = folder.run(&format!("sweep team/app --rule 1 --now {NOW}")).expect(2);
    assert!(sweep.stderr.contains("not all of its images were listed"), "{}", sweep.stderr);
}

#[test]
fn there_are_costs_at_the_ends_of_time() {
    let live = Live::empty();
    let policy = crate::cost::keep_newest(1, 1);
    let images = vec![image("v1", &[(1, 300 * MIB)], 20), image("v2", &[(2, 300 * MIB)], 10)];
    live.fake().load_repository(ACCOUNT, REGION, repository("app", Some(&policy)), images);
    live.collect("").expect(0);
    for now in ["+262142-12-31", "0001-01-01"] {
        let run = live.folder.run(&format!("cost --now={now} --format json")).expect(0);
        assert_eq!(run.json()["total"]["images"], 2);
    }
}

#[test]
fn a_region_that_nobody_knows_has_no_prices() {
    let folder = Folder::new();
    registry(&folder);
    folder.run("import aws --region xx-moon-1").expect(0);
    let run = folder.run(&format!("cost --now {NOW} --format json")).expect(0);
    assert_eq!(run.json()["total"]["storage_usd_per_month"], Value::Null);
    assert_eq!(run.json()["total"]["stored_bytes"], 3_000);
    assert!(run.stderr.contains("xx-moon-1: the region is none that is known"), "{}", run.stderr);
    let table = folder.run(&format!("cost --now {NOW} --by region")).expect(0).stdout;
    assert!(table.contains("unknown"), "{table}");
}

#[test]
fn an_empty_store_and_a_name_that_is_not_there_are_said() {
    let folder = Folder::new();
    folder.run("cost").expect(2);
    registry(&folder);
    folder.run(&format!("import aws --region {REGION}")).expect(0);
    let run = folder.run("cost --repository nothing").expect(0);
    assert!(run.stderr.contains("no repository of the store has such a name"), "{}", run.stderr);
    folder.run("cost --by colour").expect(2);
    folder.run("cost --by tag:").expect(2);
}

#[test]
fn every_figure_that_comes_from_inexact_bytes_carries_a_mark_and_a_flag() {
    let live = Live::empty();
    let images = vec![image("v1", &[(1, 300 * MIB)], 20), image("v2", &[(1, 301 * MIB), (2, 60 * MIB)], 10)];
    let policy = crate::cost::keep_newest(1, 1);
    live.fake().load_repository(ACCOUNT, REGION, repository("app", Some(&policy)), images);
    let images = vec![image("v1", &[(3, 100 * MIB)], 20)];
    live.fake().load_repository(ACCOUNT, REGION, repository("web", None), images);
    live.collect("").expect(0);
    let cost = |more: &str| live.folder.run(&format!("cost --now {NOW}{more}")).expect(0);
    for (by, name) in [("repository", "doubts"), ("image", "doubts_image"), ("rule", "doubts_rule")] {
        insta::assert_snapshot!(name, cost(&format!(" --by {by}")).stdout);
    }
    for (by, key) in
        [("repository", "repositories"), ("image", "images"), ("rule", "rules"), ("region", "regions")]
    {
        let answer = cost(&format!(" --by {by} --format json")).json();
        let rows = answer[key].as_array().unwrap_or_else(|| panic!("{answer:#}"));
        for row in rows {
            assert_eq!(row["is_exact"], row["name"] == "web", "{row:#}");
        }
        assert_eq!(answer["total"]["is_exact"], false);
        let csv = cost(&format!(" --by {by} --format csv")).stdout;
        let mut lines = csv.lines();
        assert!(lines.next().is_some_and(|line| line.ends_with(",is_exact")), "{csv}");
        assert!(
            lines.all(|line| line.ends_with(if line.contains(",web,") { ",true" } else { ",false" })),
            "{csv}"
        );
    }
    let sweep =
        live.folder.run(&format!("sweep app --rule 1 --from 1 --to 2 --now {NOW} --format json")).expect(0);
    assert_eq!(sweep.json()["is_exact"], false);
    let exact = cost(" --repository web --format json").json();
    assert_eq!(exact["total"]["is_exact"], true);
}

#[test]
fn before_the_last_push_nothing_is_forecast() {
    let live = Live::empty();
    let images = vec![image("v1", &[(1, 300 * MIB)], 20), image("v2", &[(2, 300 * MIB)], 10)];
    live.fake().load_repository(ACCOUNT, REGION, repository("app", None), images);
    live.collect("").expect(0);
    let run = live.folder.run("cost --now 2026-10-15").expect(0);
    assert!(!run.stdout.contains("in 30 days") && run.stdout.contains("added up"), "{}", run.stdout);
    assert!(run.stderr.contains("`--now` is before the push of 1 image"), "{}", run.stderr);
    let run = live.folder.run(&format!("cost --now {NOW}")).expect(0);
    assert!(
        run.stdout.contains("in 30 days") && !run.stderr.contains("`--now`"),
        "{}{}",
        run.stdout,
        run.stderr
    );
}

#[test]
fn assumptions_and_tags_without_effect_are_said() {
    let folder = Folder::new();
    registry(&folder);
    folder.run(&format!("import aws --region {REGION}")).expect(0);
    folder.write("assumed.toml", "[[pulls]]\nrepository = \"taem/*\"\nto = \"us-east-1\"\nper_month = 1\n");
    let run = folder.run(&format!("cost --now {NOW} --assumptions assumed.toml")).expect(0);
    assert!(run.stderr.contains("name `taem/*`, and no repository has such a name"), "{}", run.stderr);
    let run = folder.run(&format!("cost --now {NOW} --by tag:taem")).expect(0);
    assert!(run.stderr.contains("no repository has the tag `taem`"), "{}", run.stderr);
}

#[test]
fn the_help_of_a_mistake_is_about_the_table_that_it_stands_in() {
    let folder = Folder::new();
    registry(&folder);
    folder.run(&format!("import aws --region {REGION}")).expect(0);
    let pulls = "[[pulls]]\nrepository = \"*\"\nto = \"us-east-1\"\nper_month = 1\n\n";
    for (text, is_same_region) in [
        (format!("{pulls}[same_region]\nlayers = \"nta\"\n"), true),
        (format!("{pulls}[same_region]\nendpoint_hours = \"many\"\n"), true),
        ("same_region = { layer = \"nat\" }\n".to_owned(), true),
        (format!("[same_region]\nlayers = \"nat\"\n\n{}", pulls.replace("us-east-1", "eu-mars-1")), false),
    ] {
        folder.write("assumed.toml", &text);
        let run = folder.run("cost --assumptions assumed.toml").expect(2);
        let (same_region, an_assumption) = ("`[same_region]` has `layers`", "an assumption is");
        assert_eq!(run.stderr.contains(same_region), is_same_region, "{text}{}", run.stderr);
        assert_eq!(run.stderr.contains(an_assumption), !is_same_region, "{text}{}", run.stderr);
    }
}
