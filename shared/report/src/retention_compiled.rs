//! What of retention rules ECR can do, and what is left for plans: for people and for programs.

use std::collections::BTreeMap;
use std::fmt::Write;

use demurrage_core::retention::compile::{
    Compiled, GENERATED_REPOSITORIES, LeftOver, NativeRule, Purpose, WhyLeft,
};
use demurrage_core::retention::{RetentionRule, RetentionRules};
use serde_json::{Value, json};

use crate::amount::{count, grouped};
use crate::image_name::visible;
use crate::sentence::rule_sentence;
use crate::table;
use crate::wrapped::{line, wrapped};

/// What the rules of one repository came to.
#[derive(Debug, Clone, Copy)]
pub struct CompiledRepository<'a> {
    /// The account, where known.
    pub account: Option<&'a str>,
    /// The region.
    pub region: &'a str,
    /// The name of the repository.
    pub name: &'a str,
    /// What the rules came to.
    pub compiled: &'a Compiled,
    /// The text of the policy; nothing where nothing is handed over.
    pub policy: Option<&'a str>,
    /// Where it was written, if it was.
    pub path: Option<&'a str>,
}

/// What everybody has to know who puts such a policy.
pub const COMPILED_WARNING: &str = "ECR runs a policy by itself and knows none of the guards of plans: it asks nobody what is in \
     use, and keeps neither the newest image nor the last one; what a policy may take is what the rules may take without them";

/// What was compared.
pub fn compiled_proof(repositories: usize) -> String {
    format!(
        "no policy takes more than the rules: compared over {} and {} made-up ones",
        count(repositories, "repository"),
        grouped(GENERATED_REPOSITORIES.into())
    )
}

