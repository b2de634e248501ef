//! What is wrong with a configuration.

use std::fmt;
use std::ops::Range;

/// All that is wrong with a configuration.
///
/// Its text has a line for each problem, with line and column: the name of the file before them makes a place that
/// editors know.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub struct ConfigurationError {
    /// The problems in the order of the text; never none. Where the text is not of the right shape, only the first.
    pub problems: Vec<ConfigurationProblem>,
}

impl fmt::Display for ConfigurationError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.problems.iter().enumerate().try_for_each(|(position, problem)| {
            let separator = if position == 0 { "" } else { "\n" };
            write!(f, "{separator}{problem}")
        })
    }
}

/// One thing that is wrong.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ConfigurationProblem {
    /// The line, from 1.
    pub line: usize,
    /// The column in characters, from 1.
    pub column: usize,
    /// The place in the text, in bytes.
    pub span: Range<usize>,
    /// What is wrong: a lowercase fragment.
    pub message: String,
    /// How to mend it: a lowercase fragment.
    pub help: String,
}

impl fmt::Display for ConfigurationProblem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}: {}", self.line, self.column, self.message)
    }
}
