//! What a registry stores where its repositories share blobs, found by putting together what can share.
//!
//! For: the comparison with the core, which merges parts of a registry in the order of digests.

use super::{StoredImage, stored};

/// A repository of a registry.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MountingRepository {
    /// Type and key of its encryption in one text; nothing where that is not known.
    pub encryption: Option<String>,
    /// Its images.
    pub images: Vec<StoredImage>,
}

/// What the repositories store together: standard and archived bytes, distinct blobs that can be shared, how many of them
/// more than one repository holds, and how many there are if each counts in each repository.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct MountedTogether {
    /// Bytes of the standard class.
    pub standard_bytes: u128,
    /// Bytes of the archive class.
    pub archived_bytes: u128,
    /// Distinct blobs that can be shared.
    pub blobs: u64,
    /// Those of them that more than one repository holds.
    pub shared_blobs: u64,
    /// The same, each once in each repository.
    pub held_blobs: u64,
}

/// What these repositories store where a blob counts once for all repositories of one encryption. A repository whose
/// encryption is not known shares nothing.
pub fn mounted(repositories: &[MountingRepository]) -> MountedTogether {
    let mut together = MountedTogether::default();
    for alone in repositories.iter().filter(|repository| repository.encryption.is_none()) {
        add(&mut together, &alone.images);
    }
    let mut encryptions: Vec<&String> = repositories.iter().filter_map(|it| it.encryption.as_ref()).collect();
    encryptions.sort();
    encryptions.dedup();
    for encryption in encryptions {
        let of_it: Vec<&MountingRepository> =
            repositories.iter().filter(|it| it.encryption.as_ref() == Some(encryption)).collect();
        let images: Vec<StoredImage> = of_it.iter().flat_map(|it| it.images.clone()).collect();
        add(&mut together, &images);
        let mut digests: Vec<&String> = of_it.iter().flat_map(|it| digests(&it.images)).collect();
        digests.sort();
        digests.dedup();
        for digest in digests {
            let holders = of_it.iter().filter(|it| self::digests(&it.images).contains(&digest)).count();
            together.blobs += 1;
            together.shared_blobs += u64::from(holders > 1);
            together.held_blobs += u64::try_from(holders).unwrap_or(0);
        }
    }
    together
}

fn add(together: &mut MountedTogether, images: &[StoredImage]) {
    let stored = stored(images);
    together.standard_bytes += stored.standard_bytes;
    together.archived_bytes += stored.archived_bytes;
}

/// What images hold of blobs that the registry stores, as often as they name them.
fn digests(images: &[StoredImage]) -> Vec<&String> {
    let names = images.iter().filter(|image| !image.is_index).flat_map(|image| image.named.iter().flatten());
    let stored = names.filter(|named| {
        !named.media_type.contains("nondistributable") && !named.media_type.contains(".foreign.")
    });
    stored.map(|named| &named.digest).collect()
}
