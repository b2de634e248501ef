//! Why a bill cannot be read.

use std::io;

use crate::BillFormat;

/// A file that cannot be used as a bill. The message leaves the file's name to the caller.
#[derive(Debug, thiserror::Error)]
pub enum BillError {
    /// It cannot be opened.
    #[error("cannot be opened: {0}")]
    Open(io::Error),
    /// It cannot be read to its end.
    #[error("cannot be read to its end: {0}")]
    Read(io::Error),
    /// It is an archive of files.
    #[error("is a zip archive")]
    Zip,
    /// It has no columns of a bill.
    #[error("is no bill: it has no columns of a CUR 2.0 or FOCUS export")]
    NoBill,
    /// It is a report in the form before CUR 2.0, whose columns have other names.
    #[error("is a legacy Cost and Usage Report")]
    Legacy,
    /// Columns that a bill of this format needs are not there.
    #[error("lacks the {} {} of {format}", if columns.len() == 1 { "column" } else { "columns" }, named(columns))]
    MissingColumns {
        /// The format that the other columns are of.
        format: BillFormat,
        /// The names that are missing.
        columns: Vec<&'static str>,
    },
    /// It is damaged, is no Parquet at all, or is packed in a way that no export is.
    #[error("cannot be read as Parquet: {0}")]
    Parquet(String),
}

impl BillError {
    /// How to mend it.
    pub const fn help(&self) -> &'static str {
        match self {
            Self::Open(_) => "give the files of an export, `….snappy.parquet`, `….csv.gz` or `….csv`",
            Self::Read(_) | Self::Parquet(_) => "fetch the file again; it may have been cut off",
            Self::Zip => "unpack it, and give the files in it",
            Self::NoBill => "give a file of the table COST_AND_USAGE_REPORT, FOCUS_1_0_AWS or FOCUS_1_2_AWS",
            Self::Legacy => "make an export of the table COST_AND_USAGE_REPORT (CUR 2.0)",
            Self::MissingColumns { .. } => "select these columns in the query of the export",
        }
    }
}

fn named(columns: &[&str]) -> String {
    columns.iter().map(|column| format!("`{column}`")).collect::<Vec<_>>().join(", ")
}
