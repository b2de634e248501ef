//! Bills as CSV: record by record.
//!
//! A record of more than [`RECORD_BYTES_MAX`] ends the reading: a quote that is never closed would otherwise
//! draw the rest of the file into memory.

use std::borrow::Cow;
use std::cell::Cell;
use std::io::{self, Read};
use std::rc::Rc;

use csv::{ByteRecord, ReaderBuilder};

use crate::bill_format::Layout;
use crate::field::Field;
use crate::read_bill::Outcome;
use crate::record::{BadValue, Record, line};
use crate::{BillError, BillSums, ReadBill};

/// The longest record: tags and cost categories of a row are texts of some kilobytes.
const RECORD_BYTES_MAX: usize = 16 << 20;

/// Reads all records into the sums.
pub(crate) fn read(source: impl Read, sums: &mut BillSums) -> Result<ReadBill, BillError> {
    let left = Rc::new(Cell::new(RECORD_BYTES_MAX));
    let bounded = Bounded { source, left: Rc::clone(&left) };
    let mut reader = ReaderBuilder::new().has_headers(false).flexible(true).from_reader(bounded);
    let mut record = ByteRecord::new();
    if !reader.read_byte_record(&mut record).map_err(unreadable)? {
        return Err(BillError::NoBill);
    }
    let columns: Vec<String> = record.iter().map(|name| String::from_utf8_lossy(name).into_owned()).collect();
    let layout = Layout::of(&columns)?;
    let mut bill = ReadBill::new(layout.format);
    let lines = Lines::after_header(&record, reader.position().line());
    left.set(RECORD_BYTES_MAX);
    while reader.read_byte_record(&mut record).map_err(unreadable)? {
        left.set(RECORD_BYTES_MAX);
        let at = || lines.line_of(&record, reader.position().line());
        bill.take(at, take(&layout, columns.len(), &record, sums));
    }
    Ok(bill)
}

/// In which line a record begins. The reader ends a record at the first byte of its end, so that it counts the line
/// feed of CRLF with the record after it, and empty lines too.
#[derive(Debug, Clone, Copy)]
struct Lines {
    /// How many line feeds the reader is behind at the end of a record: 1 with CRLF.
    unread: u64,
}

impl Lines {
    /// From the header, behind which the reader counts this line.
    fn after_header(header: &ByteRecord, reader_line: u64) -> Self {
        let next = begin(header) + breaks(header) + 1;
        Self { unread: next.saturating_sub(reader_line) }
    }

    /// The line of a record, behind which the reader counts this line: by its beginning, which empty lines before it
    /// would make too little, or by its end, which makes it too little where the file ends without a line feed.
    fn line_of(self, record: &ByteRecord, reader_line: u64) -> u64 {
        let by_end = (reader_line + self.unread).saturating_sub(breaks(record) + 1);
        by_end.max(begin(record) + self.unread)
    }
}

fn begin(record: &ByteRecord) -> u64 {
    record.position().map_or(1, csv::Position::line)
}

/// Line feeds within quotes.
fn breaks(record: &ByteRecord) -> u64 {
    record.as_slice().iter().map(|byte| u64::from(*byte == b'\n')).sum()
}

fn take(
    layout: &Layout,
    columns: usize,
    record: &ByteRecord,
    sums: &mut BillSums,
) -> Result<Outcome, BadValue> {
    if record.len() != columns {
        let cause = format!("has {} fields, and the header has {columns}", record.len());
        return Err(BadValue { field: None, cause });
    }
    let Some(line) = line(layout.format, &CsvRecord { layout, record })? else { return Ok(Outcome::NotEcr) };
    Outcome::summed(line, sums)
}

/// What the reader says is always about the file: records may have any length and any bytes.
fn unreadable(error: csv::Error) -> BillError {
    let text = error.to_string();
    match error.into_kind() {
        csv::ErrorKind::Io(source) => BillError::Read(source),
        _ => BillError::Read(io::Error::other(text)),
    }
}

struct CsvRecord<'a> {
    layout: &'a Layout,
    record: &'a ByteRecord,
}

