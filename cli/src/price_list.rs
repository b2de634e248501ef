//! The price list that every figure comes from: what `demurrage prices refresh` put into the store, or the copy that
//! this program carries.

use chrono::{DateTime, Utc};
use demurrage_core::cost::{PriceList, Region};
use demurrage_report::PricesUsed;
use demurrage_store::{Documents, Store, StoreError};

use crate::failure::Failure;
use crate::talk;

/// The folder of price lists in a store.
const FOLDER: &str = "prices";
/// The list that is used; the others beside it are kept by their dates.
const NEWEST: &str = "newest.json";

/// The list of this store, else the one that is carried; says on stderr that it is old.
pub(crate) fn read(store: &Store, now: DateTime<Utc>) -> Result<PriceList, Failure> {
    let list = stored(store)?.unwrap_or_else(PriceList::embedded);
    if list.is_old(now) {
        talk::warn(format!("the prices are of {}, more than 90 days ago", list.date));
        talk::hint("`demurrage prices refresh` reads the current ones into the store");
    }
    Ok(list)
}

/// The list of this store, where there is one.
pub(crate) fn stored(store: &Store) -> Result<Option<PriceList>, Failure> {
    let documents = documents(store)?;
    let Some(bytes) = documents.get(NEWEST)? else { return Ok(None) };
    let list = std::str::from_utf8(&bytes)
        .map_err(|error| error.to_string())
        .and_then(|text| PriceList::from_json(text).map_err(|error| error.to_string()));
    list.map(Some).map_err(|cause| {
        let path = documents.shown(NEWEST).into();
        let help = "move the file away, or write it anew with `demurrage prices refresh`";
        Failure::Content { path, cause, help: Some(help.to_owned()) }
    })
}

/// Puts a list into the store, and says where it is. It is used from then on. One that could not be read from there is
/// refused, and the one before stays.
pub(crate) fn put(store: &Store, list: &PriceList) -> Result<String, Failure> {
    let documents = documents(store)?;
    let text = list.to_json();
    let is_read = PriceList::from_json(&text).is_ok_and(|read| read == *list);
    if !is_read {
        let path = documents.shown(NEWEST).into();
        let cause = "the prices are none that this version could read again, so they are not put there";
        return Err(Failure::Content { path, cause: cause.to_owned(), help: None });
    }
    documents.put(&format!("{}.json", list.date), text.as_bytes())?;
    documents.put(NEWEST, text.as_bytes())?;
    Ok(documents.shown(NEWEST))
}

/// How a report names the list.
pub(crate) fn used(list: &PriceList) -> PricesUsed {
    PricesUsed { date: list.date, source: list.source.clone() }
}

/// A region that was asked for.
pub(crate) fn region(code: &str) -> Result<Region, Failure> {
    Region::parse(code)
        .map_err(|error| Failure::usage(error.to_string(), "write its code, for example `ap-northeast-2`"))
}

fn documents(store: &Store) -> Result<Documents, StoreError> {
    store.documents(&[FOLDER])
}
