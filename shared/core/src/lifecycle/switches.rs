//! The points at which the behaviour of ECR is uncertain, as named settings.
//!
//! `docs/SEMANTICS.md` gives the evidence for each default.

/// How the uncertain points are settled for one evaluation. The default is the latest observation.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub struct Switches {
    /// Whether children of indexes are ranked and listed.
    pub index_children: IndexChildren,
    /// Whether referrers are ranked and listed.
    pub referrers: Referrers,
    /// From when the age of a restored image counts.
    pub restored_age: RestoredAge,
    /// In what unit ages are compared.
    pub age: AgeUnit,
}

/// Setting of `index_children`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum IndexChildren {
    /// Children are neither listed nor counted.
    #[default]
    Ignored,
    /// Children are ordinary images, kept at the end while they are referenced.
    Counted,
}

/// Setting of `referrers`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum Referrers {
    /// A referrer is neither listed nor counted while its subject is in the repository.
    #[default]
    Follow,
    /// A referrer is an ordinary image.
    Image,
}

/// Setting of `restored_age`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum RestoredAge {
    /// From its last activation.
    #[default]
    Activated,
    /// From its push.
    Pushed,
}

/// Setting of `age`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum AgeUnit {
    /// To the instant.
    #[default]
    Instant,
    /// In completed days of 86,400 seconds.
    WholeDays,
}

/// One of the switches, by name.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Switch {
    /// [`Switches::index_children`].
    IndexChildren,
    /// [`Switches::referrers`].
    Referrers,
    /// [`Switches::restored_age`].
    RestoredAge,
    /// [`Switches::age`].
    Age,
}

impl Switch {
    /// All switches.
    pub const ALL: [Self; 4] = [Self::IndexChildren, Self::Referrers, Self::RestoredAge, Self::Age];

    /// The name in options, configuration and documents.
    pub const fn name(self) -> &'static str {
        match self {
            Self::IndexChildren => "index_children",
            Self::Referrers => "referrers",
            Self::RestoredAge => "restored_age",
            Self::Age => "age",
        }
    }
}

impl Switches {
    /// Every combination of settings, sixteen of them.
    ///
    /// The combination at `n` has the setting that is not the default for each switch of [`Switch::ALL`]
    /// whose bit in `n` is one; so two combinations that differ in one switch differ in one bit.
    pub fn all() -> [Self; 16] {
        let mut all = [Self::default(); 16];
        for (n, switches) in all.iter_mut().enumerate() {
            for (bit, switch) in Switch::ALL.into_iter().enumerate() {
                if n >> bit & 1 == 1 {
                    switches.flip(switch);
                }
            }
        }
        all
    }

    /// The name of a switch's setting in options, configuration and documents.
    pub const fn value_name(self, switch: Switch) -> &'static str {
        match switch {
            Switch::IndexChildren => match self.index_children {
                IndexChildren::Ignored => "ignored",
                IndexChildren::Counted => "counted",
            },
            Switch::Referrers => match self.referrers {
                Referrers::Follow => "follow",
                Referrers::Image => "image",
            },
            Switch::RestoredAge => match self.restored_age {
                RestoredAge::Activated => "activated",
                RestoredAge::Pushed => "pushed",
            },
            Switch::Age => match self.age {
                AgeUnit::Instant => "instant",
                AgeUnit::WholeDays => "whole_days",
            },
        }
    }

    /// Gives one switch its other setting.
    pub const fn flip(&mut self, switch: Switch) {
        match switch {
            Switch::IndexChildren => {
                self.index_children = match self.index_children {
                    IndexChildren::Ignored => IndexChildren::Counted,
                    IndexChildren::Counted => IndexChildren::Ignored,
                }
            }
            Switch::Referrers => {
                self.referrers = match self.referrers {
                    Referrers::Follow => Referrers::Image,
                    Referrers::Image => Referrers::Follow,
                }
            }
            Switch::RestoredAge => {
                self.restored_age = match self.restored_age {
                    RestoredAge::Activated => RestoredAge::Pushed,
                    RestoredAge::Pushed => RestoredAge::Activated,
                }
            }
            Switch::Age => {
                self.age = match self.age {
                    AgeUnit::Instant => AgeUnit::WholeDays,
                    AgeUnit::WholeDays => AgeUnit::Instant,
                }
            }
        }
    }
}
