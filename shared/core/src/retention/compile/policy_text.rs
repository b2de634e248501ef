//! The text of a lifecycle policy.

use serde_json::{Map, Value, json};

use super::{NativeRule, Purpose};
use crate::lifecycle::{Action, Limit, Selection, StorageClass};
use crate::retention::RetentionRules;

/// The text of the policy that has these rules; each says what it is for.
pub fn policy_text(rules: &RetentionRules, native: &[NativeRule]) -> String {
    let native: Vec<Value> = native
        .iter()
        .map(|native| {
            let rule = &native.rule;
            json!({
                "rulePriority": rule.priority,
                "description": description(rules, &native.purpose),
                "selection": selection(&rule.selection, rule.storage_class, rule.limit),
                "action": match rule.action {
                    Action::Expire => json!({"type": "expire"}),
                    Action::Archive => json!({"type": "transition", "targetStorageClass": "archive"}),
                },
            })
        })
        .collect();
    format!("{:#}\n", json!({ "rules": native }))
}

fn description(rules: &RetentionRules, purpose: &Purpose) -> String {
    match purpose {
        Purpose::Shield => "keeps these images from the rules below".to_owned(),
        Purpose::Acts { rule, clause } => {
            let name = rules.rules.get(*rule as usize).map_or("", |rule| &rule.name);
            format!("retention {name}: expire {}", u64::from(*clause) + 1)
        }
    }
}

fn selection(selection: &Selection, class: StorageClass, limit: Limit) -> Map<String, Value> {
    let mut members = Map::new();
    let mut add = |name: &str, value: Value| members.insert(name.to_owned(), value);
    match selection {
        Selection::Any => add("tagStatus", "any".into()),
        Selection::Untagged => add("tagStatus", "untagged".into()),
        Selection::Patterns(patterns) => {
            add("tagStatus", "tagged".into());
            let patterns: Vec<String> = patterns.iter().map(ToString::to_string).collect();
            add("tagPatternList", patterns.into())
        }
        Selection::Prefixes(prefixes) => {
            add("tagStatus", "tagged".into());
            add("tagPrefixList", prefixes.clone().into())
        }
    };
    match class {
        StorageClass::Standard => {}
        StorageClass::Archive => {
            add("storageClass", "archive".into());
        }
    }
    add("countType", limit.count_type().into());
    if !limit.is_count() {
        add("countUnit", "days".into());
    }
    add("countNumber", limit.number().into());
    members
}
