//! Objects that are put one after another under numbers: each number once, whoever comes first.

use crate::journal_names::number_of;
use crate::{Documents, Put, StoreError};

/// How often somebody else may be first before that is an error.
const TRIES_MAX: u32 = 100;

/// Puts an object under the next free number, which its name begins with; returns the number.
pub(crate) fn put_numbered(documents: &Documents, ending: &str, bytes: &[u8]) -> Result<u64, StoreError> {
    let mut number = documents.names()?.iter().filter_map(|name| number_of(name, ending)).max().unwrap_or(0);
    for _ in 0..TRIES_MAX {
        number += 1;
        if documents.put_new(&format!("{number:010}{ending}"), bytes)? == Put::New {
            return Ok(number);
        }
    }
    Err(StoreError::Taken { path: documents.shown(&format!("{number:010}{ending}")).into() })
}
