//! Bills beside inventories for people: a table for each month, the largest first, and what it comes to.

use std::cmp::Reverse;
use std::fmt::Write;

use demurrage_bills::UsageKind;
use demurrage_bills::reconcile::{Difference, LeftOver, MonthReconciliation, StorageRow, TransferRow};
use demurrage_core::RegistryKind;
use demurrage_core::cost::Usd;
use rust_decimal::RoundingStrategy;

use crate::amount::count;
use crate::dollars::dollars;
use crate::reconcile_report::{ReconcileReport, four_decimals, per_cent, with_decimals};
use crate::table;

/// A reconciliation as tables that are no wider than so many characters, where that is possible.
pub fn reconcile_table(report: &ReconcileReport<'_>, width: Option<u16>) -> String {
    let months = report.months.iter().map(|month| month_text(month, width));
    let missing = (report.unread_rows() != 0).then(|| missing(report.unread_rows()));
    months.chain(missing).collect::<Vec<_>>().join("\n")
}

/// What no figure has in it, as it could not be read.
fn missing(rows: u64) -> String {
    let (is, lacks) = if rows == 1 { ("is", "line") } else { ("are", "lines") };
    let rows = count(usize::try_from(rows).unwrap_or(usize::MAX), "line");
    format!(
        "{rows} of the bill could not be read and {is} missing in every figure: where less is billed than computed, it \
         may be the missing {lacks} (rows-not-read)\n"
    )
}

fn month_text(month: &MonthReconciliation, width: Option<u16>) -> String {
    let time = "%Y-%m-%d %H:%M";
    let mut text = format!(
        "{}: billed from {} to {} UTC\n\n",
        month.month,
        month.from.format(time),
        month.until.format(time)
    );
    if !month.storage.is_empty() {
        text.push_str(&storage(month, width));
        text.push_str(&summary(month));
    }
    if !month.transfers.is_empty() {
        text.push('\n');
        text.push_str(&transfers(&month.transfers, width));
    }
    if !month.left_over.is_empty() {
        text.push('\n');
        text.push_str(&left_over(&month.left_over, width));
    }
    text.push_str(&beside(month));
    text
}

fn storage(month: &MonthReconciliation, width: Option<u16>) -> String {
    let mut rows = table::table(&[
        "repository",
        "class",
        "GB-months\nbilled",
        "GB-months\ncomputed",
        "USD\nbilled",
        "USD\ncomputed",
        "explained",
        "why it differs (billed minus computed)",
    ]);
    let mut sorted: Vec<&StorageRow> = month.storage.iter().collect();
    sorted.sort_by_key(|row| Reverse(row.billed_usd.max(row.computed_usd.unwrap_or_default())));
    for row in sorted {
        let is_exact = row.computed.is_none_or(|computed| computed.basis.is_exact);
        let mark = if is_exact { "" } else { "~" };
        let computed = row.computed_gb_months.map(|it| four_decimals(it.amount().to_decimal()));
        rows.add_row(vec![
            storage_name(row),
            row.class.name().to_owned(),
            four_decimals(row.billed_gb_months),
            computed.map_or_else(|| "unknown".to_owned(), |computed| format!("{mark}{computed}")),
            dollars(Some(row.billed_usd)),
            row.computed_usd.map_or_else(|| dollars(None), |usd| format!("{mark}{}", dollars(Some(usd)))),
            per_cent(row.explained().share()),
            differences(&row.differences),
        ]);
    }
    table::fitted(rows, &[0, 1, 7], width)
}

fn storage_name(row: &StorageRow) -> String {
    let name = row.repository.as_deref().unwrap_or("all repositories");
    format!("{name} ({})", place(row.service, row.account.as_deref(), row.region.code()))
}

fn place(service: RegistryKind, account: Option<&str>, region: &str) -> String {
    let service = match service {
        RegistryKind::Private => "",
        RegistryKind::Public => ", ECR Public",
    };
    match account {
        Some(account) => format!("{account} {region}{service}"),
        None => format!("{region}{service}"),
    }
}

fn differences(parts: &[Difference]) -> String {
    let shown = parts.iter().map(|part| format!("{} {}", part.cause.name(), signed(part.usd)));
    shown.collect::<Vec<_>>().join(", ")
}

/// Dollars with a sign on both sides of nothing.
fn signed(usd: Usd) -> String {
    let shown = dollars(Some(usd));
    if Usd::ZERO < usd { format!("+{shown}") } else { shown }
}

