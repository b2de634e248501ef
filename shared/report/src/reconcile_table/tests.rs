//! What a reconciliation looks like, as a whole, in each of its forms.

use demurrage_bills::reconcile::{Held, MonthReconciliation, RegistryHistory, reconcile};
use demurrage_bills::{BillLine, BillSums, LineType, Month, ReadBill, RepositoryArn, UsageType};
use demurrage_core::cost::PriceList;
use demurrage_core::{RegistryKind, RepositoriesListing, instant};
use rust_decimal::Decimal;

use super::reconcile_table;
use crate::reconcile_report::{BillFile, ReconcileReport};
use crate::{PricesUsed, reconcile_csv, reconcile_json};

const ACCOUNT: &str = "123456789012";
const GIB: u128 = 1 << 30;

/// A line for all of September 2024.
fn line(usage_type: &str, name: Option<&str>, amount: &str, cost: &str) -> BillLine {
    let arn = name.map(|name| format!("arn:aws:ecr:eu-west-1:{ACCOUNT}:repository/{name}"));
    let month = Month::parse("2024-09").unwrap();
    BillLine {
        service: RegistryKind::Private,
        line_type: LineType::Usage,
        month,
        start: month.start(),
        end: month.end(),
        usage: UsageType::parse(usage_type, None),
        account: Some(ACCOUNT.to_owned()),
        repository: arn.and_then(|arn| RepositoryArn::parse(&arn)),
        amount: Decimal::from_str_exact(amount).unwrap(),
        cost: Decimal::from_str_exact(cost).unwrap(),
        list_cost: None,
        rate_code: Some(usage_type.to_owned()),
        currency: "USD".to_owned(),
    }
}

fn month() -> Vec<MonthReconciliation> {
    let mut sums = BillSums::default();
    for line in [
        line("EU-TimedStorage-ByteHrs", Some("team/app"), "3", "0.3"),
        line("EU-TimedStorage-ByteHrs", Some("team/grew"), "40.5", "4.05"),
        line("EU-TimedStorage-ByteHrs", Some("team/gone"), "1", "0.1"),
        line("EU-TimedStorage-Archive-ByteHrs", Some("team/app"), "2", "0.2"),
        line("EU-USE1-AWS-Out-Bytes", None, "10", "0.2"),
        line("EU-EUC1-AWS-Out-Bytes", None, "10", "0.9"),
        line("MXC1-USE1-AWS-Out-Bytes", None, "1", "0.04"),
        line("EU-Signing", None, "7", "0.35"),
        BillLine { line_type: LineType::Credit, ..line("EU-TimedStorage-ByteHrs", None, "0", "-1.5") },
        BillLine { currency: "CNY".to_owned(), ..line("CNW1-TimedStorage-ByteHrs", None, "10", "6.9") },
    ] {
        sums.add(line).unwrap();
    }
    let held = |stored_bytes, archived_bytes, is_exact| {
        Some(Held { stored_bytes, archived_bytes, mounted_bytes: 0, is_exact })
    };
    let mut history =
        RegistryHistory::new(RegistryKind::Private, Some(ACCOUNT.to_owned()), "eu-west-1".to_owned());
    for taken_at in ["2024-08-31", "2024-10-01"] {
        let repositories = [
            ("team/app", held(3 * GIB, 2 * GIB, true)),
            ("team/grew", held(50 * GIB, 0, false)),
            ("team/free", held(5 * GIB, 0, true)),
        ];
        let repositories = repositories.map(|(name, held)| (name.to_owned(), None, held));
        history.add(instant::parse(taken_at).unwrap(), RepositoriesListing::Complete, repositories);
    }
    let mut other = RegistryHistory::new(RegistryKind::Private, None, "us-west-2".to_owned());
    let app = ("app".to_owned(), None, held(GIB, 0, true));
    other.add(instant::parse("2024-09-09").unwrap(), RepositoriesListing::Complete, [app]);
    reconcile(&sums, &[history, other], &PriceList::embedded(), None)
}

fn report(months: &[MonthReconciliation]) -> ReconcileReport<'_> {
    let read = ReadBill {
        format: demurrage_bills::BillFormat::Cur2,
        rows: 11,
        ecr_rows: 10,
        lines_hash: demurrage_bills::LinesHash::new(),
        bad_rows: 1,
        first_bad: Some(demurrage_bills::BadRow {
            line: 7,
            column: Some("line_item_usage_amount"),
            cause: "is no number: `much`".to_owned(),
        }),
    };
    let list = PriceList::embedded();
    ReconcileReport {
        prices: PricesUsed { date: list.date, source: list.source },
        bills: vec![BillFile { path: "bill.csv.gz".to_owned(), read }],
        months,
        beyond_limit_lines: 0,
    }
}

#[test]
fn the_table_says_what_is_billed_what_is_computed_and_why_they_differ() {
    let months = month();
    insta::assert_snapshot!("reconcile_table", reconcile_table(&report(&months), None));
}

#[test]
fn the_document_has_every_figure_with_ten_decimals() {
    let months = month();
    insta::assert_snapshot!("reconcile_json", format!("{:#}", reconcile_json(&report(&months))));
}

#[test]
fn the_rows_for_spreadsheets_are_one_for_each_figure_that_was_compared() {
    let months = month();
    insta::assert_snapshot!("reconcile_csv", reconcile_csv(&report(&months)));
}

#[test]
fn a_bill_without_a_line_of_ecr_is_an_empty_answer_unless_lines_are_missing() {
    let mut report = report(&[]);
    assert_eq!(
        reconcile_table(&report, Some(80)),
        "1 line of the bill could not be read and is missing in every figure: where less is billed than computed, it \
         may be the missing line (rows-not-read)\n"
    );
    assert_eq!(reconcile_json(&report)["lines_not_read"], 1);
    report.bills.clear();
    assert_eq!(reconcile_table(&report, Some(80)), "");
    assert_eq!(reconcile_json(&report)["months"], serde_json::json!([]));
    assert_eq!(reconcile_json(&report)["lines_not_read"], 0);
}
