//! What ECR itself says that a policy would do: `StartLifecyclePolicyPreview`, and its answer.
//!
//! A preview changes nothing, and a repository has one at a time: whoever starts another replaces it. So
//! the answer is taken only if it is about the policy that was asked about.

use std::collections::BTreeMap;
use std::time::Duration;

use aws_sdk_ecr::types::{ImageActionType, LifecyclePolicyPreviewResult, LifecyclePolicyPreviewStatus};
use chrono::{DateTime, Utc};
use demurrage_core::Digest;
use demurrage_core::lifecycle::{Fate, Outcome};
use tokio::time::{Instant, sleep};

use crate::{CallError, Ecr};

/// Most results of a page.
///
/// Source: API model, `LifecyclePreviewMaxResults`, read 2026-11-23.
const PAGE_RESULTS: i32 = 100;
/// More pages than the images of a repository can fill.
const PAGES_MAX: usize = 10_000;

/// How long ECR is waited for. Its own waiter gives up after 100 seconds; large repositories take longer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Patience {
    /// Between two questions whether it is done; doubles up to ten times as much.
    pub pause: Duration,
    /// In all, another's preview that has to end first among it.
    pub limit: Duration,
}

impl Default for Patience {
    fn default() -> Self {
        Self { pause: Duration::from_secs(2), limit: Duration::from_mins(15) }
    }
}

/// A preview as ECR gave it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AwsPreview {
    /// When it was started, by the clock of the service, to the second.
    pub asked_at: DateTime<Utc>,
    /// When it was found complete.
    pub answered_at: DateTime<Utc>,
    /// The policy, as ECR gave it back.
    pub policy_text: String,
    /// What happens to each image that it lists, and by the rule of which priority.
    pub fates: BTreeMap<Digest, Fate>,
}

