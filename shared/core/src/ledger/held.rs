//! What a tag is on, where that is known, and what it may be on, where the order of events is not.

use crate::Digest;

/// What a tag is on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Held {
    /// This image.
    Image(Digest),
    /// No image: the tag is gone.
    Gone,
    /// One of several: what was said is of one second or of one listing, and which came last is unknown.
    OneOf(Several),
}

/// Two or more values of a tag of which any may be the last; `None` is that the tag is gone.
#[derive(Debug, Clone, PartialEq, Eq)]
// INVARIANT: ascending, each once, at least two.
pub struct Several(Box<[Option<Digest>]>);

impl Several {
    /// The values, ascending; that the tag is gone comes first.
    pub fn values(&self) -> &[Option<Digest>] {
        &self.0
    }
}

impl Held {
    /// The one of these values that it is, or one of them; nothing where there are none.
    pub fn of(values: impl IntoIterator<Item = Option<Digest>>) -> Option<Self> {
        let mut values: Vec<_> = values.into_iter().collect();
        values.sort_unstable();
        values.dedup();
        match values.as_slice() {
            [] => None,
            [value] => Some(Self::one(*value)),
            _ => Some(Self::OneOf(Several(values.into()))),
        }
    }

    /// This value.
    pub const fn one(value: Option<Digest>) -> Self {
        match value {
            Some(digest) => Self::Image(digest),
            None => Self::Gone,
        }
    }

    /// The image, where it is known to be one.
    pub const fn image(&self) -> Option<Digest> {
        match self {
            Self::Image(digest) => Some(*digest),
            Self::Gone | Self::OneOf(_) => None,
        }
    }

    /// Whether only one value can be it.
    pub const fn is_sure(&self) -> bool {
        match self {
            Self::Image(_) | Self::Gone => true,
            Self::OneOf(_) => false,
        }
    }

    /// Every value that it may be, ascending.
    pub fn values(&self) -> Vec<Option<Digest>> {
        match self {
            Self::Image(digest) => vec![Some(*digest)],
            Self::Gone => vec![None],
            Self::OneOf(several) => several.0.to_vec(),
        }
    }

    /// Whether it may be this value.
    pub fn may_be(&self, value: Option<Digest>) -> bool {
        match self {
            Self::Image(digest) => value == Some(*digest),
            Self::Gone => value.is_none(),
            Self::OneOf(several) => several.0.contains(&value),
        }
    }
}
