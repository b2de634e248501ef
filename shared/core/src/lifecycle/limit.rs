//! How many images, or how old ones, a rule keeps.

/// The limit of a rule (`countType` and `countNumber`). Numbers are 1 or more; one that is too large for 64
/// bits in the policy is the largest there is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Limit {
    /// Keep this many of the newest images.
    ImageCountMoreThan(u64),
    /// Keep for this many days after the push.
    SinceImagePushed(u64),
    /// Keep for this many days after the last pull.
    SinceImagePulled(u64),
    /// Keep for this many days after archiving.
    SinceImageTransitioned(u64),
}

impl Limit {
    /// The number: images or days.
    pub const fn number(self) -> u64 {
        match self {
            Self::ImageCountMoreThan(number)
            | Self::SinceImagePushed(number)
            | Self::SinceImagePulled(number)
            | Self::SinceImageTransitioned(number) => number,
        }
    }

    /// Whether it counts images, rather than days.
    pub const fn is_count(self) -> bool {
        match self {
            Self::ImageCountMoreThan(_) => true,
            Self::SinceImagePushed(_) | Self::SinceImagePulled(_) | Self::SinceImageTransitioned(_) => false,
        }
    }

    /// The `countType` of a policy.
    pub const fn count_type(self) -> &'static str {
        match self {
            Self::ImageCountMoreThan(_) => "imageCountMoreThan",
            Self::SinceImagePushed(_) => "sinceImagePushed",
            Self::SinceImagePulled(_) => "sinceImagePulled",
            Self::SinceImageTransitioned(_) => "sinceImageTransitioned",
        }
    }
}
