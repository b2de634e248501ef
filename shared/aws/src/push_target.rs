//! What a push would meet: the repository, and the image that the tag is on. Nothing is written, and no manifest read.
//!
//! It says how things are at the moment of the question; somebody else may push before the caller does.

use aws_sdk_ecr::types::{DescribeImagesFilter, ImageIdentifier, ImageStatusFilter, RctAppliedFor};
use chrono::{DateTime, Utc};
use demurrage_core::{Digest, DigestError, ImageStatus, Repository, Tag};

use crate::calls::PAGE_ENTRIES;
use crate::collect::look_up_repository;
use crate::ecr_time::instant;
use crate::{CallError, CallErrorKind, Ecr};

/// The calls of [`push_target`], as IAM names them; the last one only where there is no such repository.
pub const PUSH_TARGET_ACTIONS: [&str; 3] =
    ["ecr:DescribeRepositories", "ecr:DescribeImages", "ecr:DescribeRepositoryCreationTemplates"];

/// More pages than the creation templates of a registry can fill.
const PAGES_MAX: usize = 100;
/// The prefix of the template for all names that no other one has.
const ROOT: &str = "ROOT";

/// What a push would meet.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum PushTarget {
    /// There is no such repository.
    NoRepository(CreateOnPush),
    /// There is.
    Repository {
        /// The repository, without its images.
        repository: Box<Repository>,
        /// What the tag is on; nothing where there is no such tag.
        image: Option<TaggedImage>,
    },
}

/// Whether a push would make a repository that is not there.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum CreateOnPush {
    /// A creation template is for it, the one of this prefix.
    Template {
        /// The prefix, or `ROOT`.
        prefix: String,
    },
    /// None is: the push is refused.
    No,
    /// Nobody knows, because the templates could not be read.
    Unknown(CallError),
}

/// The image that a tag is on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TaggedImage {
    /// Its digest.
    pub digest: Digest,
    /// Whether it can be pulled.
    pub status: ImageStatus,
    /// When it was pushed.
    pub pushed_at: Option<DateTime<Utc>>,
}

/// What a push of this tag into this repository would meet.
///
/// # Errors
/// When the repository or the tag cannot be read.
pub async fn push_target(ecr: &Ecr, repository: &str, tag: &Tag) -> Result<PushTarget, CallError> {
    match look_up_repository(ecr, repository).await? {
        Some(found) => {
            let image = tagged_image(ecr, repository, tag).await?;
            Ok(PushTarget::Repository { repository: Box::new(found), image })
        }
        None => Ok(PushTarget::NoRepository(create_on_push(ecr, repository).await)),
    }
}

/// The image that the tag is on now, archived or not; nothing where there is no such tag.
pub(crate) async fn tagged_image(
    ecr: &Ecr,
    repository: &str,
    tag: &Tag,
) -> Result<Option<TaggedImage>, CallError> {
    const OPERATION: &str = "DescribeImages";
    // Without it, a tag of an archived image looks free.
    let filter = DescribeImagesFilter::builder().image_status(ImageStatusFilter::Any).build();
    let id = ImageIdentifier::builder().image_tag(tag.as_str()).build();
    let asked = ecr.call(OPERATION, |client| {
        let call = client.describe_images().repository_name(repository).image_ids(id.clone());
        call.filter(filter.clone()).send()
    });
    let answer = match asked.await {
        Ok(answer) => answer,
        Err(error) if error.is("ImageNotFoundException") => return Ok(None),
        Err(error) => return Err(error),
    };
    let Some(detail) = answer.image_details.unwrap_or_default().pop() else { return Ok(None) };
    let nonsense = |cause: String| CallError {
        operation: OPERATION.to_owned(),
        kind: CallErrorKind::Server,
        code: None,
        cause,
    };
    let text =
        detail.image_digest.ok_or_else(|| nonsense("an image is listed without a digest".to_owned()))?;
    let digest = text.parse().map_err(|error: DigestError| nonsense(error.to_string()))?;
    let status =
        detail.image_status.map_or(ImageStatus::Active, |status| ImageStatus::from_api(status.as_str()));
    Ok(Some(TaggedImage { digest, status, pushed_at: instant(detail.image_pushed_at.as_ref()) }))
}

/// Whether a creation template would have ECR make this repository: the longest prefix counts.
async fn create_on_push(ecr: &Ecr, repository: &str) -> CreateOnPush {
    match prefixes(ecr).await {
        Ok(prefixes) => {
            let fitting = prefixes.into_iter().filter(|prefix| is_prefix(prefix, repository));
            let longest = fitting.max_by_key(|prefix| if prefix == ROOT { 0 } else { prefix.len() });
            longest.map_or(CreateOnPush::No, |prefix| CreateOnPush::Template { prefix })
        }
        Err(error) => CreateOnPush::Unknown(error),
    }
}

/// Whether a template of this prefix is for this repository: what comes after the prefix begins with a slash.
fn is_prefix(prefix: &str, repository: &str) -> bool {
    let prefix = prefix.trim_end_matches('/');
    prefix == ROOT || repository.strip_prefix(prefix).is_some_and(|rest| rest.starts_with('/'))
}

/// The prefixes of the templates that are for repositories that a push makes.
async fn prefixes(ecr: &Ecr) -> Result<Vec<String>, CallError> {
    const OPERATION: &str = "DescribeRepositoryCreationTemplates";
    let mut prefixes = Vec::new();
    let mut token = None;
    for _ in 0..PAGES_MAX {
        let page = ecr
            .call(OPERATION, |client| {
                let call = client.describe_repository_creation_templates().max_results(PAGE_ENTRIES);
                call.set_next_token(token.clone()).send()
            })
            .await?;
        for template in page.repository_creation_templates.unwrap_or_default() {
            if template.applied_for().contains(&RctAppliedFor::CreateOnPush) {
                prefixes.extend(template.prefix);
            }
        }
        token = page.next_token;
        if token.is_none() {
            return Ok(prefixes);
        }
    }
    Err(CallError::endless(OPERATION, PAGES_MAX))
}

#[cfg(test)]
mod tests {
    use super::is_prefix;

    #[test]
    fn a_prefix_ends_where_a_part_of_the_name_does() {
        assert!(is_prefix("team", "team/app"));
        assert!(is_prefix("team/", "team/app"));
        assert!(is_prefix("ROOT", "anything"));
        assert!(!is_prefix("team", "teams/app"));
        assert!(!is_prefix("team", "team"));
    }
}
