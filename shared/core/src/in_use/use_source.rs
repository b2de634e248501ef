//! Who says what is in use.

use std::fmt;
use std::str::FromStr;

/// A kind of source of uses.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum UseSource {
    /// Amazon ECS of one account and region: tasks, services, task sets, scheduled tasks, task definitions.
    Ecs,
    /// AWS Lambda of one account and region: functions of container images, all their versions.
    Lambda,
    /// One Kubernetes cluster: what its API lists.
    Kubernetes,
    /// Amazon Inspector of one account and region: it can only add.
    Inspector,
    /// References that people name, in a file.
    References,
}

impl UseSource {
    /// All of them, in their order.
    pub const ALL: [Self; 5] = [Self::Ecs, Self::Lambda, Self::Kubernetes, Self::Inspector, Self::References];

    /// The name of the source, as it is stored and configured.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Ecs => "ecs",
            Self::Lambda => "lambda",
            Self::Kubernetes => "kubernetes",
            Self::Inspector => "inspector",
            Self::References => "references",
        }
    }

    /// The source in a sentence.
    pub const fn title(self) -> &'static str {
        match self {
            Self::Ecs => "ECS",
            Self::Lambda => "Lambda",
            Self::Kubernetes => "Kubernetes cluster",
            Self::Inspector => "Inspector",
            Self::References => "references of",
        }
    }

    /// Whether it is read of an account and a region.
    pub const fn is_of_regions(self) -> bool {
        match self {
            Self::Ecs | Self::Lambda | Self::Inspector => true,
            Self::Kubernetes | Self::References => false,
        }
    }
}

impl fmt::Display for UseSource {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}

/// A text that names no source of uses.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is no source of uses: there are `ecs`, `lambda`, `kubernetes`, `inspector` and `references`")]
pub struct UnknownSource(pub String);

impl FromStr for UseSource {
    type Err = UnknownSource;

    fn from_str(name: &str) -> Result<Self, UnknownSource> {
        Self::ALL
            .into_iter()
            .find(|source| source.name() == name)
            .ok_or_else(|| UnknownSource(name.to_owned()))
    }
}
