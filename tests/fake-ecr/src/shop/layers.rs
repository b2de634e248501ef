//! What the layers of an image are, and which of them other images have too.
//!
//! An image is a base (shared by every repository of the registry that builds on it, replaced every 45
//! days), dependencies (shared by the images of one repository, replaced every 12 days), the well-known
//! empty layer of `WORKDIR`, and what the build itself adds. Sizes are compressed bytes: many layers of
//! less than a mebibyte, some of hundreds of mebibytes (Zhao et al., CLUSTER 2019).

use super::{digest::Digest, random::Random};

const KIB: u64 = 1_024;
const MIB: u64 = 1_024 * KIB;

/// The layer that every instruction without files makes: 32 bytes, the same everywhere.
const EMPTY_LAYER: Layer = Layer {
    digest: Digest([
        0x4f4f_b700_ef54_461c,
        0xfa02_571a_e0db_9a0d,
        0xc1e0_cdb5_5774_84a6,
        0xd75e_68dc_38e8_acc1,
    ]),
    bytes: 32,
};

/// A layer: its digest, and its compressed bytes.
#[derive(Debug, Clone, Copy)]
pub(super) struct Layer {
    pub(super) digest: Digest,
    pub(super) bytes: u64,
}

/// How the images of a repository are made.
#[derive(Debug, Clone, Copy)]
pub(super) struct Stack {
    base: Base,
    /// Least and most bytes of the one layer of dependencies; none where the most is 0.
    dependencies: [u64; 2],
    /// Least and most bytes of what a build adds.
    application: [u64; 2],
    rebuild: Rebuild,
}

/// What a new build changes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Rebuild {
    /// The application, and from time to time what it stands on.
    Usual,
    /// Nothing but the configuration: the build is reproducible and its sources rarely change.
    Reproducible,
}

#[derive(Debug, Clone, Copy)]
enum Base {
    Alpine,
    Cuda,
    Distroless,
    Jre,
    Lambda,
    Node,
    Python,
    Ubuntu,
}

pub(super) const GO_SERVICE: Stack = stack(Base::Distroless, [0, 0], [11 * MIB, 38 * MIB]);
pub(super) const JVM_SERVICE: Stack = stack(Base::Jre, [48 * MIB, 96 * MIB], [30 * MIB, 110 * MIB]);
pub(super) const NODE_SERVICE: Stack = stack(Base::Node, [60 * MIB, 180 * MIB], [24 * MIB, 140 * MIB]);
pub(super) const PYTHON_SERVICE: Stack = stack(Base::Python, [80 * MIB, 260 * MIB], [500 * KIB, 30 * MIB]);
pub(super) const PYTHON_MODEL: Stack = stack(Base::Cuda, [900 * MIB, 1_400 * MIB], [150 * MIB, 900 * MIB]);
pub(super) const LAMBDA_FUNCTION: Stack = stack(Base::Lambda, [8 * MIB, 30 * MIB], [20 * KIB, 600 * KIB]);
pub(super) const CI_RUNNER: Stack = stack(Base::Ubuntu, [320 * MIB, 680 * MIB], [60 * MIB, 420 * MIB]);
pub(super) const BASE_IMAGE: Stack = stack(Base::Python, [0, 0], [200 * KIB, 2 * MIB]);
pub(super) const SMALL_TOOL: Stack = stack(Base::Alpine, [0, 0], [3 * MIB, 14 * MIB]);
pub(super) const NIGHTLY_TOOL: Stack = Stack {
    rebuild: Rebuild::Reproducible,
    ..stack(Base::Ubuntu, [150 * MIB, 300 * MIB], [4 * MIB, 12 * MIB])
};

/// The layers of one image for one platform, from the base up.
///
/// `age_days` says which base and which dependencies were current; `fresh` gives what is new in this build.
pub(super) fn layers(
    stack: Stack,
    (seed, repository): (u64, &str),
    platform: &str,
    age_days: u64,
    fresh: &mut Random,
) -> Vec<Layer> {
    let age_days = if stack.rebuild == Rebuild::Reproducible { 0 } else { age_days };
    let mut layers = base_layers(stack.base, seed, platform, age_days / 45);
    let [least, most] = stack.dependencies;
    if 0 < most {
        let label = format!("dependencies/{repository}/{platform}/{}", age_days / 12);
        layers.push(layer(&mut Random::seeded(seed, &label), least, most));
    }
    layers.push(EMPTY_LAYER);
    let mut own = match stack.rebuild {
        Rebuild::Usual => fresh.fork(),
        Rebuild::Reproducible => Random::seeded(seed, &format!("application/{repository}/{platform}")),
    };
    if own.chance(60) {
        layers.push(layer(&mut own, 300, 40 * KIB));
    }
    let [least, most] = stack.application;
    layers.push(layer(&mut own, least, most));
    layers
}

/// A layer of its own, of `least` to `most` bytes.
pub(super) fn layer(random: &mut Random, least: u64, most: u64) -> Layer {
    Layer { digest: random.digest(), bytes: random.between(least, most) }
}

const fn stack(base: Base, dependencies: [u64; 2], application: [u64; 2]) -> Stack {
    Stack { base, dependencies, application, rebuild: Rebuild::Usual }
}

fn base_layers(base: Base, seed: u64, platform: &str, generation: u64) -> Vec<Layer> {
    let (name, kibibytes) = contents(base);
    let mut random = Random::seeded(seed, &format!("base/{name}/{platform}/{generation}"));
    kibibytes.iter().map(|kib| layer(&mut random, kib * KIB + 100, kib * (KIB + 64) + 200)).collect()
}

/// The name of a base, and the size of each of its layers in KiB, as the public images have them.
fn contents(base: Base) -> (&'static str, &'static [u64]) {
    match base {
        Base::Alpine => ("alpine", &[3_560, 2]),
        Base::Cuda => ("cuda", &[28_900, 7_800, 56_400, 188, 1_180_000, 62, 1_420_000]),
        Base::Distroless => ("distroless", &[102, 730, 0, 82]),
        Base::Jre => ("jre", &[29_100, 16_400, 48_900, 2, 1]),
        Base::Lambda => ("lambda", &[104_000, 86, 1, 26_300, 11_900]),
        Base::Node => ("node", &[28_700, 3, 47_300, 1_290, 0]),
        Base::Python => ("python", &[28_600, 3_400, 12_700, 0]),
        Base::Ubuntu => ("ubuntu", &[29_300, 128_000, 61_500, 9_300, 1, 4]),
    }
}
