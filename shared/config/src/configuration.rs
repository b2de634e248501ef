//! What a configuration says, read from its text.

use demurrage_core::audit::Rules;
use demurrage_core::plan::PlanRules;
use demurrage_core::retention::RetentionRules;

use crate::problems::Problems;
use crate::reader_problem::reader_problem;
use crate::table::File;
use crate::{ConfigurationError, InUseConfiguration};

/// What a team has configured. What the file does not say is as in [`Configuration::default`].
///
/// ```
/// # use demurrage_config::Configuration;
/// let configuration = Configuration::parse("[audit]\nowner_tags = ['squad']")?;
/// assert_eq!(configuration.rules.owner_tags, ["squad"]);
/// let error = Configuration::parse("[audit]\nowner_tag = ['squad']").unwrap_err();
/// assert_eq!(error.to_string(), "2:1: there is no `owner_tag` here");
/// assert_eq!(error.problems[0].help, "did you mean `owner_tags`?");
/// # Ok::<(), demurrage_config::ConfigurationError>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Configuration {
    /// What audits judge by.
    pub rules: Rules,
    /// What has to be known of use, before anything is deleted.
    pub in_use: InUseConfiguration,
    /// Which images stay and which go.
    pub retention: RetentionRules,
    /// What plans may come to, and what they never touch.
    pub plan: PlanRules,
}

impl Configuration {
    /// Reads the text of a configuration.
    ///
    /// # Errors
    /// When it is not TOML, holds a name that nobody knows, or a value that cannot be meant: all such values at once.
    pub fn parse(text: &str) -> Result<Self, ConfigurationError> {
        let mut problems = Problems::of(text);
        let file: File = match toml::from_str(text) {
            Ok(file) => file,
            Err(error) => {
                let (span, message, help) = reader_problem(&error);
                problems.add(span, message, help);
                return Err(problems.into_error());
            }
        };
        let rules = file.audit.rules(&mut problems);
        let in_use = file.in_use.configuration(&mut problems);
        let retention = file.retention(&mut problems);
        let plan = file.plan.rules(&mut problems);
        if problems.is_empty() {
            Ok(Self { rules, in_use, retention, plan })
        } else {
            Err(problems.into_error())
        }
    }
}