/// What the month comes to, and how the computed figures came about.
fn summary(month: &MonthReconciliation) -> String {
    let explained = month.explained();
    let mut text = format!(
        "\nexplained: {} of {} USD that are billed for storage and for lines that nothing explains\n",
        per_cent(explained.share()),
        dollars(Some(explained.billed()))
    );
    for (cause, usd) in month.by_cause() {
        let what = if cause.is_explained() { ", explained" } else { "" };
        let _ = writeln!(text, "  {}: {} USD{what}", cause.name(), signed(usd));
    }
    let assumed = month.storage.iter().filter_map(|row| row.computed.as_ref());
    let assumed = assumed.filter(|computed| computed.basis.observed_hours < computed.basis.hours).count();
    text.push_str("computed: what each inventory found, hour by hour until the next one");
    if assumed != 0 {
        let _ = write!(
            text,
            "; for {} some of the billed hours lie before the first inventory or after the last one, and were taken \
             to be like it",
            count(assumed, "row")
        );
    }
    text.push('\n');
    text
}

fn transfers(transfers: &[TransferRow], width: Option<u16>) -> String {
    let headers = [
        "transfer",
        "region",
        "other side",
        "repository",
        "GB\nbilled",
        "USD\nbilled",
        "USD by\nthe list",
        "price",
    ];
    let mut rows = table::table(&headers);
    for row in transfers {
        let price = match (row.listed_usd, row.is_as_listed()) {
            (None, _) => "unknown".to_owned(),
            (Some(_), true) => "as listed".to_owned(),
            (Some(_), false) => differences(&row.differences),
        };
        rows.add_row(vec![
            row.kind.name().to_owned(),
            place(row.service, row.account.as_deref(), row.region.code()),
            other_side(&row.kind).unwrap_or("—").to_owned(),
            row.repository.clone().unwrap_or_else(|| "—".to_owned()),
            four_decimals(row.billed_gb),
            dollars(Some(row.billed_usd)),
            dollars(row.listed_usd),
            price,
        ]);
    }
    table::fitted(rows, &[0, 1, 2, 3, 7], width)
}

/// The region, or the internet, on the other side of a transfer.
pub(crate) fn other_side(kind: &UsageKind) -> Option<&'static str> {
    match kind {
        UsageKind::InterRegionOut { to } => Some(to.code()),
        UsageKind::In { from: Some(from) } => Some(from.code()),
        UsageKind::In { from: None } | UsageKind::InternetOut => Some("internet"),
        UsageKind::Storage
        | UsageKind::ArchiveStorage
        | UsageKind::Retrieval
        | UsageKind::Regional
        | UsageKind::Other(_) => None,
    }
}

fn left_over(left_over: &[LeftOver], width: Option<u16>) -> String {
    let mut rows = table::table(&["nothing explains", "region", "why", "lines", "amount", "USD\nbilled"]);
    for left in left_over {
        let what = match &left.usage.kind {
            UsageKind::Other(usage_type) if !usage_type.is_empty() => usage_type.as_str(),
            known => known.name(),
        };
        let region = left.usage.region.map_or("unknown", demurrage_core::cost::Region::code);
        rows.add_row(vec![
            what.to_owned(),
            place(left.service, left.account.as_deref(), region),
            left.why.name().to_owned(),
            left.lines.to_string(),
            four_decimals(left.amount),
            dollars(Some(Usd::of_decimal(left.cost))),
        ]);
    }
    table::fitted(rows, &[0, 1, 2], width)
}

/// What is not compared: one sentence each.
fn beside(month: &MonthReconciliation) -> String {
    let mut text = String::new();
    let separator = if month.others.is_empty() && month.unbilled.is_empty() { "" } else { "\n" };
    text.push_str(separator);
    for other in &month.others {
        let lines = count(usize::try_from(other.lines).unwrap_or(usize::MAX), "line");
        let why = if other.currency == "USD" { "not compared" } else { "another currency, unpriced" };
        let _ = writeln!(
            text,
            "{}: {lines}, {} {} ({why})",
            other.line_type.name(),
            with_decimals(other.cost, 2, RoundingStrategy::MidpointNearestEven),
            other.currency
        );
    }
    for unbilled in &month.unbilled {
        let registry = place(unbilled.kind, unbilled.account.as_deref(), &unbilled.region);
        let computed = four_decimals(unbilled.gb_months.amount().to_decimal());
        let _ = writeln!(text, "{registry}: no line of storage in this bill, {computed} GB-months computed");
    }
    text
}

#[cfg(test)]
mod tests;
