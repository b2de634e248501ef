//! One row of a bill, whatever file it stands in, as the texts of its fields.

use std::borrow::Cow;
use std::ops::RangeInclusive;

use chrono::{DateTime, Datelike, Utc};
use demurrage_core::{RegistryKind, instant};
use rust_decimal::Decimal;

use crate::decimal_text::decimal;
use crate::field::Field;
use crate::{BillFormat, BillLine, LineType, Month, RepositoryArn, UsageType};

/// The years of bills: AWS sends some since 2006.
const YEARS: RangeInclusive<i32> = 2006..=2199;

/// The most bytes of a text that is kept of a row. An ARN of a repository has some 330 at most, as a name has 256.
const TEXT_BYTES_MAX: usize = 512;

/// The largest number of a row, either way: 10^15, which no bill reaches. Below it sums, and dollars of them, stay exact.
const NUMBER_MAX: Decimal = Decimal::from_parts(2_764_472_320, 232_830, 0, false, 0);

/// A row. Its two forms are a record of CSV and a row of a Parquet batch.
pub(crate) trait Record {
    /// The text of a field; nothing where it is empty, null, or not in the file.
    fn text(&self, field: Field) -> Result<Option<Cow<'_, str>>, BadValue>;
}

/// What is wrong with a row.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct BadValue {
    pub(crate) field: Option<Field>,
    pub(crate) cause: String,
}

impl BadValue {
    pub(crate) fn of(field: Field, cause: impl Into<String>) -> Self {
        Self { field: Some(field), cause: cause.into() }
    }
}

/// Reads a row; nothing where it is not about ECR, however odd it may be otherwise.
pub(crate) fn line(format: BillFormat, record: &impl Record) -> Result<Option<BillLine>, BadValue> {
    let Some(service) = service(format, record)? else { return Ok(None) };
    let line_type = line_type(format, record)?;
    let start = needed_time(record, Field::Start)?;
    let month = Month::of(start).filter(|_| YEARS.contains(&start.year()));
    let month = month.ok_or_else(|| BadValue::of(Field::Start, "lies in no year of a bill"))?;
    let end = time(record, Field::End)?.unwrap_or(start);
    let unit = record.text(Field::Unit)?;
    let text = kept(record, Field::UsageType)?;
    let usage = UsageType::parse(text.as_deref().unwrap_or_default(), unit.as_deref());
    let region = record.text(Field::Region)?;
    let resource = kept(record, Field::Resource)?;
    // Lines of money alone (taxes, credits) have no amount.
    let amount = match (line_type, number(record, Field::Amount)?) {
        (LineType::Usage, None) => return Err(BadValue::of(Field::Amount, "is empty")),
        (_, amount) => amount.unwrap_or_default(),
    };
    let cost = number(record, Field::Cost)?.ok_or_else(|| BadValue::of(Field::Cost, "is empty"))?;
    let owned = |text: Option<Cow<'_, str>>| text.map(Cow::into_owned);
    Ok(Some(BillLine {
        service,
        line_type,
        month,
        start,
        end: end.max(start),
        usage: usage.or_region(region.as_deref()),
        account: owned(kept(record, Field::Account)?),
        repository: resource.as_deref().and_then(RepositoryArn::parse),
        amount,
        cost,
        list_cost: number(record, Field::ListCost)?,
        rate_code: owned(kept(record, Field::RateCode)?),
        currency: owned(kept(record, Field::Currency)?).unwrap_or_else(|| "USD".to_owned()),
    }))
}

/// Whether a row is about ECR. Rows of transfer keep ECR's product code in CUR; in FOCUS they may stand under
/// the service AWS Data Transfer, and then the resource tells.
fn service(format: BillFormat, record: &impl Record) -> Result<Option<RegistryKind>, BadValue> {
    let by_code = record.text(Field::ServiceCode)?.and_then(|code| match &*code {
        "AmazonECR" => Some(RegistryKind::Private),
        "AmazonECRPublic" => Some(RegistryKind::Public),
        _ => None,
    });
    match format {
        BillFormat::Cur2 => return Ok(by_code),
        BillFormat::Focus10 | BillFormat::Focus12 => {}
    }
    let by_name = record.text(Field::ServiceName)?.and_then(|name| match &*name {
        "Amazon EC2 Container Registry (ECR)" => Some(RegistryKind::Private),
        "Amazon Elastic Container Registry Public" => Some(RegistryKind::Public),
        _ => None,
    });
    let by_resource = || {
        let resource = record.text(Field::Resource)?;
        Ok(resource.as_deref().and_then(RepositoryArn::parse).map(|arn| arn.kind))
    };
    by_code.or(by_name).map_or_else(by_resource, |kind| Ok(Some(kind)))
}

fn line_type(format: BillFormat, record: &impl Record) -> Result<LineType, BadValue> {
    let name = record.text(Field::LineType)?.ok_or_else(|| BadValue::of(Field::LineType, "is empty"))?;
    Ok(match format {
        BillFormat::Cur2 => LineType::from_cur(&name),
        BillFormat::Focus10 | BillFormat::Focus12 => {
            LineType::from_focus(&name, record.text(Field::ChargeClass)?.as_deref())
        }
    })
}

fn number(record: &impl Record, field: Field) -> Result<Option<Decimal>, BadValue> {
    let Some(text) = record.text(field)? else { return Ok(None) };
    match decimal(&text) {
        Some(number) if number.abs() <= NUMBER_MAX => Ok(Some(number)),
        Some(_) => Err(BadValue::of(field, format!("is beyond all bills: `{}`", shortened(&text)))),
        None => Err(BadValue::of(field, format!("is no number: `{}`", shortened(&text)))),
    }
}

/// A text that is kept, and so has to be short.
fn kept(record: &impl Record, field: Field) -> Result<Option<Cow<'_, str>>, BadValue> {
    match record.text(field)? {
        Some(text) if TEXT_BYTES_MAX < text.len() => {
            Err(BadValue::of(field, format!("is too long: `{}`", shortened(&text))))
        }
        text => Ok(text),
    }
}

fn time(record: &impl Record, field: Field) -> Result<Option<DateTime<Utc>>, BadValue> {
    let Some(text) = record.text(field)? else { return Ok(None) };
    // What engines write for a timestamp in UTC, beside the forms of ISO 8601.
    let plain = text.trim().trim_end_matches("UTC");
    match instant::parse(plain) {
        Some(time) => Ok(Some(time)),
        None => Err(BadValue::of(field, format!("is no time: `{}`", shortened(&text)))),
    }
}

fn needed_time(record: &impl Record, field: Field) -> Result<DateTime<Utc>, BadValue> {
    time(record, field)?.ok_or_else(|| BadValue::of(field, "is empty"))
}

/// As much of a text as a message can hold.
fn shortened(text: &str) -> String {
    const SHOWN_CHARS_MAX: usize = 40;
    let mut shown: String =
        text.chars().take(SHOWN_CHARS_MAX).map(|c| if c.is_control() { ' ' } else { c }).collect();
    if text.chars().nth(SHOWN_CHARS_MAX).is_some() {
        shown.push('…');
    }
    shown
}
