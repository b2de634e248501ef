//! Every format of a bill gives the same sums, to the last digit.

use std::fmt::Write;
use std::path::Path;

use demurrage_bills::{BillError, BillFormat, BillSums, ReadBill, Resource, read_bill};

use crate::files::{Kind, Numbers, csv_file, parquet_file};
use crate::row::{Row, one_of_each, storage};

/// What is known of the rows of `one_of_each`, line by line.
const SUMS: &str = "\
private usage EU storage eu-west-1 team/app lines 2 amount 0.0010595236 cost 0.0001059524
private usage archive-storage eu-west-1 team/app lines 1 amount 2.5 cost 0.25
private usage inter-region-out ap-northeast-2 - lines 1 amount 3 cost 0.24
private usage internet-out us-east-1 - lines 1 amount 1 cost 0.09
private credit storage eu-west-1 team/app lines 1 amount 0 cost -0.05
private tax storage eu-west-1 - lines 1 amount 0 cost 0.01
public usage storage us-east-1 - lines 1 amount 60 cost 1
";

fn read(path: &Path) -> (ReadBill, BillSums) {
    let mut sums = BillSums::default();
    let read = read_bill(path, &mut sums).unwrap();
    (read, sums)
}

fn shown(sums: &BillSums) -> String {
    let mut text = String::new();
    for (key, sum) in sums.iter() {
        let repository = match &key.resource {
            Resource::Repository(arn) => arn.name.clone(),
            Resource::NotNamed | Resource::BeyondLimit => "-".to_owned(),
        };
        writeln!(
            text,
            "{} {} {} {} {repository} lines {} amount {} cost {}",
            key.service.name(),
            key.line_type.name(),
            key.usage.kind.name(),
            key.usage.region.map_or("-", demurrage_core::cost::Region::code),
            sum.lines,
            sum.amount.normalize(),
            sum.cost.normalize()
        )
        .unwrap();
    }
    text
}

#[track_caller]
fn assert_known(path: &Path, format: BillFormat) {
    let (read, sums) = read(path);
    let counts = (read.format, read.rows, read.ecr_rows, read.bad_rows, read.first_bad);
    assert_eq!(counts, (format, 9, 8, 0, None));
    let mut known: Vec<&str> = SUMS.lines().collect();
    let shown = shown(&sums).replace("usage storage eu-west-1", "usage EU storage eu-west-1");
    let mut lines: Vec<&str> = shown.lines().collect();
    known.sort_unstable();
    lines.sort_unstable();
    assert_eq!(lines, known, "{}", path.display());
}

#[test]
fn cur_in_csv_and_gzip_gives_the_known_sums() {
    let folder = tempfile::tempdir().unwrap();
    let rows = one_of_each();
    assert_known(&csv_file(folder.path(), "cur.csv.gz", Kind::Cur, &rows), BillFormat::Cur2);
    assert_known(&csv_file(folder.path(), "cur.csv", Kind::Cur, &rows), BillFormat::Cur2);
}

#[test]
fn cur_in_parquet_gives_the_known_sums_whatever_its_numbers_are() {
    let folder = tempfile::tempdir().unwrap();
    let rows = one_of_each();
    for (name, numbers) in [("a", Numbers::Doubles), ("b", Numbers::Decimals), ("c", Numbers::Texts)] {
        assert_known(&parquet_file(folder.path(), name, Kind::Cur, &rows, numbers), BillFormat::Cur2);
    }
}

#[test]
fn focus_gives_the_known_sums_in_both_versions_and_both_forms() {
    let folder = tempfile::tempdir().unwrap();
    let rows = one_of_each();
    for (kind, format) in [(Kind::Focus10, BillFormat::Focus10), (Kind::Focus12, BillFormat::Focus12)] {
        assert_known(&csv_file(folder.path(), "focus.csv.gz", kind, &rows), format);
        assert_known(&csv_file(folder.path(), "focus.csv", kind, &rows), format);
        assert_known(&parquet_file(folder.path(), "focus", kind, &rows, Numbers::Doubles), format);
    }
}

