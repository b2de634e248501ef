//! Writes bills in each format, as AWS does: more columns than are needed, in an order of their own.

use std::fs::File;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use arrow_array::builder::{MapBuilder, StringBuilder};
use arrow_array::{
    ArrayRef, Decimal128Array, Float64Array, RecordBatch, StringArray, TimestampMillisecondArray,
};
use demurrage_core::instant;
use flate2::Compression;
use flate2::write::GzEncoder;
use parquet::arrow::ArrowWriter;
use parquet::basic::Compression as ParquetCompression;
use parquet::file::properties::WriterProperties;
use rust_decimal::Decimal;

use crate::row::{ACCOUNT, Row};

/// What numbers are in a Parquet file.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Numbers {
    Doubles,
    Decimals,
    Texts,
}

/// The table of an export.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    Cur,
    Focus10,
    Focus12,
}

/// What a column holds.
enum Column {
    Text(Vec<Option<String>>),
    Number(Vec<Option<String>>),
    Time(Vec<String>),
}

/// A column of texts, from the rows.
fn texts(rows: &[Row], text: impl Fn(&Row) -> Option<String>) -> Column {
    Column::Text(rows.iter().map(text).collect())
}

fn columns(kind: Kind, rows: &[Row]) -> Vec<(&'static str, Column)> {
    match kind {
        Kind::Cur => cur(rows),
        Kind::Focus10 => focus(rows),
        Kind::Focus12 => {
            let mut columns = focus(rows);
            columns.insert(3, ("InvoiceId", texts(rows, |_| Some("EUINGB24-1".to_owned()))));
            columns
        }
    }
}

fn cur(rows: &[Row]) -> Vec<(&'static str, Column)> {
    let some = |text: &'static str| Some(text.to_owned());
    vec![
        ("bill_payer_account_id", texts(rows, |_| some("999999999999"))),
        ("identity_line_item_id", texts(rows, |_| some("line, with \"quotes\"\nand a break"))),
        ("line_item_currency_code", texts(rows, |row| some(row.currency))),
        ("line_item_line_item_description", texts(rows, |_| some("$0.10 per GB-month of data storage"))),
        ("line_item_line_item_type", texts(rows, |row| some(row.line_type))),
        ("line_item_product_code", texts(rows, |row| some(row.product))),
        ("line_item_resource_id", texts(rows, |row| row.resource.clone())),
        ("line_item_unblended_cost", Column::Number(rows.iter().map(|row| Some(row.cost.clone())).collect())),
        ("line_item_unblended_rate", texts(rows, |_| some("0.1"))),
        ("line_item_usage_account_id", texts(rows, |_| some(ACCOUNT))),
        ("line_item_usage_amount", Column::Number(rows.iter().map(amount).collect())),
        ("line_item_usage_end_date", Column::Time(rows.iter().map(|row| row.end.clone()).collect())),
        ("line_item_usage_start_date", Column::Time(rows.iter().map(|row| row.start.clone()).collect())),
        ("line_item_usage_type", texts(rows, |row| some(row.usage_type))),
        (
            "pricing_public_on_demand_cost",
            Column::Number(rows.iter().map(|row| row.list_cost.clone()).collect()),
        ),
        ("pricing_rate_code", texts(rows, |row| some(row.rate_code))),
        ("pricing_unit", texts(rows, |row| some(row.unit))),
        ("product_region_code", texts(rows, |row| some(row.region))),
        ("product_servicecode", texts(rows, |_| some("AWSDataTransfer"))),
    ]
}

fn focus(rows: &[Row]) -> Vec<(&'static str, Column)> {
    let some = |text: &'static str| Some(text.to_owned());
    let category = |row: &Row| if row.line_type == "Usage" { some("Usage") } else { some(row.line_type) };
    let service = |row: &Row| match row.product {
        "AmazonECR" => some("Amazon EC2 Container Registry (ECR)"),
        "AmazonECRPublic" => some("Amazon Elastic Container Registry Public"),
        _ => some("Amazon Elastic Compute Cloud"),
    };
    let unit = |row: &Row| if row.unit == "GB-Mo" { some("GB-Months") } else { some(row.unit) };
    vec![
        ("AvailabilityZone", texts(rows, |_| None)),
        ("BilledCost", Column::Number(rows.iter().map(|row| Some(row.cost.clone())).collect())),
        ("BillingAccountId", texts(rows, |_| some("999999999999"))),
        ("BillingCurrency", texts(rows, |row| some(row.currency))),
        ("ChargeCategory", texts(rows, category)),
        ("ChargeClass", texts(rows, |_| None)),
        ("ChargePeriodEnd", Column::Time(rows.iter().map(|row| row.end.clone()).collect())),
        ("ChargePeriodStart", Column::Time(rows.iter().map(|row| row.start.clone()).collect())),
        ("ListCost", Column::Number(rows.iter().map(|row| row.list_cost.clone()).collect())),
        ("PricingQuantity", Column::Number(rows.iter().map(amount).collect())),
        ("PricingUnit", texts(rows, unit)),
        ("RegionId", texts(rows, |row| some(row.region))),
        ("ResourceId", texts(rows, |row| row.resource.clone())),
        ("ServiceName", texts(rows, service)),
        ("SkuPriceId", texts(rows, |row| some(row.rate_code))),
        ("SubAccountId", texts(rows, |_| some(ACCOUNT))),
        ("x_ServiceCode", texts(rows, |row| some(row.product))),
        ("x_UsageType", texts(rows, |row| some(row.usage_type))),
    ]
}

