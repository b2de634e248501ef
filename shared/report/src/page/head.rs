//! What stands over the page: of when it is, what it was made from and by which prices.

use chrono::{DateTime, NaiveDate, Utc};
use demurrage_core::cost::PriceList;

/// What stands over the page.
#[derive(Debug, Clone)]
pub struct PageHead {
    /// The time by which ages are judged, which is that of the page.
    pub now: DateTime<Utc>,
    /// What it was made from, as people name it.
    pub store: String,
    /// The program, with its version.
    pub program: String,
    /// The date of the prices.
    pub prices_date: NaiveDate,
    /// Where they come from.
    pub prices_source: String,
    /// Whether they are so old that it has to be said.
    pub are_prices_old: bool,
}

impl PageHead {
    /// The head of a page of this time, store and program, by these prices.
    pub fn of(now: DateTime<Utc>, store: String, program: String, list: &PriceList) -> Self {
        Self {
            now,
            store,
            program,
            prices_date: list.date,
            prices_source: list.source.clone(),
            are_prices_old: list.is_old(now),
        }
    }
}
