//! What repositories must have in common to share blobs.

use crate::Repository;

/// Type and key of an encryption: repositories share blobs where both are the same.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct MountEncryption(Encryption);

#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
enum Encryption {
    /// `AES256`: the keys are those of Amazon S3.
    Aes256,
    /// `KMS` or `KMS_DSSE`, with a key.
    Key { encryption_type: String, key: String },
}

/// The type whose keys are not the team's.
const AES256: &str = "AES256";

impl MountEncryption {
    /// That of a repository; nothing where the type is not known, or the key that it needs: such a repository shares no
    /// blob.
    pub fn of(repository: &Repository) -> Option<Self> {
        Self::of_parts(repository.encryption_type.as_deref()?, repository.kms_key.as_deref())
    }

    /// That of this type and key; nothing where it needs a key and has none.
    pub fn of_parts(encryption_type: &str, key: Option<&str>) -> Option<Self> {
        match (encryption_type, key) {
            (AES256, _) => Some(Self(Encryption::Aes256)),
            (_, Some(key)) => {
                let (encryption_type, key) = (encryption_type.to_owned(), key.to_owned());
                Some(Self(Encryption::Key { encryption_type, key }))
            }
            (_, None) => None,
        }
    }

    /// The type, such as `KMS`, and the key, where it needs one.
    pub fn parts(&self) -> (&str, Option<&str>) {
        match &self.0 {
            Encryption::Aes256 => (AES256, None),
            Encryption::Key { encryption_type, key } => (encryption_type, Some(key)),
        }
    }
}
