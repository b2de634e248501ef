//! One entry of a `tagPatternList` against one tag.
//!
//! For: pools. Assumes nothing. Leaves out the limit of four `*`, which is the policy's concern.

use std::collections::BTreeSet;

/// Whether the whole `text` is matched by `pattern`, in which only `*` is special.
///
/// Follows the definition character by character: keeps the set of all places in the text that the part of
/// the pattern read so far can have reached.
pub fn wildcard_matches(pattern: &str, text: &str) -> bool {
    let text: Vec<char> = text.chars().collect();
    let mut reached = BTreeSet::from([0_usize]);
    for character in pattern.chars() {
        reached = if character == '*' {
            //= docs/SEMANTICS.md#wildcard
            // Any run of characters, also the empty one.
            (0..=text.len()).filter(|end| reached.iter().any(|start| start <= end)).collect()
        } else {
            //= docs/SEMANTICS.md#wildcard-literal
            //= docs/SEMANTICS.md#case
            reached.iter().filter(|at| text.get(**at) == Some(&character)).map(|at| at + 1).collect()
        };
    }
    //= docs/SEMANTICS.md#wildcard-exact
    // The entry must match the whole tag: without `*` only the tag that equals it.
    reached.contains(&text.len())
}

#[cfg(test)]
mod tests {
    use super::wildcard_matches;

    /// The definition, as short as it can be said; exponential.
    fn by_definition(pattern: &[char], text: &[char]) -> bool {
        match pattern.split_first() {
            None => text.is_empty(),
            Some(('*', rest)) => (0..=text.len()).any(|skip| by_definition(rest, &text[skip..])),
            Some((character, rest)) => text
                .split_first()
                .is_some_and(|(first, more)| first == character && by_definition(rest, more)),
        }
    }

    fn words(alphabet: &[char], longest: usize) -> Vec<Vec<char>> {
        let mut all = vec![vec![]];
        let mut last = all.clone();
        for _ in 0..longest {
            last = last
                .iter()
                .flat_map(|word| {
                    alphabet.iter().map(move |character| [word.as_slice(), &[*character]].concat())
                })
                .collect();
            all.extend(last.clone());
        }
        all
    }

    #[test]
    fn agrees_with_the_recursive_definition_on_all_short_words() {
        for pattern in words(&['a', 'b', '*'], 5) {
            for text in words(&['a', 'b'], 6) {
                let (p, t): (String, String) = (pattern.iter().collect(), text.iter().collect());
                assert_eq!(wildcard_matches(&p, &t), by_definition(&pattern, &text), "{p:?} on {t:?}");
            }
        }
    }

    #[test]
    fn without_a_star_only_the_equal_text_matches() {
        assert!(wildcard_matches("v1", "v1"));
        assert!(!wildcard_matches("v1", "v1.2"));
        assert!(!wildcard_matches("v1", "av1"));
        assert!(!wildcard_matches("v1", "v"));
        assert!(!wildcard_matches("v1", ""));
    }

    #[test]
    fn a_star_matches_any_run_also_the_empty_one() {
        for text in ["", "a", "any/thing", "*", "ä€😀"] {
            assert!(wildcard_matches("*", text));
            assert!(wildcard_matches("**", text));
        }
        assert!(wildcard_matches("prod*", "prod"));
        assert!(wildcard_matches("prod*", "prod-1"));
        assert!(!wildcard_matches("prod*", "a-prod"));
        assert!(wildcard_matches("*prod", "a-prod"));
        assert!(wildcard_matches("*prod*", "a-prod-1"));
    }

    #[test]
    fn pieces_between_stars_do_not_share_characters() {
        assert!(!wildcard_matches("aba*ba", "aba"));
        assert!(!wildcard_matches("ab*ba", "aba"));
        assert!(wildcard_matches("ab*ba", "abba"));
        assert!(wildcard_matches("*aab", "aaab"));
    }

    #[test]
    fn other_special_looking_characters_stand_for_themselves() {
        assert!(!wildcard_matches("v?", "v1"));
        assert!(wildcard_matches("v?", "v?"));
        assert!(!wildcard_matches("[ab]", "a"));
        assert!(wildcard_matches("[ab]", "[ab]"));
        assert!(!wildcard_matches("v.1", "v-1"));
        assert!(!wildcard_matches("\\*", "*"));
        assert!(wildcard_matches("\\*", "\\anything"));
    }

    #[test]
    fn case_matters() {
        assert!(!wildcard_matches("Prod*", "prod-1"));
        assert!(!wildcard_matches("prod*", "PROD-1"));
    }

    #[test]
    fn the_empty_pattern_matches_only_the_empty_text() {
        assert!(wildcard_matches("", ""));
        assert!(!wildcard_matches("", "a"));
    }

    #[test]
    fn many_stars_do_not_blow_up() {
        let text = "a".repeat(128);
        assert!(!wildcard_matches(&format!("{}b", "*a".repeat(30)), &text));
        assert!(wildcard_matches(&"*a".repeat(30), &text));
    }
}
