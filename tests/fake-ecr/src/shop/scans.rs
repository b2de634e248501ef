//! What scans of the shop's images found. What customers see is scanned when it is pushed.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};

use super::{
    clock::{self, DAY_SECONDS},
    image::{Image, Life},
    manifest,
    random::Random,
    repository::Repository,
    settings,
};
use crate::ScanRecord;

/// The scan of an image; none where nothing scans it, or the first one is not over yet.
pub(super) fn scan(
    repository: &Repository,
    image: &Image,
    now: DateTime<Utc>,
    seed: u64,
) -> Option<ScanRecord> {
    let is_image = matches!(image.artifact_type, Some(manifest::OCI_CONFIG | manifest::DOCKER_CONFIG))
        // Attestations and signatures of cosign have the configuration of an image, and other layers.
        && [manifest::OCI_LAYER, manifest::DOCKER_LAYER].iter().any(|layer| image.manifest.contains(layer));
    let keeps_results = matches!(image.when.life, Life::Active);
    if !settings::scan_on_push(repository) || !is_image || !keeps_results || image.is_index() {
        return None;
    }
    let mut random = Random::seeded(seed, &format!("scan/{}", image.digest));
    let completed_at = clock::later(image.when.pushed, random.between(25, 180));
    if now < completed_at {
        return None;
    }
    if random.chance(2) {
        return Some(ScanRecord {
            status: "FAILED".to_owned(),
            completed_at: None,
            severity_counts: BTreeMap::new(),
        });
    }
    Some(ScanRecord {
        status: "COMPLETE".to_owned(),
        completed_at: Some(completed_at),
        severity_counts: findings(image, &mut random),
    })
}

/// The older the base of an image, the more is known against it.
fn findings(image: &Image, random: &mut Random) -> BTreeMap<String, u32> {
    let months = image.when.ago_seconds / (30 * DAY_SECONDS);
    let most = [
        ("CRITICAL", u64::from(random.chance(30)) + months / 9),
        ("HIGH", 3 + months / 2),
        ("MEDIUM", 9 + months),
        ("LOW", 14 + months),
        ("INFORMATIONAL", 3),
        ("UNDEFINED", 1),
    ];
    most.into_iter()
        .map(|(severity, most)| (severity.to_owned(), u32::try_from(random.between(0, most)).unwrap_or(0)))
        .filter(|(_, findings)| *findings != 0)
        .collect()
}
