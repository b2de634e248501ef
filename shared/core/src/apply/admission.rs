//! Whether a plan may be applied at all.

use chrono::{DateTime, TimeDelta, Utc};

use crate::instant;
use crate::plan::{Mode, PlanHead};

/// How far clocks of machines may be apart.
const CLOCK_SKEW: TimeDelta = TimeDelta::minutes(5);

/// Why a plan is not applied.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum NotApplicable {
    /// It was made to be looked at.
    #[error("the plan was made in mode observe: it is only looked at")]
    Observed,
    /// It is for a machine, which does not lift soft guards.
    #[error("the plan was made in mode enforce and trips {count} soft guards: {first}")]
    Tripped {
        /// How many.
        count: usize,
        /// What the first one says.
        first: String,
    },
    /// It was made for a time that has not come: ages that it went by are not reached.
    #[error("the plan was made for {}, which has not come", instant::minute(*made_at))]
    NotYet {
        /// For when.
        made_at: DateTime<Utc>,
    },
    /// It is too old.
    #[error("the plan expired on {}", instant::minute(*expires_at))]
    Expired {
        /// When.
        expires_at: DateTime<Utc>,
    },
}

impl NotApplicable {
    /// How to mend it.
    pub const fn help(&self) -> &'static str {
        match self {
            Self::Observed => "make one with `demurrage plan --mode approve`",
            Self::Tripped { .. } => {
                "make one with `demurrage plan --mode approve`, look at it, and apply it by its hash"
            }
            Self::NotYet { .. } => "make one without `--now`; what is planned ahead is only looked at",
            Self::Expired { .. } => "make a new one: `demurrage plan`",
        }
    }
}

/// Whether a plan with this head may be applied at this time.
///
/// # Errors
/// When it may not, and why.
pub fn admit(head: &PlanHead, now: DateTime<Utc>) -> Result<(), NotApplicable> {
    match (head.mode, head.tripped.first()) {
        (Mode::Observe, _) => return Err(NotApplicable::Observed),
        (Mode::Enforce, Some(first)) => {
            let (count, first) = (head.tripped.len(), first.detail.clone());
            return Err(NotApplicable::Tripped { count, first });
        }
        (Mode::Approve, _) | (Mode::Enforce, None) => {}
    }
    if now + CLOCK_SKEW < head.made_at {
        return Err(NotApplicable::NotYet { made_at: head.made_at });
    }
    if head.has_expired(now) {
        return Err(NotApplicable::Expired { expires_at: head.expires_at });
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::{NotApplicable, admit};
    use crate::instant;
    use crate::plan::{DecidedFrom, Mode, PlanHead, SoftGuard, Source, TrippedGuard};

    fn head(mode: Mode, is_tripped: bool) -> PlanHead {
        let source = Source { name: "x".to_owned(), hash: String::new() };
        let guard = TrippedGuard { guard: SoftGuard::Images, repository: None, detail: "many".to_owned() };
        PlanHead {
            made_at: instant::parse("2026-11-24T00:00:00Z").unwrap(),
            expires_at: instant::parse("2026-11-25T00:00:00Z").unwrap(),
            mode,
            decided_from: DecidedFrom {
                inventories: vec![],
                uses: vec![],
                rules: source.clone(),
                configuration: None,
                holds: source,
                earlier_plan: None,
            },
            tripped: if is_tripped { vec![guard] } else { vec![] },
        }
    }

    #[test]
    fn a_plan_for_a_time_that_has_not_come_is_not_applied_but_clocks_may_differ() {
        let made_at = instant::parse("2026-11-24T00:00:00Z").unwrap();
        let near = instant::parse("2026-11-23T23:55:00Z").unwrap();
        let before = instant::parse("2026-11-23T23:54:59Z").unwrap();
        assert_eq!(admit(&head(Mode::Approve, false), near), Ok(()));
        assert_eq!(admit(&head(Mode::Enforce, false), before), Err(NotApplicable::NotYet { made_at }));
    }

    #[test]
    fn a_plan_that_is_looked_at_or_trips_a_guard_without_a_person_or_is_old_is_not_applied() {
        let before = instant::parse("2026-11-24T23:59:59Z").unwrap();
        let at_the_end = instant::parse("2026-11-25T00:00:00Z").unwrap();
        assert_eq!(admit(&head(Mode::Observe, false), before), Err(NotApplicable::Observed));
        let tripped = NotApplicable::Tripped { count: 1, first: "many".to_owned() };
        assert_eq!(admit(&head(Mode::Enforce, true), before), Err(tripped));
        assert_eq!(admit(&head(Mode::Enforce, false), before), Ok(()));
        assert_eq!(admit(&head(Mode::Approve, true), before), Ok(()), "a person looks at it");
        let expired = NotApplicable::Expired { expires_at: at_the_end };
        assert_eq!(admit(&head(Mode::Approve, false), at_the_end), Err(expired));
    }
}
