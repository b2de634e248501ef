//! What came of applying a plan.

use chrono::{DateTime, Utc};

use super::Unplanned;
use crate::Digest;
use crate::plan::RepositoryAddress;

/// What came of applying a plan, with what earlier attempts at it had done.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ApplyReport {
    /// The hash of the plan.
    pub plan: String,
    /// When this attempt began.
    pub began_at: DateTime<Utc>,
    /// When it ended.
    pub ended_at: DateTime<Utc>,
    /// The repositories, in the order in which they were taken.
    pub repositories: Vec<RepositoryReport>,
    /// Why it ended early; nothing: it came to its end.
    pub halt: Option<Halt>,
}

/// What came of a plan in one repository.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RepositoryReport {
    /// The repository.
    pub repository: RepositoryAddress,
    /// How far it came.
    pub state: RepositoryState,
    /// How many actions the plan has there.
    pub actions: u64,
    /// Images that were deleted.
    pub expired: u64,
    /// Images that were moved to the archive class.
    pub archived: u64,
    /// Images that lost tags, and kept others.
    pub untagged: u64,
    /// Settings that were changed.
    pub settings: u64,
    /// Actions of which nothing was left to do: somebody else had done it.
    pub already: u64,
    /// Bytes that its deletions freed, as the plan has them.
    pub bytes_freed: u64,
    /// What the plan wanted and was not done, with the reasons.
    pub left: Vec<LeftAction>,
    /// What is gone that the plan did not name.
    pub unplanned: Vec<Unplanned>,
    /// What was odd about answers of ECR, of this attempt and of those before: one fragment each.
    pub odd: Vec<String>,
}

impl RepositoryReport {
    /// The report of a repository of which nothing was done yet.
    pub const fn new(repository: RepositoryAddress, actions: u64) -> Self {
        Self {
            repository,
            state: RepositoryState::NotBegun,
            actions,
            expired: 0,
            archived: 0,
            untagged: 0,
            settings: 0,
            already: 0,
            bytes_freed: 0,
            left: Vec::new(),
            unplanned: Vec::new(),
            odd: Vec::new(),
        }
    }

    /// Whether a person has to look: something is gone that the plan did not name, or an answer was odd.
    pub const fn is_odd(&self) -> bool {
        !self.unplanned.is_empty() || !self.odd.is_empty()
    }

    /// Actions that were done, by whomever.
    pub const fn done(&self) -> u64 {
        self.expired + self.archived + self.untagged + self.settings + self.already
    }
}

/// How far a plan came in a repository.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum RepositoryState {
    /// Each of its actions was done, or left with a reason.
    Done,
    /// Nothing was done of it, for this reason.
    Refused(String),
    /// It was begun, and not ended.
    Broken,
    /// Nothing was done of it: its turn did not come.
    NotBegun,
}

/// Something that the plan wanted and that was not done.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct LeftAction {
    /// The image; nothing: it is about a setting.
    pub digest: Option<Digest>,
    /// Why, in a fragment that reads alone.
    pub why: String,
}

/// Why applying a plan ended early.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Halt {
    /// What kind of reason it is.
    pub kind: HaltKind,
    /// The reason, in a fragment that reads alone.
    pub detail: String,
}

/// The kinds of reason for which applying a plan ends early.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum HaltKind {
    /// Somebody put a stop order into the store.
    StopOrder,
    /// The plan expired meanwhile.
    Expired,
    /// What is in use is not known, or not lately enough.
    UseUnknown,
    /// The time that it may take was over: it can be called again.
    TimeIsUp,
    /// Somebody asked this process to end.
    Interrupted,
    /// A call failed that should not.
    CallFailed,
    /// Something is not as it should be: a person has to look.
    Suspicious,
    /// Somebody else applies the plan.
    LeaseLost,
    /// The store could not be read or written.
    Store,
    /// Another part of the plan met something that concerns all of it.
    OtherPart,
}

impl HaltKind {
    /// All of them.
    pub const ALL: [Self; 10] = [
        Self::StopOrder,
        Self::Expired,
        Self::UseUnknown,
        Self::TimeIsUp,
        Self::Interrupted,
        Self::CallFailed,
        Self::Suspicious,
        Self::LeaseLost,
        Self::Store,
        Self::OtherPart,
    ];

    /// Whether what else is done by the same plan has to end as well: something is wrong, and it may be wrong everywhere.
    pub const fn concerns_all(self) -> bool {
        match self {
            Self::UseUnknown | Self::CallFailed | Self::Suspicious => true,
            Self::StopOrder
            | Self::Expired
            | Self::TimeIsUp
            | Self::Interrupted
            | Self::LeaseLost
            | Self::Store
            | Self::OtherPart => false,
        }
    }

