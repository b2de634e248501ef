//! The curve of a sweep: what is kept for each number that a rule could count to.

use std::fmt::Write;

use chrono::{DateTime, Utc};
use demurrage_core::cost::{SweepPoint, Usd};
use serde::Serialize;

use crate::amount::{grouped, large_bytes};
use crate::cost::{Prices, PricesUsed, price_cells};
use crate::csv_text::line;
use crate::dollars::{dollars, exact};
use crate::table;

/// What was asked, and the curve.
#[derive(Debug, Clone)]
pub struct SweepReport {
    /// When.
    pub now: DateTime<Utc>,
    /// By which prices.
    pub prices: PricesUsed,
    /// The twelve-digit account, where known.
    pub account: Option<String>,
    /// The region.
    pub region: String,
    /// The repository.
    pub name: String,
    /// The priority of the rule.
    pub priority: u64,
    /// Its `countNumber` in the policy.
    pub number: u64,
    /// Whether the bytes are exact.
    pub is_exact: bool,
    /// The curve, by ascending numbers, each with what the bytes cost in a month; nothing where a price is not known.
    pub points: Vec<(SweepPoint, Option<Usd>)>,
}

/// The curve as a table; the number of the policy is marked.
pub fn sweep_table(report: &SweepReport, width: Option<u16>) -> String {
    let with_archive = report.points.iter().any(|(point, _)| point.stored.archived_bytes != 0);
    let mut headers = vec!["keep", "images", "stored"];
    if with_archive {
        headers.push("archived");
    }
    headers.extend(["USD a\nmonth", "against\nthe policy", ""]);
    let mut rows = table::table(&headers);
    let own = report.points.iter().find(|(point, _)| point.number == report.number).and_then(|(_, usd)| *usd);
    let mark = if report.is_exact { "" } else { "~" };
    let money = |usd: Option<Usd>| match usd {
        Some(_) => format!("{mark}{}", dollars(usd)),
        None => dollars(None),
    };
    for (point, usd) in &report.points {
        let mut row = vec![
            grouped(point.number),
            grouped(u64::try_from(point.images).unwrap_or(u64::MAX)),
            format!("{mark}{}", large_bytes(point.stored.standard_bytes)),
        ];
        if with_archive {
            row.push(format!("{mark}{}", large_bytes(point.stored.archived_bytes)));
        }
        row.extend([
            money(*usd),
            own.zip(*usd).map_or_else(|| "—".to_owned(), |(own, usd)| money(Some(usd - own))),
            if point.number == report.number { "← the policy" } else { "" }.to_owned(),
        ]);
        rows.add_row(row);
    }
    let mut text = table::fitted(rows, &[headers.len() - 1], width);
    let _ = writeln!(
        text,
        "\n  what the next run of the whole policy would leave; USD against its own number, {}",
        grouped(report.number)
    );
    text
}

/// The curve for spreadsheets.
pub fn sweep_csv(report: &SweepReport) -> String {
    let mut text = line([
        "account",
        "region",
        "name",
        "rule_priority",
        "count_number",
        "images",
        "stored_bytes",
        "archived_bytes",
        "storage_usd_per_month",
        "prices_date",
        "prices_source",
        "is_exact",
    ]);
    for (point, usd) in &report.points {
        let [date, source] = price_cells(&report.prices);
        text.push_str(&line([
            report.account.clone().unwrap_or_default(),
            report.region.clone(),
            report.name.clone(),
            report.priority.to_string(),
            point.number.to_string(),
            point.images.to_string(),
            point.stored.standard_bytes.to_string(),
            point.stored.archived_bytes.to_string(),
            exact(*usd),
            date,
            source,
            report.is_exact.to_string(),
        ]));
    }
    text
}

/// The curve for programs.
pub fn sweep_json(report: &SweepReport) -> impl Serialize + '_ {
    let point = |(point, usd): &(SweepPoint, Option<Usd>)| Point {
        number: point.number,
        images: point.images,
        stored_bytes: point.stored.standard_bytes,
        archived_bytes: point.stored.archived_bytes,
        storage_usd_per_month: *usd,
    };
    Document {
        now: demurrage_core::instant::format(report.now),
        prices: Prices::of(&report.prices),
        account: report.account.as_deref(),
        region: &report.region,
        name: &report.name,
        priority: report.priority,
        number: report.number,
        is_exact: report.is_exact,
        points: report.points.iter().map(point).collect(),
    }
}

#[derive(Serialize)]
struct Document<'a> {
    now: String,
    prices: Prices<'a>,
    account: Option<&'a str>,
    region: &'a str,
    name: &'a str,
    #[serde(rename = "rule_priority")]
    priority: u64,
    #[serde(rename = "count_number")]
    number: u64,
    is_exact: bool,
    points: Vec<Point>,
}

#[derive(Serialize)]
struct Point {
    #[serde(rename = "count_number")]
    number: u64,
    images: usize,
    stored_bytes: u128,
    archived_bytes: u128,
    storage_usd_per_month: Option<Usd>,
}
