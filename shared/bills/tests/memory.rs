//! Reading a bill takes the same memory, however long it is.
//!
//! One test in a process of its own: the peak of resident memory is that of the process, and is set back
//! before each file.

#![cfg(test)]

use std::fs::{self, File};
use std::io::{BufWriter, Write};
use std::path::{Path, PathBuf};

use demurrage_bills::{BillSums, read_bill};
use flate2::Compression;
use flate2::write::GzEncoder;

const HEADER: &str = "identity_line_item_id,line_item_product_code,line_item_line_item_type,line_item_usage_type,\
                      line_item_usage_start_date,line_item_usage_end_date,line_item_resource_id,\
                      line_item_usage_amount,line_item_unblended_cost,pricing_rate_code,pricing_unit\n";

/// Repositories of the bill: what memory may grow with.
const REPOSITORIES: u64 = 500;

/// Lines of a bill of at least this length, a tenth of them of other services.
fn write(out: &mut impl Write, length_bytes: usize) -> u64 {
    out.write_all(HEADER.as_bytes()).unwrap();
    let (mut written, mut rows) = (0, 0_u64);
    while written < length_bytes {
        let product = if rows % 10 == 0 { "AmazonEC2" } else { "AmazonECR" };
        let line = format!(
            "{rows:064x},{product},Usage,EU-TimedStorage-ByteHrs,2024-09-26T01:00:00Z,2024-09-26T02:00:00Z,\
             arn:aws:ecr:eu-west-1:123456789012:repository/team/app-{},0.0005297618,0.0000529762,SKU.TERM.RATE,GB-Mo\n",
            rows % REPOSITORIES
        );
        out.write_all(line.as_bytes()).unwrap();
        written += line.len();
        rows += 1;
    }
    rows
}

fn csv_file(folder: &Path, length_bytes: usize) -> (PathBuf, u64) {
    let path = folder.join(format!("{length_bytes}.csv.gz"));
    let file = BufWriter::new(File::create(&path).unwrap());
    let mut encoder = GzEncoder::new(file, Compression::fast());
    let rows = write(&mut encoder, length_bytes);
    encoder.finish().unwrap().flush().unwrap();
    (path, rows)
}

/// The most memory that reading took at a time, in KiB.
fn peak_kib(path: &Path, rows: u64) -> u64 {
    fs::write("/proc/self/clear_refs", "5").unwrap();
    let mut sums = BillSums::default();
    let read = read_bill(path, &mut sums).unwrap();
    assert_eq!((read.rows, read.bad_rows), (rows, 0));
    let status = fs::read_to_string("/proc/self/status").unwrap();
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:")).unwrap();
    line.trim().trim_end_matches("kB").trim().parse().unwrap()
}

#[test]
fn four_times_the_bill_takes_no_more_memory() {
    let folder = tempfile::tempdir().unwrap();
    let (short, short_rows) = csv_file(folder.path(), 25 << 20);
    let (long, long_rows) = csv_file(folder.path(), 100 << 20);
    // The first reading of all brings in what every reading needs.
    peak_kib(&short, short_rows);
    let (of_short, of_long) = (peak_kib(&short, short_rows), peak_kib(&long, long_rows));
    assert!(of_long <= of_short + of_short / 10, "{of_short} KiB became {of_long} KiB");
}
