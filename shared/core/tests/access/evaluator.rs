//! Whether a policy allows a request, by the letter of IAM: slow, and without anything of the reader that it checks.
//!
//! Source: IAM user guide, "Policy evaluation logic", "Condition operators" and "Set operators for multivalued context
//! keys", read 2026-11-23. Where that leaves several readings, the one that allows more is taken. It reads policies
//! that a generator made, so a text that is none is a mistake of the generator.

use std::collections::BTreeMap;
use std::net::IpAddr;

use serde_json::Value;

use super::request::{Caller, Request};

type Context = BTreeMap<String, Vec<String>>;

/// Whether wildcards in the ARNs and names of a `Principal` are wildcards. AWS says that they are none.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum PrincipalWildcards {
    AreText,
    Match,
}

/// Whether some statement allows it and none denies it.
pub(crate) fn is_allowed(policy: &Value, request: &Request, wildcards: PrincipalWildcards) -> bool {
    let context = request.context();
    let has_variables = policy["Version"] == "2012-10-17";
    let statements = list(&policy["Statement"]);
    let applies = |effect: &str| {
        statements.iter().any(|statement| {
            statement["Effect"] == effect
                && principal_applies(statement, request, wildcards)
                && action_applies(statement, request)
                && resource_applies(statement, request)
                && conditions_hold(&statement["Condition"], &context, has_variables)
        })
    };
    applies("Allow") && !applies("Deny")
}

/// A value that may stand alone, as a list.
fn list(value: &Value) -> Vec<Value> {
    match value {
        Value::Null => Vec::new(),
        Value::Array(values) => values.clone(),
        other => vec![other.clone()],
    }
}

fn texts(value: &Value) -> Vec<String> {
    list(value)
        .iter()
        .map(|value| match value {
            Value::String(text) => text.clone(),
            other => other.to_string(),
        })
        .collect()
}

/// `*` and `?` by trying everything.
pub(crate) fn like(pattern: &str, text: &str) -> bool {
    let mut tokens = pattern.chars();
    let Some(first) = tokens.next() else { return text.is_empty() };
    let rest = tokens.as_str();
    let mut chars = text.chars();
    match (first, chars.next()) {
        ('*', None) => like(rest, text),
        ('*', Some(_)) => like(rest, text) || like(pattern, chars.as_str()),
        ('?', Some(_)) => like(rest, chars.as_str()),
        (c, Some(d)) => c == d && like(rest, chars.as_str()),
        (_, None) => false,
    }
}

/// Each of the six parts by itself.
pub(crate) fn arn_like(pattern: &str, text: &str) -> bool {
    let patterns: Vec<_> = pattern.splitn(6, ':').collect();
    let parts: Vec<_> = text.splitn(6, ':').collect();
    if patterns.len() < 6 || parts.len() < 6 {
        return like(pattern, text);
    }
    patterns.iter().zip(parts).all(|(pattern, part)| like(pattern, part))
}

fn action_applies(statement: &Value, request: &Request) -> bool {
    let named = |member: &str| {
        let action = request.action.to_lowercase();
        texts(&statement[member]).iter().any(|pattern| like(&pattern.to_lowercase(), &action))
    };
    if statement["NotAction"].is_null() { named("Action") } else { !named("NotAction") }
}

fn resource_applies(statement: &Value, request: &Request) -> bool {
    let named =
        |member: &str| texts(&statement[member]).iter().any(|pattern| arn_like(pattern, request.resource));
    match (statement["Resource"].is_null(), statement["NotResource"].is_null()) {
        (true, true) => true,
        (false, _) => named("Resource"),
        (true, false) => !named("NotResource"),
    }
}

fn principal_applies(statement: &Value, request: &Request, wildcards: PrincipalWildcards) -> bool {
    let named = |member: &str| {
        let principals = &statement[member];
        *principals == "*"
            || texts(&principals["AWS"]).iter().any(|text| is_aws_principal(text, &request.caller, wildcards))
            || texts(&principals["Service"]).iter().any(|text| match &request.caller {
                Caller::Service { name, .. } => same(text, name, wildcards),
                Caller::Anonymous | Caller::Principal { .. } => false,
            })
            || texts(&principals["Federated"]).iter().any(|text| match &request.caller {
                Caller::Principal { provider: Some(provider), .. } => same(text, provider, wildcards),
                Caller::Anonymous | Caller::Principal { .. } | Caller::Service { .. } => false,
            })
    };
    if statement["NotPrincipal"].is_null() { named("Principal") } else { !named("NotPrincipal") }
}

