//! What a registry stores where it mounts blobs across repositories: the same blobs, once for all of them.
//!
//! A second figure beside the sum of repositories. Which of the two is billed is not known: AWS says that blobs
//! are shared, and not what the bill counts. Leaves out what cannot be seen from outside: whether a client did
//! mount a blob or pushed it again, and images of pull-through caches, which mount nothing.

use rustc_hash::FxHashMap;

use super::blob_run::class_of_both;
use super::{BlobRun, Blobs, Holding, MountEncryption, MountedBlobs, RunBlob, StoredBytes};
use crate::lifecycle::StorageClass;
use crate::{Digest, RegistryFacts, Repository};

/// Whether the registry mounts blobs across repositories (account setting `BLOB_MOUNTING`).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum BlobMounting {
    /// It does, between repositories of the same encryption. What was mounted stays so when it is turned off.
    On,
    /// It does not.
    Off,
    /// The setting was not read.
    #[default]
    NotRead,
}

impl BlobMounting {
    /// What the settings of a registry say.
    pub fn of(registry: &RegistryFacts) -> Self {
        #[derive(serde::Deserialize)]
        struct Setting {
            name: String,
            value: String,
        }
        let settings = registry.account_settings.iter();
        let mut read = settings.filter_map(|text| serde_json::from_str::<Setting>(text).ok());
        match read.find(|setting| setting.name == "BLOB_MOUNTING") {
            Some(setting) if setting.value.eq_ignore_ascii_case("ENABLED") => Self::On,
            Some(_) => Self::Off,
            None => Self::NotRead,
        }
    }
}

/// The blobs of a registry, or of some of its repositories, once for all repositories that can share them.
///
/// Repositories share blobs where type and key of their encryption are the same. One of which that is not known
/// shares none.
#[derive(Debug, Clone, Default)]
pub struct RegistryBlobs {
    by_encryption: FxHashMap<MountEncryption, FxHashMap<Digest, Held>>,
    /// What nobody can share.
    alone: StoredBytes,
}

/// A blob, and how many repositories hold it.
#[derive(Debug, Clone, Copy)]
struct Held {
    repositories: u32,
    size_bytes: u64,
    class: StorageClass,
}

impl RegistryBlobs {
    /// Adds a repository; `blobs` are those of its images.
    pub fn add(&mut self, repository: &Repository, blobs: &Blobs) {
        let holding = Holding::of(blobs, &repository.images);
        let mut shared =
            MountEncryption::of(repository).map(|key| self.by_encryption.entry(key).or_default());
        for (blob, place) in blobs.all().iter().zip(0..) {
            let Some(class) = holding.class(place) else { continue };
            match (&mut shared, blob.digest) {
                (Some(held), Some(digest)) => {
                    let here = Held { repositories: 1, size_bytes: blob.size_bytes, class };
                    held.entry(digest).and_modify(|there| *there = there.and(here)).or_insert(here);
                }
                (None, _) | (_, None) => self.alone.add_blob(blob.size_bytes, class),
            }
        }
    }

    /// All of it in order, to be merged with that of other repositories.
    pub fn into_run(self) -> BlobRun {
        let mut by_encryption: Vec<_> = self.by_encryption.into_iter().collect();
        by_encryption.sort_unstable_by(|(one, _), (other, _)| one.cmp(other));
        let (mut encryptions, mut blobs) = (Vec::new(), Vec::new());
        for ((key, held), encryption) in by_encryption.into_iter().zip(0..) {
            encryptions.push(key);
            blobs.extend(held.into_iter().map(|(digest, Held { repositories, size_bytes, class })| {
                RunBlob { digest, encryption, repositories, size_bytes, class }
            }));
        }
        blobs.sort_unstable_by_key(RunBlob::key);
        BlobRun { alone: self.alone, encryptions, blobs }
    }

    /// What is stored when every shared blob counts once. A blob with two sizes has the larger, and is archived only
    /// if it is so in every repository.
    pub fn stored(self) -> StoredBytes {
        MountedBlobs::of(&[self.into_run()]).stored
    }
}

