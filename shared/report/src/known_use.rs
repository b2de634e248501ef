//! What is known to use the images of a repository, in tables and in JSON.

use demurrage_core::Image;
use demurrage_core::in_use::{Protection, RepositoryUse, UseGraph};
use serde::Serialize;

use crate::image_name::{in_sentence, visible};

/// Uses that are named before the rest is counted.
const USES_SHOWN: usize = 2;

/// What is known to use the images of one repository.
#[derive(Debug, Clone)]
pub struct KnownUse<'a> {
    /// All uses.
    pub graph: &'a UseGraph,
    /// What they are of this repository.
    pub of_repository: RepositoryUse,
}

impl KnownUse<'_> {
    /// Whether the image at this place is in use, or is or may be a part of something that is.
    pub fn keeps(&self, image: u32) -> bool {
        self.of_repository.protection(image).is_some()
    }

    /// How many of these images are in use, by their places.
    pub fn count(&self, images: impl IntoIterator<Item = u32>) -> usize {
        images.into_iter().filter(|&image| self.keeps(image)).count()
    }

    /// A cell of a table: empty where nothing is known to use the image.
    pub(crate) fn cell(&self, images: &[Image], image: u32) -> String {
        match self.of_repository.protection(image) {
            None => String::new(),
            Some(Protection::InUse(uses)) => self.named(uses),
            Some(Protection::PartOf(other)) => format!("belongs to {}", in_sentence(images, *other)),
            Some(Protection::MayBePartOf(other)) => format!("may belong to {}", in_sentence(images, *other)),
        }
    }

    fn named(&self, uses: &[u32]) -> String {
        let evidence =
            |place: &u32| self.graph.uses().get(*place as usize).map(|used| visible(&used.evidence));
        let shown: Vec<String> = uses.iter().take(USES_SHOWN).filter_map(evidence).collect();
        match uses.len().saturating_sub(USES_SHOWN) {
            0 => shown.join(", "),
            more => format!("{} +{more}", shown.join(", ")),
        }
    }

    /// The same for programs; nothing where nothing is known to use the image.
    pub(crate) fn row(&self, images: &[Image], image: u32) -> Option<UseRow<'_>> {
        let (how, uses, other) = match self.of_repository.protection(image)? {
            Protection::InUse(uses) => ("IN_USE", uses.as_slice(), None),
            Protection::PartOf(other) => ("PART", [].as_slice(), Some(other)),
            Protection::MayBePartOf(other) => ("MAY_BE_PART", [].as_slice(), Some(other)),
        };
        let named = |place: &u32| {
            let found = self.graph.uses().get(*place as usize)?;
            Some(UsedBy { reference: found.reference.to_string(), evidence: &found.evidence })
        };
        Some(UseRow {
            how,
            uses: uses.iter().filter_map(named).collect(),
            image: other.and_then(|other| Some(images.get(*other as usize)?.digest.to_string())),
        })
    }
}

/// How an image is in use: by whom, or by which other image.
#[derive(Debug, Serialize)]
pub(crate) struct UseRow<'a> {
    /// `IN_USE`; `PART` of another image that is; `MAY_BE_PART`, where a manifest that was not read would tell.
    how: &'static str,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    uses: Vec<UsedBy<'a>>,
    /// The image in use that it belongs to.
    #[serde(skip_serializing_if = "Option::is_none")]
    image: Option<String>,
}

#[derive(Debug, Serialize)]
struct UsedBy<'a> {
    reference: String,
    evidence: &'a str,
}
