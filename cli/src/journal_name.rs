//! A journal as people name it: by the hash of its plan, the beginning of it, its place, or the folder of the plan.

use std::path::Path;

use demurrage_core::plan::HASH_PREFIX_MIN;
use demurrage_store::{Store, StoredPlan};

use crate::args::StoreArgs;
use crate::failure::Failure;

/// The folder of journals in a store.
const JOURNALS: &str = "journals";

/// The store, and the name of the journal in it.
pub(crate) fn find(given: &str, store: &StoreArgs) -> Result<(Store, String), Failure> {
    let (store, given) = match placed(given) {
        Some((place, name)) => (StoreArgs { store: Some(place.into()) }.open()?, name),
        None => (store.open()?, of_plan(given).unwrap_or_else(|| given.to_owned())),
    };
    let journals = store.journals()?;
    let fits =
        |name: &&String| **name == given || (HASH_PREFIX_MIN <= given.len() && name.starts_with(&given));
    let mut fitting = journals.iter().filter(fits);
    match (fitting.next(), fitting.next()) {
        (Some(name), None) => Ok((store, name.clone())),
        (Some(_), Some(_)) => Err(Failure::usage(
            format!("`{given}` is the beginning of several journals of the store `{store}`"),
            "write more of the hash",
        )),
        (None, _) if given.len() < HASH_PREFIX_MIN => Err(Failure::usage(
            format!("`{given}` is too short to name a journal"),
            format!("write at least {HASH_PREFIX_MIN} digits of the plan's hash"),
        )),
        (None, _) => Err(Failure::usage(
            format!("the store `{store}` has no journal `{given}`"),
            "`demurrage history` shows what was done, and by which plans",
        )),
    }
}

/// The hash of the plan in a folder, or of the description of one: its journal has that name.
fn of_plan(given: &str) -> Option<String> {
    let path = Path::new(given);
    path.exists().then(|| StoredPlan::in_folder(path).ok()).flatten().map(|plan| plan.plan.hash.to_string())
}

/// Store and name of a journal that is named by its place.
fn placed(given: &str) -> Option<(String, String)> {
    let given = given.trim_end_matches('/');
    if given.starts_with("s3://") {
        let (above, name) = given.rsplit_once('/')?;
        let store = above.strip_suffix(JOURNALS)?.strip_suffix('/')?;
        return Some((store.to_owned(), name.to_owned()));
    }
    let path = Path::new(given);
    let journals = path.parent()?;
    if journals.file_name()? != JOURNALS {
        return None;
    }
    let store = journals.parent()?.to_str()?;
    let store = if store.is_empty() { "." } else { store };
    Some((store.to_owned(), path.file_name()?.to_str()?.to_owned()))
}

#[cfg(test)]
mod tests {
    use super::placed;

    #[test]
    fn a_place_is_that_of_a_store_and_a_name_in_it() {
        let is = |given, store: &str, name: &str| {
            assert_eq!(placed(given), Some((store.to_owned(), name.to_owned())));
        };
        is("s3://bucket/store/journals/0123456789abcdef", "s3://bucket/store", "0123456789abcdef");
        is("s3://bucket/journals/0123456789abcdef/", "s3://bucket", "0123456789abcdef");
        is("/data/store/journals/0123456789abcdef/", "/data/store", "0123456789abcdef");
        is("journals/0123456789abcdef", ".", "0123456789abcdef");
        assert_eq!(placed("0123456789abcdef"), None);
        assert_eq!(placed("plans/0123456789abcdef"), None);
    }
}
