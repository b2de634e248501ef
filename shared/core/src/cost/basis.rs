//! Where a figure is from.

/// How sure a figure of traffic is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Basis {
    /// It stands on a bill.
    Billed,
    /// It follows from what is in the registries, and prices.
    Computed,
    /// It follows from what somebody said, such as how often an image is pulled.
    Assumed,
}

impl Basis {
    /// The name in answers: `billed`, `computed` or `assumed`.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Billed => "billed",
            Self::Computed => "computed",
            Self::Assumed => "assumed",
        }
    }
}

/// A figure of which only bounds are known.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct Bounds<T> {
    /// The lower one.
    pub low: T,
    /// The upper one.
    pub high: T,
}

impl<T> Bounds<T> {
    /// The figures that these become.
    pub fn map<U>(self, figure: impl Fn(T) -> U) -> Bounds<U> {
        Bounds { low: figure(self.low), high: figure(self.high) }
    }
}

impl<T: Copy> Bounds<T> {
    /// A figure that is known.
    pub const fn exactly(figure: T) -> Self {
        Self { low: figure, high: figure }
    }
}