fn same(pattern: &str, text: &str, wildcards: PrincipalWildcards) -> bool {
    match wildcards {
        PrincipalWildcards::AreText => pattern == text,
        PrincipalWildcards::Match => like(pattern, text),
    }
}

/// A principal is itself, its role, and its account.
fn is_aws_principal(text: &str, caller: &Caller, wildcards: PrincipalWildcards) -> bool {
    if text == "*" {
        return true;
    }
    let Caller::Principal { account, arn, role, .. } = caller else { return false };
    let partition = text.split(':').nth(1).unwrap_or_default();
    let root = format!("arn:{partition}:iam::{account}:root");
    let names = [Some(*account), Some(&root), Some(arn), role.as_deref()];
    names.into_iter().flatten().any(|name| match wildcards {
        PrincipalWildcards::AreText => text == name,
        PrincipalWildcards::Match => arn_like(text, name),
    })
}

fn conditions_hold(conditions: &Value, context: &Context, has_variables: bool) -> bool {
    let Some(operators) = conditions.as_object() else { return true };
    operators.iter().all(|(operator, keys)| {
        let keys = keys.as_object().expect("keys under an operator");
        keys.iter().all(|(key, values)| {
            let found = context.get(&key.to_lowercase()).map(Vec::as_slice);
            condition_holds(operator, found, &texts(values), context, has_variables)
        })
    })
}

fn condition_holds(
    operator: &str,
    found: Option<&[String]>,
    values: &[String],
    context: &Context,
    has_variables: bool,
) -> bool {
    if operator == "Null" {
        return values.iter().any(|value| (value == "true") == found.is_none());
    }
    let (set, operator) = match operator.split_once(':') {
        Some((set, operator)) => (set, operator),
        None => ("", operator),
    };
    let (operator, if_exists) = match operator.strip_suffix("IfExists") {
        Some(operator) => (operator, true),
        None => (operator, false),
    };
    let negated = operator.contains("Not");
    let operator = operator.replace("Not", "");
    let Some(found) = found else {
        return if_exists || (negated && set != "ForAnyValue") || set == "ForAllValues";
    };
    let one_holds = |found: &String| {
        let matches = |value: &String| {
            let value = if has_variables { substitute(value, context) } else { Some(value.clone()) };
            value.is_some_and(|value| compare(&operator, &value, found))
        };
        values.iter().any(matches) != negated
    };
    match (set, negated) {
        ("ForAllValues", _) | ("", true) => found.iter().all(one_holds),
        _ => found.iter().any(one_holds),
    }
}

/// The value with its variables; nothing where the request has not their keys.
fn substitute(value: &str, context: &Context) -> Option<String> {
    let Some((before, rest)) = value.split_once("${") else { return Some(value.to_owned()) };
    let (key, after) = rest.split_once('}').expect("a variable that ends");
    let found = context.get(&key.to_lowercase())?.first()?;
    Some(format!("{before}{found}{}", substitute(after, context)?))
}

fn compare(operator: &str, value: &str, found: &str) -> bool {
    match operator {
        "StringEquals" => value == found,
        "StringEqualsIgnoreCase" | "Bool" => value.eq_ignore_ascii_case(found),
        "StringLike" => like(value, found),
        "ArnEquals" | "ArnLike" => arn_like(value, found),
        "IpAddress" => is_in_range(value, found),
        other => panic!("the generator makes no `{other}`"),
    }
}

/// Bit by bit.
pub(crate) fn is_in_range(range: &str, address: &str) -> bool {
    let (start, prefix) = range.split_once('/').unwrap_or((range, "128"));
    let (Ok(start), Ok(address)) = (start.parse(), address.parse()) else { return false };
    let bits = |address: IpAddr| -> Vec<bool> {
        let octets = match address {
            IpAddr::V4(address) => address.octets().to_vec(),
            IpAddr::V6(address) => address.octets().to_vec(),
        };
        octets.iter().flat_map(|octet| (0..8).rev().map(move |bit| octet >> bit & 1 == 1)).collect()
    };
    let (start, address) = (bits(start), bits(address));
    let prefix: usize = prefix.parse().expect("a prefix");
    start.len() == address.len() && start.iter().zip(&address).take(prefix).all(|(a, b)| a == b)
}
