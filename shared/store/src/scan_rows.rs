//! The columns of `images.parquet` about scans.

use std::sync::Arc;

use arrow_array::ArrayRef;
use arrow_array::builder::{StringBuilder, TimestampMicrosecondBuilder, UInt64Builder};
use demurrage_core::{ScanStatus, ScanSummary, SeverityCounts};

use crate::batches::{micros, times};

/// The columns as they grow.
pub(crate) struct ScanRows {
    status: StringBuilder,
    completed_at: TimestampMicrosecondBuilder,
    /// In the order of the columns, the worst first.
    counts: [UInt64Builder; 6],
}

impl ScanRows {
    pub(crate) fn new() -> Self {
        Self { status: StringBuilder::new(), completed_at: times(), counts: Default::default() }
    }

    /// Appends what is known of the scan of an image; nulls where nobody knows.
    pub(crate) fn push(&mut self, scan: Option<&ScanSummary>) {
        self.status.append_option(scan.and_then(|scan| scan.status).map(ScanStatus::as_api));
        self.completed_at.append_option(micros(scan.and_then(|scan| scan.completed_at)));
        let counts = scan.map(|scan| in_order(scan.severity_counts));
        for (place, column) in self.counts.iter_mut().enumerate() {
            let count = counts.and_then(|counts| counts.get(place).copied());
            column.append_option(count.map(u64::from));
        }
    }

    /// The columns so far; the builder is empty again.
    pub(crate) fn finish(&mut self) -> Vec<ArrayRef> {
        let mut columns: Vec<ArrayRef> =
            vec![Arc::new(self.status.finish()), Arc::new(self.completed_at.finish())];
        columns.extend(self.counts.iter_mut().map(|column| Arc::new(column.finish()) as ArrayRef));
        columns
    }
}

const fn in_order(counts: SeverityCounts) -> [u32; 6] {
    let SeverityCounts { critical, high, medium, low, informational, undefined } = counts;
    [critical, high, medium, low, informational, undefined]
}
