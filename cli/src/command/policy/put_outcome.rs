//! The one change, and what is attached afterwards.

use demurrage_aws::{CallError, attached_policy, put_policy};
use demurrage_core::lifecycle::Policy;

use super::question::{Asked, is_same};
use super::refusal::Refusal;
use crate::exit::Exit;
use crate::failure::Failure;

/// What came of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum PutOutcome {
    /// The policy was attached before anything was asked.
    AlreadyAttached,
    /// Whoever was asked said no.
    Declined,
    /// It is refused.
    Refused(Vec<Refusal>),
    /// Another policy is attached than was when it was read, and nothing was put.
    ChangedBefore,
    /// It is attached, by this text.
    Attached { text: String, spelling: Spelling },
    /// It was put, and this is attached afterwards.
    OtherAttached { text: Option<String> },
    /// It was put, and what is attached could not be read.
    NotReadBack { cause: String },
}

/// How ECR writes a policy.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Spelling {
    /// As it was put, byte for byte.
    Same,
    /// Otherwise, with the same rules.
    Other,
}

impl PutOutcome {
    /// How the command ends.
    pub(super) const fn exit(&self) -> Exit {
        match self {
            Self::Attached { .. } => Exit::Done,
            Self::Refused(_) | Self::ChangedBefore | Self::OtherAttached { .. } => Exit::Findings,
            Self::NotReadBack { .. } => Exit::Partial,
            Self::AlreadyAttached | Self::Declined => Exit::NothingToDo,
        }
    }
}

/// Puts the policy, if what is attached is still what it was, and reads it back.
///
/// # Errors
/// When it is certain that nothing was put, or not known what is attached.
pub(super) async fn put(
    asked: &Asked<'_>,
    policy: &Policy,
    attached: Option<&str>,
) -> Result<PutOutcome, Failure> {
    let now = attached_policy(asked.ecr, asked.name).await;
    let now = now.map_err(|error| Failure::aws(format!("nothing was put: {error}"), error.help()))?;
    if now.as_deref() != attached {
        return Ok(PutOutcome::ChangedBefore);
    }
    if let Err(error) = put_policy(asked.ecr, asked.name, policy.text()).await {
        return after_failure(asked, policy, attached, &error).await;
    }
    Ok(match attached_policy(asked.ecr, asked.name).await {
        Ok(text) => read_back(text, policy),
        Err(error) => PutOutcome::NotReadBack { cause: error.to_string() },
    })
}

fn read_back(text: Option<String>, policy: &Policy) -> PutOutcome {
    match text {
        Some(text) if is_same(&text, policy) => {
            let spelling = if text == policy.text() { Spelling::Same } else { Spelling::Other };
            PutOutcome::Attached { text, spelling }
        }
        text => PutOutcome::OtherAttached { text },
    }
}

/// Whether a put that failed was done all the same: an answer can be lost.
async fn after_failure(
    asked: &Asked<'_>,
    policy: &Policy,
    attached: Option<&str>,
    error: &CallError,
) -> Result<PutOutcome, Failure> {
    let still = if attached.is_some() {
        "the policy that was attached is still attached"
    } else {
        "no policy is attached, as before"
    };
    match attached_policy(asked.ecr, asked.name).await {
        Ok(text) if text.as_deref() == attached => {
            Err(Failure::aws(format!("nothing was put, {still}: {error}"), error.help()))
        }
        Ok(text) => Ok(read_back(text, policy)),
        Err(unread) => Err(Failure::aws(
            format!("whether the policy was put is not known: {error}; and it cannot be read: {unread}"),
            "look with `aws ecr get-lifecycle-policy`; what was attached before is kept in the store",
        )),
    }
}
