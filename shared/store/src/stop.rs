//! The order to stop, in the folder `stops` of a store: whoever changes a registry looks for it before each batch.
//!
//! Orders are put under numbers, `0000000001-order.json`, and the last one holds: that a stop is lifted is a later order, and
//! nothing is deleted.

use chrono::{DateTime, Utc};
use demurrage_core::instant;
use serde::{Deserialize, Serialize};

use crate::journal_names::number_of;
use crate::numbered::put_numbered;
use crate::{Store, StoreError};

const STOPS: &str = "stops";
const ORDER: &str = "-order.json";

/// The form of an order that this program writes and reads.
const FORMAT_VERSION: u64 = 1;

/// Who wants everything to stop, or to go on, since when, and why.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StopOrder {
    /// Since when.
    pub at: DateTime<Utc>,
    /// Who says so.
    pub by: String,
    /// Why.
    pub reason: String,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Order {
    Stop,
    Lift,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct StoredOrder {
    format_version: u64,
    order: Order,
    at: String,
    by: String,
    reason: String,
}

impl Store {
    /// The order to stop, where the last order is one.
    ///
    /// # Errors
    /// When the place cannot be read, or the last order is damaged or of a newer format: then nobody knows, and who asks has
    /// to stop.
    pub fn stop(&self) -> Result<Option<StopOrder>, StoreError> {
        let documents = self.documents(&[STOPS])?;
        let names = documents.names()?;
        let last = names.iter().filter(|name| number_of(name, ORDER).is_some()).max();
        let Some(last) = last else { return Ok(None) };
        let damaged = |cause: String| StoreError::corrupt(documents.shown(last), cause);
        let stored = documents.read_versioned::<StoredOrder>(last, FORMAT_VERSION)?;
        let stored = stored.ok_or_else(|| damaged("it is gone, and was there a moment ago".to_owned()))?;
        let at = instant::parse(&stored.at).ok_or_else(|| damaged(format!("`{}` is no time", stored.at)))?;
        match stored.order {
            Order::Stop => Ok(Some(StopOrder { at, by: stored.by, reason: stored.reason })),
            Order::Lift => Ok(None),
        }
    }

    /// Orders everything that changes a registry to stop before its next batch.
    ///
    /// # Errors
    /// When the file system or the bucket refuses.
    pub fn put_stop(&self, order: &StopOrder) -> Result<u64, StoreError> {
        self.put_order(Order::Stop, order)
    }

    /// Lets everything go on from now on.
    ///
    /// # Errors
    /// When the file system or the bucket refuses.
    pub fn lift_stop(&self, order: &StopOrder) -> Result<u64, StoreError> {
        self.put_order(Order::Lift, order)
    }

    fn put_order(&self, order: Order, said: &StopOrder) -> Result<u64, StoreError> {
        let stored = StoredOrder {
            format_version: FORMAT_VERSION,
            order,
            at: instant::format(said.at),
            by: said.by.clone(),
            reason: said.reason.clone(),
        };
        let documents = self.documents(&[STOPS])?;
        let bytes = serde_json::to_vec_pretty(&stored);
        let bytes = bytes.map_err(|error| StoreError::corrupt(documents.shown(""), error))?;
        put_numbered(&documents, ORDER, &bytes)
    }
}
