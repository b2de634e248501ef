//! The conditions of retention rules, as they are meant.

use std::fmt;

use chrono::TimeDelta;

use super::TagRegex;
use crate::Wildcard;

/// Conditions that hold together. Without any, it is met by every image.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Clause {
    /// All of them have to be met. Those about tags have to be met by one and the same tag.
    pub conditions: Vec<Condition>,
    /// Among those that meet the conditions, it has to be one of the newest.
    pub newest: Option<Newest>,
}

/// One condition. Those about tags are met by a tag, the others by an image with all that belongs to it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Condition {
    /// The tag matches one of these.
    Tags(Vec<Wildcard>),
    /// The tag matches.
    TagsRegex(TagRegex),
    /// The image has no tag of its own.
    Untagged,
    /// It was pushed more than so long ago.
    PushedOlderThan(TimeDelta),
    /// It, and everything that belongs to it, was last pulled (or restored from the archive) more than so long ago. What was
    /// never pulled meets it nowhere but in a `keep`.
    PulledOlderThan(TimeDelta),
    /// The tag was put on it more than so long ago.
    TaggedOlderThan(TimeDelta),
    /// Neither it nor anything that belongs to it was ever pulled or restored.
    NeverPulled {
        /// How long after the push that says nothing yet.
        grace: TimeDelta,
    },
    /// It, or something that belongs to it, is in use.
    InUse,
    /// It has more bytes: of an index its largest child.
    LargerThan {
        /// Bytes.
        bytes: u64,
    },
}

/// How many of the newest.
///
/// Newer is what was pushed later or, where it was ever restored from the archive class, restored later; of two of the same
/// time the one of the smaller digest, as ECR has it. Archived images count for nobody but themselves.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Newest {
    /// How many.
    pub count: u32,
    /// Of each group of tags, and not of all: its capturing group names the group of a tag, and a tag that does not match is
    /// in none.
    pub group: Option<TagRegex>,
}

impl Condition {
    /// Its name in a configuration.
    pub const fn name(&self) -> &'static str {
        match self {
            Self::Tags(_) => "tags",
            Self::TagsRegex(_) => "tags_regex",
            Self::Untagged => "untagged",
            Self::PushedOlderThan(_) => "pushed_older_than",
            Self::PulledOlderThan(_) => "pulled_older_than",
            Self::TaggedOlderThan(_) => "tagged_older_than",
            Self::NeverPulled { .. } => "never_pulled",
            Self::InUse => "in_use",
            Self::LargerThan { .. } => "larger_than",
        }
    }
}

/// As a person would say it of an image: `pushed more than 90 days ago`.
impl fmt::Display for Condition {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Tags(patterns) => {
                f.write_str("tagged ")?;
                for (place, pattern) in patterns.iter().enumerate() {
                    let joint = if place == 0 { "" } else { " or " };
                    write!(f, "{joint}`{pattern}`")?;
                }
                Ok(())
            }
            Self::TagsRegex(regex) => write!(f, "tagged as `{regex}` has it"),
            Self::Untagged => f.write_str("without a tag"),
            Self::PushedOlderThan(age) => write!(f, "pushed more than {} ago", Span(*age)),
            Self::PulledOlderThan(age) => write!(f, "last pulled more than {} ago", Span(*age)),
            Self::TaggedOlderThan(age) => write!(f, "tagged more than {} ago", Span(*age)),
            Self::NeverPulled { grace } => write!(f, "never pulled, {} after the push", Span(*grace)),
            Self::InUse => f.write_str("in use"),
            Self::LargerThan { bytes } => write!(f, "larger than {bytes} bytes"),
        }
    }
}

impl fmt::Display for Newest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.group {
            None => write!(f, "the newest {}", self.count),
            Some(group) => write!(f, "the newest {} of each group of `{group}`", self.count),
        }
    }
}

/// All conditions, joined by `and`.
impl fmt::Display for Clause {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let conditions = self.conditions.iter().map(ToString::to_string);
        let all: Vec<String> = conditions.chain(self.newest.as_ref().map(ToString::to_string)).collect();
        f.write_str(&if all.is_empty() { "any image".to_owned() } else { all.join(" and ") })
    }
}

/// A length of time in the largest unit that it is whole in: `90 days`, `36 hours`.
pub(super) struct Span(pub(super) TimeDelta);

impl fmt::Display for Span {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let seconds = self.0.num_seconds();
        let units = [(86_400, "day"), (3_600, "hour"), (60, "minute"), (1, "second")];
        let (length, name) =
            units.into_iter().find(|(length, _)| seconds % length == 0).unwrap_or((1, "second"));
        let count = seconds / length;
        write!(f, "{count} {name}{}", if count == 1 { "" } else { "s" })
    }
}

#[cfg(test)]
mod tests {
    use chrono::TimeDelta;

    use super::{Clause, Condition, Newest, Span};
    use crate::Wildcard;

    #[test]
    fn a_clause_reads_as_a_person_would_say_it() {
        let clause = Clause {
            conditions: vec![
                Condition::Tags(vec![Wildcard::new("pr-*"), Wildcard::new("ci-*")]),
                Condition::PushedOlderThan(TimeDelta::hours(36)),
            ],
            newest: Some(Newest { count: 3, group: None }),
        };
        assert_eq!(
            clause.to_string(),
            "tagged `pr-*` or `ci-*` and pushed more than 36 hours ago and the newest 3"
        );
        assert_eq!(Clause::default().to_string(), "any image");
    }

    #[test]
    fn a_span_is_said_in_its_largest_whole_unit() {
        let said = |seconds| Span(TimeDelta::seconds(seconds)).to_string();
        assert_eq!(said(86_400), "1 day");
        assert_eq!(said(7_200), "2 hours");
        assert_eq!(said(90), "90 seconds");
        assert_eq!(said(120), "2 minutes");
    }
}
