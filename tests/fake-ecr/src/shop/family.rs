//! Families of images: what a pipeline leaves in a repository, as data.

/// Images of one kind in one repository.
#[derive(Debug, Clone, Copy)]
pub(super) struct Family {
    pub(super) naming: Naming,
    pub(super) shape: Shape,
    /// How many; one release of a [`Shape::MultiArch`] is one, though it is five images.
    pub(super) count: u32,
    /// Age of the newest one in days.
    pub(super) newest_days: u32,
    /// Age of the oldest one in days.
    pub(super) oldest_days: u32,
    pub(super) storage: Storage,
    pub(super) pulls: Pulls,
}

/// How the tags of a family are chosen.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Naming {
    /// `v1.4.2`, and `latest` on the newest.
    Version,
    /// `1.4.2`, as public images have it, and `latest` on the newest.
    PublicVersion,
    /// `main-3f9c2a1`, and `main` on the newest.
    Commit,
    /// The whole commit, 40 digits.
    Sha,
    /// `pr-1234`.
    PullRequest,
    /// `feature-coupon-banner`.
    Feature,
    /// `2026-11-03`.
    Date,
    /// `prod-2026-11-03`, the environment's name alone on the newest, and the commit on some.
    Environment(&'static str),
    /// `build-418`.
    BuildNumber,
    /// `cache-feature-coupon-banner`: a buildx registry cache.
    Cache,
    /// No tag: it has moved to a later image.
    Untagged,
}

/// What one member of a family consists of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Shape {
    /// One image for one architecture, with an OCI manifest.
    Single(&'static str),
    /// One image for arm64 with a Docker manifest, as Lambda runs them.
    Lambda,
    /// An index, arm64 and amd64; and, where `attested`, a buildx attestation of each.
    MultiArch { attested: bool },
    /// Like [`Shape::MultiArch`], with the media types of Docker.
    DockerList,
    /// Like [`Shape::MultiArch`], but the index has been removed and its children are left.
    IndexRemoved,
    /// Like [`Shape::MultiArch`], but only the index has been archived.
    IndexArchived,
    /// An index of two indexes, `…-slim` and `…-alpine`.
    Nested,
    /// An index of many platforms of which only amd64 was ever pulled through the cache.
    PulledThrough,
    /// A Helm chart.
    Chart,
    /// A buildx registry cache.
    BuildCache,
    /// Belongs to one of the newest tagged indexes of the repository.
    Attached(Attachment),
}

/// What is attached to an image after its push.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Attachment {
    /// A signature by the tag `sha256-<hex>.sig`, as cosign made them before OCI 1.1.
    CosignTag,
    /// A signature that names its subject (Notation, AWS Signer).
    Signature,
    /// An SBOM that names its subject.
    Sbom,
    /// A signature whose subject has been removed since.
    OrphanSignature,
}

/// The storage class of a family.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Storage {
    /// Never archived.
    Standard,
    /// Archived 10 to 400 days ago.
    Archived,
    /// Archived once, and restored since.
    Restored,
    /// Being restored now.
    Activating,
}

/// Who pulls a family.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Pulls {
    /// The newest are running; older ones were pulled while they ran.
    Deployed,
    /// Half of them by a test soon after the push, the others never.
    Tested,
    /// By every build, old and new.
    Popular,
    /// By nobody.
    Never,
}

impl Family {
    /// The same family in another storage class.
    pub(super) const fn stored(self, storage: Storage) -> Self {
        Self { storage, ..self }
    }

    /// The same family, pulled by others.
    pub(super) const fn pulled(self, pulls: Pulls) -> Self {
        Self { pulls, ..self }
    }

    /// The same family with another shape.
    pub(super) const fn shaped(self, shape: Shape) -> Self {
        Self { shape, ..self }
    }
}

/// Multi-architecture releases by buildx, with its attestations.
pub(super) const fn releases(count: u32, newest_days: u32, oldest_days: u32) -> Family {
    let shape = Shape::MultiArch { attested: true };
    family(Naming::Version, shape, count, [newest_days, oldest_days], Pulls::Deployed)
}

/// Multi-architecture releases with `provenance: false`.
pub(super) const fn plain_releases(count: u32, newest_days: u32, oldest_days: u32) -> Family {
    releases(count, newest_days, oldest_days).shaped(Shape::MultiArch { attested: false })
}

/// Images for amd64 from a pipeline.
pub(super) const fn builds(naming: Naming, count: u32, newest_days: u32, oldest_days: u32) -> Family {
    family(naming, Shape::Single("amd64"), count, [newest_days, oldest_days], Pulls::Tested)
}

/// Images for amd64 that were deployed to an environment.
pub(super) const fn deployed(name: &'static str, count: u32, newest_days: u32, oldest_days: u32) -> Family {
    builds(Naming::Environment(name), count, newest_days, oldest_days).pulled(Pulls::Deployed)
}

/// Images whose tag has moved on.
pub(super) const fn leftovers(count: u32, newest_days: u32, oldest_days: u32) -> Family {
    builds(Naming::Untagged, count, newest_days, oldest_days)
}

/// The newest `count` tagged indexes get one of these.
pub(super) const fn attached(attachment: Attachment, count: u32) -> Family {
    family(Naming::Untagged, Shape::Attached(attachment), count, [0, 0], Pulls::Never)
}

const fn family(
    naming: Naming,
    shape: Shape,
    count: u32,
    [newest_days, oldest_days]: [u32; 2],
    pulls: Pulls,
) -> Family {
    Family { naming, shape, count, newest_days, oldest_days, storage: Storage::Standard, pulls }
}
