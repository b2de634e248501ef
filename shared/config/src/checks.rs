//! Whether values can be meant: patterns that match something, accounts, regions, numbers within bounds.

use std::ops::RangeInclusive;

use demurrage_core::Wildcard;
use demurrage_core::access::AccountId;
use toml::Spanned;

use crate::problems::Problems;
use crate::whole::Whole;

/// A pattern of names of repositories.
///
/// Source of what names may hold, and of their length: API model, `RepositoryName`, read 2026-11-23.
pub(crate) fn repositories(given: &Spanned<String>, problems: &mut Problems<'_>) -> Option<Wildcard> {
    let is_allowed = |letter: char| {
        letter.is_ascii_lowercase()
            || letter.is_ascii_digit()
            || matches!(letter, '.' | '_' | '-' | '/' | '*')
    };
    let help = "names have lowercase letters, digits, `.`, `_`, `-` and `/`, and `*` stands for any of them";
    pattern(given, "repository", is_allowed, 256, help, problems)
}

/// A pattern of tags.
///
/// Source of what tags may hold: OCI distribution specification 1.1; of their length: API model, `ImageTag`; read
/// 2026-11-23.
pub(crate) fn tags(given: &Spanned<String>, problems: &mut Problems<'_>) -> Option<Wildcard> {
    let is_allowed = |letter: char| letter.is_ascii_alphanumeric() || matches!(letter, '.' | '_' | '-' | '*');
    let help = "tags have letters, digits, `.`, `_` and `-`, and `*` stands for any of them";
    pattern(given, "tag", is_allowed, 300, help, problems)
}

fn pattern(
    given: &Spanned<String>,
    what: &str,
    is_allowed: fn(char) -> bool,
    letters_max: usize,
    help: &str,
    problems: &mut Problems<'_>,
) -> Option<Wildcard> {
    let text = given.get_ref();
    // A name that has no letters is none; one may have as many as the pattern, without its `*`.
    let letters = text.chars().filter(|&letter| letter != '*').count();
    if text.is_empty() || letters_max < letters || !text.chars().all(is_allowed) {
        let quoted = if text.is_empty() { "an empty text".to_owned() } else { format!("`{text}`") };
        problems.add(given.span(), format!("{quoted} matches no {what}"), help);
        return None;
    }
    Some(Wildcard::new(text))
}

/// The id of an account.
pub(crate) fn account(given: &Spanned<String>, problems: &mut Problems<'_>) -> Option<AccountId> {
    let text = given.get_ref();
    let account = AccountId::parse(text).ok();
    if account.is_none() {
        problems.add(
            given.span(),
            format!("`{text}` is no account"),
            "the id of an account has twelve digits",
        );
    }
    account
}

/// A region, by its form: new ones need no new version.
pub(crate) fn region(given: &Spanned<String>, problems: &mut Problems<'_>) -> Option<String> {
    let text = given.get_ref();
    let parts: Vec<&str> = text.split('-').collect();
    let is_word = |part: &&str| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_lowercase());
    let is_region = match parts.as_slice() {
        [words @ .., number] => {
            2 <= words.len()
                && words.iter().all(is_word)
                && !number.is_empty()
                && number.bytes().all(|byte| byte.is_ascii_digit())
        }
        [] => false,
    };
    if !is_region {
        problems.add(
            given.span(),
            format!("`{text}` is no region"),
            "write the code of a region, such as `eu-west-1`",
        );
        return None;
    }
    Some(text.clone())
}

/// A number of this name within these bounds; without one, the default.
pub(crate) fn number<T: TryFrom<i64>>(
    given: Option<&Spanned<Whole>>,
    name: &str,
    bounds: RangeInclusive<i64>,
    default: T,
    problems: &mut Problems<'_>,
) -> T {
    let Some(given) = given else { return default };
    let Whole(number) = *given.get_ref();
    if bounds.contains(&number)
        && let Ok(number) = T::try_from(number)
    {
        return number;
    }
    let (low, high) = bounds.into_inner();
    let help = if high == i64::MAX { format!("use {low} or more") } else { format!("use {low} to {high}") };
    problems.add(given.span(), format!("`{name}` is {number}"), help);
    default
}

/// A text that is not blank.
pub(crate) fn text(
    given: &Spanned<String>,
    name: &str,
    help: &str,
    problems: &mut Problems<'_>,
) -> Option<String> {
    if given.get_ref().trim().is_empty() {
        problems.add(given.span(), format!("`{name}` is empty"), help);
        return None;
    }
    Some(given.get_ref().clone())
}

/// Says of each pattern that one before it matches all that it could: it would never count.
pub(crate) fn reachable<'g>(
    patterns: impl Iterator<Item = (&'g Spanned<String>, Option<Wildcard>)>,
    problems: &mut Problems<'_>,
) {
    let mut before: Vec<Wildcard> = Vec::new();
    for (given, pattern) in patterns {
        let Some(pattern) = pattern else { continue };
        if let Some(wider) = before.iter().find(|wider| wider.includes(&pattern)) {
            let message = format!("`{pattern}` never counts: `{wider}` before it matches all that it does");
            problems.add(given.span(), message, "put the table with the narrower pattern first");
        }
        before.push(pattern);
    }
}
