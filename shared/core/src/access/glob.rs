//! The patterns of IAM, in which `*` stands for any run of characters and `?` for one.
//!
//! Answers questions about all texts of a pattern, too. [`Glob::includes`] errs to `false`, which is the
//! careful side for whoever takes something away. Leaves out letter case: callers fold it.

use std::fmt;

/// A pattern of IAM, anchored at both ends.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) struct Glob {
    tokens: Box<[Token]>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
enum Token {
    Exactly(char),
    /// `?`
    One,
    /// `*`
    Run,
}

impl Token {
    /// Whether this token of a pattern takes all that a token of another pattern may stand for.
    fn takes(self, other: Self) -> bool {
        match (self, other) {
            (Self::Exactly(ours), Self::Exactly(theirs)) => ours == theirs,
            (Self::One, Self::Exactly(_) | Self::One) | (Self::Run, _) => true,
            (Self::Exactly(_), Self::One | Self::Run) | (Self::One, Self::Run) => false,
        }
    }

    /// Whether two tokens of one character each have one in common.
    fn meets(self, other: Self) -> bool {
        match (self, other) {
            (Self::Exactly(ours), Self::Exactly(theirs)) => ours == theirs,
            (Self::One, Self::Exactly(_) | Self::One) | (Self::Exactly(_), Self::One) => true,
            (Self::Run, _) | (_, Self::Run) => false,
        }
    }
}

impl Glob {
    /// The pattern that this text writes.
    pub(super) fn new(pattern: &str) -> Self {
        let token = |c| match c {
            '*' => Token::Run,
            '?' => Token::One,
            other => Token::Exactly(other),
        };
        Self { tokens: pattern.chars().map(token).collect() }
    }

    /// The pattern of this text alone.
    pub(super) fn literal(text: &str) -> Self {
        Self { tokens: text.chars().map(Token::Exactly).collect() }
    }

    /// Whether the whole of `text` matches.
    pub(super) fn matches(&self, text: &str) -> bool {
        self.includes(&Self::literal(text))
    }

    /// Whether every text that `other` matches is matched by this pattern: `true` only if so.
    pub(super) fn includes(&self, other: &Self) -> bool {
        let (mut ours, mut theirs) = (&*self.tokens, &*other.tokens);
        // The last `*` so far, and what was left of the other text when it had taken what it takes.
        let mut retry: Option<(&[Token], &[Token])> = None;
        loop {
            match (ours.split_first(), theirs.split_first()) {
                (None, None) => return true,
                (Some((Token::Run, after)), _) => {
                    ours = after;
                    retry = Some((after, theirs));
                    continue;
                }
                (Some((token, after)), Some((text, rest))) if token.takes(*text) => {
                    (ours, theirs) = (after, rest);
                    continue;
                }
                (Some(_), None) => return false,
                (Some(_) | None, Some(_)) => {}
            }
            let Some((after, left)) = retry else { return false };
            let Some((_, left)) = left.split_first() else { return false };
            retry = Some((after, left));
            (ours, theirs) = (after, left);
        }
    }

    /// Whether some text matches both patterns.
    pub(super) fn overlaps(&self, other: &Self) -> bool {
        // `reachable[j]`: the tokens so far and the first `j` of the other pattern have a text in common.
        let mut reachable = vec![false; other.tokens.len() + 1];
        if let Some(start) = reachable.first_mut() {
            *start = true;
        }
        skip_runs(&mut reachable, &other.tokens);
        for &token in &self.tokens {
            reachable = if token == Token::Run {
                from_first_on(&reachable)
            } else {
                after_one(token, &reachable, &other.tokens)
            };
            skip_runs(&mut reachable, &other.tokens);
        }
        reachable.last() == Some(&true)
    }

    /// Whether the pattern matches every text.
    pub(super) fn is_everything(&self) -> bool {
        !self.tokens.is_empty() && self.tokens.iter().all(|token| *token == Token::Run)
    }

    /// The one text that the pattern matches, if it has no wildcard.
    pub(super) fn as_literal(&self) -> Option<String> {
        let literal = |token: &Token| match token {
            Token::Exactly(c) => Some(*c),
            Token::One | Token::Run => None,
        };
        self.tokens.iter().map(literal).collect()
    }
}

