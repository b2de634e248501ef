//! Reading the text of a policy against the grammar of IAM; the first thing that is wrong ends it.
//!
//! Source: IAM user guide, "Grammar of the IAM JSON policy language", read 2026-11-23. Empty lists and objects are
//! taken as IAM takes them (they match nothing), and so are numbers and booleans as values of conditions.
//! Leaves out what ECR itself rejects beyond the grammar.

use std::collections::BTreeSet;

use jsonc_parser::ast::{Object, Value};
use jsonc_parser::common::Ranged;
use jsonc_parser::{CollectOptions, ParseOptions, parse_to_ast};

use super::condition::read_operator;
use super::policy_error::PolicyPlace;
use super::{
    AccessPolicy, AccessPolicyError, ActionPattern, Actions, Condition, Effect, PolicyVersion, Principal,
    Principals, Resources, Statement, StatementRef,
};

/// A text this long is no policy: three times what ECR accepts (API model, `RepositoryPolicyText` and
/// `RegistryPolicyText`, 10,240 characters; read 2026-11-23).
const TEXT_BYTES_MAX: usize = 32 * 1024;

const POLICY_MEMBERS: &[&str] = &["Version", "Id", "Statement"];
const STATEMENT_MEMBERS: &[&str] = &[
    "Sid",
    "Effect",
    "Principal",
    "NotPrincipal",
    "Action",
    "NotAction",
    "Resource",
    "NotResource",
    "Condition",
];
const PRINCIPAL_MEMBERS: &[&str] = &["AWS", "Service", "Federated", "CanonicalUser"];

const STRING_OR_LIST: &str = "a string or a list of strings";

/// Where a value stands: the text of the policy and the pointer to the value.
#[derive(Clone, Copy)]
struct At<'t> {
    text: &'t str,
    pointer: &'t str,
}

impl At<'_> {
    fn place(self, offset: usize) -> PolicyPlace {
        let before = self.text.get(..offset).unwrap_or(self.text);
        let (line, last) = before.split('\n').enumerate().last().unwrap_or_default();
        PolicyPlace { pointer: self.pointer.to_owned(), line: line + 1, column: last.chars().count() + 1 }
    }

    fn wrong_type(self, value: &Value<'_>, wanted: &'static str) -> AccessPolicyError {
        AccessPolicyError::WrongType { place: self.place(value.start()), found: type_of(value), wanted }
    }
}

/// Goes one member or element down.
macro_rules! below {
    ($at:expr, $step:expr) => {
        At { text: $at.text, pointer: &format!("{}/{}", $at.pointer, $step) }
    };
}

pub(super) fn read(text: &str) -> Result<AccessPolicy, AccessPolicyError> {
    if TEXT_BYTES_MAX < text.len() {
        return Err(AccessPolicyError::TooLong { bytes: text.len(), bytes_max: TEXT_BYTES_MAX });
    }
    let at = At { text, pointer: "" };
    let root = parse(at)?;
    let root = object(at, &root, "an object")?;
    let members = Members::read(at, root, POLICY_MEMBERS)?;
    let version = members.get("Version").map(|value| version(below!(at, "Version"), value)).transpose()?;
    let id = members.get("Id").map(|value| string(below!(at, "Id"), value)).transpose()?;
    let statements = statements(below!(at, "Statement"), members.required("Statement", "`Statement`")?)?;
    Ok(AccessPolicy { version: version.unwrap_or(PolicyVersion::V2008), id, statements })
}

fn version(at: At<'_>, value: &Value<'_>) -> Result<PolicyVersion, AccessPolicyError> {
    let versions = [("2012-10-17", PolicyVersion::V2012), ("2008-10-17", PolicyVersion::V2008)];
    one_of(at, value, &versions, "`2012-10-17` and `2008-10-17`")
}