impl Record for CsvRecord<'_> {
    fn text(&self, field: Field) -> Result<Option<Cow<'_, str>>, BadValue> {
        let bytes = self.layout.position(field).and_then(|position| self.record.get(position));
        let text = std::str::from_utf8(bytes.unwrap_or_default())
            .map_err(|_| BadValue::of(field, "is no UTF-8 text"))?;
        Ok(Some(text).filter(|text| !text.is_empty()).map(Cow::Borrowed))
    }
}

/// A source that ends in an error where one record draws too much from it.
struct Bounded<R> {
    source: R,
    left: Rc<Cell<usize>>,
}

impl<R: Read> Read for Bounded<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let read = self.source.read(buffer)?;
        match self.left.get().checked_sub(read) {
            Some(left) => {
                self.left.set(left);
                Ok(read)
            }
            None => Err(io::Error::new(
                io::ErrorKind::InvalidData,
                "a record of more than 16 MiB, as if a quote were never closed",
            )),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::read;
    use crate::{BillError, BillSums};

    const HEADER: &str = "line_item_product_code,line_item_line_item_type,line_item_usage_type,\
                          line_item_usage_start_date,line_item_usage_amount,line_item_unblended_cost\n";

    fn row(amount: &str) -> String {
        format!("AmazonECR,Usage,EU-TimedStorage-ByteHrs,2024-09-26T01:00:00Z,{amount},0.1\n")
    }

    #[test]
    fn bad_rows_are_counted_and_the_first_is_named_with_its_line() {
        let text = format!("{HEADER}{}{}{}AmazonECR,Usage\n", row("1"), row("one"), row("2"));
        let mut sums = BillSums::default();
        let bill = read(text.as_bytes(), &mut sums).unwrap();
        assert_eq!((bill.rows, bill.ecr_rows, bill.bad_rows), (4, 2, 2));
        let first = bill.first_bad.unwrap();
        assert_eq!((first.line, first.column), (3, Some("line_item_usage_amount")));
        assert_eq!(first.cause, "is no number: `one`");
        assert_eq!(sums.iter().map(|(_, sum)| sum.lines).sum::<u64>(), 2);
    }

    #[test]
    fn a_bad_row_is_in_the_line_that_an_editor_shows() {
        let noted = |note: &str, amount: &str| format!("{},{note}\n", row(amount).trim_end());
        let header = HEADER.replace('\n', ",note\n");
        let good = noted("\"two\nlines\"", "1");
        let bad = noted("\"three\n\nlines\"", "one");
        let texts = [
            (format!("{header}{good}{bad}{good}"), 4),
            (format!("{header}{bad}"), 2),
            (format!("{header}{good}{good}{}", bad.trim_end()), 6),
            (format!("{header}{good}\n\n{bad}{good}"), 6),
            (format!("{}{good}{bad}", header.replace("note", "\"no\nte\"")), 5),
        ];
        for (text, line) in texts {
            for text in [text.clone(), text.replace('\n', "\r\n")] {
                let bill = read(text.as_bytes(), &mut BillSums::default()).unwrap();
                assert_eq!(bill.first_bad.unwrap().line, line, "{text:?}");
            }
        }
    }

    #[test]
    fn rows_of_other_services_may_be_as_odd_as_they_like() {
        let text = format!("{HEADER}AmazonEC2,,\u{1},never,much,nothing\n{}", row("1"));
        let bill = read(text.as_bytes(), &mut BillSums::default()).unwrap();
        assert_eq!((bill.rows, bill.ecr_rows, bill.bad_rows), (2, 1, 0));
    }

    #[test]
    fn a_quote_that_is_never_closed_ends_the_reading() {
        let text = format!("{HEADER}\"{}", "x".repeat(17 << 20));
        let error = read(text.as_bytes(), &mut BillSums::default()).unwrap_err();
        assert!(matches!(&error, BillError::Read(_)), "{error}");
    }

    #[test]
    fn a_text_that_is_no_bill_is_refused() {
        for text in ["", "hello\n", "{\"a\": 1}\n", "\u{0}\u{1}\u{2}"] {
            assert!(
                matches!(read(text.as_bytes(), &mut BillSums::default()), Err(BillError::NoBill)),
                "{text}"
            );
        }
    }
}
