//! One file, one or several JSON documents.

use std::fs;
use std::path::Path;

use serde::Deserialize;
use serde::de::DeserializeOwned;

use crate::failure::Failure;

/// The text of a file.
pub(crate) fn text(path: &Path) -> Result<String, Failure> {
    // Some systems open a folder and fail at the first read, with another error.
    if path.is_dir() {
        return Err(Failure::read(path)(std::io::ErrorKind::IsADirectory.into()));
    }
    let bytes = fs::read(path).map_err(Failure::read(path))?;
    String::from_utf8(bytes).map_err(|_| Failure::read(path)(std::io::ErrorKind::InvalidData.into()))
}

/// The documents of a text, one after the other: a single one, or JSON Lines.
pub(crate) fn each<'t, T: Deserialize<'t>>(path: &Path, text: &'t str) -> Result<Vec<T>, Failure> {
    let stream = serde_json::Deserializer::from_str(text).into_iter::<T>();
    let documents: Vec<T> = stream.collect::<Result<_, _>>().map_err(|error| not_json(path, &error))?;
    if documents.is_empty() {
        return Err(Failure::content(
            path,
            "the file is empty",
            "write the output of the AWS CLI into it again",
        ));
    }
    Ok(documents)
}

/// The one document of a file.
pub(crate) fn one<T: DeserializeOwned>(path: &Path) -> Result<T, Failure> {
    serde_json::from_str(&text(path)?).map_err(|error| not_json(path, &error))
}

/// What a JSON reader refused.
pub(crate) fn not_json(path: &Path, error: &serde_json::Error) -> Failure {
    let help = match error.classify() {
        serde_json::error::Category::Eof => "the file is cut off: write the output of the AWS CLI again",
        serde_json::error::Category::Syntax => "write the output of the AWS CLI with `--output json`",
        serde_json::error::Category::Data | serde_json::error::Category::Io => {
            "is this the output of the command that is expected here?"
        }
    };
    Failure::content(path, error.to_string(), help)
}
