//! How much memory reading a bill takes: writes one of a given length, or reads it.
//!
//! `memory write FILE MIB` writes CSV, packed where the name ends in `.gz`, or Parquet where it ends in `.parquet`;
//! `memory read FILE` prints how long it took and the most memory that the process had at any time.

use std::error::Error;
use std::fs::File;
use std::io::{BufWriter, Write};
use std::path::Path;
use std::sync::Arc;
use std::time::Instant;

use arrow_array::{ArrayRef, Float64Array, RecordBatch, StringArray, TimestampMillisecondArray};
use demurrage_bills::{BillSums, read_bill};
use flate2::Compression;
use flate2::write::GzEncoder;
use parquet::arrow::ArrowWriter;
use parquet::basic::Compression as ParquetCompression;
use parquet::file::properties::WriterProperties;

/// Repositories of the bill: what memory may grow with.
const REPOSITORIES: u64 = 2000;

/// Rows that are written at a time.
const BATCH_ROWS: u64 = 10_000;

/// 2024-09-01 in milliseconds since 1970.
const SEPTEMBER_MILLIS: i64 = 1_725_148_800_000;

const HOUR_MILLIS: i64 = 3_600_000;

fn main() -> Result<(), Box<dyn Error>> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    let begun = Instant::now();
    let rows = match *arguments.as_slice() {
        ["write", file, mib] => write(Path::new(file), mib.parse::<u64>()? << 20)?,
        ["read", file] => read_bill(Path::new(file), &mut BillSums::default())?.rows,
        _ => return Err("write FILE MIB, or read FILE".into()),
    };
    let status = std::fs::read_to_string("/proc/self/status")?;
    let most = status.lines().find(|line| line.starts_with("VmHWM")).unwrap_or("VmHWM unknown");
    writeln!(std::io::stdout(), "{rows} rows, {:.1} s, {most}", begun.elapsed().as_secs_f64())?;
    Ok(())
}

fn write(path: &Path, length_bytes: u64) -> Result<u64, Box<dyn Error>> {
    let file = BufWriter::new(File::create(path)?);
    match path.extension().and_then(|extension| extension.to_str()) {
        Some("parquet") => write_parquet(file, path, length_bytes),
        Some("gz") => {
            let mut encoder = GzEncoder::new(file, Compression::fast());
            let rows = write_csv(&mut encoder, length_bytes)?;
            encoder.finish()?.flush()?;
            Ok(rows)
        }
        _ => {
            let mut file = file;
            let rows = write_csv(&mut file, length_bytes)?;
            file.flush()?;
            Ok(rows)
        }
    }
}

/// A row of storage in an hour of September, of one repository after the other; every tenth is of another service.
fn row(number: u64) -> (String, &'static str, String, i64) {
    let product = if number.is_multiple_of(10) { "AmazonEC2" } else { "AmazonECR" };
    let repository = number % REPOSITORIES;
    let hour = i64::try_from(number / REPOSITORIES % 720).unwrap_or_default();
    let id = format!("{:064x}", u128::from(number).wrapping_mul(0x9e37_79b9_7f4a_7c15_f39c_c060_5ced_c835));
    let arn = format!("arn:aws:ecr:eu-west-1:123456789012:repository/team/app-{repository}");
    (id, product, arn, SEPTEMBER_MILLIS + hour * HOUR_MILLIS)
}

fn write_csv(out: &mut impl Write, length_bytes: u64) -> Result<u64, Box<dyn Error>> {
    let header = "identity_line_item_id,line_item_product_code,line_item_line_item_type,line_item_usage_type,\
                  line_item_usage_start_date,line_item_usage_end_date,line_item_resource_id,line_item_usage_amount,\
                  line_item_unblended_cost,pricing_rate_code,pricing_unit\n";
    out.write_all(header.as_bytes())?;
    let (mut written, mut rows) = (0, 0);
    while written < length_bytes {
        let (id, product, arn, start) = row(rows);
        let time = |millis| chrono::DateTime::from_timestamp_millis(millis).unwrap_or_default().to_rfc3339();
        let line = format!(
            "{id},{product},Usage,EU-TimedStorage-ByteHrs,{},{},{arn},0.0005297618,0.0000529762,SKU.TERM.RATE,GB-Mo\n",
            time(start),
            time(start + HOUR_MILLIS)
        );
        out.write_all(line.as_bytes())?;
        written += line.len() as u64;
        rows += 1;
    }
    Ok(rows)
}

/// Row groups of the default size, as the file grows.
fn write_parquet(file: BufWriter<File>, path: &Path, length_bytes: u64) -> Result<u64, Box<dyn Error>> {
    let properties = WriterProperties::builder().set_compression(ParquetCompression::SNAPPY).build();
    let mut writer = ArrowWriter::try_new(file, batch(0)?.schema(), Some(properties))?;
    let mut rows = 0;
    while std::fs::metadata(path)?.len() < length_bytes {
        writer.write(&batch(rows)?)?;
        rows += BATCH_ROWS;
    }
    writer.close()?;
    Ok(rows)
}

fn batch(first: u64) -> Result<RecordBatch, Box<dyn Error>> {
    let rows: Vec<_> = (first..first + BATCH_ROWS).map(row).collect();
    let same = |text: &str| Arc::new(StringArray::from_iter_values(rows.iter().map(|_| text))) as ArrayRef;
    let doubles =
        |value: f64| Arc::new(Float64Array::from_iter_values(rows.iter().map(|_| value))) as ArrayRef;
    let times = |later: i64| {
        Arc::new(TimestampMillisecondArray::from_iter_values(rows.iter().map(|row| row.3 + later)))
            as ArrayRef
    };
    let texts = |column: Vec<&str>| Arc::new(StringArray::from(column)) as ArrayRef;
    Ok(RecordBatch::try_from_iter([
        ("identity_line_item_id", texts(rows.iter().map(|row| row.0.as_str()).collect())),
        ("line_item_product_code", texts(rows.iter().map(|row| row.1).collect())),
        ("line_item_line_item_type", same("Usage")),
        ("line_item_usage_type", same("EU-TimedStorage-ByteHrs")),
        ("line_item_usage_start_date", times(0)),
        ("line_item_usage_end_date", times(HOUR_MILLIS)),
        ("line_item_resource_id", texts(rows.iter().map(|row| row.2.as_str()).collect())),
        ("line_item_usage_amount", doubles(0.000_529_761_8)),
        ("line_item_unblended_cost", doubles(0.000_052_976_2)),
        ("pricing_rate_code", same("SKU.TERM.RATE")),
        ("pricing_unit", same("GB-Mo")),
    ])?)
}
