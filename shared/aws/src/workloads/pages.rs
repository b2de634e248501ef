//! All pages of a list, or as many as there were before one failed.

use std::collections::BTreeSet;
use std::future::Future;

use crate::CallError;

/// Most pages of a list: of a hundred entries each, a million.
const PAGES_MAX: usize = 10_000;

/// What was listed.
#[derive(Debug)]
pub(super) struct Listed<T> {
    /// The entries of the pages that came.
    pub(super) entries: Vec<T>,
    /// Why there are no further pages, where there would have been.
    pub(super) failure: Option<CallError>,
}

/// Reads page by page. A token that comes again would go round for ever: it is a failure.
pub(super) async fn read<T, F>(operation: &str, page: impl Fn(Option<String>) -> F) -> Listed<T>
where
    F: Future<Output = Result<(Option<Vec<T>>, Option<String>), CallError>>,
{
    let mut listed = Listed { entries: Vec::new(), failure: None };
    let mut tokens: BTreeSet<String> = BTreeSet::new();
    let mut token = None;
    loop {
        let next = match page(token).await {
            Ok((entries, next)) => {
                listed.entries.extend(entries.unwrap_or_default());
                next.filter(|next| !next.is_empty())
            }
            Err(failure) => {
                listed.failure = Some(failure);
                None
            }
        };
        let Some(next) = next else { return listed };
        if tokens.len() == PAGES_MAX || !tokens.insert(next.clone()) {
            listed.failure = Some(CallError::endless(operation, tokens.len() + 1));
            return listed;
        }
        token = Some(next);
    }
}