fn statements(at: At<'_>, value: &Value<'_>) -> Result<Vec<Statement>, AccessPolicyError> {
    match value {
        Value::Object(only) => Ok(vec![statement(at, only, 0)?]),
        Value::Array(list) => list
            .elements
            .iter()
            .enumerate()
            .map(|(index, element)| {
                let at = below!(at, index);
                statement(at, object(at, element, "a statement: an object")?, index)
            })
            .collect(),
        Value::StringLit(_) | Value::NumberLit(_) | Value::BooleanLit(_) | Value::NullKeyword(_) => {
            Err(at.wrong_type(value, "a statement or a list of statements"))
        }
    }
}

fn statement(at: At<'_>, given: &Object<'_>, index: usize) -> Result<Statement, AccessPolicyError> {
    let members = Members::read(at, given, STATEMENT_MEMBERS)?;
    let sid = members.get("Sid").map(|value| string(below!(at, "Sid"), value)).transpose()?;
    let effects = [("Allow", Effect::Allow), ("Deny", Effect::Deny)];
    let effect = members.required("Effect", "`Effect`")?;
    let effect = one_of(below!(at, "Effect"), effect, &effects, "`Allow` and `Deny`")?;
    let principals = match members.either("Principal", "NotPrincipal")? {
        Some(Either::Plain(at, value)) => Principals::Only(principals(below!(at, "Principal"), value)?),
        Some(Either::Not(at, value)) => Principals::Except(principals(below!(at, "NotPrincipal"), value)?),
        None => return Err(members.missing("`Principal`")),
    };
    let patterns = |at: At<'_>, value: &Value<'_>| -> Result<Vec<ActionPattern>, AccessPolicyError> {
        Ok(strings(at, value)?.iter().map(|text| ActionPattern::new(text)).collect())
    };
    let actions = match members.either("Action", "NotAction")? {
        Some(Either::Plain(at, value)) => Actions::Only(patterns(below!(at, "Action"), value)?),
        Some(Either::Not(at, value)) => Actions::Except(patterns(below!(at, "NotAction"), value)?),
        None => return Err(members.missing("`Action`")),
    };
    let resources = match members.either("Resource", "NotResource")? {
        Some(Either::Plain(at, value)) => Resources::Only(strings(below!(at, "Resource"), value)?),
        Some(Either::Not(at, value)) => Resources::Except(strings(below!(at, "NotResource"), value)?),
        None => Resources::Unstated,
    };
    let given = members.get("Condition").map(|value| conditions(below!(at, "Condition"), value));
    let conditions = given.transpose()?.unwrap_or_default();
    Ok(Statement { place: StatementRef { index, sid }, effect, principals, actions, resources, conditions })
}

fn principals(at: At<'_>, value: &Value<'_>) -> Result<Vec<Principal>, AccessPolicyError> {
    let kinds = match value {
        Value::StringLit(text) if text.value == "*" => return Ok(vec![Principal::Everyone]),
        Value::StringLit(text) => {
            return Err(AccessPolicyError::NotAllowed {
                place: at.place(text.start()),
                value: text.value.clone().into_owned(),
                allowed: "`*` and objects such as `{\"AWS\": …}`",
            });
        }
        Value::Object(kinds) => kinds,
        Value::NumberLit(_) | Value::BooleanLit(_) | Value::Array(_) | Value::NullKeyword(_) => {
            return Err(at.wrong_type(value, "`\"*\"` or an object"));
        }
    };
    let members = Members::read(at, kinds, PRINCIPAL_MEMBERS)?;
    let mut principals = Vec::new();
    for (name, principal) in [
        ("AWS", Principal::of_aws as fn(&str) -> Principal),
        ("Service", |text| Principal::Service(text.to_owned())),
        ("Federated", |text| Principal::Federated(text.to_owned())),
        ("CanonicalUser", |text| Principal::CanonicalUser(text.to_owned())),
    ] {
        let Some(value) = members.get(name) else { continue };
        principals.extend(strings(below!(at, name), value)?.iter().map(|text| principal(text)));
    }
    Ok(principals)
}