    /// The name in reports.
    pub const fn name(self) -> &'static str {
        match self {
            Self::StopOrder => "stop_order",
            Self::Expired => "expired",
            Self::UseUnknown => "use_unknown",
            Self::TimeIsUp => "time_is_up",
            Self::Interrupted => "interrupted",
            Self::CallFailed => "call_failed",
            Self::Suspicious => "suspicious",
            Self::LeaseLost => "lease_lost",
            Self::Store => "store",
            Self::OtherPart => "other_part",
        }
    }

    /// The kind of this name.
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.name() == name)
    }
}

/// What a report comes to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Conclusion {
    /// All that the plan wanted is so.
    AllDone,
    /// Some of it is not.
    Partly,
    /// A person has to look: something is gone that the plan did not name, or something is odd.
    LookAtIt,
    /// AWS, the network or the store failed.
    Failed,
    /// Somebody asked it to end.
    Interrupted,
}

impl ApplyReport {
    /// What it comes to: the worst of what happened.
    pub fn conclusion(&self) -> Conclusion {
        let is_odd = self.repositories.iter().any(RepositoryReport::is_odd);
        let halted = self.halt.as_ref().map(|halt| halt.kind);
        match halted {
            Some(HaltKind::Suspicious) => Conclusion::LookAtIt,
            _ if is_odd => Conclusion::LookAtIt,
            Some(HaltKind::CallFailed | HaltKind::LeaseLost | HaltKind::Store) => Conclusion::Failed,
            Some(HaltKind::Interrupted) => Conclusion::Interrupted,
            None if self.repositories.iter().all(is_whole) => Conclusion::AllDone,
            Some(
                HaltKind::StopOrder
                | HaltKind::Expired
                | HaltKind::UseUnknown
                | HaltKind::TimeIsUp
                | HaltKind::OtherPart,
            )
            | None => Conclusion::Partly,
        }
    }

    /// Whether applying it again could do more: it ended early.
    pub const fn has_more(&self) -> bool {
        self.halt.is_some()
    }

    /// Whether nothing came of it although something was wanted: who applies it again may find that it can be done by then.
    pub fn nothing_went(&self) -> bool {
        let (mut done, mut left) = (0, 0);
        for repository in &self.repositories {
            done += repository.done();
            left += repository.left.len();
        }
        done == 0 && left != 0
    }

    /// Bytes that were freed.
    pub fn bytes_freed(&self) -> u64 {
        self.repositories.iter().map(|repository| repository.bytes_freed).sum()
    }
}

fn is_whole(repository: &RepositoryReport) -> bool {
    repository.state == RepositoryState::Done && repository.left.is_empty()
}

#[cfg(test)]
mod tests {
    use super::{ApplyReport, Conclusion, Halt, HaltKind, LeftAction, RepositoryReport, RepositoryState};
    use crate::apply::Unplanned;
    use crate::plan::RepositoryAddress;
    use crate::{Digest, instant};

    fn report(state: RepositoryState) -> ApplyReport {
        let at = instant::parse("2026-11-25T00:00:00Z").unwrap();
        let address =
            RepositoryAddress { account: None, region: "eu-west-1".to_owned(), name: "app".to_owned() };
        let repository = RepositoryReport { state, ..RepositoryReport::new(address, 1) };
        ApplyReport {
            plan: "0a".repeat(32),
            began_at: at,
            ended_at: at,
            repositories: vec![repository],
            halt: None,
        }
    }

    #[test]
    fn a_plan_is_all_done_only_if_nothing_is_left_and_nothing_was_refused() {
        assert_eq!(report(RepositoryState::Done).conclusion(), Conclusion::AllDone);
        let refused = report(RepositoryState::Refused("it is gone".to_owned()));
        assert_eq!(refused.conclusion(), Conclusion::Partly);
        let mut left = report(RepositoryState::Done);
        left.repositories[0].left.push(LeftAction { digest: None, why: "it changed".to_owned() });
        assert_eq!(left.conclusion(), Conclusion::Partly);
    }

    #[test]
    fn an_odd_answer_is_looked_at_and_nothing_done_is_not_all_done() {
        let mut odd = report(RepositoryState::Done);
        odd.repositories[0].odd.push("ECR says that `a` is gone, which was not asked for".to_owned());
        assert_eq!(odd.conclusion(), Conclusion::LookAtIt);
        let mut left = report(RepositoryState::Done);
        assert!(!left.nothing_went(), "nothing was wanted");
        left.repositories[0].left.push(LeftAction { digest: None, why: "it changed".to_owned() });
        assert!(left.nothing_went());
        left.repositories[0].already = 1;
        assert!(!left.nothing_went());
    }

    #[test]
    fn what_is_gone_unplanned_outweighs_why_it_ended() {
        let mut odd = report(RepositoryState::Broken);
        odd.repositories[0].unplanned.push(Unplanned { digest: Digest::from_bytes([1; 32]), tags: vec![] });
        for kind in HaltKind::ALL {
            odd.halt = Some(Halt { kind, detail: String::new() });
            assert_eq!(odd.conclusion(), Conclusion::LookAtIt, "{kind:?}");
            assert_eq!(HaltKind::from_name(kind.name()), Some(kind));
        }
    }
}
