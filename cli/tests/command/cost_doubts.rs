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
    // What was asked about is whole.
    let name = run.json()["repositories"][0]["name"].as_str().expect("a name").to_owned();
    live.folder.run(&format!("cost --now {NOW} --repository {name}")).expect(0);
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
