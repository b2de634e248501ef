//! Whether a repository is scanned by itself, by the scanning configuration of its registry.

use crate::audit::{RepositoryUnder, ScanFrequency, ScanType, Setting};

/// When a repository is scanned.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Coverage {
    /// That is not known, for this reason: a lowercase fragment.
    Unknown(String),
    /// Never.
    NotAtAll,
    /// When somebody asks for it.
    ByHand,
    /// On every push.
    OnPush,
    /// On every push, and when new vulnerabilities become known.
    Continuous,
}

impl Coverage {
    /// When this repository is scanned.
    ///
    /// Source: ECR user guide, "Filters to choose which repositories are scanned", read 2026-11-23: what no rule
    /// matches is scanned by hand under basic scanning, and not at all under enhanced scanning.
    pub(super) fn of(under: &RepositoryUnder<'_>) -> Self {
        let scanning = match &under.registry.settings.scanning {
            Setting::Unknown(reason) => return Self::Unknown(reason.clone()),
            // A registry without a configuration has basic scanning, and no rule.
            Setting::Absent => return Self::ByHand,
            Setting::Is(scanning) => scanning,
        };
        let unmatched = match scanning.scan_type {
            ScanType::Basic => Self::ByHand,
            ScanType::Enhanced => Self::NotAtAll,
            ScanType::Unrecognised => {
                return Self::Unknown("scanning is of a type that this version does not know".to_owned());
            }
        };
        match scanning.frequency(&under.repository.name) {
            None if scanning.rules.iter().any(|rule| rule.filters.is_empty()) => Self::Unknown(
                "a rule of the scanning configuration has no filters: whether it is about all repositories is not \
                 documented"
                    .to_owned(),
            ),
            None => unmatched,
            Some(ScanFrequency::Manual) => Self::ByHand,
            Some(ScanFrequency::OnPush) => Self::OnPush,
            Some(ScanFrequency::Continuous) => Self::Continuous,
            Some(ScanFrequency::Unrecognised) => {
                Self::Unknown("it is scanned at times that this version does not know".to_owned())
            }
        }
    }
}
