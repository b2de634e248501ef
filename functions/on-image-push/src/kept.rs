//! What was asked a short while ago, so that a burst of events does not ask it again and again.

use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use tokio::time::Instant;

/// How long an answer is good for.
const GOOD_FOR: Duration = Duration::from_mins(3);
/// Most answers that are kept.
const ANSWERS_MAX: usize = 1_000;

/// Answers by what was asked.
#[derive(Debug)]
pub(crate) struct Kept<T>(Mutex<BTreeMap<String, (Instant, T)>>);

impl<T> Default for Kept<T> {
    fn default() -> Self {
        Self(Mutex::default())
    }
}

impl<T: Clone> Kept<T> {
    /// The answer, where there is one that is still good.
    pub(crate) fn get(&self, asked: &str) -> Option<T> {
        let answers = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let (at, answer) = answers.get(asked)?;
        (at.elapsed() < GOOD_FOR).then(|| answer.clone())
    }

    /// Keeps an answer. Where there are too many, those that are good no more go, and all of them where that is none.
    pub(crate) fn put(&self, asked: &str, answer: T) {
        let mut answers = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if ANSWERS_MAX <= answers.len() {
            answers.retain(|_, (at, _)| at.elapsed() < GOOD_FOR);
        }
        if ANSWERS_MAX <= answers.len() {
            answers.clear();
        }
        answers.insert(asked.to_owned(), (Instant::now(), answer));
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::{ANSWERS_MAX, GOOD_FOR, Kept};

    #[tokio::test(start_paused = true)]
    async fn an_answer_is_good_for_minutes_and_no_longer() {
        let kept = Kept::default();
        assert_eq!(kept.get("a"), None);
        kept.put("a", 1);
        let before = Duration::from_millis(1);
        tokio::time::advance(GOOD_FOR.saturating_sub(before)).await;
        assert_eq!(kept.get("a"), Some(1));
        tokio::time::advance(before).await;
        assert_eq!(kept.get("a"), None);
    }

    #[tokio::test(start_paused = true)]
    async fn there_are_never_more_answers_than_are_kept() {
        let kept = Kept::default();
        for number in 0..3 * ANSWERS_MAX {
            kept.put(&number.to_string(), number);
            assert_eq!(kept.get(&number.to_string()), Some(number));
        }
        assert!(kept.0.lock().unwrap().len() <= ANSWERS_MAX);
    }
}
