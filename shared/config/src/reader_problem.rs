//! What the reader of TOML says, in words that are about the file and not about the program.

use std::ops::Range;

use crate::closest::closest;

/// The place, what is wrong there, and how to mend it.
pub(crate) fn reader_problem(error: &toml::de::Error) -> (Range<usize>, String, String) {
    let span = error.span().unwrap_or(0..0);
    let said = error.message().trim().replace('\n', ", ");
    let (message, help) = unknown(&said)
        .or_else(|| missing(&said))
        .or_else(|| other_type(&said))
        .or_else(|| twice(&said))
        .unwrap_or_else(|| {
            (said.clone(), "check quotation marks, brackets and commas near this place".to_owned())
        });
    (span, message, help)
}

/// A name or a value that is none of those that there are.
fn unknown(said: &str) -> Option<(String, String)> {
    let (rest, is_name) = match said.strip_prefix("unknown field ") {
        Some(rest) => (rest, true),
        None => (said.strip_prefix("unknown variant ")?, false),
    };
    // Every second part stands between backticks: what was given, then what there is.
    let mut quoted = rest.split('`').skip(1).step_by(2);
    let given = quoted.next()?;
    let known: Vec<&str> = quoted.collect();
    let message = if is_name {
        format!("there is no `{given}` here")
    } else {
        format!("`{given}` is no value of this")
    };
    let listed: Vec<String> = known.iter().map(|name| format!("`{name}`")).collect();
    let help = match closest(given, known.iter().copied()) {
        Some(name) => format!("did you mean `{name}`?"),
        None => format!("use one of {}", listed.join(", ")),
    };
    Some((message, help))
}

fn missing(said: &str) -> Option<(String, String)> {
    let name = said.strip_prefix("missing field `")?.strip_suffix('`')?;
    Some((format!("`{name}` is missing"), format!("add `{name}` to this table")))
}

fn twice(said: &str) -> Option<(String, String)> {
    (said == "duplicate key")
        .then(|| ("this name stands twice".to_owned(), "remove one of the two".to_owned()))
}

fn other_type(said: &str) -> Option<(String, String)> {
    let (found, wanted) = said.strip_prefix("invalid type: ")?.split_once(", expected ")?;
    let (kind, value) = found.split_once(' ').unwrap_or((found, ""));
    let found = match kind {
        "map" => "a table".to_owned(),
        "sequence" => "a list".to_owned(),
        "string" => format!("the text {value}"),
        "integer" => format!("the number {value}"),
        "floating" => format!("the number {}", value.trim_start_matches("point ")),
        "boolean" => format!("the value {value}"),
        _ => found.to_owned(),
    };
    let (wanted, help) = match wanted {
        "a string" => ("a text", "put it in quotation marks"),
        "a sequence" if kind == "map" => {
            ("a list", "write the name of the table in two pairs of brackets: `[[…]]`")
        }
        "a sequence" => ("a list", "put it in brackets"),
        "a whole number" => ("a whole number", "write digits alone, without quotation marks"),
        "a table" => ("a table", "write its name in brackets, and what belongs to it below"),
        "a TOML datetime" | "a datetime" => ("a date", "write it as 2027-03-31, without quotation marks"),
        other => (other, "see docs/CONFIGURATION.md"),
    };
    Some((format!("{found} where {wanted} belongs"), help.to_owned()))
}