impl Held {
    fn and(self, other: Self) -> Self {
        Self {
            repositories: self.repositories.saturating_add(other.repositories),
            size_bytes: self.size_bytes.max(other.size_bytes),
            class: class_of_both(self.class, other.class),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{BlobMounting, RegistryBlobs};
    use crate::cost::{Blobs, StoredBytes};
    use crate::{Descriptor, Digest, Image, ImageStatus, Manifest, ManifestKind, RegistryFacts, Repository};

    /// A repository of one image with these layers: digest and size.
    fn repository(encryption: (&str, Option<&str>), status: ImageStatus, layers: &[(u8, u64)]) -> Repository {
        let mut repository = Repository::new("team/app");
        repository.encryption_type = (!encryption.0.is_empty()).then(|| encryption.0.to_owned());
        repository.kms_key = encryption.1.map(str::to_owned);
        let mut image = Image::new(Digest::from_bytes([0; 32]));
        image.status = status;
        let mut manifest = Manifest::new(ManifestKind::OciImage);
        let layers = layers.iter().map(|&(digest, size_bytes)| Descriptor {
            digest: Digest::from_bytes([digest; 32]),
            media_type: String::new(),
            size_bytes,
        });
        manifest.layers = layers.collect();
        image.manifest = Some(Box::new(manifest));
        repository.images.push(image);
        repository
    }

    fn stored(repositories: &[Repository]) -> (u128, u128) {
        let mut registry = RegistryBlobs::default();
        for repository in repositories {
            registry.add(repository, &Blobs::of(&repository.images));
        }
        let StoredBytes { standard_bytes, archived_bytes } = registry.stored();
        (standard_bytes, archived_bytes)
    }

    #[test]
    fn repositories_share_blobs_only_under_the_same_encryption_and_key() {
        let active = ImageStatus::Active;
        let of = |encryption| repository(encryption, active, &[(1, 100), (2, 10)]);
        let other = |encryption| repository(encryption, active, &[(1, 100), (3, 1)]);
        let aes = ("AES256", None);
        let key = ("KMS", Some("a"));
        assert_eq!(stored(&[of(aes), other(aes)]), (111, 0));
        assert_eq!(stored(&[of(key), other(key)]), (111, 0));
        for different in [key, ("KMS_DSSE", Some("a")), ("KMS", Some("b")), ("KMS", None), ("", None)] {
            assert_eq!(stored(&[of(aes), other(different)]), (211, 0), "{different:?}");
        }
        assert_eq!(stored(&[of(("KMS", Some("b"))), other(key)]), (211, 0));
        for unknown in [("KMS", None), ("", None)] {
            assert_eq!(stored(&[of(unknown), other(unknown)]), (211, 0), "{unknown:?}");
        }
    }

    #[test]
    fn a_mounted_blob_is_archived_only_if_it_is_in_every_repository() {
        let aes = ("AES256", None);
        let archived = repository(aes, ImageStatus::Archived, &[(1, 100), (2, 10)]);
        let active = repository(aes, ImageStatus::Activating, &[(1, 101)]);
        assert_eq!(stored(&[archived.clone(), archived.clone()]), (0, 110));
        assert_eq!(stored(&[archived.clone(), active.clone()]), (101, 10), "and the larger size counts");
        assert_eq!(stored(&[active, archived]), (101, 10));
    }

    #[test]
    fn an_image_without_a_manifest_shares_nothing() {
        let mut unread = repository(("AES256", None), ImageStatus::Active, &[]);
        unread.images[0].manifest = None;
        unread.images[0].size_bytes = Some(7);
        assert_eq!(stored(&[unread.clone(), unread]), (14, 0));
    }

    #[test]
    fn the_setting_is_on_off_or_was_not_read() {
        let of = |settings: &[&str]| {
            let account_settings = settings.iter().map(|&text| text.to_owned()).collect();
            BlobMounting::of(&RegistryFacts { account_settings, ..RegistryFacts::default() })
        };
        let other = r#"{"name": "REGISTRY_POLICY_SCOPE", "value": "V2"}"#;
        assert_eq!(of(&[other, r#"{"name": "BLOB_MOUNTING", "value": "ENABLED"}"#]), BlobMounting::On);
        assert_eq!(of(&[other, r#"{"name": "BLOB_MOUNTING", "value": "DISABLED"}"#]), BlobMounting::Off);
        assert_eq!(of(&[other, "not JSON"]), BlobMounting::NotRead);
    }
}
