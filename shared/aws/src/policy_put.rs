//! The lifecycle policy that is attached to a repository: read, and put in the place of what is attached.
//!
//! A put replaces the whole policy, and ECR acts by it within 24 hours; there is no condition that it would take, so
//! whoever asks has read what is attached shortly before. Leaves out whether a policy should be put.

use crate::{CallError, CallErrorKind, Ecr};

/// The calls that putting a policy takes, as IAM names them: its own, that of [`crate::collect::list_images`], and those of
/// [`crate::preview_on_aws`].
pub const POLICY_PUT_ACTIONS: [&str; 5] = [
    "ecr:DescribeImages",
    "ecr:GetLifecyclePolicy",
    "ecr:GetLifecyclePolicyPreview",
    "ecr:PutLifecyclePolicy",
    "ecr:StartLifecyclePolicyPreview",
];

/// The text of the attached policy as ECR gives it; nothing where none is attached.
///
/// # Errors
/// When the call fails, as it does where there is no such repository.
pub async fn attached_policy(ecr: &Ecr, repository: &str) -> Result<Option<String>, CallError> {
    const OPERATION: &str = "GetLifecyclePolicy";
    let read =
        ecr.call(OPERATION, |client| client.get_lifecycle_policy().repository_name(repository).send()).await;
    match read {
        Ok(answer) => answer.lifecycle_policy_text.map(Some).ok_or_else(|| without_text(OPERATION)),
        Err(error) if error.is("LifecyclePolicyNotFoundException") => Ok(None),
        Err(error) => Err(error),
    }
}

/// Puts a policy in the place of the attached one; returns its text as ECR has understood it.
///
/// Put again it is the same policy, so a call whose answer is lost may be repeated.
///
/// # Errors
/// When the call fails. Where no answer came, it may have been done all the same.
pub async fn put_policy(ecr: &Ecr, repository: &str, text: &str) -> Result<String, CallError> {
    const OPERATION: &str = "PutLifecyclePolicy";
    let put = ecr
        .call(OPERATION, |client| {
            client.put_lifecycle_policy().repository_name(repository).lifecycle_policy_text(text).send()
        })
        .await?;
    put.lifecycle_policy_text.ok_or_else(|| without_text(OPERATION))
}

/// An answer that has no policy, which the API does not allow.
fn without_text(operation: &str) -> CallError {
    CallError {
        operation: operation.to_owned(),
        kind: CallErrorKind::Server,
        code: None,
        cause: "the answer has no policy".to_owned(),
    }
}