fn conditions(at: At<'_>, value: &Value<'_>) -> Result<Vec<Condition>, AccessPolicyError> {
    let operators = object(at, value, "an object of operators")?;
    let mut conditions = Vec::new();
    let mut seen = BTreeSet::new();
    for property in &operators.properties {
        let name = property.name.as_str();
        let at = below!(at, escape(name));
        let place = at.place(property.name.start());
        let Some((quantifier, operator, absence)) = read_operator(name) else {
            return Err(AccessPolicyError::UnknownOperator { place, name: name.to_owned() });
        };
        if !seen.insert(name.to_ascii_lowercase()) {
            return Err(AccessPolicyError::MemberRepeated { place, name: name.to_owned() });
        }
        for (key, values) in keys(at, &property.value)? {
            conditions.push(Condition { operator, quantifier, absence, key, values });
        }
    }
    Ok(conditions)
}

/// The keys under one operator with their values.
fn keys(at: At<'_>, value: &Value<'_>) -> Result<Vec<(String, Vec<String>)>, AccessPolicyError> {
    let keys = object(at, value, "an object of keys")?;
    let mut seen = BTreeSet::new();
    let mut read = Vec::new();
    for property in &keys.properties {
        let name = property.name.as_str();
        let at = below!(at, escape(name));
        if !seen.insert(name.to_ascii_lowercase()) {
            let place = at.place(property.name.start());
            return Err(AccessPolicyError::MemberRepeated { place, name: name.to_owned() });
        }
        let values = if let Value::Array(list) = &property.value {
            let elements = list.elements.iter().enumerate();
            elements
                .map(|(index, element)| scalar(below!(at, index), element, "a string"))
                .collect::<Result<_, _>>()?
        } else {
            vec![scalar(at, &property.value, STRING_OR_LIST)?]
        };
        read.push((name.to_owned(), values));
    }
    Ok(read)
}

/// A value of a condition: quotation marks are optional for numbers and booleans.
fn scalar(at: At<'_>, value: &Value<'_>, wanted: &'static str) -> Result<String, AccessPolicyError> {
    match value {
        Value::StringLit(text) => Ok(text.value.clone().into_owned()),
        Value::NumberLit(number) => Ok(number.value.to_owned()),
        Value::BooleanLit(boolean) => Ok(boolean.value.to_string()),
        Value::Object(_) | Value::Array(_) | Value::NullKeyword(_) => Err(at.wrong_type(value, wanted)),
    }
}

fn strings(at: At<'_>, value: &Value<'_>) -> Result<Vec<String>, AccessPolicyError> {
    match value {
        Value::StringLit(text) => Ok(vec![text.value.clone().into_owned()]),
        Value::Array(list) => list
            .elements
            .iter()
            .enumerate()
            .map(|(index, element)| string(below!(at, index), element))
            .collect(),
        Value::NumberLit(_) | Value::BooleanLit(_) | Value::Object(_) | Value::NullKeyword(_) => {
            Err(at.wrong_type(value, STRING_OR_LIST))
        }
    }
}

fn string(at: At<'_>, value: &Value<'_>) -> Result<String, AccessPolicyError> {
    let Value::StringLit(text) = value else { return Err(at.wrong_type(value, "a string")) };
    Ok(text.value.clone().into_owned())
}

fn object<'v, 'a>(
    at: At<'_>,
    value: &'v Value<'a>,
    wanted: &'static str,
) -> Result<&'v Object<'a>, AccessPolicyError> {
    value.as_object().ok_or_else(|| at.wrong_type(value, wanted))
}

fn one_of<T: Copy>(
    at: At<'_>,
    value: &Value<'_>,
    meanings: &[(&str, T)],
    allowed: &'static str,
) -> Result<T, AccessPolicyError> {
    let text = string(at, value)?;
    match meanings.iter().find(|(name, _)| *name == text) {
        Some((_, meaning)) => Ok(*meaning),
        None => Err(AccessPolicyError::NotAllowed { place: at.place(value.start()), value: text, allowed }),
    }
}

