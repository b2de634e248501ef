//! Lifecycle policies as data, and the JSON text in which ECR keeps them.

use super::json::{Json, texts};

/// A lifecycle policy.
#[derive(Debug)]
pub(super) struct Policy {
    pub(super) layout: Layout,
    /// Rule 1 first.
    pub(super) rules: &'static [Rule],
}

/// How its author wrote the text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Layout {
    /// On one line, as Terraform's `jsonencode` does.
    Compact,
    /// On many lines, with so many spaces a level.
    Indented(usize),
}

/// One rule of a policy.
#[derive(Debug)]
pub(super) struct Rule {
    pub(super) priority: u64,
    pub(super) description: &'static str,
    pub(super) selects: Selects,
    pub(super) limit: Limit,
    pub(super) action: Action,
}

/// The images that a rule selects.
#[derive(Debug, Clone, Copy)]
pub(super) enum Selects {
    /// Images of the standard class without a tag.
    Untagged,
    /// Every image of the standard class.
    Any,
    /// Every image of the archive class.
    AnyArchived,
    /// Images of the standard class whose tags match all of these.
    Patterns(&'static [&'static str]),
    /// Images of the standard class whose tags start with all of these.
    Prefixes(&'static [&'static str]),
}

/// Beyond what a rule acts.
#[derive(Debug, Clone, Copy)]
pub(super) enum Limit {
    /// Newest images that stay.
    Count(u64),
    /// Days since the push.
    PushedDays(u64),
    /// Days since the last pull.
    PulledDays(u64),
    /// Days since the image was archived.
    ArchivedDays(u64),
}

/// What a rule does.
#[derive(Debug, Clone, Copy)]
pub(super) enum Action {
    Expire,
    Archive,
}

impl Policy {
    /// The text as ECR keeps it.
    pub(super) fn text(&self) -> String {
        let rules: Vec<Json> = self.rules.iter().map(Rule::json).collect();
        let policy = Json::from(vec![("rules", rules.into())]);
        match self.layout {
            Layout::Compact => policy.compact(),
            Layout::Indented(spaces) => policy.indented(spaces),
        }
    }
}

impl Rule {
    fn json(&self) -> Json {
        let mut selection = match self.selects {
            Selects::Untagged => vec![("tagStatus", "untagged".into())],
            Selects::Any => vec![("tagStatus", "any".into())],
            Selects::AnyArchived => vec![("tagStatus", "any".into()), ("storageClass", "archive".into())],
            Selects::Patterns(list) => {
                vec![("tagStatus", "tagged".into()), ("tagPatternList", texts(list))]
            }
            Selects::Prefixes(list) => vec![("tagStatus", "tagged".into()), ("tagPrefixList", texts(list))],
        };
        let (count_type, number) = match self.limit {
            Limit::Count(images) => ("imageCountMoreThan", images),
            Limit::PushedDays(days) => ("sinceImagePushed", days),
            Limit::PulledDays(days) => ("sinceImagePulled", days),
            Limit::ArchivedDays(days) => ("sinceImageTransitioned", days),
        };
        selection.push(("countType", count_type.into()));
        if !matches!(self.limit, Limit::Count(_)) {
            selection.push(("countUnit", "days".into()));
        }
        selection.push(("countNumber", number.into()));
        let action = match self.action {
            Action::Expire => vec![("type", "expire".into())],
            Action::Archive => vec![("type", "transition".into()), ("targetStorageClass", "archive".into())],
        };
        vec![
            ("rulePriority", self.priority.into()),
            ("description", self.description.into()),
            ("selection", selection.into()),
            ("action", action.into()),
        ]
        .into()
    }
}
