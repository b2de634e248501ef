//! Which pushes the numbers of a repository's images belong to.
//!
//! Numbers are cut into blocks of 64. A block is planned from its own stream, and no push goes beyond its
//! block, so the push of any number is found by planning one block.

use super::profile::{Profile, Style, purpose};

/// Images in a block; the last block of a repository has what is left.
const BLOCK: u64 = 64;

/// One push, and what came with it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Unit {
    pub(super) kind: Kind,
    /// The number of its first image; the others follow.
    pub(super) first: u64,
}

/// What is pushed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    /// One image for one platform.
    Build(Naming),
    /// An index and its two platforms.
    Release { attested: bool, signed: Signed },
    /// A manifest list of Docker and its two platforms.
    DockerRelease,
    /// Two platforms whose index has been deleted.
    Remains,
}

/// What is attached to a release.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Signed {
    /// Nothing.
    No,
    /// A signature by the tag `sha256-<hex>.sig`, as cosign makes them.
    CosignTag,
    /// A signature that names its subject.
    Signature,
    /// A signature and an SBOM that name their subject.
    SignatureAndSbom,
}

/// How the tags of a build are chosen.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Naming {
    /// `v1.4.2`.
    Version,
    /// `main-3f9c2a1`.
    Commit,
    /// The whole commit, 40 digits.
    Sha,
    /// `pr-1234`.
    PullRequest,
    /// `feature-1234-coupon-banner`.
    Feature,
    /// `prod-2026-11-03`, and the commit on most.
    Production,
    /// `nightly-2026-11-03`.
    Nightly,
    /// `build-418`.
    BuildNumber,
    /// No tag: it has moved to a later image.
    Untagged,
}

impl Kind {
    /// How many images it is.
    pub(super) const fn images(self) -> u64 {
        match self {
            Self::Build(_) => 1,
            Self::Remains => 2,
            Self::DockerRelease => 3,
            Self::Release { attested, signed } => {
                let attached = match signed {
                    Signed::No => 0,
                    Signed::CosignTag | Signed::Signature => 1,
                    Signed::SignatureAndSbom => 2,
                };
                3 + attached + if attested { 2 } else { 0 }
            }
        }
    }
}

/// Every push of the repository, the oldest first.
pub(super) fn units(profile: &Profile) -> impl Iterator<Item = Unit> {
    (0..profile.images.div_ceil(BLOCK)).flat_map(|block| block_units(profile, block))
}

/// The push that image `number` came with.
pub(super) fn unit_of(profile: &Profile, number: u64) -> Option<Unit> {
    let units = block_units(profile, number / BLOCK);
    units.into_iter().find(|unit| unit.first <= number && number < unit.first + unit.kind.images())
}

fn block_units(profile: &Profile, block: u64) -> Vec<Unit> {
    let mut stream = profile.stream(purpose::PLAN, [block, 0]);
    let mut first = block * BLOCK;
    let end = (first + BLOCK).min(profile.images);
    let mut units = Vec::new();
    while first < end {
        let (choice, naming, attested) = (stream.below(100), naming(&mut stream, profile), stream.chance(85));
        let signed = match stream.below(100) {
            _ if !stream.chance(profile.signed_percent) => Signed::No,
            0..30 => Signed::CosignTag,
            30..65 => Signed::Signature,
            _ => Signed::SignatureAndSbom,
        };
        let mut kind = match (profile.style, choice) {
            (Style::Releases, 0..55) | (Style::Pipeline, 0..8) => Kind::Release { attested, signed },
            (Style::Legacy, 0..60) => Kind::DockerRelease,
            (Style::Releases | Style::Pipeline, 94..) => Kind::Remains,
            _ => Kind::Build(naming),
        };
        if end < first + kind.images() {
            kind = Kind::Build(naming);
        }
        units.push(Unit { kind, first });
        first += kind.images();
    }
    units
}

fn naming(stream: &mut super::stream::Stream, profile: &Profile) -> Naming {
    match (profile.style, stream.below(100)) {
        (Style::Lambda, 0..80) => Naming::BuildNumber,
        (Style::Legacy, 0..70) => Naming::Version,
        (_, 0..30) => Naming::Commit,
        (_, 30..38) => Naming::Sha,
        (_, 38..58) => Naming::PullRequest,
        (_, 58..68) => Naming::Feature,
        (_, 68..80) => Naming::Production,
        (_, 80..86) => Naming::Nightly,
        _ => Naming::Untagged,
    }
}
