//! The parameters that a deployment has, and what each may be: those of `infra/template.yaml`, which a test keeps equal.

use std::collections::BTreeMap;

use regex::Regex;
use serde::Deserialize;

use crate::failure::Failure;

/// Written from the template by its tests.
const TEXT: &str = include_str!("../../../../infra/parameters.json");

/// One parameter.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct KnownParameter {
    /// What it is where nobody says anything.
    pub(super) default: String,
    pattern: Option<String>,
    values: Option<Vec<String>>,
    min: Option<i64>,
    max: Option<i64>,
    max_length: Option<usize>,
}

/// All of them, by their names.
pub(super) fn known_parameters() -> Result<BTreeMap<String, KnownParameter>, Failure> {
    serde_json::from_str(TEXT)
        .map_err(|error| Failure::usage(format!("the parameters of this version are damaged: {error}"), ""))
}

impl KnownParameter {
    /// How to write it, where `CloudFormation` would refuse the value.
    pub(super) fn refusal(&self, value: &str) -> Option<String> {
        if let Some(values) = &self.values
            && !values.iter().any(|one| one == value)
        {
            return Some(format!("it is one of {}", values.join(", ")));
        }
        if let Some(pattern) = &self.pattern
            && Regex::new(pattern).is_ok_and(|pattern| !pattern.is_match(value))
        {
            return Some(format!("it has to match {pattern}"));
        }
        if let Some(length) = self.max_length
            && length < value.chars().count()
        {
            return Some(format!("it has {length} characters at most"));
        }
        if self.min.is_none() && self.max.is_none() {
            return None;
        }
        let (low, high) = (self.min.unwrap_or(i64::MIN), self.max.unwrap_or(i64::MAX));
        if value.parse::<i64>().is_ok_and(|number| (low..=high).contains(&number)) {
            return None;
        }
        Some(match self.max {
            Some(high) => format!("it is a number, {low} to {high}"),
            None => format!("it is a number, {low} or more"),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::known_parameters;

    #[test]
    fn every_default_is_a_value_that_is_taken_and_every_pattern_is_one_that_can_be_read() {
        let known = known_parameters().unwrap();
        assert!(known.len() > 30);
        for (name, parameter) in known {
            assert_eq!(parameter.refusal(&parameter.default), None, "{name}");
            assert!(parameter.pattern.is_none_or(|pattern| regex::Regex::new(&pattern).is_ok()), "{name}");
        }
    }

    #[test]
    fn what_cloudformation_refuses_is_refused_here() {
        let known = known_parameters().unwrap();
        for (name, value) in [
            ("Mode", "delete"),
            ("Accounts", "123"),
            ("MaxConcurrency", "0"),
            ("MaxConcurrency", "many"),
            ("NoRunAlarmHours", "169"),
            ("StorePrefix", "/"),
        ] {
            assert!(known[name].refusal(value).is_some(), "{name}={value}");
        }
        assert_eq!(known["Mode"].refusal("enforce"), None);
    }
}
