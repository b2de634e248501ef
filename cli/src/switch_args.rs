//! The options that settle what is uncertain about ECR.

use clap::{Args, ValueEnum};
use demurrage_core::lifecycle::{AgeUnit, IndexChildren, Referrers, RestoredAge, Switches};

/// Options shared by all commands that evaluate.
#[derive(Debug, Clone, Copy, Args)]
#[command(next_help_heading = "Uncertain behaviour of ECR (docs/SEMANTICS.md)")]
pub(crate) struct SwitchArgs {
    /// Whether children of indexes are ranked and listed
    #[arg(long, value_enum, default_value_t = Children::Ignored, alias = "index_children")]
    index_children: Children,
    /// Whether referrers are ranked and listed while their subject is in the repository
    #[arg(long, value_enum, default_value_t = Refs::Follow)]
    referrers: Refs,
    /// From when the age of a restored image counts
    #[arg(long, value_enum, default_value_t = Restored::Activated, alias = "restored_age")]
    restored_age: Restored,
    /// Whether ages are compared to the instant or in completed days
    #[arg(long, value_enum, default_value_t = Age::Instant)]
    age: Age,
}

#[derive(Debug, Clone, Copy, ValueEnum)]
enum Children {
    Ignored,
    Counted,
}

#[derive(Debug, Clone, Copy, ValueEnum)]
enum Refs {
    Follow,
    Image,
}

#[derive(Debug, Clone, Copy, ValueEnum)]
enum Restored {
    Activated,
    Pushed,
}

#[derive(Debug, Clone, Copy, ValueEnum)]
enum Age {
    Instant,
    #[value(name = "whole_days", alias = "whole-days")]
    WholeDays,
}

impl SwitchArgs {
    /// The settings.
    pub(crate) const fn switches(self) -> Switches {
        Switches {
            index_children: match self.index_children {
                Children::Ignored => IndexChildren::Ignored,
                Children::Counted => IndexChildren::Counted,
            },
            referrers: match self.referrers {
                Refs::Follow => Referrers::Follow,
                Refs::Image => Referrers::Image,
            },
            restored_age: match self.restored_age {
                Restored::Activated => RestoredAge::Activated,
                Restored::Pushed => RestoredAge::Pushed,
            },
            age: match self.age {
                Age::Instant => AgeUnit::Instant,
                Age::WholeDays => AgeUnit::WholeDays,
            },
        }
    }
}