/// The rules of policies, and what is left, with the repositories that this is so for.
pub fn compiled_text(
    rules: &RetentionRules,
    repositories: &[CompiledRepository<'_>],
    width: Option<u16>,
) -> String {
    let mut groups: Vec<(String, Vec<&CompiledRepository<'_>>)> = Vec::new();
    let mut places: BTreeMap<String, usize> = BTreeMap::new();
    for repository in repositories {
        let body = body(rules, repository.compiled, width);
        if let Some((_, same)) = places.get(&body).and_then(|&place| groups.get_mut(place)) {
            same.push(repository);
        } else {
            places.insert(body.clone(), groups.len());
            groups.push((body, vec![repository]));
        }
    }
    groups.iter().map(|(body, same)| title(same, width) + body + "\n").collect()
}

/// The repositories that come to the same: those of a registry on one line, or, where policies were written, each with its file.
fn title(same: &[&CompiledRepository<'_>], width: Option<u16>) -> String {
    let mut registries: Vec<(String, Vec<&CompiledRepository<'_>>)> = Vec::new();
    for repository in same {
        let account = repository.account.unwrap_or("unknown account");
        let registry = format!("{account} {}", repository.region);
        match registries.last_mut().filter(|(last, _)| *last == registry) {
            Some((_, of_it)) => of_it.push(repository),
            None => registries.push((registry, vec![repository])),
        }
    }
    let mut text = String::new();
    for (registry, of_it) in registries {
        let names: Vec<&str> = of_it.iter().map(|repository| repository.name).collect();
        if let [name] = names[..] {
            let _ = writeln!(text, "{registry} {name}");
        } else {
            let number = count(names.len(), "repository");
            text.push_str(&line(&format!("{registry}, {number}: {}", names.join(", ")), width));
        }
        for path in of_it.iter().filter_map(|repository| repository.path) {
            let _ = writeln!(text, "  policy: {}", visible(path));
        }
    }
    text
}

/// The rules of a policy, and what is left.
fn body(rules: &RetentionRules, compiled: &Compiled, width: Option<u16>) -> String {
    let mut text = String::new();
    if compiled.rules.is_empty() {
        text.push_str("  nothing for ECR: no policy\n");
    } else {
        let mut rows = table::table(&["priority", "what it does", "for"]);
        for native in &compiled.rules {
            rows.add_row(vec![native.rule.priority.to_string(), what(native), purpose(rules, native)]);
        }
        let inner = width.map(|width| width.saturating_sub(2));
        text.push_str(&indented(&table::fitted(rows, &[1, 2], inner)));
    }
    if !compiled.left.is_empty() {
        text.push_str("  left for plans:\n");
    }
    for left in &compiled.left {
        let name = clause_name(rules, left.rule, left.clause, |rule| (&rule.expire, "expire"));
        let part = if left.is_in_part { "what it says beyond that" } else { "all of it" };
        text.push_str(&wrapped(&format!("- {name}: {part}: {}", visible(&why(rules, left))), width));
    }
    text
}

/// The same for programs.
pub fn compiled_json(rules: &RetentionRules, repositories: &[CompiledRepository<'_>]) -> Value {
    let repository = |repository: &CompiledRepository<'_>| {
        let native = repository.compiled.rules.iter().map(|native| {
            json!({
                "rule_priority": native.rule.priority,
                "says": what(native),
                "for": purpose(rules, native),
            })
        });
        let left = repository.compiled.left.iter().map(|left| {
            json!({
                "rule": rules.rules.get(left.rule as usize).map(|rule| &rule.name),
                "expire": u64::from(left.clause) + 1,
                "in_part": left.is_in_part,
                "why": why(rules, left),
            })
        });
        // The policy is an object here: a text within JSON is for nobody.
        let policy = repository.policy.and_then(|text| serde_json::from_str::<Value>(text).ok());
        json!({
            "registry_id": repository.account,
            "region": repository.region,
            "repository_name": repository.name,
            "policy": policy,
            "path": repository.path,
            "rules": native.collect::<Vec<_>>(),
            "left": left.collect::<Vec<_>>(),
        })
    };
    json!({
        "compared_generated": GENERATED_REPOSITORIES,
        "warning": COMPILED_WARNING,
        "repositories": repositories.iter().map(repository).collect::<Vec<_>>(),
    })
}

fn what(native: &NativeRule) -> String {
    match native.purpose {
        Purpose::Shield => format!("keeps {}", native.rule.selection),
        Purpose::Acts { .. } => rule_sentence(&native.rule),
    }
}

fn purpose(rules: &RetentionRules, native: &NativeRule) -> String {
    match native.purpose {
        Purpose::Shield => "what is protected, or a `keep` may mean".to_owned(),
        Purpose::Acts { rule, clause } => clause_name(rules, rule, clause, |rule| (&rule.expire, "expire")),
    }
}

fn clause_name(
    rules: &RetentionRules,
    rule: u32,
    clause: u32,
    side: fn(&RetentionRule) -> (&Vec<demurrage_core::retention::Clause>, &'static str),
) -> String {
    let Some(of_rule) = rules.rules.get(rule as usize) else { return String::new() };
    let (clauses, side) = side(of_rule);
    let says = clauses.get(clause as usize).map_or_else(String::new, ToString::to_string);
    format!("{} {side} {} ({says})", rules.label(rule), u64::from(clause) + 1)
}

fn why(rules: &RetentionRules, left: &LeftOver) -> String {
    match &left.why {
        WhyLeft::Untag => "ECR takes no tags off".to_owned(),
        WhyLeft::OtherTags => {
            "ECR takes an image with such a tag whatever other tags it has, and the rules only where each of its tags is \
             chosen"
                .to_owned()
        }
        WhyLeft::Condition("pulled_older_than" | "never_pulled") => {
            "ECR counts from the push what was never pulled, and does not say whether the pull of a child counts for its \
             index"
                .to_owned()
        }
        WhyLeft::Condition(name) => format!("ECR has nothing like `{name}`"),
        WhyLeft::Unsheltered { rule, clause } => {
            let keep = clause_name(rules, *rule, *clause, |rule| (&rule.keep, "keep"));
            format!("ECR cannot tell what {keep} keeps")
        }
        WhyLeft::Shielded => {
            "the policy has to keep all of these images, for what is protected or a `keep` may mean".to_owned()
        }
        WhyLeft::Taken => "another rule of the policy claims these images".to_owned(),
        WhyLeft::DeletesLater => {
            "ECR archives; plans delete later what is still chosen then".to_owned()
        }
        WhyLeft::Milder => {
            "the policy keeps all that a `keep` may mean, signatures that are found by their tags, and parts of days"
                .to_owned()
        }
        WhyLeft::Takes(contradiction) => format!("the policy would take more: {contradiction}"),
        WhyLeft::NotAccepted(cause) => format!("ECR would not accept the policy: {cause}"),
    }
}

fn indented(text: &str) -> String {
    text.lines().flat_map(|line| ["  ", line, "\n"]).collect()
}
