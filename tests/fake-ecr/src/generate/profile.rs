//! What a repository is like: who builds there and how, which everything in it follows.

use super::stream::Stream;

/// Milliseconds in a day.
pub(super) const DAY_MS: u64 = 86_400_000;

/// Layers in an image: the 64 even quantiles of a log-normal distribution with median 8 and σ 0.63, which
/// is how images of Docker Hub are (Zhao et al., CLUSTER 2019). As a table, so that no float decides.
const LAYERS: [u64; 64] = [
    2, 2, 3, 3, 3, 3, 4, 4, 4, 4, 4, 4, 5, 5, 5, 5, 5, 5, 6, 6, 6, 6, 6, 6, 7, 7, 7, 7, 7, 8, 8, 8, 8, 8, 9,
    9, 9, 9, 9, 10, 10, 10, 10, 11, 11, 11, 12, 12, 12, 13, 13, 14, 14, 15, 15, 16, 17, 18, 19, 20, 22, 24,
    28, 37,
];
/// What lies beyond the table, up to the largest image that was seen.
const MANY_LAYERS: [u64; 4] = [48, 56, 83, 120];

/// What the streams are for; the first number of each, so that no two are the same.
pub(super) mod purpose {
    pub(in super::super) const PROFILE: u64 = 1;
    pub(in super::super) const PLAN: u64 = 2;
    pub(in super::super) const UNIT: u64 = 3;
    pub(in super::super) const LIFE: u64 = 4;
    pub(in super::super) const TIME: u64 = 5;
    pub(in super::super) const BASE_LAYER: u64 = 6;
    pub(in super::super) const DEPENDENCY_LAYER: u64 = 7;
    pub(in super::super) const OWN_LAYER: u64 = 8;
    pub(in super::super) const SETTINGS: u64 = 9;
    pub(in super::super) const TAGS: u64 = 10;
}

/// Who fills a repository.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Style {
    /// Releases for two platforms by buildx, with its attestations.
    Releases,
    /// A build for each commit and each pull request, and some releases.
    Pipeline,
    /// Docker images for Lambda.
    Lambda,
    /// Manifest lists of Docker, from before OCI.
    Legacy,
}

/// Repository `repository` of the registry with this seed.
#[derive(Debug, Clone)]
pub(super) struct Profile {
    pub(super) seed: u64,
    pub(super) repository: u64,
    /// How many images it has.
    pub(super) images: u64,
    pub(super) style: Style,
    /// Age of the repository in milliseconds.
    pub(super) created_age_ms: u64,
    /// Which of the bases that the whole registry shares its images stand on.
    pub(super) base: u64,
    /// Layers of its images.
    pub(super) layers: u64,
    /// Of a hundred old pushes, how many have been archived.
    pub(super) archived_percent: u64,
    /// Of a hundred releases, how many were signed.
    pub(super) signed_percent: u64,
}

impl Profile {
    pub(super) fn of(seed: u64, repository: u64, images: u64) -> Self {
        let mut stream = Stream::of(&[purpose::PROFILE, seed, repository]);
        let style = match stream.below(100) {
            0..45 => Style::Releases,
            45..85 => Style::Pipeline,
            85..95 => Style::Lambda,
            _ => Style::Legacy,
        };
        let layers = if stream.below(200) == 0 { stream.pick(&MANY_LAYERS) } else { stream.pick(&LAYERS) };
        Self {
            seed,
            repository,
            images,
            style,
            created_age_ms: created_age_ms(images, &mut stream),
            base: stream.below(24),
            layers,
            archived_percent: if stream.chance(20) { stream.between(20, 80) } else { 0 },
            signed_percent: if stream.chance(40) { stream.between(10, 100) } else { 0 },
        }
    }

    /// The stream for this purpose and these numbers in this repository.
    pub(super) fn stream(&self, purpose: u64, numbers: [u64; 2]) -> Stream {
        let [first, second] = numbers;
        Stream::of(&[purpose, self.seed, self.repository, first, second])
    }
}

/// As old as its images need: one in half a day to one in four days, a month at least, four years at most.
fn created_age_ms(images: u64, stream: &mut Stream) -> u64 {
    let days = images.saturating_mul(stream.between(5, 40)) / 10;
    (30 + stream.below(30) + days.min(1_400)) * DAY_MS + stream.below(DAY_MS)
}