/// Why there is no preview of ECR.
#[derive(Debug, thiserror::Error)]
pub enum AwsPreviewError {
    /// A call failed.
    #[error(transparent)]
    Call(#[from] CallError),
    /// It did not come in time.
    #[error("ECR has no preview after {} s", limit.as_secs())]
    TooSlow {
        /// How long it was waited for.
        limit: Duration,
    },
    /// It failed; ECR gives no reason.
    #[error("ECR says that its preview failed, and gives no reason")]
    Failed,
    /// It was there and is no more.
    #[error("the preview expired before it was read")]
    Expired,
    /// Somebody started another one.
    #[error("another preview of the repository was started in the meantime, of another policy")]
    Replaced,
    /// A result could not be understood.
    #[error("{cause}")]
    Answer {
        /// Which.
        cause: String,
    },
}

/// Asks ECR what a policy would do to a repository, or the attached one where none is given.
///
/// # Errors
/// When a call fails, the preview fails, takes too long or is replaced by another one.
pub async fn preview_on_aws(
    ecr: &Ecr,
    repository: &str,
    policy: Option<&str>,
    patience: Patience,
) -> Result<AwsPreview, AwsPreviewError> {
    let mut waiting = Waiting { since: Instant::now(), patience, pause: patience.pause };
    let asked = start(ecr, repository, policy, &mut waiting).await?;
    let asked_at = ecr.watch().service_time();
    waiting.pause = patience.pause;
    let mut fates = BTreeMap::new();
    let mut token = None;
    for _ in 0..PAGES_MAX {
        let page = page(ecr, repository, token, &mut waiting).await?;
        if !is_same_policy(&asked, page.lifecycle_policy_text.as_deref().unwrap_or_default()) {
            return Err(AwsPreviewError::Replaced);
        }
        for result in page.preview_results.unwrap_or_default() {
            let (digest, fate) = row(&result).map_err(|cause| AwsPreviewError::Answer { cause })?;
            fates.insert(digest, fate);
        }
        token = page.next_token;
        if token.is_none() {
            break;
        }
    }
    Ok(AwsPreview { asked_at, answered_at: ecr.watch().service_time(), policy_text: asked, fates })
}

/// Starts it, after another's has ended, and returns the policy as ECR understood it.
async fn start(
    ecr: &Ecr,
    repository: &str,
    policy: Option<&str>,
    waiting: &mut Waiting,
) -> Result<String, AwsPreviewError> {
    loop {
        let sent = ecr
            .call("StartLifecyclePolicyPreview", |client| {
                let call = client.start_lifecycle_policy_preview().repository_name(repository);
                call.set_lifecycle_policy_text(policy.map(str::to_owned)).send()
            })
            .await;
        match sent {
            Ok(started) => return Ok(started.lifecycle_policy_text.unwrap_or_default()),
            Err(error) if error.is("LifecyclePolicyPreviewInProgressException") => waiting.pause().await?,
            Err(error) => return Err(error.into()),
        }
    }
}

type Page = aws_sdk_ecr::operation::get_lifecycle_policy_preview::GetLifecyclePolicyPreviewOutput;

/// One page of a complete preview.
async fn page(
    ecr: &Ecr,
    repository: &str,
    token: Option<String>,
    waiting: &mut Waiting,
) -> Result<Page, AwsPreviewError> {
    loop {
        let page = ecr
            .call("GetLifecyclePolicyPreview", |client| {
                let call = client.get_lifecycle_policy_preview().repository_name(repository);
                call.max_results(PAGE_RESULTS).set_next_token(token.clone()).send()
            })
            .await?;
        match page.status {
            Some(LifecyclePolicyPreviewStatus::Complete) => return Ok(page),
            Some(LifecyclePolicyPreviewStatus::Failed) => return Err(AwsPreviewError::Failed),
            Some(LifecyclePolicyPreviewStatus::Expired) => return Err(AwsPreviewError::Expired),
            _ => waiting.pause().await?,
        }
    }
}

fn row(result: &LifecyclePolicyPreviewResult) -> Result<(Digest, Fate), String> {
    let digest = result.image_digest.as_deref().ok_or("a result of the preview has no digest")?;
    let digest: Digest = digest.parse().map_err(|error: demurrage_core::DigestError| error.to_string())?;
    let action = result.action.as_ref().and_then(|action| action.r#type.as_ref());
    let outcome = match action {
        Some(ImageActionType::Expire) => Outcome::Expire,
        Some(ImageActionType::Transition) => Outcome::Archive,
        other => {
            let name = other.map_or("none", ImageActionType::as_str);
            return Err(format!("the preview has an action that this version does not know: `{name}`"));
        }
    };
    let priority = result.applied_rule_priority.and_then(|priority| u64::try_from(priority).ok());
    Ok((digest, (outcome, priority.ok_or("a result of the preview names no rule")?)))
}

/// Whether both texts say the same: ECR gives rules back in the order of their priorities.
fn is_same_policy(one: &str, other: &str) -> bool {
    if one == other {
        return true;
    }
    let read = |text: &str| -> Option<serde_json::Value> {
        let mut policy: serde_json::Value = serde_json::from_str(text).ok()?;
        let rules = policy.get_mut("rules")?.as_array_mut()?;
        rules.sort_by_key(|rule| rule.get("rulePriority").and_then(serde_json::Value::as_u64));
        Some(policy)
    };
    read(one).is_some_and(|policy| read(other) == Some(policy))
}

/// How long it has been waited, and how long it may yet.
struct Waiting {
    since: Instant,
    patience: Patience,
    pause: Duration,
}

impl Waiting {
    async fn pause(&mut self) -> Result<(), AwsPreviewError> {
        if self.patience.limit < self.since.elapsed() + self.pause {
            return Err(AwsPreviewError::TooSlow { limit: self.patience.limit });
        }
        sleep(self.pause).await;
        self.pause = (self.pause * 2).min(self.patience.pause * 10);
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::is_same_policy;

    #[test]
    fn a_policy_is_the_same_whatever_its_spaces_and_the_order_of_its_rules() {
        let one = r#"{"rules": [{"rulePriority": 2, "a": 1}, {"rulePriority": 1}]}"#;
        assert!(is_same_policy(one, r#"{"rules":[{"rulePriority":1},{"a":1,"rulePriority":2}]}"#));
        assert!(!is_same_policy(one, r#"{"rules":[{"rulePriority":1},{"a":2,"rulePriority":2}]}"#));
        assert!(!is_same_policy(one, ""));
    }
}
