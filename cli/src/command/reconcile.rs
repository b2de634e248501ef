//! `demurrage reconcile`: bills of AWS beside the inventories of a store.

use std::path::{Path, PathBuf};

use clap::Args;
use demurrage_bills::reconcile::{MonthReconciliation, reconcile};
use demurrage_bills::{BillError, BillSums, Month, read_bill};
use demurrage_report::{BillFile, ReconcileReport, count, reconcile_csv, reconcile_json, reconcile_table};

use self::histories::histories;
use crate::args::{RowsFormat, StoreArgs, clock, worse};
use crate::exit::Exit;
use crate::failure::Failure;
use crate::{price_list, talk, terminal};

mod histories;

/// Compare bills with the inventories of the store: what is explained, and why the rest differs
///
/// Reads Data Exports of AWS: CUR 2.0 and FOCUS 1.0 or 1.2, as Parquet, CSV or gzipped CSV of any length. Only lines of
/// ECR and ECR Public are looked at. docs/COSTS.md says how the comparison is made.
#[derive(Debug, Args)]
#[command(after_help = "Example:\n  demurrage reconcile --bill export-00001.snappy.parquet --month 2026-10")]
pub(crate) struct ReconcileArgs {
    /// Files of the bill
    #[arg(long, value_name = "FILE", required = true, num_args = 1..)]
    bill: Vec<PathBuf>,
    #[command(flatten)]
    store: StoreArgs,
    /// Only this month of the bill
    #[arg(long, value_name = "YYYY-MM", value_parser = month)]
    month: Option<Month>,
    /// How to write it
    #[arg(long, value_enum, default_value_t = RowsFormat::Table)]
    format: RowsFormat,
}

fn month(text: &str) -> Result<Month, String> {
    Month::parse(text).ok_or_else(|| "not a month; write for example 2026-10".to_owned())
}

pub(crate) fn run(arguments: &ReconcileArgs) -> Result<Exit, Failure> {
    let mut sums = BillSums::default();
    let bills = read_all(&arguments.bill, &mut sums)?;
    let months = months(&sums, arguments.month)?;
    let store = arguments.store.open()?;
    let list = price_list::read(&store, clock())?;
    let read = histories(&store, &months)?;
    let reconciled = reconcile(&sums, &read.histories, &list, arguments.month);
    let report = ReconcileReport {
        prices: price_list::used(&list),
        bills,
        months: &reconciled,
        beyond_limit_lines: sums.beyond_limit_lines(),
    };
    match arguments.format {
        RowsFormat::Json => talk::json(&reconcile_json(&report))?,
        RowsFormat::Csv => talk::data(&reconcile_csv(&report))?,
        RowsFormat::Table => talk::data(&reconcile_table(&report, terminal::width()))?,
    }
    if report.beyond_limit_lines != 0 {
        talk::warn(format!(
            "{} of repositories beyond the first {} were summed without their names",
            count(as_count(report.beyond_limit_lines), "line"),
            BillSums::KEYS_MAX
        ));
    }
    talk::say(format!("prices of {}: {}", list.date, list.source));
    let has_bad_rows = report.bills.iter().any(|bill| bill.read.bad_rows != 0);
    let is_partial = read.is_partial || has_bad_rows || report.beyond_limit_lines != 0;
    Ok(worse(is_partial, reconciled.iter().any(MonthReconciliation::has_findings)))
}

/// Reads the files of a bill, none of which may be there twice.
pub(super) fn read_all(paths: &[PathBuf], sums: &mut BillSums) -> Result<Vec<BillFile>, Failure> {
    let mut bills = Vec::new();
    for path in paths {
        let bill = read(path, sums)?;
        refuse_again(&bill, &bills)?;
        bills.push(bill);
    }
    Ok(bills)
}

/// Reads one file, and says what it is and what of it could not be read.
fn read(path: &Path, sums: &mut BillSums) -> Result<BillFile, Failure> {
    let read = read_bill(path, sums).map_err(|error| match error {
        BillError::Open(source) => Failure::Read { path: path.to_owned(), source },
        error => Failure::content(path, error.to_string(), error.help()),
    })?;
    talk::say(format!(
        "{}: {}, {}, {} of ECR",
        path.display(),
        read.format,
        count(as_count(read.rows), "row"),
        count(as_count(read.ecr_rows), "line")
    ));
    if let Some(bad) = &read.first_bad {
        let column = bad.column.map(|column| format!("`{column}` ")).unwrap_or_default();
        talk::warn(format!(
            "`{}`: {} could not be read, the first in line {}: {column}{}",
            path.display(),
            count(as_count(read.bad_rows), "row"),
            bad.line,
            bad.cause
        ));
    }
    Ok(BillFile { path: path.display().to_string(), read })
}

/// Refuses a file whose lines another one had already: all of them would count twice.
fn refuse_again(bill: &BillFile, before: &[BillFile]) -> Result<(), Failure> {
    let is_again =
        |other: &&BillFile| other.path == bill.path || other.read.lines_hash.is_same(bill.read.lines_hash);
    let Some(other) = before.iter().find(is_again) else { return Ok(()) };
    let cause = if other.path == bill.path {
        "is given twice".to_owned()
    } else {
        let lines = count(as_count(bill.read.ecr_rows), "line");
        format!("has the same {lines} of ECR as `{}`, which would be counted twice", other.path)
    };
    Err(Failure::content(Path::new(&bill.path), cause, "give each file of the bill once"))
}

/// The months that are asked about: those of the bill, or the one that is wanted.
fn months(sums: &BillSums, only: Option<Month>) -> Result<Vec<Month>, Failure> {
    let mut months: Vec<Month> = sums.iter().map(|(key, _)| key.month).collect();
    months.dedup();
    let Some(only) = only else {
        if months.is_empty() {
            talk::warn("the bill has no line of ECR");
        }
        return Ok(months);
    };
    if months.contains(&only) {
        return Ok(vec![only]);
    }
    let there: Vec<String> = months.iter().map(Month::to_string).collect();
    let help = match there.as_slice() {
        [] => "it has none of any month".to_owned(),
        there => format!("it has lines of {}", there.join(", ")),
    };
    Err(Failure::usage(format!("the bill has no line of ECR in {only}"), help))
}

fn as_count(number: u64) -> usize {
    usize::try_from(number).unwrap_or(usize::MAX)
}
