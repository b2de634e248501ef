//! A sum of what is known, and of how many it is not: one repository that was not read does not hide what all others free.

use std::ops::Add;

/// A sum, and how many things are missing from it.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct KnownSum<T> {
    pub(super) sum: T,
    pub(super) unknown: usize,
}

impl<T: Add<Output = T> + Copy> KnownSum<T> {
    /// One more; nothing where it is not known.
    pub(super) fn add(&mut self, more: Option<T>) {
        match more {
            Some(more) => self.sum = self.sum + more,
            None => self.unknown += 1,
        }
    }
}
