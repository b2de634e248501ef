//! A regular expression for tags.
//!
//! Matching takes time linear in the tag, whatever the expression: nobody's configuration can stop a run.

use std::fmt;

use regex::{Regex, RegexBuilder};

/// Bytes that a compiled expression may take.
const SIZE_MAX_BYTES: usize = 1 << 18;

/// A regular expression that is about the whole of a tag.
#[derive(Clone)]
pub struct TagRegex {
    /// As it was written.
    text: Box<str>,
    /// The same, anchored at both ends.
    anchored: Regex,
}

/// Why a text is no regular expression for tags.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum TagRegexError {
    /// It is not a regular expression.
    #[error("`{text}` is no regular expression: {cause}")]
    Syntax {
        /// The text.
        text: String,
        /// What is wrong with it.
        cause: String,
    },
    /// It would take too much memory.
    #[error("`{text}` is too large a regular expression")]
    TooLarge {
        /// The text.
        text: String,
    },
    /// It has no group that could name anything, or several.
    #[error("`{text}` has {found} groups and not one")]
    Groups {
        /// The text.
        text: String,
        /// How many there are.
        found: usize,
    },
}

impl TagRegex {
    /// Reads an expression.
    ///
    /// # Errors
    /// When it is none, or too large.
    pub fn parse(text: &str) -> Result<Self, TagRegexError> {
        // By itself first: what is wrong with it is then said of what was written.
        build(text, text)?;
        let anchored = build(&format!(r"\A(?:{text})\z"), text)?;
        Ok(Self { text: text.into(), anchored })
    }

    /// Reads an expression of which the one capturing group names what a tag belongs to.
    ///
    /// # Errors
    /// When it is none, too large, or has not exactly one such group.
    pub fn parse_group(text: &str) -> Result<Self, TagRegexError> {
        let regex = Self::parse(text)?;
        match regex.anchored.captures_len() {
            2 => Ok(regex),
            groups => Err(TagRegexError::Groups { text: text.to_owned(), found: groups.saturating_sub(1) }),
        }
    }

    /// Whether the whole tag matches.
    pub fn matches(&self, tag: &str) -> bool {
        self.anchored.is_match(tag)
    }

    /// What the capturing group has of a tag that matches; empty where it took no part.
    pub fn group<'t>(&self, tag: &'t str) -> Option<&'t str> {
        let captures = self.anchored.captures(tag)?;
        Some(captures.get(1).map_or("", |group| group.as_str()))
    }

    /// The expression as it was written.
    pub fn as_str(&self) -> &str {
        &self.text
    }
}

fn build(expression: &str, text: &str) -> Result<Regex, TagRegexError> {
    RegexBuilder::new(expression).size_limit(SIZE_MAX_BYTES).build().map_err(|error| {
        let text = text.to_owned();
        if matches!(error, regex::Error::CompiledTooBig(_)) {
            return TagRegexError::TooLarge { text };
        }
        TagRegexError::Syntax { text, cause: last_line(&error.to_string()) }
    })
}

/// The sentence of an error that also draws the place of it.
fn last_line(error: &str) -> String {
    let line = error.lines().last().unwrap_or(error).trim();
    line.strip_prefix("error: ").unwrap_or(line).to_owned()
}

impl PartialEq for TagRegex {
    fn eq(&self, other: &Self) -> bool {
        self.text == other.text
    }
}

impl Eq for TagRegex {}

impl fmt::Debug for TagRegex {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(&self.text, f)
    }
}

impl fmt::Display for TagRegex {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.text)
    }
}

#[cfg(test)]
mod tests {
    use super::{TagRegex, TagRegexError};

    #[test]
    fn an_expression_is_about_the_whole_tag() {
        let regex = TagRegex::parse("v[0-9]+|rc").unwrap();
        assert!(regex.matches("v12") && regex.matches("rc"));
        assert!(!regex.matches("v12-rc") && !regex.matches("xrc") && !regex.matches("v12\n"));
    }

    #[test]
    fn what_is_no_expression_is_refused_with_the_cause() {
        let error = TagRegex::parse("v[").unwrap_err();
        assert_eq!(error.to_string(), "`v[` is no regular expression: unclosed character class");
        assert!(TagRegex::parse("a)(b").is_err());
        assert!(TagRegex::parse("(?x)a # b").is_err());
        let large = TagRegex::parse("(a{1000}){1000}").unwrap_err();
        assert!(matches!(large, TagRegexError::TooLarge { .. }), "{large}");
    }

    #[test]
    fn one_group_names_what_a_tag_belongs_to() {
        let regex = TagRegex::parse_group("(.+)-[0-9]+|x(?:y)").unwrap();
        assert_eq!(regex.group("main-17"), Some("main"));
        assert_eq!(regex.group("xy"), Some(""));
        assert_eq!(regex.group("main"), None);
        for (text, found) in [("a", 0), ("(a)(b)", 2)] {
            let error = TagRegex::parse_group(text).unwrap_err();
            assert_eq!(error, TagRegexError::Groups { text: text.to_owned(), found });
        }
    }
}
