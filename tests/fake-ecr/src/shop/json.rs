//! JSON whose keys stay in the order in which they were written.
//!
//! `serde_json` sorts the keys of an object, but people read these files and the policies in them, and AWS
//! prints `rulePriority` before `action`. Only what the shop needs: no null, no fraction.

use super::digest::Digest;

/// A JSON value.
#[derive(Debug, Clone)]
pub(super) enum Json {
    /// A string.
    Text(String),
    /// A number without fraction.
    Number(u64),
    /// True or false.
    Flag(bool),
    /// An array.
    List(Vec<Json>),
    /// An object, keys in this order.
    Object(Vec<(&'static str, Json)>),
}

impl Json {
    /// The value on one line, without spaces.
    pub(super) fn compact(&self) -> String {
        let mut out = String::new();
        self.write(None, 0, &mut out);
        out
    }

    /// The value on many lines, each level indented by `spaces`; the AWS CLI uses four.
    pub(super) fn indented(&self, spaces: usize) -> String {
        let mut out = String::new();
        self.write(Some(spaces), 0, &mut out);
        out
    }

    fn write(&self, spaces: Option<usize>, depth: usize, out: &mut String) {
        match self {
            Self::Text(text) => write_text(text, out),
            Self::Number(number) => out.push_str(&number.to_string()),
            Self::Flag(flag) => out.push_str(if *flag { "true" } else { "false" }),
            Self::List(values) => {
                let keyless = values.iter().map(|value| (None, value));
                write_block(['[', ']'], keyless, spaces, depth, out);
            }
            Self::Object(fields) => {
                let keyed = fields.iter().map(|(key, value)| (Some(*key), value));
                write_block(['{', '}'], keyed, spaces, depth, out);
            }
        }
    }
}

impl From<&str> for Json {
    fn from(text: &str) -> Self {
        Self::Text(text.to_owned())
    }
}

impl From<String> for Json {
    fn from(text: String) -> Self {
        Self::Text(text)
    }
}

impl From<Digest> for Json {
    fn from(digest: Digest) -> Self {
        Self::Text(digest.to_string())
    }
}

impl From<u64> for Json {
    fn from(number: u64) -> Self {
        Self::Number(number)
    }
}

impl From<bool> for Json {
    fn from(flag: bool) -> Self {
        Self::Flag(flag)
    }
}

impl From<Vec<Json>> for Json {
    fn from(values: Vec<Json>) -> Self {
        Self::List(values)
    }
}

impl From<Vec<(&'static str, Json)>> for Json {
    fn from(fields: Vec<(&'static str, Json)>) -> Self {
        Self::Object(fields)
    }
}

/// A JSON array of strings.
pub(super) fn texts(values: &[&str]) -> Json {
    Json::List(values.iter().map(|value| Json::from(*value)).collect())
}

fn write_block<'a>(
    [open, close]: [char; 2],
    items: impl ExactSizeIterator<Item = (Option<&'static str>, &'a Json)>,
    spaces: Option<usize>,
    depth: usize,
    out: &mut String,
) {
    out.push(open);
    let empty = items.len() == 0;
    for (place, (key, value)) in items.enumerate() {
        if 0 < place {
            out.push(',');
        }
        write_break(spaces, depth + 1, out);
        if let Some(key) = key {
            write_text(key, out);
            out.push_str(if spaces.is_some() { ": " } else { ":" });
        }
        value.write(spaces, depth + 1, out);
    }
    if !empty {
        write_break(spaces, depth, out);
    }
    out.push(close);
}

fn write_break(spaces: Option<usize>, depth: usize, out: &mut String) {
    if let Some(spaces) = spaces {
        out.push('\n');
        out.extend(std::iter::repeat_n(' ', spaces * depth));
    }
}

fn write_text(text: &str, out: &mut String) {
    out.push('"');
    for piece in text.split_inclusive(|c: char| c == '"' || c == '\\' || c < ' ') {
        let mut plain = piece.chars();
        match plain.next_back() {
            Some('"') => push_escaped(plain.as_str(), "\\\"", out),
            Some('\\') => push_escaped(plain.as_str(), "\\\\", out),
            Some('\n') => push_escaped(plain.as_str(), "\\n", out),
            Some(c) if c < ' ' => push_escaped(plain.as_str(), &format!("\\u{:04x}", u32::from(c)), out),
            _ => out.push_str(piece),
        }
    }
    out.push('"');
}

fn push_escaped(plain: &str, escape: &str, out: &mut String) {
    out.push_str(plain);
    out.push_str(escape);
}
