//! Bills beside inventories for programs. Amounts are decimal texts with ten decimals, or `null` where unknown.

use std::collections::BTreeMap;

use demurrage_bills::UsageKind;
use demurrage_bills::reconcile::{
    Difference, Explained, LeftOver, MonthReconciliation, StorageRow, TransferRow,
};
use demurrage_core::instant;
use serde_json::{Value, json};

use crate::reconcile_report::{BillFile, ReconcileReport, ten_decimals};
use crate::reconcile_table::other_side;

/// A reconciliation as one document. Under `billed` stands what the bill says, under `computed` what inventories
/// and prices say.
pub fn reconcile_json(report: &ReconcileReport<'_>) -> Value {
    json!({
        "prices": {"date": report.prices.date.to_string(), "source": report.prices.source},
        "bills": report.bills.iter().map(bill).collect::<Vec<_>>(),
        "lines_not_read": report.unread_rows(),
        "lines_without_names": report.beyond_limit_lines,
        "months": report.months.iter().map(month).collect::<Vec<_>>(),
    })
}

fn bill(bill: &BillFile) -> Value {
    let read = &bill.read;
    json!({
        "file": bill.path,
        "format": read.format.to_string(),
        "rows": read.rows,
        "ecr_rows": read.ecr_rows,
        "bad_rows": read.bad_rows,
        "first_bad": read.first_bad.as_ref().map(|bad| json!({
            "line": bad.line,
            "column": bad.column,
            "cause": bad.cause,
        })),
    })
}

fn month(month: &MonthReconciliation) -> Value {
    let by_cause: BTreeMap<&str, String> =
        month.by_cause().into_iter().map(|(cause, usd)| (cause.name(), usd.to_string())).collect();
    let mut value = explained(month.explained());
    let rest = json!({
        "month": month.month.to_string(),
        "from": instant::format(month.from),
        "until": instant::format(month.until),
        "difference_usd_by_cause": by_cause,
        "storage": month.storage.iter().map(storage).collect::<Vec<_>>(),
        "transfers": month.transfers.iter().map(transfer).collect::<Vec<_>>(),
        "unexplained": month.left_over.iter().map(left_over).collect::<Vec<_>>(),
        "not_compared": month.others.iter().map(|other| json!({
            "line_type": other.line_type.name(),
            "currency": other.currency,
            "lines": other.lines,
            "cost": ten_decimals(other.cost),
        })).collect::<Vec<_>>(),
        "registries_without_lines": month.unbilled.iter().map(|unbilled| json!({
            "service": unbilled.kind.name(),
            "account": unbilled.account,
            "region": unbilled.region,
            "computed": {"gb_months": unbilled.gb_months.to_string()},
        })).collect::<Vec<_>>(),
    });
    merge(&mut value, rest);
    value
}

/// The share that is explained, and the dollars that it is made of.
fn explained(explained: Explained) -> Value {
    json!({
        "billed_usd": explained.billed(),
        "explained_usd": explained.explained(),
        "explained_share": explained.share().map(ten_decimals),
    })
}

fn merge(value: &mut Value, rest: Value) {
    if let (Value::Object(value), Value::Object(rest)) = (value, rest) {
        value.extend(rest);
    }
}

fn storage(row: &StorageRow) -> Value {
    let computed = row.computed.as_ref().zip(row.computed_gb_months).map(|(computed, gb_months)| {
        let basis = computed.basis;
        json!({
            "gb_months": gb_months.to_string(),
            "usd": row.computed_usd,
            "hours": basis.hours,
            "observed_hours": basis.observed_hours,
            "inventories": basis.inventories,
            "is_exact": basis.is_exact,
        })
    });
    let mut value = json!({
        "service": row.service.name(),
        "account": row.account,
        "region": row.region.code(),
        "repository": row.repository,
        "class": row.class.name(),
        "lines": row.lines,
        "billed": {"gb_months": ten_decimals(row.billed_gb_months), "usd": row.billed_usd},
        "computed": computed,
        "differences": differences(&row.differences),
    });
    let share = row.explained().share().map(ten_decimals);
    merge(&mut value, json!({"explained_share": share}));
    value
}

fn transfer(row: &TransferRow) -> Value {
    json!({
        "service": row.service.name(),
        "account": row.account,
        "region": row.region.code(),
        "kind": row.kind.name(),
        "other_side": other_side(&row.kind),
        "repository": row.repository,
        "lines": row.lines,
        "billed": {"gb": ten_decimals(row.billed_gb), "usd": row.billed_usd},
        "computed": {"usd": row.listed_usd},
        "differences": differences(&row.differences),
    })
}

fn left_over(left: &LeftOver) -> Value {
    let usage_type = match &left.usage.kind {
        UsageKind::Other(usage_type) => Some(usage_type),
        UsageKind::Storage
        | UsageKind::ArchiveStorage
        | UsageKind::Retrieval
        | UsageKind::InterRegionOut { .. }
        | UsageKind::In { .. }
        | UsageKind::InternetOut
        | UsageKind::Regional => None,
    };
    json!({
        "service": left.service.name(),
        "account": left.account,
        "region": left.usage.region.map(demurrage_core::cost::Region::code),
        "kind": left.usage.kind.name(),
        "usage_type": usage_type,
        "why": left.why.name(),
        "lines": left.lines,
        "billed": {"amount": ten_decimals(left.amount), "usd": ten_decimals(left.cost)},
    })
}

fn differences(parts: &[Difference]) -> Vec<Value> {
    parts.iter().map(|part| json!({"cause": part.cause.name(), "usd": part.usd})).collect()
}