/// The members of an object, each known and there once.
struct Members<'o, 'a> {
    at: At<'o>,
    object: &'o Object<'a>,
}

/// One of two members that exclude one another, with the place of the object that holds it.
enum Either<'o, 'a> {
    Plain(At<'o>, &'o Value<'a>),
    Not(At<'o>, &'o Value<'a>),
}

impl<'o, 'a> Members<'o, 'a> {
    fn read(
        at: At<'o>,
        object: &'o Object<'a>,
        known: &'static [&'static str],
    ) -> Result<Self, AccessPolicyError> {
        let mut seen = BTreeSet::new();
        for property in &object.properties {
            let name = property.name.as_str();
            let place = below!(at, escape(name)).place(property.name.start());
            if !known.contains(&name) {
                return Err(AccessPolicyError::UnknownMember { place, name: name.to_owned(), known });
            }
            if !seen.insert(name) {
                return Err(AccessPolicyError::MemberRepeated { place, name: name.to_owned() });
            }
        }
        Ok(Self { at, object })
    }

    fn get(&self, name: &str) -> Option<&'o Value<'a>> {
        self.object.get(name).map(|property| &property.value)
    }

    fn missing(&self, names: &'static str) -> AccessPolicyError {
        AccessPolicyError::MemberMissing { place: self.at.place(self.object.start()), names }
    }

    fn required(&self, name: &str, names: &'static str) -> Result<&'o Value<'a>, AccessPolicyError> {
        self.get(name).ok_or_else(|| self.missing(names))
    }

    fn either(&self, plain: &'static str, not: &str) -> Result<Option<Either<'o, 'a>>, AccessPolicyError> {
        match (self.get(plain), self.get(not)) {
            (Some(_), Some(_)) => {
                let place = self.at.place(self.object.start());
                Err(AccessPolicyError::BothMembers { place, member: plain })
            }
            (Some(value), None) => Ok(Some(Either::Plain(self.at, value))),
            (None, Some(value)) => Ok(Some(Either::Not(self.at, value))),
            (None, None) => Ok(None),
        }
    }
}

fn type_of(value: &Value<'_>) -> &'static str {
    match value {
        Value::StringLit(_) => "a string",
        Value::NumberLit(_) => "a number",
        Value::BooleanLit(_) => "a boolean",
        Value::Object(_) => "an object",
        Value::Array(_) => "a list",
        Value::NullKeyword(_) => "null",
    }
}

/// The syntax tree of a text that is JSON by the letter.
fn parse(at: At<'_>) -> Result<Value<'_>, AccessPolicyError> {
    // The tree is made by a reader of several dialects; this one knows only JSON, limits how deep it goes, and
    // says better what is wrong.
    if let Err(error) = serde_json::from_str::<serde::de::IgnoredAny>(at.text) {
        let cause = error.to_string();
        let cause = cause.split(" at line ").next().unwrap_or_default().to_owned();
        let place = PolicyPlace { pointer: String::new(), line: error.line(), column: error.column() };
        return Err(AccessPolicyError::NotJson { place, cause });
    }
    let options = ParseOptions {
        allow_comments: false,
        allow_loose_object_property_names: false,
        allow_trailing_commas: false,
        allow_missing_commas: false,
        allow_single_quoted_strings: false,
        allow_hexadecimal_numbers: false,
        allow_unary_plus_numbers: false,
        allow_bare_decimal_point_numbers: false,
        allow_non_finite_numbers: false,
        allow_extended_string_escapes: false,
    };
    let not_json = |offset, cause| AccessPolicyError::NotJson { place: at.place(offset), cause };
    match parse_to_ast(at.text, &CollectOptions::default(), &options) {
        Ok(parsed) => parsed.value.ok_or_else(|| not_json(0, "there is no value".to_owned())),
        Err(error) => Err(not_json(error.range().start, error.kind().to_string().to_lowercase())),
    }
}

/// A key as a part of a JSON pointer.
fn escape(key: &str) -> String {
    key.replace('~', "~0").replace('/', "~1")
}
