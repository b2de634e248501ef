//! Settings of a function, from its environment.

use std::env;
use std::str::FromStr;

use demurrage_contract::{Failure, FailureKind};

/// The text of a variable; nothing where it is not set, or empty.
///
/// # Errors
/// When it is no text.
pub fn text(name: &str) -> Result<Option<String>, Failure> {
    match env::var(name) {
        Ok(text) => Ok(Some(text.trim().to_owned()).filter(|text| !text.is_empty())),
        Err(env::VarError::NotPresent) => Ok(None),
        Err(env::VarError::NotUnicode(_)) => Err(bad(name, "is no text")),
    }
}

/// The text of a variable that has to be set.
///
/// # Errors
/// When it is not set.
pub fn needed(name: &str) -> Result<String, Failure> {
    text(name)?.ok_or_else(|| bad(name, "is not set"))
}

/// The number in a variable, or the usual one where it is not set.
///
/// # Errors
/// When it is no number of that kind.
pub fn number<T: FromStr>(name: &str, usual: T) -> Result<T, Failure> {
    match text(name)? {
        Some(text) => text.parse().map_err(|_| bad(name, &format!("is `{text}`, which is no such number"))),
        None => Ok(usual),
    }
}

/// Whether a variable says `true`; false where it is not set.
///
/// # Errors
/// When it says something else than `true` or `false`.
pub fn flag(name: &str) -> Result<bool, Failure> {
    match text(name)?.as_deref() {
        None | Some("false") => Ok(false),
        Some("true") => Ok(true),
        Some(other) => Err(bad(name, &format!("is `{other}`, and not `true` or `false`"))),
    }
}

/// The entries of a variable that holds a list with commas.
///
/// # Errors
/// When it is no text.
pub fn list(name: &str) -> Result<Vec<String>, Failure> {
    let text = text(name)?.unwrap_or_default();
    let entries = text.split(',').map(str::trim).filter(|entry| !entry.is_empty());
    Ok(entries.map(str::to_owned).collect())
}

fn bad(name: &str, what: &str) -> Failure {
    Failure::new(FailureKind::BadInput, format!("the variable `{name}` of the function {what}"))
}
