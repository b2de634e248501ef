//! Bills beside inventories for spreadsheets: a line for each row of storage, of transfer, and of what nothing
//! explains.

use demurrage_bills::UsageKind;
use demurrage_bills::reconcile::{Difference, LeftOver, MonthReconciliation, StorageRow, TransferRow};
use demurrage_core::cost::Region;

use crate::cost::price_cells;
use crate::csv_text::line;
use crate::dollars::exact;
use crate::reconcile_report::{ReconcileReport, ten_decimals};
use crate::reconcile_table::other_side;

const NAMES: [&str; 18] = [
    "month",
    "what",
    "service",
    "account",
    "region",
    "other_side",
    "repository",
    "lines",
    "billed_amount",
    "computed_amount",
    "billed_usd",
    "computed_usd",
    "explained_share",
    "differences",
    "hours",
    "observed_hours",
    "inventories",
    "is_exact",
];

/// A reconciliation as lines below a line of names; no line sums up. Amounts are GB-months or GB.
pub fn reconcile_csv(report: &ReconcileReport<'_>) -> String {
    let mut text = line(NAMES.into_iter().chain(["prices_date", "prices_source"]));
    for month in report.months {
        let rows = month.storage.iter().map(|row| storage(month, row));
        let rows = rows.chain(month.transfers.iter().map(|row| transfer(month, row)));
        for cells in rows.chain(month.left_over.iter().map(|left| left_over(month, left))) {
            text.push_str(&line(cells.into_iter().chain(price_cells(&report.prices))));
        }
    }
    text
}

fn storage(month: &MonthReconciliation, row: &StorageRow) -> [String; 18] {
    let basis = row.computed.map(|computed| computed.basis);
    let of_basis =
        |cell: fn(demurrage_bills::reconcile::Basis) -> String| basis.map(cell).unwrap_or_default();
    [
        month.month.to_string(),
        format!("storage-{}", row.class.name()),
        row.service.name().to_owned(),
        row.account.clone().unwrap_or_default(),
        row.region.code().to_owned(),
        String::new(),
        row.repository.clone().unwrap_or_default(),
        row.lines.to_string(),
        ten_decimals(row.billed_gb_months),
        row.computed_gb_months.map(|amount| amount.to_string()).unwrap_or_default(),
        row.billed_usd.to_string(),
        exact(row.computed_usd),
        row.explained().share().map(ten_decimals).unwrap_or_default(),
        differences(&row.differences),
        of_basis(|basis| basis.hours.to_string()),
        of_basis(|basis| basis.observed_hours.to_string()),
        of_basis(|basis| basis.inventories.to_string()),
        of_basis(|basis| basis.is_exact.to_string()),
    ]
}

fn transfer(month: &MonthReconciliation, row: &TransferRow) -> [String; 18] {
    let mut cells = [const { String::new() }; 18];
    let filled = [
        month.month.to_string(),
        row.kind.name().to_owned(),
        row.service.name().to_owned(),
        row.account.clone().unwrap_or_default(),
        row.region.code().to_owned(),
        other_side(&row.kind).unwrap_or_default().to_owned(),
        row.repository.clone().unwrap_or_default(),
        row.lines.to_string(),
        ten_decimals(row.billed_gb),
        String::new(),
        row.billed_usd.to_string(),
        exact(row.listed_usd),
        String::new(),
        differences(&row.differences),
    ];
    cells.iter_mut().zip(filled).for_each(|(cell, text)| *cell = text);
    cells
}

fn left_over(month: &MonthReconciliation, left: &LeftOver) -> [String; 18] {
    let what = match &left.usage.kind {
        UsageKind::Other(usage_type) if !usage_type.is_empty() => usage_type.clone(),
        known => known.name().to_owned(),
    };
    let mut cells = [const { String::new() }; 18];
    let filled = [
        month.month.to_string(),
        what,
        left.service.name().to_owned(),
        left.account.clone().unwrap_or_default(),
        left.usage.region.map_or("", Region::code).to_owned(),
        String::new(),
        String::new(),
        left.lines.to_string(),
        ten_decimals(left.amount),
        String::new(),
        ten_decimals(left.cost),
        String::new(),
        String::new(),
        left.why.name().to_owned(),
    ];
    cells.iter_mut().zip(filled).for_each(|(cell, text)| *cell = text);
    cells
}

fn differences(parts: &[Difference]) -> String {
    let parts = parts.iter().map(|part| format!("{}={}", part.cause.name(), part.usd));
    parts.collect::<Vec<_>>().join(";")
}
