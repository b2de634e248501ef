//! One thing that a look at a configuration finds, as people and programs read it.

use demurrage_config::ConfigurationProblem;
use serde_json::{Value, json};

/// How much it weighs, the heaviest first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Weight {
    /// It is refused.
    Mistake,
    /// It is taken, and probably means something else than was meant.
    Risk,
    /// It is worth knowing.
    Note,
}

impl Weight {
    const fn name(self) -> &'static str {
        match self {
            Self::Mistake => "mistake",
            Self::Risk => "risk",
            Self::Note => "note",
        }
    }
}

/// One thing that was found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Finding {
    pub(super) weight: Weight,
    /// What kind of thing, in kebab case.
    pub(super) id: &'static str,
    /// Line and column, where it stands in one place of the configuration.
    pub(super) place: Option<(usize, usize)>,
    /// What is so: a lowercase fragment.
    pub(super) message: String,
    /// How to mend it.
    pub(super) help: String,
}

impl Finding {
    pub(super) fn new(
        weight: Weight,
        id: &'static str,
        message: impl Into<String>,
        help: impl Into<String>,
    ) -> Self {
        Self { weight, id, place: None, message: message.into(), help: help.into() }
    }

    pub(super) fn mistake(id: &'static str, message: impl Into<String>, help: impl Into<String>) -> Self {
        Self::new(Weight::Mistake, id, message, help)
    }

    pub(super) fn risk(id: &'static str, message: impl Into<String>, help: impl Into<String>) -> Self {
        Self::new(Weight::Risk, id, message, help)
    }

    pub(super) fn note(id: &'static str, message: impl Into<String>, help: impl Into<String>) -> Self {
        Self::new(Weight::Note, id, message, help)
    }

    /// What the reader of configurations says.
    pub(super) fn of_problem(problem: ConfigurationProblem) -> Self {
        Self {
            place: Some((problem.line, problem.column)),
            ..Self::mistake("configuration", problem.message, problem.help)
        }
    }

    /// Two or three lines, the longer ones broken where the terminal ends.
    pub(super) fn text(&self, file: &str, width: Option<u16>) -> String {
        let place = self.place.map(|(line, column)| format!("{file}:{line}:{column}: ")).unwrap_or_default();
        let mut text = broken(&format!("{}[{}] {place}{}", self.weight.name(), self.id, self.message), width);
        if !self.help.is_empty() {
            text += &broken(&format!("  help: {}", self.help), width);
        }
        text
    }

    pub(super) fn json(&self) -> Value {
        json!({
            "weight": self.weight.name(),
            "id": self.id,
            "line": self.place.map(|(line, _)| line),
            "column": self.place.map(|(_, column)| column),
            "message": self.message,
            "help": self.help,
        })
    }
}

/// The text in lines of this width, all but the first indented.
fn broken(text: &str, width: Option<u16>) -> String {
    const INDENT: &str = "    ";
    let width = width.map_or(usize::MAX, usize::from);
    let start = text.len() - text.trim_start().len();
    let (mut lines, mut line) = (String::new(), text.get(..start).unwrap_or_default().to_owned());
    let mut is_empty = true;
    for word in text.split_whitespace() {
        if !is_empty && width < line.chars().count() + 1 + word.chars().count() {
            lines += &line;
            lines.push('\n');
            INDENT.clone_into(&mut line);
            is_empty = true;
        }
        if !is_empty {
            line.push(' ');
        }
        line += word;
        is_empty = false;
    }
    lines + &line + "\n"
}

#[cfg(test)]
mod tests {
    use super::broken;

    #[test]
    fn a_line_ends_where_the_terminal_does_and_no_word_is_cut() {
        assert_eq!(broken("  help: one two three", Some(12)), "  help: one\n    two\n    three\n");
        assert_eq!(broken("a word-that-is-longer", Some(4)), "a\n    word-that-is-longer\n");
        assert_eq!(broken("one two", None), "one two\n");
    }
}
