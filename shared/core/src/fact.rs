//! A fact that may not have been read.

/// What is known about something that a repository or a registry may or may not have.
///
/// Keeping *not read* apart from *read, and there is none* is what lets a finding say "not evaluated"
/// instead of "clean".
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Fact<T> {
    /// Nobody read it.
    #[default]
    NotEvaluated,
    /// It was read: there is none.
    Absent,
    /// It was read: this is it.
    Present(T),
}

impl<T> Fact<T> {
    /// The value, where there is one.
    pub const fn present(&self) -> Option<&T> {
        match self {
            Self::Present(value) => Some(value),
            Self::NotEvaluated | Self::Absent => None,
        }
    }
}
