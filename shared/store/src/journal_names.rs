//! The names of the objects of a journal, and what they say together.

use crate::StoreError;

/// The object that says that everything was done.
pub(crate) const DONE: &str = "done.json";

const INTENT: &str = "-intent.json";
const OUTCOME: &str = "-outcome.json";
const DROPPED: &str = "-dropped.json";
/// Digits of a number, so that names order as numbers do.
const DIGITS: usize = 10;

pub(crate) fn intent_name(number: u64) -> String {
    format!("{number:0DIGITS$}{INTENT}")
}

pub(crate) fn outcome_name(number: u64) -> String {
    format!("{number:0DIGITS$}{OUTCOME}")
}

pub(crate) fn dropped_name(number: u64) -> String {
    format!("{number:0DIGITS$}{DROPPED}")
}

/// The number before this ending, where the name has both.
pub(crate) fn number_of(name: &str, ending: &str) -> Option<u64> {
    let digits = name.strip_suffix(ending)?;
    let is_number = digits.len() == DIGITS && digits.bytes().all(|byte| byte.is_ascii_digit());
    digits.parse().ok().filter(|_| is_number)
}

/// What is in a journal, by the names of its objects.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct JournalNames {
    /// Intents are numbered from 1 to this; whether each has an outcome, in that order.
    pub(crate) has_outcome: Vec<bool>,
    /// Lists of dropped images are numbered from 1 to this.
    pub(crate) drops: u64,
    /// Whether everything was done.
    pub(crate) is_finished: bool,
}

impl JournalNames {
    /// Takes the names for what they are; others are none of the journal's.
    ///
    /// # Errors
    /// When a number is left out, or an outcome has no intent: then something was taken away.
    pub(crate) fn of(names: &[String], shown: impl Fn(&str) -> String) -> Result<Self, StoreError> {
        let numbers = |ending| {
            let mut numbers: Vec<u64> = names.iter().filter_map(|name| number_of(name, ending)).collect();
            numbers.sort_unstable();
            numbers
        };
        let missing =
            |name: String| StoreError::corrupt(shown(&name), "it is missing, and later ones are there");
        let (intents, outcomes, dropped) = (numbers(INTENT), numbers(OUTCOME), numbers(DROPPED));
        if let Some(expected) = gap(&intents) {
            return Err(missing(intent_name(expected)));
        }
        if let Some(expected) = gap(&dropped) {
            return Err(missing(dropped_name(expected)));
        }
        let mut has_outcome = vec![false; intents.len()];
        for number in outcomes {
            let place = usize::try_from(number).ok().and_then(|number| number.checked_sub(1));
            match place.and_then(|place| has_outcome.get_mut(place)) {
                Some(has_outcome) => *has_outcome = true,
                None => return Err(missing(intent_name(number))),
            }
        }
        let is_finished = names.iter().any(|name| name == DONE);
        Ok(Self { has_outcome, drops: dropped.len() as u64, is_finished })
    }
}

/// The number that is left out of those from 1 on, where one is.
fn gap(numbers: &[u64]) -> Option<u64> {
    (1..).zip(numbers).find(|(expected, found)| expected != *found).map(|(expected, _)| expected)
}

#[cfg(test)]
mod tests {
    use super::JournalNames;

    fn of(names: &[&str]) -> Result<JournalNames, String> {
        let names: Vec<String> = names.iter().map(|&name| name.to_owned()).collect();
        JournalNames::of(&names, str::to_owned).map_err(|error| error.to_string())
    }

    #[test]
    fn names_say_what_there_is_in_any_order_and_other_files_say_nothing() {
        let names =
            of(&["lock", "0000000002-intent.json", "0000000001-intent.json", "0000000001-outcome.json"]);
        let expected = JournalNames { has_outcome: vec![true, false], drops: 0, is_finished: false };
        assert_eq!(names, Ok(expected));
        assert!(of(&["done.json", "1-intent.json"]).is_ok_and(|names| names.is_finished));
    }

    #[test]
    fn what_was_taken_away_is_named() {
        let gap = of(&["0000000001-intent.json", "0000000003-intent.json"]).unwrap_err();
        assert!(gap.starts_with("`0000000002-intent.json` is damaged: it is missing"), "{gap}");
        let lost = of(&["0000000001-outcome.json"]).unwrap_err();
        assert!(lost.starts_with("`0000000001-intent.json` is damaged: it is missing"), "{lost}");
        let dropped = of(&["0000000002-dropped.json"]).unwrap_err();
        assert!(dropped.starts_with("`0000000001-dropped.json` is damaged: it is missing"), "{dropped}");
    }
}
