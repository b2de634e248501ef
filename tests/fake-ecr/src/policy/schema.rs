//! The JSON schema of a policy, with the words in which the service complains about it.
//!
//! For: the reader. The words are those that users have reported; where none was, they are of the same kind.

use serde_json::{Map, Value};

/// 2^64.
const TWO_TO_64: f64 = 18_446_744_073_709_551_616.0;

/// What the schema says against a value.
pub(super) type Complaint = String;

/// An object that has exactly some of these members.
pub(super) fn object<'a>(
    value: &'a Value,
    required: &[&str],
    optional: &[&str],
) -> Result<&'a Map<String, Value>, Complaint> {
    let Value::Object(object) = value else { return Err(type_of(value, "object")) };
    let unknown: Vec<&str> = object
        .keys()
        .map(String::as_str)
        .filter(|key| !required.contains(key) && !optional.contains(key))
        .collect();
    if !unknown.is_empty() {
        return Err(format!(
            "object instance has properties which are not allowed by the schema: ({})",
            list(&unknown)
        ));
    }
    let missing: Vec<&str> = required.iter().copied().filter(|key| !object.contains_key(*key)).collect();
    if !missing.is_empty() {
        return Err(format!("object has missing required properties ({})", list(&missing)));
    }
    Ok(object)
}

/// An integer of at least this; none where the member is absent.
pub(super) fn integer(object: &Map<String, Value>, name: &str, least: u64) -> Result<Option<u64>, Complaint> {
    let Some(value) = object.get(name) else { return Ok(None) };
    match (value.as_u64(), value.is_i64()) {
        (Some(number), _) if least <= number => Ok(Some(number)),
        (Some(_), _) | (None, true) => Err(format!(
            "numeric instance is lower than the required minimum (minimum: {least}, found: {value})"
        )),
        // The parser has no integers beyond 64 bits; no limit is documented, and such a number means "never".
        (None, false) if value.as_f64().is_some_and(|number| TWO_TO_64 <= number) => Ok(Some(u64::MAX)),
        (None, false) => Err(type_of(value, "integer")),
    }
}

/// A string; none where the member is absent.
pub(super) fn string<'a>(object: &'a Map<String, Value>, name: &str) -> Result<Option<&'a str>, Complaint> {
    let Some(value) = object.get(name) else { return Ok(None) };
    value.as_str().map(Some).ok_or_else(|| type_of(value, "string"))
}

/// One of these values; none where the member is absent.
pub(super) fn one_of<'a>(
    object: &Map<String, Value>,
    name: &str,
    values: &[&'a str],
) -> Result<Option<&'a str>, Complaint> {
    let Some(given) = string(object, name)? else { return Ok(None) };
    let found = values.iter().copied().find(|value| *value == given);
    found.map(Some).ok_or_else(|| {
        format!("instance value (\"{given}\") not found in enum (possible values: {})", list(values))
    })
}

/// A list with this many members; none where the member is absent.
pub(super) fn array<'a>(
    object: &'a Map<String, Value>,
    name: &str,
    most: usize,
) -> Result<Option<&'a Vec<Value>>, Complaint> {
    let Some(value) = object.get(name) else { return Ok(None) };
    let Value::Array(items) = value else { return Err(type_of(value, "array")) };
    let count = items.len();
    if items.is_empty() {
        return Err(
            "array is too short: must have at least 1 elements but instance has 0 elements".to_owned()
        );
    }
    if most < count {
        return Err(format!(
            "array is too long: must have at most {most} elements but instance has {count} elements"
        ));
    }
    Ok(Some(items))
}

/// A list of strings; none where the member is absent.
pub(super) fn strings(object: &Map<String, Value>, name: &str) -> Result<Option<Vec<String>>, Complaint> {
    let Some(items) = array(object, name, usize::MAX)? else { return Ok(None) };
    let item = |item: &Value| item.as_str().map(str::to_owned).ok_or_else(|| type_of(item, "string"));
    items.iter().map(item).collect::<Result<_, _>>().map(Some)
}

fn type_of(value: &Value, allowed: &str) -> Complaint {
    let kind = match value {
        Value::Null => "null",
        Value::Bool(_) => "boolean",
        Value::Number(number) if number.is_f64() => "number",
        Value::Number(_) => "integer",
        Value::String(_) => "string",
        Value::Array(_) => "array",
        Value::Object(_) => "object",
    };
    format!("instance type ({kind}) does not match any allowed primitive type (allowed: [\"{allowed}\"])")
}

/// `["a","b"]`.
fn list(values: &[&str]) -> String {
    let quoted: Vec<String> = values.iter().map(|value| format!("\"{value}\"")).collect();
    format!("[{}]", quoted.join(","))
}
