//! Bills as Parquet: batch by batch, of the columns that are needed.
//!
//! Decimals come from decimal columns and texts as they are, from doubles by their shortest text.

use std::borrow::Cow;
use std::fs::File;
use std::io;

use arrow_array::cast::AsArray;
use arrow_array::types::{
    Date32Type, Int32Type, Int64Type, TimestampMicrosecondType, TimestampMillisecondType,
    TimestampNanosecondType, TimestampSecondType,
};
use arrow_array::types::{Decimal128Type, Float32Type, Float64Type};
use arrow_array::{Array, ArrayRef, RecordBatch};
use arrow_schema::{ArrowError, DataType, TimeUnit};
use chrono::{DateTime, SecondsFormat, Utc};
use parquet::arrow::ProjectionMask;
use parquet::arrow::arrow_reader::{ArrowReaderOptions, ParquetRecordBatchReaderBuilder};

use crate::bill_format::Layout;
use crate::decimal_text::decimal_of_double;
use crate::field::Field;
use crate::read_bill::Outcome;
use crate::record::{BadValue, Record, line};
use crate::{BillError, BillSums, ReadBill};

/// Rows in memory at a time.
const BATCH_ROWS: usize = 4096;

/// Reads all rows into the sums.
pub(crate) fn read(file: File, sums: &mut BillSums) -> Result<ReadBill, BillError> {
    // Types by Parquet's own schema: what the writer kept in memory is of no concern.
    let options = ArrowReaderOptions::new().with_skip_arrow_metadata(true);
    let builder = ParquetRecordBatchReaderBuilder::try_new_with_options(file, options)
        .map_err(|error| BillError::Parquet(error.to_string()))?;
    let columns: Vec<String> = builder.schema().fields().iter().map(|field| field.name().clone()).collect();
    let layout = Layout::of(&columns)?;
    let wanted = Field::ALL.into_iter().filter_map(|field| layout.position(field));
    let mask = ProjectionMask::roots(builder.parquet_schema(), wanted);
    let reader = builder
        .with_projection(mask)
        .with_batch_size(BATCH_ROWS)
        .build()
        .map_err(|error| BillError::Parquet(error.to_string()))?;
    let mut bill = ReadBill::new(layout.format);
    for batch in reader {
        let batch = Batch::of(&layout, &columns, &batch.map_err(unreadable)?);
        for row in 0..batch.rows {
            let at = bill.rows + 1;
            bill.take(|| at, take(&layout, &batch, row, sums));
        }
    }
    Ok(bill)
}

fn take(layout: &Layout, batch: &Batch, row: usize, sums: &mut BillSums) -> Result<Outcome, BadValue> {
    let Some(line) = line(layout.format, &Row { batch, row })? else { return Ok(Outcome::NotEcr) };
    Outcome::summed(line, sums)
}

fn unreadable(error: ArrowError) -> BillError {
    match error {
        ArrowError::IoError(text, _) => BillError::Read(io::Error::other(text)),
        other => BillError::Parquet(other.to_string()),
    }
}

/// The columns of a batch, by field.
struct Batch {
    rows: usize,
    columns: [Option<ArrayRef>; Field::ALL.len()],
}

impl Batch {
    fn of(layout: &Layout, names: &[String], batch: &RecordBatch) -> Self {
        let column = |field| {
            let name = layout.position(field).and_then(|position| names.get(position))?;
            batch.column_by_name(name).cloned()
        };
        Self { rows: batch.num_rows(), columns: Field::ALL.map(column) }
    }
}

struct Row<'a> {
    batch: &'a Batch,
    row: usize,
}

impl Record for Row<'_> {
    fn text(&self, field: Field) -> Result<Option<Cow<'_, str>>, BadValue> {
        let Some(column) = self.batch.columns.get(field as usize).and_then(Option::as_ref) else {
            return Ok(None);
        };
        if column.is_null(self.row) {
            return Ok(None);
        }
        let text = text_of(column, self.row).map_err(|cause| BadValue::of(field, cause))?;
        Ok(Some(text).filter(|text| !text.is_empty()))
    }
}

/// The text of a value, as it would stand in CSV.
fn text_of(column: &ArrayRef, row: usize) -> Result<Cow<'_, str>, String> {
    Ok(match column.data_type() {
        DataType::Utf8 => Cow::Borrowed(column.as_string::<i32>().value(row)),
        DataType::LargeUtf8 => Cow::Borrowed(column.as_string::<i64>().value(row)),
        DataType::Utf8View => Cow::Borrowed(column.as_string_view().value(row)),
        DataType::Binary => {
            let bytes = column.as_binary::<i32>().value(row);
            Cow::Borrowed(std::str::from_utf8(bytes).map_err(|_| "is no UTF-8 text".to_owned())?)
        }
        DataType::Decimal128(..) => Cow::Owned(column.as_primitive::<Decimal128Type>().value_as_string(row)),
        DataType::Float64 => Cow::Owned(double(column.as_primitive::<Float64Type>().value(row))?),
        DataType::Float32 => Cow::Owned(column.as_primitive::<Float32Type>().value(row).to_string()),
        DataType::Int32 => Cow::Owned(column.as_primitive::<Int32Type>().value(row).to_string()),
        DataType::Int64 => Cow::Owned(column.as_primitive::<Int64Type>().value(row).to_string()),
        DataType::Timestamp(unit, _) => Cow::Owned(time(column, *unit, row)?),
        DataType::Date32 => {
            let day = column.as_primitive::<Date32Type>().value_as_date(row);
            Cow::Owned(day.ok_or("is no date")?.to_string())
        }
        other => return Err(format!("has values of a kind that bills do not have: {}", kind_of(other))),
    })
}

fn double(value: f64) -> Result<String, String> {
    decimal_of_double(value)
        .map(|decimal| decimal.to_string())
        .ok_or_else(|| format!("is no number: `{value}`"))
}

fn time(column: &ArrayRef, unit: TimeUnit, row: usize) -> Result<String, String> {
    let instant: Option<DateTime<Utc>> = match unit {
        TimeUnit::Second => {
            DateTime::from_timestamp(column.as_primitive::<TimestampSecondType>().value(row), 0)
        }
        TimeUnit::Millisecond => {
            DateTime::from_timestamp_millis(column.as_primitive::<TimestampMillisecondType>().value(row))
        }
        TimeUnit::Microsecond => {
            DateTime::from_timestamp_micros(column.as_primitive::<TimestampMicrosecondType>().value(row))
        }
        TimeUnit::Nanosecond => {
            Some(DateTime::from_timestamp_nanos(column.as_primitive::<TimestampNanosecondType>().value(row)))
        }
    };
    instant
        .map(|time| time.to_rfc3339_opts(SecondsFormat::AutoSi, true))
        .ok_or_else(|| "is no time".to_owned())
}

/// What a type is called in a message.
const fn kind_of(data_type: &DataType) -> &'static str {
    match data_type {
        DataType::Boolean => "truth values",
        DataType::List(_) | DataType::LargeList(_) => "lists",
        DataType::Map(..) | DataType::Struct(_) => "maps",
        _ => "an unusual type",
    }
}
