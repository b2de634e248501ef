//! Bills beside the inventories of a store: what the command says, and how it ends.

use std::fmt::Write;

use demurrage_core::{
    Descriptor, Digest, Image, Inventory, Manifest, ManifestKind, RegistryFacts, RegistryKind,
    RepositoriesListing, Repository, instant,
};
use demurrage_store::Store;
use serde_json::json;

use crate::support::Folder;

const GIB: u64 = 1 << 30;
const HEADER: &str = "line_item_product_code,line_item_line_item_type,line_item_usage_type,line_item_usage_start_date,\
    line_item_usage_end_date,line_item_resource_id,line_item_usage_account_id,line_item_usage_amount,\
    line_item_unblended_cost,pricing_rate_code,pricing_unit,line_item_currency_code\n";

/// Storage in eu-west-1 for all of September 2024.
fn storage(name: &str, amount: &str, cost: &str) -> String {
    usage("EU-TimedStorage-ByteHrs", name, amount, cost, "GB-Mo")
}

fn usage(usage_type: &str, name: &str, amount: &str, cost: &str, unit: &str) -> String {
    format!(
        "AmazonECR,Usage,{usage_type},2024-09-01T00:00:00Z,2024-10-01T00:00:00Z,\
         arn:aws:ecr:eu-west-1:123456789012:repository/{name},123456789012,{amount},{cost},RATE,{unit},USD\n"
    )
}

/// A repository with one image of these layers, by number and bytes.
fn repository(name: &str, layers: &[(u8, u64)]) -> Repository {
    let mut manifest = Manifest::new(ManifestKind::OciImage);
    manifest.layers = layers
        .iter()
        .map(|&(number, size_bytes)| Descriptor {
            media_type: "application/vnd.oci.image.layer.v1.tar+gzip".to_owned(),
            digest: Digest::from_bytes([number; 32]),
            size_bytes,
        })
        .collect();
    let mut image = Image::new(Digest::from_bytes([200; 32]));
    image.pushed_at = instant::parse("2024-01-01");
    image.manifest_media_type = Some(manifest.kind.media_type().to_owned());
    image.manifest = Some(Box::new(manifest));
    let mut repository = Repository::new(name);
    repository.encryption_type = Some("AES256".to_owned());
    repository.images = vec![image];
    repository
}

/// A folder whose store has the same repositories before and after September 2024.
fn folder_with(repositories: &[Repository], settings: &[&str]) -> Folder {
    let folder = Folder::new();
    for taken_at in ["2024-08-31", "2024-10-01"] {
        add_inventory(&folder, taken_at, repositories, settings);
    }
    folder
}

fn add_inventory(folder: &Folder, taken_at: &str, repositories: &[Repository], settings: &[&str]) {
    let account_settings = settings.iter().map(|&text| text.to_owned()).collect();
    let inventory = Inventory {
        kind: RegistryKind::Private,
        registry_id: Some("123456789012".to_owned()),
        region: "eu-west-1".to_owned(),
        taken_at: instant::parse(taken_at).expect("a time"),
        registry: RegistryFacts { account_settings, ..RegistryFacts::default() },
        repositories_listing: RepositoriesListing::Complete,
        repositories: repositories.to_vec(),
        notes: Vec::new(),
    };
    Store::new(folder.path("store")).add(&inventory).expect("an inventory is stored");
}

fn write_bill(folder: &Folder, lines: &[String]) {
    folder.write("bill.csv", format!("{HEADER}{}", lines.concat()));
}

#[test]
fn a_month_that_inventories_explain_ends_well_with_every_figure_billed_or_computed() {
    let folder = folder_with(&[repository("team/app", &[(1, 2 * GIB), (2, GIB)])], &[]);
    write_bill(&folder, &[storage("team/app", "3", "0.3")]);
    let run = folder.run("reconcile --bill bill.csv --format json").expect(0);
    let document = run.json();
    let month = &document["months"][0];
    assert_eq!(month["month"], "2024-09");
    assert_eq!(month["explained_share"], "1.0000000000");
    let row = &month["storage"][0];
    assert_eq!(row["billed"], json!({"gb_months": "3.0000000000", "usd": "0.3000000000"}));
    assert_eq!(row["computed"]["gb_months"], "3.0000000000");
    assert_eq!(row["computed"]["observed_hours"], 720);
    assert_eq!(document["bills"][0]["format"], "CUR 2.0");
    assert!(run.stderr.contains("bill.csv: CUR 2.0, 1 row, 1 line of ECR"), "{}", run.stderr);
}

