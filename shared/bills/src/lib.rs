//! Bills of AWS, and what of them inventories explain.
//!
//! Reading streams: a bill of any length takes the memory of one batch of rows and of the sums by repository,
//! month and kind. Only lines of Amazon ECR and ECR Public are kept. Matching is pure: sums, inventories and
//! prices go in, figures and the causes of their differences come out. It leaves out where files come from
//! and how anything is shown.
//!
//! - [`read_bill`]: one file, CUR 2.0 or FOCUS 1.0 / 1.2, as Parquet, CSV or gzipped CSV.
//! - [`BillLine`], [`BillSums`]: its lines about ECR, and their sums.
//! - [`reconcile`]: the sums beside what inventories say.

mod bill_error;
mod bill_format;
mod bill_line;
mod bill_sums;
mod csv_bill;
mod decimal_text;
mod field;
mod line_type;
mod lines_hash;
mod month;
mod parquet_bill;
mod read_bill;
pub mod reconcile;
mod record;
mod repository_arn;
mod usage_type;

pub use bill_error::BillError;
pub use bill_format::BillFormat;
pub use bill_line::BillLine;
pub use bill_sums::{BillSums, Resource, Sum, SumKey};
pub use line_type::LineType;
pub use lines_hash::LinesHash;
pub use month::Month;
pub use read_bill::{BadRow, ReadBill, read_bill};
pub use repository_arn::RepositoryArn;
pub use usage_type::{UsageKind, UsageType};