#[test]
fn transfer_of_focus_under_another_service_is_known_by_the_repository() {
    let folder = tempfile::tempdir().unwrap();
    let transfer = Row { product: "AWSDataTransfer", ..storage("team/app", "1", "0.02") }
        .of("EU-USE1-AWS-Out-Bytes", "GB");
    let (bill, sums) = read(&csv_file(folder.path(), "focus.csv", Kind::Focus10, &[transfer]));
    assert_eq!(bill.ecr_rows, 1);
    assert!(
        shown(&sums).starts_with("private usage inter-region-out eu-west-1 team/app"),
        "{}",
        shown(&sums)
    );
}

#[test]
fn a_bad_row_of_parquet_is_named_by_its_number() {
    let folder = tempfile::tempdir().unwrap();
    let rows = [storage("a", "1", "0.1"), storage("a", "much", "0.1"), storage("b", "2", "0.2")];
    let path = parquet_file(folder.path(), "cur", Kind::Cur, &rows, Numbers::Texts);
    let (bill, _) = read(&path);
    assert_eq!((bill.ecr_rows, bill.bad_rows), (2, 1));
    let first = bill.first_bad.unwrap();
    assert_eq!((first.line, first.column), (2, Some("line_item_usage_amount")));
}

#[test]
fn several_files_are_one_bill() {
    let folder = tempfile::tempdir().unwrap();
    let one = csv_file(folder.path(), "1.csv.gz", Kind::Cur, &[storage("a", "1", "0.1")]);
    let other = parquet_file(folder.path(), "2", Kind::Cur, &[storage("a", "2", "0.2")], Numbers::Doubles);
    let mut sums = BillSums::default();
    read_bill(&one, &mut sums).unwrap();
    read_bill(&other, &mut sums).unwrap();
    assert_eq!(shown(&sums), "private usage storage eu-west-1 a lines 2 amount 3 cost 0.3\n");
}

#[test]
fn the_same_lines_are_known_again_in_any_order_and_packing_and_others_are_not() {
    let folder = tempfile::tempdir().unwrap();
    let rows = one_of_each();
    let hash = |path: &Path| read(path).0.lines_hash;
    let csv = |rows: &[Row]| hash(&csv_file(folder.path(), "cur.csv", Kind::Cur, rows));
    let whole = csv(&rows);
    assert!(whole.is_same(hash(&csv_file(folder.path(), "cur.csv.gz", Kind::Cur, &rows))));
    for numbers in [Numbers::Doubles, Numbers::Decimals, Numbers::Texts] {
        assert!(whole.is_same(hash(&parquet_file(folder.path(), "cur", Kind::Cur, &rows, numbers))));
    }
    assert!(whole.is_same(csv(&rows.iter().rev().cloned().collect::<Vec<_>>())));
    assert!(!whole.is_same(csv(&rows[1..])));
    let mut other = rows.clone();
    other[0].cost = "0.0000529763".to_owned();
    assert!(!whole.is_same(csv(&other)));
    let none = csv(&rows[2..3]);
    assert!(!none.is_same(none));
}

#[test]
fn what_is_no_bill_says_so() {
    let folder = tempfile::tempdir().unwrap();
    let file = |name: &str, content: &[u8]| {
        let path = folder.path().join(name);
        std::fs::write(&path, content).unwrap();
        read_bill(&path, &mut BillSums::default()).unwrap_err()
    };
    assert!(matches!(file("text.csv", b"a,b\n1,2\n"), BillError::NoBill));
    assert!(matches!(file("empty.csv", b""), BillError::NoBill));
    assert!(matches!(file("bill.zip", b"PK\x03\x04rest"), BillError::Zip));
    assert!(matches!(file("cut.parquet", b"PAR1 and no more"), BillError::Parquet(_)));
    assert!(matches!(file("cut.csv.gz", &[0x1f, 0x8b, 8, 0, 0]), BillError::Read(_)));
    let missing = read_bill(&folder.path().join("missing"), &mut BillSums::default());
    assert!(matches!(missing, Err(BillError::Open(_))));
}

#[test]
fn a_gzip_that_is_cut_off_is_no_short_bill() {
    let folder = tempfile::tempdir().unwrap();
    let path = csv_file(folder.path(), "cur.csv.gz", Kind::Cur, &one_of_each());
    let whole = std::fs::read(&path).unwrap();
    std::fs::write(&path, &whole[..whole.len() - 9]).unwrap();
    assert!(matches!(read_bill(&path, &mut BillSums::default()), Err(BillError::Read(_))));
}
