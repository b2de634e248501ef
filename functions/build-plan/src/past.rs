//! How much plans did that were applied: what is usual.

use std::collections::BTreeSet;

use chrono::{DateTime, Utc};
use demurrage_contract::Failure;
use demurrage_store::Store;
use tracing::warn;

/// So many of the last applied plans tell what is usual.
const PAST_MAX: usize = 30;

/// How many images each of the last plans had that were applied, in any order; of plans of a later time nothing is said.
pub(crate) fn applied_images(store: &Store, now: DateTime<Utc>) -> Result<Vec<u64>, Failure> {
    let journals: BTreeSet<String> = store.journals()?.into_iter().collect();
    let mut past = Vec::new();
    for mark in store.plans()?.into_iter().rev() {
        let hash = mark.hash.to_string();
        if !journals.contains(&hash) {
            continue;
        }
        match store.plan(&hash) {
            // One that changes settings says nothing of how many images are usual.
            Ok(found) if found.plan.head.made_at <= now && found.plan.images() != 0 => {
                past.push(found.plan.images());
            }
            Ok(_) => {}
            Err(error) => warn!("a plan that was applied is passed over: {error}"),
        }
        if PAST_MAX <= past.len() {
            break;
        }
    }
    Ok(past)
}
