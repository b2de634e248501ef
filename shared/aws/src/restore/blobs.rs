//! Whether a repository holds blobs.

use std::collections::{BTreeMap, BTreeSet};

use aws_sdk_ecr::types::LayerAvailability;
use demurrage_core::Digest;
use demurrage_core::journal::BlobState;

use crate::{CallError, Ecr};

/// Most digests of one `BatchCheckLayerAvailability`.
///
/// Source: API model, `BatchedOperationLayerDigestList`, read 2026-11-25.
const BATCH_DIGESTS: usize = 100;

/// What ECR says of each blob; those that it says nothing of are left out.
pub(super) async fn states(
    ecr: &Ecr,
    repository: &str,
    blobs: &BTreeSet<Digest>,
) -> Result<BTreeMap<Digest, BlobState>, CallError> {
    let mut states = BTreeMap::new();
    let all: Vec<String> = blobs.iter().map(ToString::to_string).collect();
    for batch in all.chunks(BATCH_DIGESTS) {
        let answer = ecr
            .call("BatchCheckLayerAvailability", |client| {
                let call = client.batch_check_layer_availability().repository_name(repository);
                call.set_layer_digests(Some(batch.to_vec())).send()
            })
            .await?;
        for layer in answer.layers.unwrap_or_default() {
            let digest = layer.layer_digest.as_deref().and_then(|text| text.parse().ok());
            let state = match layer.layer_availability {
                Some(LayerAvailability::Available) => Some(BlobState::Available),
                Some(LayerAvailability::Unavailable) => Some(BlobState::Missing),
                // The SDK may not know the state by name yet.
                Some(other) if other.as_str() == "ARCHIVED" => Some(BlobState::Archived),
                Some(_) | None => None,
            };
            states.extend(digest.zip(state));
        }
    }
    Ok(states)
}
