//! Reads a policy and refuses what the service refuses, in its words.
//!
//! Source: user guide, `lifecycle_policy_parameters`; error texts as users reported them; read 2026-11-23.

use std::collections::BTreeSet;

use demurrage_reference::{Act, Class, Count, List, Rule};
use serde_json::{Map, Value};

use super::schema::{self, Complaint};
use crate::wire::Refusal;

/// Characters of a policy. Source: API model, `LifecyclePolicyText`.
const CHARACTERS: std::ops::RangeInclusive<usize> = 100..=30_720;
/// Rules of a policy. Source: user guide.
const MOST_RULES: usize = 50;
/// Days in the archive before an image may be deleted. Source: user guide, archive-image.
const LEAST_ARCHIVE_DAYS: u64 = 90;
/// Wildcards in a pattern. Source: user guide.
const MOST_WILDCARDS: usize = 4;

/// The rules of a policy, by priority.
pub(crate) fn read(text: &str) -> Result<Vec<Rule>, Refusal> {
    let count = text.chars().count();
    if count < *CHARACTERS.start() {
        return Err(Refusal::parameter(
            "LifecyclePolicyText",
            "Member must have length greater than or equal to 100",
        ));
    }
    if *CHARACTERS.end() < count {
        return Err(Refusal::parameter(
            "LifecyclePolicyText",
            "Member must have length less than or equal to 30720",
        ));
    }
    rules(text).map_err(|complaint| {
        Refusal::parameter(
            "LifecyclePolicyText",
            &format!("Lifecycle policy validation failure: {complaint}"),
        )
    })
}

/// The policy as it is given back: with its rules by priority.
pub(crate) fn canonical(text: &str) -> String {
    let Ok(mut policy) = serde_json::from_str::<Value>(text) else { return text.to_owned() };
    let Some(rules) = policy.get_mut("rules").and_then(Value::as_array_mut) else { return text.to_owned() };
    let priority = |rule: &Value| rule.get("rulePriority").and_then(Value::as_u64);
    if rules.is_sorted_by_key(priority) {
        return text.to_owned();
    }
    rules.sort_by_key(priority);
    policy.to_string()
}

fn rules(text: &str) -> Result<Vec<Rule>, Complaint> {
    let Ok(policy) = serde_json::from_str::<Value>(text) else {
        return Err("Could not map policyString into LifecyclePolicy.".to_owned());
    };
    let policy = schema::object(&policy, &["rules"], &[])?;
    let list = schema::array(policy, "rules", MOST_RULES)?.ok_or("no rules")?;
    let mut rules = list.iter().map(rule).collect::<Result<Vec<Rule>, Complaint>>()?;
    rules.sort_by_key(|rule| rule.priority);
    among_each_other(&rules)?;
    Ok(rules)
}

fn rule(value: &Value) -> Result<Rule, Complaint> {
    let rule = schema::object(value, &["rulePriority", "selection", "action"], &["description"])?;
    schema::string(rule, "description")?;
    let priority = schema::integer(rule, "rulePriority", 1)?.ok_or("no rulePriority")?;
    let null = Value::Null;
    let action = schema::object(rule.get("action").unwrap_or(&null), &["type"], &["targetStorageClass"])?;
    let act = match schema::one_of(action, "type", &["expire", "transition"])? {
        Some("transition") => Act::Transition,
        _ => Act::Expire,
    };
    let target = schema::one_of(action, "targetStorageClass", &["archive"])?;
    if target.is_some() != (act == Act::Transition) {
        return Err(no_schema());
    }
    let selection = schema::object(
        rule.get("selection").unwrap_or(&null),
        &["tagStatus", "countType", "countNumber"],
        &["tagPatternList", "tagPrefixList", "storageClass", "countUnit"],
    )?;
    let list = selected(selection)?;
    let (class, count, number) = counted(selection)?;
    match (count, act, class) {
        (Count::SincePulled, Act::Expire, _)
        | (Count::SinceTransitioned, Act::Transition, _)
        | (Count::SinceTransitioned, _, Class::Standard)
        | (Count::MoreThan | Count::SincePushed | Count::SincePulled, _, Class::Archive) => Err(no_schema()),
        _ => Ok(Rule { priority, list, class, count, number, act }),
    }
}