#[test]
fn what_nothing_explains_is_a_finding_in_all_formats() {
    let folder = folder_with(&[repository("team/app", &[(1, GIB)])], &[]);
    write_bill(
        &folder,
        &[storage("team/app", "2", "0.2"), usage("EU-Signing", "team/app", "3", "0.3", "Count")],
    );
    let table = folder.run("reconcile --bill bill.csv").expect(1).stdout;
    assert!(table.contains("unknown +0.10"), "{table}");
    assert!(table.contains("EU-Signing"), "{table}");
    assert!(table.contains("explained: 20.00 % of 0.50 USD"), "{table}");
    let csv = folder.run("reconcile --bill bill.csv --format csv").expect(1).stdout;
    assert_eq!(csv.lines().count(), 3, "{csv}");
    let document = folder.run("reconcile --bill bill.csv --format json").expect(1).json();
    assert_eq!(document["months"][0]["explained_share"], "0.2000000000");
}

#[test]
fn under_a_key_that_is_not_known_no_blob_is_mounted() {
    let keyed = |name: &str, layers: &[(u8, u64)], key: Option<&str>| Repository {
        encryption_type: Some("KMS".to_owned()),
        kms_key: key.map(str::to_owned),
        ..repository(name, layers)
    };
    let cause = |key: Option<&str>| {
        let repositories = [keyed("a", &[(1, 2 * GIB), (2, GIB)], key), keyed("b", &[(1, 2 * GIB)], key)];
        let folder = folder_with(&repositories, &[r#"{"name":"BLOB_MOUNTING","value":"ENABLED"}"#]);
        write_bill(&folder, &[storage("a", "3", "0.3"), storage("b", "0.5", "0.05")]);
        let run = folder.run("reconcile --bill bill.csv --format json");
        run.json()["months"][0]["storage"][1]["differences"][0]["cause"].clone()
    };
    assert_eq!(cause(Some("arn:aws:kms:eu-west-1:123456789012:key/a")), "mounted-blobs");
    assert_eq!(cause(None), "unknown");
}

#[test]
fn a_blob_that_may_be_mounted_is_named_as_the_cause_where_the_registry_mounts_blobs() {
    let repositories = [repository("a", &[(1, 2 * GIB), (2, GIB)]), repository("b", &[(1, 2 * GIB)])];
    let lines = [storage("a", "3", "0.3"), storage("b", "0.5", "0.05")];
    let causes = |settings: &[&str]| {
        let folder = folder_with(&repositories, settings);
        write_bill(&folder, &lines);
        let run = folder.run("reconcile --bill bill.csv --format json");
        run.json()["months"][0]["storage"][1]["differences"].clone()
    };
    let part = |cause| json!([{"cause": cause, "usd": "-0.1500000000"}]);
    assert_eq!(causes(&[r#"{"name":"BLOB_MOUNTING","value":"ENABLED"}"#]), part("mounted-blobs"));
    assert_eq!(causes(&[r#"{"name":"BLOB_MOUNTING","value":"DISABLED"}"#]), part("unknown"));
}

#[test]
fn rows_that_cannot_be_read_are_counted_and_the_first_is_named() {
    let folder = folder_with(&[repository("team/app", &[(1, GIB)])], &[]);
    let good = storage("team/app", "1", "0.1");
    write_bill(&folder, &[good, storage("team/app", "much", "0.1"), storage("team/app", "1", "")]);
    let run = folder.run("reconcile --bill bill.csv").expect(4);
    let warning = "`bill.csv`: 2 rows could not be read, the first in line 3: `line_item_usage_amount` is no number: `much`";
    assert!(run.stderr.contains(warning), "{}", run.stderr);
    let missing = "2 lines of the bill could not be read and are missing in every figure";
    assert!(run.stdout.contains(missing), "{}", run.stdout);
    let document = folder.run("reconcile --bill bill.csv --format json").expect(4).json();
    assert_eq!(document["lines_not_read"], 2);
}

#[test]
fn a_row_beyond_all_bills_is_a_bad_row_and_the_rest_is_shown_in_every_format() {
    let folder = folder_with(&[repository("team/app", &[(1, GIB)])], &[]);
    for amount in ["1e21", "7922816251426433759354395033", "-1000000000000001"] {
        write_bill(&folder, &[storage("team/app", "1", "0.1"), storage("team/app", amount, "0.1")]);
        for format in ["table", "json", "csv"] {
            let run = folder.run(&format!("reconcile --bill bill.csv --format {format}")).expect(4);
            assert!(run.stdout.contains("team/app"), "{}", run.stdout);
            assert!(run.stderr.contains("`line_item_usage_amount` is beyond all bills"), "{}", run.stderr);
        }
    }
    let long = "x".repeat(600);
    write_bill(&folder, &[storage("team/app", "1", "0.1"), storage(&long, "1", "0.1")]);
    let run = folder.run("reconcile --bill bill.csv").expect(4);
    assert!(run.stderr.contains("`line_item_resource_id` is too long"), "{}", run.stderr);
    let late = storage("team/app", "1", "0.1").replace("2024-", "9024-");
    write_bill(&folder, &[storage("team/app", "1", "0.1"), late]);
    let run = folder.run("reconcile --bill bill.csv").expect(4);
    assert!(run.stderr.contains("lies in no year of a bill"), "{}", run.stderr);
}

#[test]
fn only_the_month_that_is_asked_for_is_shown_and_one_that_is_not_there_is_refused() {
    let folder = folder_with(&[repository("team/app", &[(1, GIB)])], &[]);
    let october = storage("team/app", "1", "0.1")
        .replace("2024-10-01", "2024-11-01")
        .replace("2024-09-01", "2024-10-01");
    write_bill(&folder, &[storage("team/app", "1", "0.1"), october]);
    let months = folder.run("reconcile --bill bill.csv --month 2024-09 --format json").expect(0).json();
    assert_eq!(months["months"].as_array().map(Vec::len), Some(1));
    let run = folder.run("reconcile --bill bill.csv --month 2024-12").expect(2);
    assert!(run.stderr.contains("the bill has no line of ECR in 2024-12"), "{}", run.stderr);
    assert!(run.stderr.contains("hint: it has lines of 2024-09, 2024-10"), "{}", run.stderr);
    folder.run("reconcile --bill bill.csv --month september").expect(2);
}

#[test]
fn a_file_that_is_given_twice_or_copied_is_refused_and_a_second_part_is_not() {
    let folder = folder_with(&[repository("team/app", &[(1, 3 * GIB)])], &[]);
    let first = storage("team/app", "1", "0.1");
    folder.write("copy.csv", format!("{HEADER}{first}"));
    folder.write("part.csv", format!("{HEADER}{}", storage("team/app", "2", "0.2")));
    write_bill(&folder, &[first]);
    let twice = folder.run("reconcile --bill bill.csv --bill bill.csv").expect(2);
    assert_eq!(twice.stdout, "");
    assert!(twice.stderr.contains("error: `bill.csv`: is given twice"), "{}", twice.stderr);
    let copy = folder.run("reconcile --bill bill.csv part.csv copy.csv").expect(2);
    let error = "error: `copy.csv`: has the same 1 line of ECR as `bill.csv`, which would be counted twice";
    assert!(copy.stderr.contains(error), "{}", copy.stderr);
    assert!(copy.stderr.contains("hint: give each file of the bill once"), "{}", copy.stderr);
    folder.run("reconcile --bill bill.csv part.csv").expect(0);
}

#[test]
fn what_is_no_bill_is_refused_with_a_way_out() {
    let folder = folder_with(&[repository("team/app", &[(1, GIB)])], &[]);
    let mut said = String::new();
    folder.write("list.csv", "a,b\n1,2\n");
    folder.write("bill.zip", b"PK\x03\x04");
    folder.write("bill.parquet", "PAR1 cut off");
    for file in ["list.csv", "bill.zip", "bill.parquet", "missing.csv"] {
        let run = folder.run(&format!("reconcile --bill {file}")).expect(2);
        assert_eq!(run.stdout, "");
        let first = run.stderr.lines().next().unwrap_or_default();
        writeln!(said, "{first}").expect("a line");
    }
    assert!(said.contains("error: `list.csv`: is no bill"), "{said}");
    assert!(said.contains("error: `bill.zip`: is a zip archive"), "{said}");
    assert!(said.contains("error: `bill.parquet`: cannot be read as Parquet"), "{said}");
    assert!(said.contains("error: cannot read `missing.csv`: there is no such file"), "{said}");
}

#[test]
fn a_store_without_inventories_is_refused() {
    let folder = Folder::new();
    write_bill(&folder, &[storage("team/app", "1", "0.1")]);
    let run = folder.run("reconcile --bill bill.csv").expect(2);
    assert!(run.stderr.contains("holds no inventory"), "{}", run.stderr);
}

#[test]
fn inventories_of_the_month_and_the_next_ones_on_both_sides_count_and_no_others() {
    let with = |gib: u64| [repository("team/app", &[(1, gib * GIB)])];
    let folder = Folder::new();
    let inventories =
        [("2023-05-01", 90), ("2024-08-31", 1), ("2024-09-16", 4), ("2024-10-01", 4), ("2024-10-09", 70)];
    for (taken_at, gib) in inventories {
        add_inventory(&folder, taken_at, &with(gib), &[]);
    }
    write_bill(&folder, &[storage("team/app", "2.5", "0.25")]);
    let run = folder.run("reconcile --bill bill.csv --format json").expect(0);
    assert_eq!(run.json()["months"][0]["storage"][0]["computed"]["gb_months"], "2.5000000000");
    assert!(run.stderr.contains("123456789012 eu-west-1: 3 inventories for 1 month"), "{}", run.stderr);
}
