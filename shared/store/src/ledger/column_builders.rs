//! Rows of `ledger.parquet` as they grow, each value by the name of its column.

use std::collections::BTreeMap;
use std::sync::Arc;

use arrow_array::builder::{ListBuilder, StringBuilder, TimestampMicrosecondBuilder, UInt64Builder};
use arrow_array::{ArrayRef, RecordBatch};
use arrow_schema::{ArrowError, DataType};
use chrono::{DateTime, Utc};

use super::columns::schema;
use crate::batches::{micros, times};

/// A value of a row.
#[derive(Debug, Clone)]
pub(super) enum Value {
    Text(String),
    Texts(Vec<String>),
    Time(DateTime<Utc>),
    Number(u64),
}

/// A row: what it has; every other column is null.
pub(super) type NewRow = BTreeMap<&'static str, Value>;

/// Rows that were collected, column by column.
#[derive(Debug, Default)]
pub(super) struct ColumnBuilders {
    rows: Vec<NewRow>,
}

impl ColumnBuilders {
    pub(super) const fn rows(&self) -> usize {
        self.rows.len()
    }

    pub(super) fn push(&mut self, row: NewRow) {
        self.rows.push(row);
    }

    /// The rows so far; the builder is empty again.
    pub(super) fn finish(&mut self) -> Result<RecordBatch, ArrowError> {
        let rows = std::mem::take(&mut self.rows);
        let schema = schema();
        let columns = schema.fields().iter().map(|field| {
            let values = rows.iter().map(|row| row.get(field.name().as_str()));
            column(field.data_type(), values)
        });
        let columns: Vec<ArrayRef> = columns.collect();
        RecordBatch::try_new(schema, columns)
    }
}

/// A column of this type. A value of another type is none: the writer of rows knows the columns.
fn column<'v>(kind: &DataType, values: impl Iterator<Item = Option<&'v Value>>) -> ArrayRef {
    match kind {
        DataType::UInt64 => {
            let mut column = UInt64Builder::new();
            for value in values {
                column.append_option(if let Some(Value::Number(number)) = value {
                    Some(*number)
                } else {
                    None
                });
            }
            Arc::new(column.finish())
        }
        DataType::Timestamp(..) => {
            let mut column: TimestampMicrosecondBuilder = times();
            for value in values {
                column.append_option(micros(if let Some(Value::Time(time)) = value {
                    Some(*time)
                } else {
                    None
                }));
            }
            Arc::new(column.finish())
        }
        DataType::List(_) => {
            let mut column = ListBuilder::new(StringBuilder::new());
            for value in values {
                let texts = if let Some(Value::Texts(texts)) = value { Some(texts) } else { None };
                for text in texts.into_iter().flatten() {
                    column.values().append_value(text);
                }
                column.append(texts.is_some());
            }
            Arc::new(column.finish())
        }
        _ => {
            let mut column = StringBuilder::new();
            for value in values {
                column.append_option(if let Some(Value::Text(text)) = value { Some(text) } else { None });
            }
            Arc::new(column.finish())
        }
    }
}
