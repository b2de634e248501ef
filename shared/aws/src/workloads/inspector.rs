//! What Amazon Inspector saw in use: images that it scans, which run in tasks of ECS or pods of EKS.
//!
//! It can only add: what it does not see may run all the same. It assumes that it is on for images of ECR; where it is not,
//! it says nothing. An administrator of an organization sees the images of its members, too.

use std::collections::BTreeMap;
use std::num::NonZeroU32;

use aws_sdk_inspector2::Client;
use aws_sdk_inspector2::types::{
    CoverageFilterCriteria, CoverageNumberFilter, CoverageResourceType, CoverageStringComparison,
    CoverageStringFilter, CoveredResource, Status,
};
use demurrage_core::in_use::{ImageReference, ReferenceRegistry, Use, UseSource};

use super::client::{ServiceClient, service_client};
use super::found::Found;
use super::pages;
use crate::call_error::CallErrorKind;
use crate::ecr_time::instant;
use crate::{CallError, Session, Tally};

const CALLS_PER_SECOND: NonZeroU32 = NonZeroU32::MIN.saturating_add(4);
/// Most entries of a page.
///
/// Source: API model, `ListCoverageMaxResults`, read 2026-11-25.
const PAGE_ENTRIES: i32 = 200;

/// A client of Amazon Inspector.
#[derive(Debug)]
pub(super) struct Inspector {
    client: ServiceClient<Client>,
}

/// What came of asking.
#[derive(Debug)]
pub(super) struct InspectorRead {
    /// The uses.
    pub(super) found: Found,
    /// Why there are none, where it is not on.
    pub(super) off: Option<String>,
}

impl Inspector {
    pub(super) fn new(session: &Session) -> Self {
        Self { client: service_client!(aws_sdk_inspector2, session, CALLS_PER_SECOND) }
    }

    pub(super) fn calls(&self) -> BTreeMap<String, Tally> {
        self.client.calls("inspector2")
    }

    /// All images that are in use, as it says.
    pub(super) async fn read(&self) -> InspectorRead {
        let mut found = Found::new(UseSource::Inspector);
        if let Some(off) = self.off().await {
            return InspectorRead { found, off: Some(off) };
        }
        let listed = pages::read("inspector2:ListCoverage", |token| self.page(token)).await;
        let read_none = listed.entries.is_empty();
        for covered in &listed.entries {
            add(&mut found, covered);
        }
        let off = listed.failure.as_ref().filter(|failure| read_none && says_it_is_off(failure));
        let off = off.map(|failure| failure.cause.clone());
        if off.is_none() {
            found.gap_of("images in use", listed.failure.as_ref());
        }
        InspectorRead { found, off }
    }

    /// Why it has nothing to say, where it says so: it does not scan images of the account in the region.
    ///
    /// Source: Inspector API reference, `BatchGetAccountStatus`, read 2026-11-25: "If no accounts are specified … your own
    /// account"; it answers whether or not Inspector is on. A principal that may not ask this may still ask the rest.
    async fn off(&self) -> Option<String> {
        let asked = "inspector2:BatchGetAccountStatus";
        let answer = self.client.call(asked, |client| client.batch_get_account_status().send()).await.ok()?;
        let of_images = answer.accounts.into_iter().next()?.resource_state?.ecr?.status;
        let is_off = matches!(
            of_images,
            Status::Disabled | Status::Disabling | Status::Suspended | Status::Suspending
        );
        is_off.then(|| {
            let status = of_images.as_str().to_lowercase();
            format!("scanning of container images is {status} in Amazon Inspector")
        })
    }

    async fn page(
        &self,
        token: Option<String>,
    ) -> Result<(Option<Vec<CoveredResource>>, Option<String>), CallError> {
        let filter = in_use().map_err(|cause| CallError {
            operation: "inspector2:ListCoverage".to_owned(),
            kind: CallErrorKind::Refused,
            code: None,
            cause,
        })?;
        let send = |client: Client| {
            let list = client.list_coverage().max_results(PAGE_ENTRIES).filter_criteria(filter.clone());
            list.set_next_token(token.clone()).send()
        };
        let page = self.client.call("inspector2:ListCoverage", send).await?;
        Ok((page.covered_resources, page.next_token))
    }
}

/// Images of ECR that something uses.
fn in_use() -> Result<CoverageFilterCriteria, String> {
    let images = CoverageStringFilter::builder()
        .comparison(CoverageStringComparison::Equals)
        .value(CoverageResourceType::AwsEcrContainerImage.as_str())
        .build()
        .map_err(|error| error.to_string())?;
    let used = CoverageNumberFilter::builder().lower_inclusive(1).build();
    Ok(CoverageFilterCriteria::builder().resource_type(images).ecr_image_in_use_count(used).build())
}

/// Whether the service says that it is not there for the account, which comes with the code of a denial, too.
///
/// Source: IAM user guide, "Access denied error message format", read 2026-11-25: a policy that denies says "is not authorized to
/// perform". Such a principal is told so, and not that there is nothing.
fn says_it_is_off(failure: &CallError) -> bool {
    failure.kind == CallErrorKind::Denied && !failure.cause.contains("not authorized to perform")
}

fn add(found: &mut Found, covered: &CoveredResource) {
    let image = covered.resource_metadata.as_ref().and_then(|metadata| metadata.ecr_image.as_ref());
    // Asked for by a filter, and looked at again: an answer to everything would make everything used.
    let count = image.and_then(|image| image.in_use_count).unwrap_or_default();
    if count < 1 || covered.resource_type != CoverageResourceType::AwsEcrContainerImage {
        return;
    }
    let last = instant(image.and_then(|image| image.last_in_use_at.as_ref()));
    let last =
        last.map_or_else(String::new, |last| format!(", last at {}", last.format("%Y-%m-%d %H:%M UTC")));
    let (tasks, run) = if count == 1 { ("task or pod", "runs") } else { ("tasks or pods", "run") };
    let evidence = format!("{count} {tasks} {run} it, as Amazon Inspector saw{last}");
    match reference(&covered.resource_id) {
        Some(reference) => {
            found.uses.push(Use { reference, evidence, source: UseSource::Inspector, since: None });
        }
        None => found.gap(format!("`{}`, of which {evidence}", covered.resource_id)),
    }
}

/// The image of an ARN such as `arn:aws:ecr:eu-west-1:123456789012:repository/shop/cart/sha256:…`.
///
/// Source: Inspector user guide, "Finding details", examples of findings of images, read 2026-11-25.
fn reference(arn: &str) -> Option<ImageReference> {
    let mut parts = arn.splitn(6, ':').skip(3);
    let (region, account, resource) = (parts.next()?, parts.next()?, parts.next()?);
    let (repository, digest) = resource.strip_prefix("repository/")?.rsplit_once('/')?;
    let registry = ReferenceRegistry::Private { account: account.to_owned(), region: region.to_owned() };
    let digest = digest.parse().ok()?;
    Some(ImageReference { registry, repository: repository.to_owned(), tag: None, digest: Some(digest) })
}
