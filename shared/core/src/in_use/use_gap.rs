//! A source that could name an image in use, and is not known well enough.

use std::fmt;

use chrono::{DateTime, TimeDelta, Utc};

use super::{UseScope, UseSource};

/// What is not known of use: nothing may be deleted meanwhile. Shown, it says what is missing, and how old what there is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UseGap {
    /// The source, and where.
    pub scope: UseScope,
    /// What is wrong with it.
    pub why: UseGapReason,
}

/// Why a source is not known well enough.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum UseGapReason {
    /// It was never read.
    Missing,
    /// The newest reading failed, or read only a part.
    Failed {
        /// When that began.
        read_at: DateTime<Utc>,
        /// Why.
        cause: String,
    },
    /// It was read too long ago.
    TooOld {
        /// When.
        read_at: DateTime<Utc>,
        /// How long ago that is.
        age: TimeDelta,
    },
    /// It says that it was read later than now: one of two clocks is wrong.
    FromTheFuture {
        /// When it says that it was read.
        read_at: DateTime<Utc>,
    },
}

impl UseGap {
    /// How to mend it.
    pub fn help(&self) -> String {
        if matches!(self.why, UseGapReason::FromTheFuture { .. }) {
            return "compare the clock of this machine with that of the one that read it".to_owned();
        }
        let UseScope { source, region, name, account } = &self.scope;
        match source {
            UseSource::Kubernetes => {
                let name = name.as_deref().unwrap_or("NAME");
                format!("run `demurrage use --kubernetes {name}=FILE` with a new list of `{name}`")
            }
            UseSource::Ecs | UseSource::Lambda | UseSource::Inspector | UseSource::References => match region
            {
                Some(_) if account.is_none() => {
                    "make an inventory that says which account it is of: `demurrage collect` does".to_owned()
                }
                Some(region) => format!("run `demurrage use --region {region}` in that account"),
                None => "run `demurrage use`".to_owned(),
            },
        }
    }
}

impl fmt::Display for UseGap {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let scope = &self.scope;
        match &self.why {
            UseGapReason::Missing => write!(f, "{scope} was never read"),
            UseGapReason::Failed { read_at, cause } => {
                write!(f, "{scope} could not be read on {}: {cause}", shown(*read_at))
            }
            UseGapReason::TooOld { read_at, age } => {
                write!(f, "{scope} was last read {} ago, on {}", age_words(*age), shown(*read_at))
            }
            UseGapReason::FromTheFuture { read_at } => {
                write!(f, "{scope} was read on {}, which is still to come", shown(*read_at))
            }
        }
    }
}

/// A time as these sentences have it.
pub(super) fn shown(time: DateTime<Utc>) -> impl fmt::Display {
    time.format("%Y-%m-%d %H:%M UTC")
}

/// An age in the largest unit of which it has two, rounded down.
fn age_words(age: TimeDelta) -> String {
    let (hours, minutes) = (age.num_hours(), age.num_minutes());
    match (hours, minutes) {
        (48.., _) => format!("{} days", hours / 24),
        (2.., _) => format!("{hours} hours"),
        (_, 2..) => format!("{minutes} minutes"),
        (..2, ..2) => format!("{} seconds", age.num_seconds()),
    }
}
