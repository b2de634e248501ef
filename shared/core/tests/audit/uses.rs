//! Uses as the fixtures of audits write them: by a reference, or by the short name of an image.

use demurrage_core::in_use::{Use, UseSource};
use serde::Deserialize;

use super::images::digest;

/// A use.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct GivenUse {
    /// What a workload writes.
    reference: Option<String>,
    /// The image, by its short name.
    image: Option<String>,
    evidence: String,
}

impl GivenUse {
    pub(super) fn used(&self) -> Use {
        let by_digest = self.image.as_deref().map(|id| digest(id).to_string());
        let text = self.reference.clone().or(by_digest).expect("a use names an image");
        Use {
            reference: text.parse().expect("a reference"),
            evidence: self.evidence.clone(),
            source: UseSource::Ecs,
            since: None,
        }
    }
}
