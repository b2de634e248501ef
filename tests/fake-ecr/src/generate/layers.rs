//! What the layers of an image are, and which of them other images have too.
//!
//! From below: the base, which every repository of the registry that stands on it shares and which is
//! another one each month; the dependencies, which the images of one repository share for ten days to two
//! months; and three layers of which each push replaces the last one, two or all. Sizes are compressed
//! bytes: two in five layers are small files, two in five 1 to 64 MiB, one in five more.

use super::{
    profile::{Profile, purpose},
    stream::{BlobDigest, Stream},
};

/// A layer, or another blob.
#[derive(Debug, Clone, Copy)]
pub(super) struct Blob {
    pub(super) digest: BlobDigest,
    pub(super) bytes: u64,
}

/// How sizes are distributed, in hundredths.
#[derive(Debug, Clone, Copy)]
struct Mixture {
    /// 128 bytes to 1 MiB.
    small: u64,
    /// 1 to 64 MiB; what is left is larger, up to 1 GiB.
    medium: u64,
}

const BELOW: Mixture = Mixture { small: 36, medium: 40 };
const OWN: Mixture = Mixture { small: 52, medium: 40 };

/// The layers of the image for a platform that push `push` made, `age_days` ago.
pub(super) fn layers(profile: &Profile, platform: u64, push: u64, age_days: u64) -> Vec<Blob> {
    let own = profile.layers.min(3);
    let base = (profile.layers - own) * 3 / 5;
    let dependencies = profile.layers - own - base;
    let mut layers = Vec::with_capacity(usize::try_from(profile.layers).unwrap_or(0));
    for place in 0..base {
        let numbers = [purpose::BASE_LAYER, profile.seed, profile.base, platform, age_days / 30, place];
        layers.push(layer(&mut Stream::of(&numbers), BELOW));
    }
    for place in 0..dependencies {
        let days = 10 + (profile.repository.wrapping_mul(31) + place * 17) % 50;
        let numbers = [place * 2 + platform, age_days / days];
        layers.push(layer(&mut profile.stream(purpose::DEPENDENCY_LAYER, numbers), BELOW));
    }
    for (place, pushes) in [7, 3, 1].into_iter().enumerate().skip(usize::try_from(3 - own).unwrap_or(0)) {
        let numbers = [super::count(place) * 2 + platform, push / pushes];
        layers.push(layer(&mut profile.stream(purpose::OWN_LAYER, numbers), OWN));
    }
    layers
}

/// A blob of its own, of `least` to `most` bytes.
pub(super) fn blob(stream: &mut Stream, least: u64, most: u64) -> Blob {
    Blob { digest: stream.digest(), bytes: stream.between(least, most) }
}

fn layer(stream: &mut Stream, mixture: Mixture) -> Blob {
    let digest = stream.digest();
    let choice = stream.below(100);
    // Each doubling within a range is equally likely.
    let octave = if choice < mixture.small {
        stream.between(7, 19)
    } else if choice < mixture.small + mixture.medium {
        stream.between(20, 25)
    } else {
        stream.between(26, 29)
    };
    let least = 1_u64 << octave;
    Blob { digest, bytes: least + stream.below(least) }
}
