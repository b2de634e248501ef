//! The price list of the store.

use demurrage_contract::Failure;
use demurrage_core::cost::PriceList;
use demurrage_store::Store;
use tracing::warn;

/// Where `demurrage prices refresh` puts price lists.
const FOLDER: &str = "prices";
const NEWEST: &str = "newest.json";

/// The newest price list of the store, or the program's own where there is none that can be used.
///
/// # Errors
/// When the store cannot be read.
pub fn price_list(store: &Store) -> Result<PriceList, Failure> {
    let stored = store.documents(&[FOLDER])?.get(NEWEST)?;
    let list = stored.and_then(|bytes| {
        let text = String::from_utf8(bytes).map_err(|error| error.to_string());
        let list = text.and_then(|text| PriceList::from_json(&text).map_err(|error| error.to_string()));
        list.inspect_err(|error| warn!("the price list of the store is not used: {error}")).ok()
    });
    Ok(list.unwrap_or_else(PriceList::embedded))
}
