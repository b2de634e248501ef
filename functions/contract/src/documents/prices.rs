//! The price list by which all of a run is priced.

use demurrage_core::cost::PriceList;
use demurrage_store::Documents;

use super::names;
use crate::{Failure, FailureKind};

/// The price list of a run; the program's own where the run has none.
///
/// # Errors
/// When it cannot be read, or is none.
pub fn prices(documents: &Documents) -> Result<PriceList, Failure> {
    let Some(bytes) = documents.get(names::PRICES)? else { return Ok(PriceList::embedded()) };
    PriceList::from_json(&String::from_utf8_lossy(&bytes)).map_err(|error| {
        Failure::new(FailureKind::Damaged, format!("`{}`: {error}", documents.shown(names::PRICES)))
    })
}
