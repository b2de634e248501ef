//! `never-acts`: a rule that can never act.

use super::{Finding, IMAGES_QUOTA};
use crate::Wildcard;
use crate::lifecycle::{Action, Limit, Policy, Rule, Selection, Severity, StorageClass};
use crate::tag::{TAG_CHARS_MAX, is_tag_char};

/// A hundred years, in days.
const CENTURY_DAYS: u64 = 36_500;

pub(super) fn check(policy: &Policy) -> Vec<Finding> {
    policy
        .rules()
        .iter()
        .filter_map(|rule| impossible_entry(rule).or_else(|| out_of_reach(rule, policy)))
        .collect()
}

fn impossible_entry(rule: &Rule) -> Option<Finding> {
    let entry = match &rule.selection {
        Selection::Patterns(_) | Selection::Prefixes(_) => {
            rule.selection.entries().into_iter().find(matches_no_tag)?
        }
        Selection::Untagged | Selection::Any => return None,
    };
    let message = format!("the rule never selects an image: no tag can match `{entry}`");
    let help = "remove the entry, or write what is meant; only `*` in a pattern is special";
    Some(Finding::new("never-acts", Severity::Medium, &[rule], message, help))
}

fn matches_no_tag(entry: &Wildcard) -> bool {
    let text = entry.to_string();
    text.is_empty()
        || text.starts_with(['.', '-'])
        || entry.literals().any(|c| !is_tag_char(c))
        || TAG_CHARS_MAX < entry.literals().count()
}

fn out_of_reach(rule: &Rule, policy: &Policy) -> Option<Finding> {
    let info = |message: String, help: &str| {
        Some(Finding::new("never-acts", Severity::Info, &[rule], message, help))
    };
    let protects = "fine, if it is there to protect its images from the rules after it";
    match rule.limit {
        Limit::ImageCountMoreThan(count) if IMAGES_QUOTA <= count => info(
            format!("the rule keeps {count} images, and a repository holds at most {IMAGES_QUOTA}"),
            protects,
        ),
        Limit::SinceImagePushed(days) | Limit::SinceImagePulled(days) if CENTURY_DAYS <= days => {
            info(format!("the rule keeps its images for {days} days, longer than a century"), protects)
        }
        Limit::SinceImageTransitioned(_) if !archives(policy) => info(
            "the rule selects archived images, and no rule of the policy archives any".to_owned(),
            "fine, if images are archived by hand; otherwise remove it, or add a rule with `transition`",
        ),
        Limit::ImageCountMoreThan(_)
        | Limit::SinceImagePushed(_)
        | Limit::SinceImagePulled(_)
        | Limit::SinceImageTransitioned(_) => None,
    }
}

fn archives(policy: &Policy) -> bool {
    policy
        .rules()
        .iter()
        .any(|rule| rule.storage_class == StorageClass::Standard && rule.action == Action::Archive)
}
