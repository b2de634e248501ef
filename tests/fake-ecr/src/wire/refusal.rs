//! The errors that the service answers with: a name of the API model and a message.
//!
//! For: every operation. Assumes: names are those of the model. Leaves out: what the HTTP server itself says.

use serde_json::{Map, Value};

/// Why a call was refused.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refusal {
    /// The name of the exception, as `RepositoryNotFoundException`.
    pub code: &'static str,
    /// What it says.
    pub message: String,
    /// Members of the exception beside the message.
    pub members: Map<String, Value>,
}

impl Refusal {
    /// A refusal with this name and message.
    pub fn new(code: &'static str, message: impl Into<String>) -> Self {
        Self { code, message: message.into(), members: Map::new() }
    }

    /// `InvalidParameterException` about one parameter.
    pub fn parameter(name: &str, constraint: &str) -> Self {
        Self::new(
            "InvalidParameterException",
            format!("Invalid parameter at '{name}' failed to satisfy constraint: '{constraint}'"),
        )
    }

    /// `RepositoryNotFoundException`.
    pub fn no_repository(name: &str, account: &str) -> Self {
        Self::new(
            "RepositoryNotFoundException",
            format!("The repository with name '{name}' does not exist in the registry with id '{account}'"),
        )
    }

    /// With this member beside the message.
    pub(crate) fn with(mut self, name: &str, value: impl Into<Value>) -> Self {
        self.members.insert(name.to_owned(), value.into());
        self
    }

    /// The HTTP status: 500 for the service's own faults, else 400.
    pub fn status(&self) -> u16 {
        if self.code == "ServerException" { 500 } else { 400 }
    }

    /// The body of the answer.
    pub fn body(&self) -> Value {
        let mut body = self.members.clone();
        body.insert("__type".into(), self.code.into());
        body.insert("message".into(), self.message.as_str().into());
        Value::Object(body)
    }
}
