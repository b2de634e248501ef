//! The page as HTML: styles, scripts and charts in one file, and everything that others wrote escaped.

use askama::Template;
use chrono::SecondsFormat;
use demurrage_core::cost::Forecast;

use super::PAGE_BYTES_MAX;
use super::document::{Document, Freed, Row};
use super::head::PageHead;
use super::size::fitted;
use crate::amount::{count, large_bytes};

/// Apache `ECharts` as it is published, with its licence beside it; `tests/page` compares it with the package.
const CHARTS: &str = include_str!("../../page/echarts/echarts.min.js");
/// Its version.
pub(super) const CHARTS_VERSION: &str = "6.1.0";
const STYLE: &str = include_str!("../../page/page.css");
/// The page's own scripts, in the order in which they need one another.
const SCRIPTS: [&str; 13] = [
    include_str!("../../page/format.js"),
    include_str!("../../page/element.js"),
    include_str!("../../page/table.js"),
    include_str!("../../page/charts.js"),
    include_str!("../../page/head.js"),
    include_str!("../../page/treemap.js"),
    include_str!("../../page/lines.js"),
    include_str!("../../page/sankey.js"),
    include_str!("../../page/promises.js"),
    include_str!("../../page/next.js"),
    include_str!("../../page/quotas.js"),
    include_str!("../../page/repositories.js"),
    include_str!("../../page/main.js"),
];
/// Repositories that are shown without scripts.
const WITHOUT_SCRIPTS: usize = 50;

/// A page that is to be written.
#[derive(Debug)]
pub struct Page {
    pub(super) head: PageHead,
    pub(super) document: Document,
}

#[derive(Template)]
#[template(path = "page.html")]
struct Html<'a> {
    title: String,
    subtitle: String,
    style: &'static str,
    forecast_method: &'static str,
    figures: Vec<(&'static str, String)>,
    gaps: Vec<String>,
    largest: Vec<Largest<'a>>,
    footer: String,
    prices: String,
    echarts_version: &'static str,
    data: String,
    charts: &'static str,
    script: String,
}

/// A line of the table that is shown without scripts.
struct Largest<'a> {
    name: &'a str,
    region: &'a str,
    images: String,
    stored: String,
    usd: &'a str,
}

impl Page {
    /// The HTML, at most [`PAGE_BYTES_MAX`] bytes.
    ///
    /// # Errors
    /// When it cannot be written, which would be a mistake of this program; the text says what.
    pub fn html(&self) -> Result<String, String> {
        let mut html = Html {
            title: format!("what container images cost, {}", self.head.now.format("%Y-%m-%d")),
            subtitle: self.subtitle(),
            style: STYLE,
            forecast_method: Forecast::METHOD,
            figures: self.figures(),
            gaps: self
                .document
                .gaps
                .iter()
                .map(|gap| format!("{} ({}) {}", gap.what, gap.r#where, gap.mend))
                .collect(),
            largest: self.document.repositories.iter().take(WITHOUT_SCRIPTS).map(largest).collect(),
            footer: format!(
                "Made by {} from {} at {}. Figures are computed from what was read, by list prices without discounts; nothing on this page was billed unless it says so.",
                self.head.program,
                self.head.store,
                self.head.now.to_rfc3339_opts(SecondsFormat::Secs, true)
            ),
            prices: self.prices(),
            echarts_version: CHARTS_VERSION,
            data: String::new(),
            charts: CHARTS,
            script: format!("(function () {{\n{}\n}})();", SCRIPTS.join("\n")),
        };
        let frame = html.render().map_err(|error| error.to_string())?;
        let room = PAGE_BYTES_MAX.saturating_sub(frame.len());
        html.data = fitted(self.document.clone(), room).map_err(|error| error.to_string())?;
        html.render().map_err(|error| error.to_string())
    }

    /// How many repositories it is about.
    pub const fn repositories(&self) -> usize {
        self.document.totals.repositories
    }

    fn subtitle(&self) -> String {
        let oldest = self.document.registries.iter().map(|it| it.taken_at).min();
        let read = oldest.map_or_else(
            || "nothing was read".to_owned(),
            |oldest| format!("read {} or later", oldest.format("%Y-%m-%d %H:%M UTC")),
        );
        let registries = self.document.registries.len();
        let noun = if registries == 1 { "registry" } else { "registries" };
        format!("{registries} {noun}, {read}; this page is of {}", self.head.now.format("%Y-%m-%d %H:%M UTC"))
    }

    fn prices(&self) -> String {
        let old = if self.head.are_prices_old { ", more than 90 days old" } else { "" };
        format!("{} ({}){old}", self.head.prices_date, self.head.prices_source)
    }

    fn figures(&self) -> Vec<(&'static str, String)> {
        let totals = &self.document.totals;
        let at_least = |text: String, unknown: usize| match unknown {
            0 => text,
            _ => format!("at least {text} ({} not known)", count(unknown, "repository")),
        };
        let freed = |freed: &Freed| at_least(large_bytes(freed.bytes), freed.unknown_repositories);
        let number = |number: Option<u64>| number.map_or_else(|| "unknown".to_owned(), |it| it.to_string());
        vec![
            ("Stored", large_bytes(totals.stored_bytes)),
            ("US dollars a month", at_least(totals.usd_per_month.clone(), totals.unpriced_repositories)),
            ("Goes with the next run of policies", freed(&totals.next)),
            ("Goes in the end", freed(&totals.settled)),
            ("Findings", totals.findings.total.to_string()),
            ("Images in use", number(totals.in_use_images)),
            ("Images in use that an attached policy is about to expire", number(totals.in_use_expiring)),
            ("Repositories", totals.repositories.to_string()),
            ("Images", totals.images.to_string()),
        ]
    }
}

fn largest(row: &Row) -> Largest<'_> {
    Largest {
        name: &row.name,
        region: &row.region,
        images: row.images.map_or_else(|| "unknown".to_owned(), |it| it.to_string()),
        stored: row.images.map_or_else(|| "unknown".to_owned(), |_| large_bytes(row.stored_bytes)),
        usd: row.usd_per_month.as_deref().unwrap_or("unknown"),
    }
}
