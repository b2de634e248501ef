//! The actions of a statement, and which of ECR's they reach.

use std::collections::BTreeSet;

use super::glob::Glob;
use super::{ActionClass, EcrAction};

/// What a statement says of actions: those that match, or all but those.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Actions {
    /// `Action`
    Only(Vec<ActionPattern>),
    /// `NotAction`
    Except(Vec<ActionPattern>),
}

impl Actions {
    /// Whether the statement is about an action.
    pub fn contain(&self, action: EcrAction) -> bool {
        let named =
            |patterns: &[ActionPattern]| patterns.iter().any(|pattern| pattern.matches(action.name()));
        match self {
            Self::Only(patterns) => named(patterns),
            Self::Except(patterns) => !named(patterns),
        }
    }

    /// Whether the statement is about every action of ECR that a pattern could stand for.
    fn contain_all_of(&self, pattern: &ActionPattern) -> bool {
        match self {
            Self::Only(ours) => {
                ours.iter().any(|ours| ours.glob.includes(&pattern.glob) || ours.is_all_of_ecr())
            }
            Self::Except(excepted) => !excepted.iter().any(|excepted| excepted.glob.overlaps(&pattern.glob)),
        }
    }
}

/// A pattern of actions as it was written; it matches in any case of letters.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct ActionPattern {
    text: String,
    glob: Glob,
}

impl ActionPattern {
    pub(super) fn new(text: &str) -> Self {
        Self { text: text.to_owned(), glob: Glob::new(&text.to_ascii_lowercase()) }
    }

    /// The pattern as it was written.
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// Whether an action with its prefix matches, in any case of letters.
    pub fn matches(&self, action: &str) -> bool {
        self.glob.matches(&action.to_ascii_lowercase())
    }

    fn is_all_of_ecr(&self) -> bool {
        self.glob.includes(&Glob::new("ecr:*"))
    }

    /// Whether some action of ECR that is not known here could match.
    fn reaches_beyond(&self) -> bool {
        match self.glob.as_literal() {
            Some(action) => action.starts_with("ecr:") && EcrAction::named(&action).is_none(),
            None => self.glob.overlaps(&Glob::new("ecr:*")),
        }
    }
}

/// The actions of ECR that are granted.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct GrantedActions {
    /// Those that are known here.
    pub known: BTreeSet<EcrAction>,
    /// Patterns that could stand for actions of ECR beyond those, as they were written; of a `NotAction` it is
    /// `ecr:*`.
    pub beyond: BTreeSet<String>,
}

impl GrantedActions {
    pub(super) fn of(actions: &Actions) -> Self {
        let known = EcrAction::ALL.iter().copied().filter(|action| actions.contain(*action)).collect();
        let beyond = match actions {
            Actions::Only(patterns) => patterns
                .iter()
                .filter(|pattern| pattern.reaches_beyond())
                .map(|pattern| pattern.text.clone())
                .collect(),
            Actions::Except(patterns) if patterns.iter().any(ActionPattern::is_all_of_ecr) => BTreeSet::new(),
            Actions::Except(_) => BTreeSet::from(["ecr:*".to_owned()]),
        };
        Self { known, beyond }
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.known.is_empty() && self.beyond.is_empty()
    }

    /// The classes of the known ones.
    pub fn classes(&self) -> BTreeSet<ActionClass> {
        self.known.iter().map(|action| action.class()).collect()
    }

    /// The class that does most harm; nothing where only unknown actions are granted.
    pub fn worst_class(&self) -> Option<ActionClass> {
        self.classes().last().copied()
    }

    /// Those that another statement is about for certain, and the rest.
    pub(super) fn split(&self, by: &Actions) -> (Self, Self) {
        let (known, known_rest) = self.known.iter().copied().partition(|action| by.contain(*action));
        let (beyond, beyond_rest) =
            self.beyond.iter().cloned().partition(|text| by.contain_all_of(&ActionPattern::new(text)));
        (Self { known, beyond }, Self { known: known_rest, beyond: beyond_rest })
    }
}

#[cfg(test)]
mod tests {
    use super::{ActionPattern, Actions, GrantedActions};

    fn only(patterns: &[&str]) -> Actions {
        Actions::Only(patterns.iter().map(|text| ActionPattern::new(text)).collect())
    }

    fn beyond(actions: &Actions) -> Vec<String> {
        GrantedActions::of(actions).beyond.into_iter().collect()
    }

    #[test]
    fn what_reaches_beyond_the_known_actions_is_named() {
        assert_eq!(
            beyond(&only(&["ecr:PutImage", "ecr:MoveImage", "s3:*", "*Image", "e?r:Get*"])),
            ["*Image", "e?r:Get*", "ecr:MoveImage"]
        );
        assert_eq!(beyond(&Actions::Except(vec![ActionPattern::new("ecr:PutImage")])), ["ecr:*"]);
        assert!(GrantedActions::of(&Actions::Except(vec![ActionPattern::new("*")])).is_empty());
        assert!(GrantedActions::of(&only(&["s3:GetObject"])).is_empty());
    }

    #[test]
    fn unknown_actions_are_taken_away_only_by_what_names_them_all() {
        let granted = GrantedActions::of(&only(&["ecr:*"]));
        let (_, rest) = granted.split(&only(&["ecr:?*"]));
        assert_eq!((rest.known.len(), rest.beyond.len()), (0, 1));
        let (taken, rest) = granted.split(&only(&["*"]));
        assert_eq!((taken, rest.is_empty()), (granted.clone(), true));
        let (_, rest) = granted.split(&Actions::Except(vec![ActionPattern::new("ecr:PutImage")]));
        assert_eq!((rest.known.len(), rest.beyond.len()), (1, 1));
    }
}
