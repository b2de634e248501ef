//! What a rule does to the images that it marks.

/// The action of a rule.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Action {
    /// Delete the image.
    Expire,
    /// Move the image to the archive class (`transition` to `archive`, the only target there is).
    Archive,
}

impl Action {
    /// The name in `get-lifecycle-policy-preview`: upper case, unlike in a policy.
    pub const fn as_api(self) -> &'static str {
        match self {
            Self::Expire => "EXPIRE",
            Self::Archive => "TRANSITION",
        }
    }
}
