//! What is known of versions of Lambda functions from one run to the next.

use demurrage_aws::workloads::KnownFunctionVersions;
use demurrage_store::{Store, StoreError};
use tracing::warn;

/// The folder of it in the store.
const FOLDER: &str = "functions";

/// What is known of the functions of an account and region. What cannot be read is as good as nothing: it is asked anew.
pub(crate) fn of(store: &Store, account: &str, region: &str) -> Result<KnownFunctionVersions, StoreError> {
    let documents = store.documents(&[FOLDER])?;
    let name = name(account, region);
    let Some(bytes) = documents.get(&name)? else { return Ok(KnownFunctionVersions::default()) };
    let text = String::from_utf8_lossy(&bytes);
    Ok(KnownFunctionVersions::from_json(&text).unwrap_or_else(|error| {
        warn!("`{}` is not used: {error}", documents.shown(&name));
        KnownFunctionVersions::default()
    }))
}

/// Keeps what is known now.
pub(crate) fn keep(
    store: &Store,
    account: &str,
    region: &str,
    versions: &KnownFunctionVersions,
) -> Result<(), StoreError> {
    store.documents(&[FOLDER])?.put(&name(account, region), versions.to_json().as_bytes())
}

fn name(account: &str, region: &str) -> String {
    format!("{account}-{region}.json")
}
