//! One rule of a policy.

use super::{Action, Limit, Selection};

/// One rule, checked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rule {
    /// `rulePriority`: 1 or more, unique in the policy; the smallest number has the highest priority.
    pub priority: u64,
    /// `description`, where there is one.
    pub description: Option<String>,
    /// Which images it is about, by their tags.
    pub selection: Selection,
    /// Which images it is about, by their storage class.
    pub storage_class: StorageClass,
    /// How much it keeps of them.
    pub limit: Limit,
    /// What happens to the others.
    pub action: Action,
    /// Its place among the rules of the text, from 0: for pointing at it.
    pub position: usize,
}

/// The storage class of an image, or of the images that a rule selects.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum StorageClass {
    /// Images that can be pulled.
    Standard,
    /// Archived images.
    Archive,
}

impl StorageClass {
    /// The name in the API: upper case, unlike in a policy.
    pub const fn as_api(self) -> &'static str {
        match self {
            Self::Standard => "STANDARD",
            Self::Archive => "ARCHIVE",
        }
    }
}