fn amount(row: &Row) -> Option<String> {
    Some(row.amount.clone()).filter(|amount| !amount.is_empty())
}

/// Writes CSV: packed in two members of gzip, as tools that append make it, or as it is.
pub(crate) fn csv_file(folder: &Path, name: &str, kind: Kind, rows: &[Row]) -> PathBuf {
    let columns = columns(kind, rows);
    let mut writer = csv::Writer::from_writer(Vec::new());
    writer.write_record(columns.iter().map(|(name, _)| *name)).unwrap();
    for row in 0..rows.len() {
        let cells = columns.iter().map(|(_, column)| match column {
            Column::Text(cells) | Column::Number(cells) => cells[row].clone().unwrap_or_default(),
            Column::Time(cells) => cells[row].clone(),
        });
        writer.write_record(cells).unwrap();
    }
    let text = writer.into_inner().unwrap();
    let path = folder.join(name);
    if path.extension().is_some_and(|extension| extension == "gz") {
        let (one, other) = text.split_at(text.len() / 2);
        let mut file = File::create(&path).unwrap();
        for part in [one, other] {
            let mut encoder = GzEncoder::new(&mut file, Compression::fast());
            encoder.write_all(part).unwrap();
            encoder.finish().unwrap();
        }
    } else {
        std::fs::write(&path, text).unwrap();
    }
    path
}

/// Writes Parquet, with a map of tags as AWS has it.
pub(crate) fn parquet_file(folder: &Path, name: &str, kind: Kind, rows: &[Row], numbers: Numbers) -> PathBuf {
    let mut arrays: Vec<(&str, ArrayRef)> = vec![("resource_tags", tags(rows.len()))];
    for (name, column) in columns(kind, rows) {
        let array: ArrayRef = match column {
            Column::Text(cells) => Arc::new(StringArray::from(cells)),
            Column::Number(cells) => number_array(&cells, numbers),
            Column::Time(cells) => {
                let millis = |text: &String| instant::parse(text).unwrap().timestamp_millis();
                Arc::new(TimestampMillisecondArray::from_iter_values(cells.iter().map(millis)))
            }
        };
        arrays.push((name, array));
    }
    let batch =
        RecordBatch::try_from_iter_with_nullable(arrays.into_iter().map(|(name, array)| (name, array, true)))
            .unwrap();
    let path = folder.join(name);
    let properties = WriterProperties::builder().set_compression(ParquetCompression::SNAPPY).build();
    let mut writer =
        ArrowWriter::try_new(File::create(&path).unwrap(), batch.schema(), Some(properties)).unwrap();
    writer.write(&batch).unwrap();
    writer.close().unwrap();
    path
}

fn number_array(cells: &[Option<String>], numbers: Numbers) -> ArrayRef {
    match numbers {
        Numbers::Texts => Arc::new(StringArray::from(cells.to_vec())),
        Numbers::Doubles => {
            let doubles = cells.iter().map(|cell| cell.as_ref().map(|cell| cell.parse::<f64>().unwrap()));
            Arc::new(doubles.collect::<Float64Array>())
        }
        Numbers::Decimals => {
            let units = |cell: &String| {
                let mut decimal = Decimal::from_str_exact(cell).unwrap();
                decimal.rescale(18);
                decimal.mantissa()
            };
            let decimals = cells.iter().map(|cell| cell.as_ref().map(units)).collect::<Decimal128Array>();
            Arc::new(decimals.with_precision_and_scale(38, 18).unwrap())
        }
    }
}

fn tags(rows: usize) -> ArrayRef {
    let mut builder = MapBuilder::new(None, StringBuilder::new(), StringBuilder::new());
    for row in 0..rows {
        builder.keys().append_value("user:team");
        builder.values().append_value(format!("team-{row}"));
        builder.append(true).unwrap();
    }
    Arc::new(builder.finish())
}
