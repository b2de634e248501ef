//! The JSON Schema of a configuration.

use serde_json::Value;

use crate::table::File;

/// The JSON Schema of `demurrage.toml`, as `docs/demurrage.schema.json` has it.
///
/// It says what names and types there are. What only a look at several values shows is left to
/// [`crate::Configuration::parse`].
pub fn schema() -> Value {
    let mut schema = schemars::schema_for!(File).to_value();
    tidy(&mut schema);
    schema
}

/// Takes out defaults, which here only say that something may be left out, and the ends of lines in descriptions.
fn tidy(value: &mut Value) {
    match value {
        Value::Object(members) => {
            members.retain(|name, member| name != "default" || !is_nothing(member));
            if let Some(Value::String(description)) = members.get_mut("description") {
                *description = description.replace('\n', " ");
            }
            members.values_mut().for_each(tidy);
        }
        Value::Array(values) => values.iter_mut().for_each(tidy),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
    }
}

fn is_nothing(value: &Value) -> bool {
    value.is_null() || value.as_array().is_some_and(Vec::is_empty)
}
