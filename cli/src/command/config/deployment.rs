//! What the service is deployed with: the parameters of a file, with the defaults for the rest.
//!
//! Two kinds of files are read: `samconfig.toml` of the AWS SAM CLI, and JSON as `CloudFormation` takes it. What only the
//! command line of a deployment says is not known here.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use serde_json::Value;

use super::known_parameters::{KnownParameter, known_parameters};
use crate::failure::Failure;
use crate::rules_file;

/// The parameters of a deployment.
#[derive(Debug)]
pub(super) struct Deployment {
    /// The file.
    pub(super) path: PathBuf,
    /// What the file gives, by name; names that nobody knows are among them.
    pub(super) given: BTreeMap<String, String>,
    /// What there is to give.
    pub(super) known: BTreeMap<String, KnownParameter>,
}

impl Deployment {
    pub(super) fn read(path: &Path, environment: &str) -> Result<Self, Failure> {
        let text = rules_file::read_text(path).map_err(Failure::read(path))?;
        let given = if path.extension().is_some_and(|extension| extension == "json") {
            of_json(&text).ok_or_else(|| {
                let help = "a list of `ParameterKey` and `ParameterValue`, or an object of names and values";
                Failure::content(path, "it has no parameters", help)
            })?
        } else {
            of_samconfig(path, &text, environment)?
        };
        Ok(Self { path: path.to_owned(), given, known: known_parameters()? })
    }

    /// The value of a parameter; its default where the file says nothing.
    pub(super) fn value(&self, name: &str) -> &str {
        let default = || self.known.get(name).map(|known| &known.default);
        self.given.get(name).or_else(default).map_or("", String::as_str)
    }

    /// The values of a parameter that is a list with commas.
    pub(super) fn values(&self, name: &str) -> BTreeSet<&str> {
        self.value(name).split(',').filter(|value| !value.is_empty()).collect()
    }
}

/// Source of the forms: `CloudFormation` user guide, "create-stack" (a list of keys and values); `CodePipeline` user guide,
/// "Template configuration file" (`Parameters`), read 2026-11-25.
fn of_json(text: &str) -> Option<BTreeMap<String, String>> {
    let plain = |value: &Value| match value {
        Value::String(text) => Some(text.clone()),
        Value::Number(number) => Some(number.to_string()),
        Value::Bool(is_so) => Some(is_so.to_string()),
        Value::Null | Value::Array(_) | Value::Object(_) => None,
    };
    match serde_json::from_str(text).ok()? {
        Value::Array(all) => all
            .iter()
            .map(|one| {
                Some((one.get("ParameterKey")?.as_str()?.to_owned(), plain(one.get("ParameterValue")?)?))
            })
            .collect(),
        Value::Object(all) => {
            let parameters = all.get("Parameters").and_then(Value::as_object).unwrap_or(&all);
            parameters.iter().map(|(name, value)| Some((name.clone(), plain(value)?))).collect()
        }
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => None,
    }
}

/// Source: AWS SAM developer guide, "AWS SAM CLI configuration file", read 2026-11-25: what stands for a command goes before
/// what stands for all of them.
fn of_samconfig(path: &Path, text: &str, environment: &str) -> Result<BTreeMap<String, String>, Failure> {
    let config: toml::Table =
        toml::from_str(text).map_err(|error| Failure::content(path, error.message(), ""))?;
    let Some(commands) = config.get(environment).and_then(toml::Value::as_table) else {
        let help = "name another with `--environment`";
        return Err(Failure::content(path, format!("it has no environment `{environment}`"), help));
    };
    let overrides = |command: &str| commands.get(command)?.get("parameters")?.get("parameter_overrides");
    let words = match overrides("deploy").or_else(|| overrides("global")) {
        None => Vec::new(),
        Some(toml::Value::String(line)) => words(line),
        Some(toml::Value::Array(all)) => all.iter().filter_map(toml::Value::as_str).flat_map(words).collect(),
        Some(_) => {
            let help = "write `Name=value Other=value`, or a list of such";
            return Err(Failure::content(path, "`parameter_overrides` is no text", help));
        }
    };
    words
        .into_iter()
        .map(|word| match word.split_once('=') {
            Some((name, value)) => Ok((name.to_owned(), value.to_owned())),
            None => Err(Failure::content(path, format!("`{word}` has no `=`"), "write `Name=value`")),
        })
        .collect()
}

/// The words of a line, as a shell would part them; quotation marks hold one together.
fn words(line: &str) -> Vec<String> {
    let (mut words, mut word, mut quote) = (Vec::new(), String::new(), None);
    for letter in line.chars() {
        match (letter, quote) {
            ('"' | '\'', None) => quote = Some(letter),
            (letter, Some(open)) if letter == open => quote = None,
            (letter, None) if letter.is_whitespace() => {
                if !word.is_empty() {
                    words.push(std::mem::take(&mut word));
                }
            }
            (letter, _) => word.push(letter),
        }
    }
    if !word.is_empty() {
        words.push(word);
    }
    words
}

#[cfg(test)]
mod tests {
    use super::{of_json, words};

    #[test]
    fn quotation_marks_hold_a_value_together() {
        let line = r#"Regions=eu-west-1  ScheduleExpression="cron(0 3 * * ? *)" AlarmEmail='a@b.example'"#;
        assert_eq!(
            words(line),
            ["Regions=eu-west-1", "ScheduleExpression=cron(0 3 * * ? *)", "AlarmEmail=a@b.example"]
        );
    }

    #[test]
    fn the_forms_of_cloudformation_are_read_and_others_are_not() {
        let listed = of_json(r#"[{"ParameterKey": "Mode", "ParameterValue": "approve"}]"#).unwrap();
        let named = of_json(r#"{"Parameters": {"Mode": "approve"}}"#).unwrap();
        assert_eq!(listed, named);
        assert_eq!(listed["Mode"], "approve");
        assert_eq!(of_json("[1]"), None);
        assert_eq!(of_json("7"), None);
    }
}
