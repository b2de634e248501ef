//! The stored form of a call, and of what it names.

use serde::{Deserialize, Serialize};

use super::{Call, ImageId};
use crate::{Digest, ExclusionFilter, Tag, TagMutability};

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct StoredId {
    digest: Option<String>,
    tag: Option<String>,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "snake_case")]
pub(super) enum StoredCall {
    Delete { ids: Vec<StoredId> },
    Archive { digest: String },
    Activate { digest: String },
    PutImage { digest: String, tag: Option<String> },
    TagMutability { from: StoredMutability, to: StoredMutability, rule: String, reason: String },
    LifecyclePolicy { from: Option<String>, to: String, rule: String, reason: String },
    ScanOnPush { from: Option<bool>, to: bool, rule: String, reason: String },
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct StoredMutability {
    mode: String,
    exclusion_filters: Vec<StoredFilter>,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct StoredFilter {
    filter_type: String,
    filter: String,
}

impl StoredId {
    pub(super) fn of(id: &ImageId) -> Self {
        Self {
            digest: id.digest.map(|digest| digest.to_string()),
            tag: id.tag.as_ref().map(ToString::to_string),
        }
    }

    pub(super) fn read(self) -> Result<ImageId, String> {
        let digest = self.digest.as_deref().map(digest).transpose()?;
        Ok(ImageId { digest, tag: self.tag.as_deref().map(Tag::as_given) })
    }
}

impl StoredCall {
    pub(super) fn of(call: &Call) -> Self {
        match call.clone() {
            Call::Delete { ids } => Self::Delete { ids: ids.iter().map(StoredId::of).collect() },
            Call::Archive { digest } => Self::Archive { digest: digest.to_string() },
            Call::Activate { digest } => Self::Activate { digest: digest.to_string() },
            Call::PutImage { digest, tag } => {
                Self::PutImage { digest: digest.to_string(), tag: tag.map(|tag| tag.to_string()) }
            }
            Call::TagMutability { from, to, rule, reason } => {
                let (from, to) = (StoredMutability::of(from), StoredMutability::of(to));
                Self::TagMutability { from, to, rule, reason }
            }
            Call::LifecyclePolicy { from, to, rule, reason } => {
                Self::LifecyclePolicy { from, to, rule, reason }
            }
            Call::ScanOnPush { from, to, rule, reason } => Self::ScanOnPush { from, to, rule, reason },
        }
    }

    pub(super) fn read(self) -> Result<Call, String> {
        Ok(match self {
            Self::Delete { ids } => {
                Call::Delete { ids: ids.into_iter().map(StoredId::read).collect::<Result<_, _>>()? }
            }
            Self::Archive { digest: named } => Call::Archive { digest: digest(&named)? },
            Self::Activate { digest: named } => Call::Activate { digest: digest(&named)? },
            Self::PutImage { digest: named, tag } => {
                Call::PutImage { digest: digest(&named)?, tag: tag.as_deref().map(Tag::as_given) }
            }
            Self::TagMutability { from, to, rule, reason } => {
                Call::TagMutability { from: from.read(), to: to.read(), rule, reason }
            }
            Self::LifecyclePolicy { from, to, rule, reason } => {
                Call::LifecyclePolicy { from, to, rule, reason }
            }
            Self::ScanOnPush { from, to, rule, reason } => Call::ScanOnPush { from, to, rule, reason },
        })
    }
}

impl StoredMutability {
    fn of(mutability: TagMutability) -> Self {
        let filter =
            |filter: ExclusionFilter| StoredFilter { filter_type: filter.filter_type, filter: filter.filter };
        let TagMutability { mode, exclusion_filters } = mutability;
        Self { mode, exclusion_filters: exclusion_filters.into_iter().map(filter).collect() }
    }

    fn read(self) -> TagMutability {
        let filter =
            |filter: StoredFilter| ExclusionFilter { filter_type: filter.filter_type, filter: filter.filter };
        TagMutability {
            mode: self.mode,
            exclusion_filters: self.exclusion_filters.into_iter().map(filter).collect(),
        }
    }
}

pub(super) fn digest(text: &str) -> Result<Digest, String> {
    text.parse().map_err(|error| format!("{error}"))
}

pub(super) fn texts(values: &[impl ToString]) -> Vec<String> {
    values.iter().map(ToString::to_string).collect()
}

pub(super) fn tags(given: &[String]) -> Vec<Tag> {
    given.iter().map(|tag| Tag::as_given(tag)).collect()
}
