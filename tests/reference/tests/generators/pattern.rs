//! Patterns and prefixes, and texts grown from them.
//!
//! Texts are grown by filling each `*` and then changing a little, so that many match and many just miss.
//! No pattern has a control character, so that a text can.

use proptest::collection::vec;
use proptest::prelude::{Just, Strategy, prop_oneof};
use proptest::sample::select;

/// ECR accepts no more of them in one pattern.
const STARS_MAX: usize = 4;

/// What patterns and texts are made of: few letters, so that they meet, and all that is special in a
/// regular expression or in a shell.
const PIECES: &[&str] =
    &["a", "*", "b", "*", "ab", "a", "*", "A", "-", "?", ".", "é", "[a]", "\\", "$", "+("];

/// One entry of a list of a rule.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Entry {
    /// Of a `tagPatternList`.
    Pattern(String),
    /// Of a `tagPrefixList`.
    Prefix(String),
}

impl Entry {
    /// What stands between the places where any run of characters may stand; one run where there is none.
    pub(crate) fn runs(&self) -> Vec<&str> {
        match self {
            Self::Pattern(pattern) => pattern.split('*').collect(),
            Self::Prefix(prefix) => vec![prefix, ""],
        }
    }

    /// A text that the entry matches: these fill the places between its runs, in turn.
    pub(crate) fn filled<'a>(&self, fills: impl IntoIterator<Item = &'a str>) -> String {
        let mut fills = fills.into_iter();
        let mut text = String::new();
        for (place, run) in self.runs().into_iter().enumerate() {
            if place != 0 {
                text.push_str(fills.next().unwrap_or_default());
            }
            text.push_str(run);
        }
        text
    }
}

/// A small change of a text.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Change {
    /// As it is.
    None,
    /// More behind it.
    Behind(&'static str),
    /// More before it.
    Before(&'static str),
    /// In capitals.
    UpperCase,
    /// Without its last character.
    Shorter,
    /// With another last character.
    OtherEnd,
}

impl Change {
    /// The changed text.
    pub(crate) fn of(self, text: &str) -> String {
        let shorter = || text.chars().take(text.chars().count().saturating_sub(1)).collect::<String>();
        match self {
            Self::None => text.to_owned(),
            Self::Behind(more) => format!("{text}{more}"),
            Self::Before(more) => format!("{more}{text}"),
            Self::UpperCase => text.to_uppercase(),
            Self::Shorter => shorter(),
            Self::OtherEnd => shorter() + "?",
        }
    }
}

/// A change, most often none.
pub(crate) fn change() -> impl Strategy<Value = Change> {
    prop_oneof![
        4 => Just(Change::None),
        2 => select(&["1", "?", "*", "a"][..]).prop_map(Change::Behind),
        1 => select(&["x", "a", "*"][..]).prop_map(Change::Before),
        1 => Just(Change::UpperCase),
        1 => Just(Change::Shorter),
        1 => Just(Change::OtherEnd),
    ]
}

/// A pattern that ECR accepts, or an empty one.
pub(crate) fn pattern() -> impl Strategy<Value = String> {
    vec(select(PIECES), 0..=6).prop_map(|pieces| {
        let mut stars = 0;
        let few_stars = pieces.into_iter().filter(|&piece| {
            stars += usize::from(piece == "*");
            piece != "*" || stars <= STARS_MAX
        });
        few_stars.collect()
    })
}

/// A prefix; a `*` in it is an ordinary character.
pub(crate) fn prefix() -> impl Strategy<Value = String> {
    vec(select(PIECES), 0..=3).prop_map(|pieces| pieces.concat())
}

/// What may stand in place of a `*`.
pub(crate) fn fill() -> impl Strategy<Value = String> {
    prop_oneof![
        vec(select(PIECES), 0..=2).prop_map(|pieces| pieces.concat()),
        select(&["", "\n", "é\u{1F600}", "\u{1}"][..]).prop_map(ToOwned::to_owned),
    ]
}
