//! Gathers what is wrong, so that people learn of all of it at once.

use std::ops::Range;

use crate::{ConfigurationError, ConfigurationProblem};

/// What is wrong with this text so far.
pub(crate) struct Problems<'t> {
    text: &'t str,
    found: Vec<ConfigurationProblem>,
}

impl<'t> Problems<'t> {
    pub(crate) const fn of(text: &'t str) -> Self {
        Self { text, found: Vec::new() }
    }

    pub(crate) fn add(&mut self, span: Range<usize>, message: impl Into<String>, help: impl Into<String>) {
        let before = self.text.get(..span.start).unwrap_or(self.text);
        let line_start = before.rfind('\n').map_or(0, |newline| newline + 1);
        self.found.push(ConfigurationProblem {
            line: before.matches('\n').count() + 1,
            column: before.get(line_start..).map_or(0, |line| line.chars().count()) + 1,
            span,
            message: message.into(),
            help: help.into(),
        });
    }

    pub(crate) const fn is_empty(&self) -> bool {
        self.found.is_empty()
    }

    pub(crate) fn into_error(mut self) -> ConfigurationError {
        self.found.sort_by_key(|problem| problem.span.start);
        ConfigurationError { problems: self.found }
    }
}