/// What a `*` of ours makes reachable: everything from the first place on.
fn from_first_on(reachable: &[bool]) -> Vec<bool> {
    let first = reachable.iter().position(|at| *at).unwrap_or(reachable.len());
    (0..reachable.len()).map(|position| first <= position).collect()
}

/// What a token of ours for one character makes reachable: a `*` of theirs takes it and stays, or both advance.
fn after_one(token: Token, reachable: &[bool], theirs: &[Token]) -> Vec<bool> {
    let mut next = vec![false; reachable.len()];
    for (position, their_token) in theirs.iter().enumerate() {
        let step = usize::from(*their_token != Token::Run);
        let possible = *their_token == Token::Run || token.meets(*their_token);
        if possible
            && reachable.get(position) == Some(&true)
            && let Some(slot) = next.get_mut(position + step)
        {
            *slot = true;
        }
    }
    next
}

/// A `*` may take nothing: what is reachable before it is reachable behind it.
fn skip_runs(reachable: &mut [bool], tokens: &[Token]) {
    for (position, token) in tokens.iter().enumerate() {
        if *token == Token::Run
            && reachable.get(position) == Some(&true)
            && let Some(next) = reachable.get_mut(position + 1)
        {
            *next = true;
        }
    }
}

/// Whether a text holds one of the two wildcards.
pub(super) fn has_wildcard(text: &str) -> bool {
    text.contains(['*', '?'])
}

impl fmt::Display for Glob {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.tokens.iter().try_for_each(|token| match token {
            Token::Exactly(c) => write!(f, "{c}"),
            Token::One => f.write_str("?"),
            Token::Run => f.write_str("*"),
        })
    }
}

impl fmt::Debug for Glob {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(&self.to_string(), f)
    }
}

#[cfg(test)]
mod tests {
    use super::Glob;
    use proptest::prelude::*;

    #[test]
    fn a_question_mark_takes_exactly_one_character_and_a_star_any_run() {
        assert!(Glob::new("ecr:*Get*").matches("ecr:BatchGetImage"));
        assert!(Glob::new("ecr:Get??").matches("ecr:GetXY"));
        assert!(!Glob::new("ecr:Get?").matches("ecr:Get"));
        assert!(Glob::new("*a*b").matches("aab"));
        assert!(!Glob::new("a*a").matches("a"));
        assert!(Glob::new("").matches(""));
        assert!(!Glob::literal("*").matches("x"));
    }

    #[test]
    fn inclusion_is_about_all_texts() {
        let includes = |a: &str, b: &str| Glob::new(a).includes(&Glob::new(b));
        assert!(includes("ecr:*", "ecr:Get?"));
        assert!(!includes("ecr:Get?", "ecr:*"));
        assert!(includes("a?*", "a?"));
        assert!(!includes("a?", "a*"));
    }

    /// The pattern of its own characters: a text that both patterns match, found by trying.
    fn some_text_matches(patterns: [&Glob; 2]) -> bool {
        let letters = ["a", "b"];
        let mut texts = vec![String::new()];
        for length in 0..7 {
            if texts.iter().any(|text| patterns.iter().all(|pattern| pattern.matches(text))) {
                return true;
            }
            if length < 6 {
                texts = texts
                    .iter()
                    .flat_map(|text| letters.iter().map(move |letter| format!("{text}{letter}")))
                    .collect();
            }
        }
        false
    }

    proptest! {
        #[test]
        fn overlap_is_a_text_that_matches_both(ours in "[ab*?]{0,3}", theirs in "[ab*?]{0,3}") {
            let (ours, theirs) = (Glob::new(&ours), Glob::new(&theirs));
            prop_assert_eq!(ours.overlaps(&theirs), some_text_matches([&ours, &theirs]));
        }

        #[test]
        fn an_included_pattern_matches_nothing_else(
            ours in "[ab*?]{0,4}", theirs in "[ab*?]{0,4}", text in "[abc]{0,5}",
        ) {
            let (ours, theirs) = (Glob::new(&ours), Glob::new(&theirs));
            if ours.includes(&theirs) && theirs.matches(&text) {
                prop_assert!(ours.matches(&text));
            }
        }
    }
}
