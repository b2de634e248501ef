//! A lifecycle policy: the checked form of its text.

use std::fmt;

use super::policy_reader::{self, Reader};
use super::policy_rules;
use super::{Problem, ProblemId, Rule, Severity};

/// A lifecycle policy that ECR accepts.
///
/// ```
/// use demurrage_core::lifecycle::Policy;
/// let text = r#"{"rules": [{"rulePriority": 1, "description": "the last twenty builds are enough",
///   "selection": {"tagStatus": "any", "countType": "imageCountMoreThan", "countNumber": 20},
///   "action": {"type": "expire"}}]}"#;
/// let policy = Policy::parse(text)?;
/// assert_eq!(policy.rules().len(), 1);
/// # Ok::<(), demurrage_core::lifecycle::PolicyRejection>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Policy {
    text: String,
    // INVARIANT: in the order of their priorities, which are unique.
    rules: Vec<Rule>,
    findings: Vec<Problem>,
}

/// Why a text is not a policy that ECR accepts: everything that is wrong with it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PolicyRejection {
    /// The text to which the places refer.
    pub text: String,
    /// What ECR rejects, and what else was found; in the order of their places. At least one is an error.
    pub problems: Vec<Problem>,
}

impl fmt::Display for PolicyRejection {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let errors = self.problems.iter().filter(|problem| problem.id.severity() == Severity::Error);
        for (position, problem) in errors.enumerate() {
            let joint = if position == 0 { "" } else { "; " };
            write!(f, "{joint}{problem}")?;
        }
        Ok(())
    }
}

impl std::error::Error for PolicyRejection {}

impl Policy {
    /// Reads and checks the text of a policy, or the output of `aws ecr get-lifecycle-policy`.
    ///
    /// # Errors
    /// When ECR would reject it; all reasons at once.
    pub fn parse(text: &str) -> Result<Self, PolicyRejection> {
        match policy_reader::unwrap(text) {
            Ok(Some(inner)) => Self::parse_bare(&inner),
            Ok(None) => Self::parse_bare(text),
            Err(problem) => Err(PolicyRejection { text: text.to_owned(), problems: vec![*problem] }),
        }
    }

    /// The text of the policy as it was given, without the wrapping of the AWS CLI.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// The rules, in the order of their priorities.
    pub fn rules(&self) -> &[Rule] {
        &self.rules
    }

    /// What is odd but accepted, in the order of its places.
    pub fn findings(&self) -> &[Problem] {
        &self.findings
    }

    /// The policy that has these rules. For callers that make rules, not texts: nothing is checked but the
    /// order of priorities, and the text is empty.
    pub fn from_rules(mut rules: Vec<Rule>) -> Self {
        rules.sort_by_key(|rule| rule.priority);
        Self { text: String::new(), rules, findings: Vec::new() }
    }

    fn parse_bare(text: &str) -> Result<Self, PolicyRejection> {
        let mut reader = Reader::new(text);
        let drafts = policy_reader::read_rules(&mut reader);
        policy_rules::check_together(&mut reader, &drafts);
        let mut rules: Vec<Rule> = drafts.into_iter().filter_map(policy_rules::finish).collect();
        rules.sort_by_key(|rule| rule.priority);
        let mut problems = reader.into_problems();
        problems.sort_by_key(|problem| (problem.span.start, problem.id));
        if problems.iter().any(|problem| problem.id.severity() == Severity::Error) {
            return Err(PolicyRejection { text: text.to_owned(), problems });
        }
        debug_assert!(problems.iter().all(|problem| problem.id >= ProblemId::EntryRepeated));
        Ok(Self { text: text.to_owned(), rules, findings: problems })
    }
}
