//! What a team says about what is in use.

use demurrage_core::in_use::UseRules;

/// What has to be known of use, and how far back it is read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct InUseConfiguration {
    /// What has to be read, and how lately, before images go.
    pub rules: UseRules,
    /// The newest active revisions of each family of task definitions that count as used.
    pub task_definition_revisions: u32,
    /// Versions of a function before its newest that count as used.
    pub lambda_versions_back: u32,
    /// Whether Inspector is asked.
    pub inspector: bool,
}

impl Default for InUseConfiguration {
    fn default() -> Self {
        Self {
            rules: UseRules::default(),
            task_definition_revisions: 3,
            lambda_versions_back: 3,
            inspector: true,
        }
    }
}
