//! The first of many lines, held short while a hundred thousand repositories pass by.

use std::cmp::Ordering;

/// The first lines of an order.
#[derive(Debug)]
pub(super) struct Top<T> {
    lines: Vec<T>,
    max: usize,
    order: fn(&T, &T) -> Ordering,
}

impl<T> Top<T> {
    /// No line yet; at the end at most `max`, the first ones of this order.
    pub(super) const fn new(max: usize, order: fn(&T, &T) -> Ordering) -> Self {
        Self { lines: Vec::new(), max, order }
    }

    /// One more. Sorted now and then, so that it costs little for each.
    pub(super) fn push(&mut self, line: T) {
        self.lines.push(line);
        if self.max.saturating_mul(4) < self.lines.len() {
            self.cut();
        }
    }

    fn cut(&mut self) {
        self.lines.sort_by(self.order);
        self.lines.truncate(self.max);
    }

    /// The lines, in their order.
    pub(super) fn finish(mut self) -> Vec<T> {
        self.cut();
        self.lines
    }
}