fn no_schema() -> Complaint {
    "instance failed to match exactly one schema (matched 0 out of 2)".to_owned()
}

fn selected(selection: &Map<String, Value>) -> Result<List, Complaint> {
    let status = schema::one_of(selection, "tagStatus", &["tagged", "untagged", "any"])?;
    let patterns = schema::strings(selection, "tagPatternList")?;
    let prefixes = schema::strings(selection, "tagPrefixList")?;
    match (status, patterns, prefixes) {
        (Some("any"), None, None) => Ok(List::Any),
        (Some("untagged"), None, None) => Ok(List::Untagged),
        (Some("any" | "untagged"), ..) => {
            Err("tagPrefixList and tagPatternList can only be specified when tagStatus=TAGGED.".to_owned())
        }
        (_, None, None) => {
            Err("Must specify tagPrefixList or tagPatternList when tagStatus=TAGGED.".to_owned())
        }
        (_, Some(_), Some(_)) => {
            Err("Must specify only one of tagPrefixList and tagPatternList when tagStatus=TAGGED.".to_owned())
        }
        (_, None, Some(prefixes)) => Ok(List::Prefixes(prefixes)),
        (_, Some(patterns), None) => {
            let excess = patterns.iter().find(|pattern| MOST_WILDCARDS < pattern.matches('*').count());
            match excess {
                Some(pattern) => Err(format!(
                    "tagPatternList entry \"{pattern}\" has more than {MOST_WILDCARDS} wildcards"
                )),
                None => Ok(List::Patterns(patterns)),
            }
        }
    }
}

fn counted(selection: &Map<String, Value>) -> Result<(Class, Count, u64), Complaint> {
    let class = match schema::one_of(selection, "storageClass", &["standard", "archive"])? {
        Some("archive") => Class::Archive,
        _ => Class::Standard,
    };
    let kinds = ["imageCountMoreThan", "sinceImagePushed", "sinceImagePulled", "sinceImageTransitioned"];
    let count = match schema::one_of(selection, "countType", &kinds)? {
        Some("sinceImagePushed") => Count::SincePushed,
        Some("sinceImagePulled") => Count::SincePulled,
        Some("sinceImageTransitioned") => Count::SinceTransitioned,
        _ => Count::MoreThan,
    };
    let unit = schema::one_of(selection, "countUnit", &["days"])?;
    if unit.is_some() != (count != Count::MoreThan) {
        return Err(no_schema());
    }
    let least = if count == Count::SinceTransitioned { LEAST_ARCHIVE_DAYS } else { 1 };
    let number = schema::integer(selection, "countNumber", least)?.ok_or("no countNumber")?;
    Ok((class, count, number))
}

/// What no rule may say beside another; the rules come by priority.
fn among_each_other(rules: &[Rule]) -> Result<(), Complaint> {
    let mut priorities = BTreeSet::new();
    if let Some(twice) = rules.iter().find(|rule| !priorities.insert(rule.priority)) {
        return Err(format!("Rule priorities must be unique, but {} is given twice", twice.priority));
    }
    for class in [Class::Standard, Class::Archive] {
        let of_class: Vec<&Rule> = rules.iter().filter(|rule| rule.class == class).collect();
        let before_last = of_class.split_last().map(|(_, before)| before).unwrap_or_default();
        if before_last.iter().any(|rule| rule.list == List::Any) {
            return Err("Rule for tagStatus=ANY must have the lowest priority per storage class".to_owned());
        }
        if 1 < of_class.iter().filter(|rule| rule.list == List::Untagged).count() {
            return Err("Only one rule can select Untagged images per storage class".to_owned());
        }
        let mut patterns = BTreeSet::new();
        let mut prefixes = BTreeSet::new();
        for rule in of_class {
            let unique = match &rule.list {
                List::Patterns(list) => patterns.insert(list.iter().collect::<BTreeSet<_>>()),
                List::Prefixes(list) => prefixes.insert(list.iter().collect::<BTreeSet<_>>()),
                List::Any | List::Untagged => true,
            };
            if !unique {
                return Err("Rules must contain a unique set of prefixes per storage class".to_owned());
            }
        }
    }
    Ok(())
}
