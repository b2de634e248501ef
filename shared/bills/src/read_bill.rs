//! Reading one file of a bill, whatever it is.
//!
//! What a file is, its first bytes say and not its name: Parquet, gzip, or CSV as it is.

use std::fs::File;
use std::io::{BufReader, Read, Seek};
use std::path::Path;

use flate2::read::MultiGzDecoder;

use crate::bill_sums::SumOverflow;
use crate::record::BadValue;
use crate::{BillError, BillFormat, BillLine, BillSums, LinesHash, csv_bill, parquet_bill};

/// What was read of a file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReadBill {
    /// Its format.
    pub format: BillFormat,
    /// How many rows it has, the header not counted.
    pub rows: u64,
    /// How many of them are about ECR, and are in the sums.
    pub ecr_rows: u64,
    /// What these lines are, to know the same ones again in another file.
    pub lines_hash: LinesHash,
    /// How many could not be read, and are in no sum.
    pub bad_rows: u64,
    /// The first of these.
    pub first_bad: Option<BadRow>,
}

/// A row that could not be read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BadRow {
    /// Its line in CSV, counted from 1 with the header; its row in Parquet, counted from 1.
    pub line: u64,
    /// The column, where one is to blame.
    pub column: Option<&'static str>,
    /// What is wrong with it.
    pub cause: String,
}

impl ReadBill {
    pub(crate) const fn new(format: BillFormat) -> Self {
        Self { format, rows: 0, ecr_rows: 0, lines_hash: LinesHash::new(), bad_rows: 0, first_bad: None }
    }

    /// Takes what became of the row in this line, which is asked for where the row is bad.
    pub(crate) fn take(&mut self, line: impl FnOnce() -> u64, outcome: Result<Outcome, BadValue>) {
        self.rows += 1;
        match outcome {
            Ok(Outcome::Summed { hash }) => {
                self.ecr_rows += 1;
                self.lines_hash.add(hash);
            }
            Ok(Outcome::NotEcr) => {}
            Err(bad) => {
                self.bad_rows += 1;
                let column = bad.field.and_then(|field| field.column(self.format));
                self.first_bad.get_or_insert_with(|| BadRow { line: line(), column, cause: bad.cause });
            }
        }
    }
}

/// What became of a row.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Outcome {
    /// It is in the sums; with the hash of what it says.
    Summed {
        hash: u64,
    },
    NotEcr,
}

impl Outcome {
    /// Adds a line to the sums.
    pub(crate) fn summed(line: BillLine, sums: &mut BillSums) -> Result<Self, BadValue> {
        let hash = LinesHash::of_line(&line);
        sums.add(line)?;
        Ok(Self::Summed { hash })
    }
}

impl From<SumOverflow> for BadValue {
    fn from(overflow: SumOverflow) -> Self {
        Self { field: None, cause: overflow.to_string() }
    }
}

/// Reads a bill into sums, row by row.
///
/// # Errors
/// When the file is no bill, or cannot be read to its end. The sums hold what was read before, and are not to
/// be used then. Rows that cannot be read are no error: they are counted,
/// and the sums know that there were some.
pub fn read_bill(path: &Path, sums: &mut BillSums) -> Result<ReadBill, BillError> {
    let mut file = File::open(path).map_err(BillError::Open)?;
    let mut start = Vec::with_capacity(4);
    (&mut file).take(4).read_to_end(&mut start).map_err(BillError::Open)?;
    file.rewind().map_err(BillError::Open)?;
    let read = match *start.as_slice() {
        [b'P', b'A', b'R', b'1'] => parquet_bill::read(file, sums),
        [0x1f, 0x8b, ..] => csv_bill::read(MultiGzDecoder::new(BufReader::new(file)), sums),
        [b'P', b'K', 3, 4] => Err(BillError::Zip),
        _ => csv_bill::read(file, sums),
    }?;
    sums.add_unread(read.bad_rows);
    Ok(read)
}
