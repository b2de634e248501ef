//! The calls of a restoration, each written down before it is made.

use std::collections::BTreeMap;
use std::time::Duration;

use aws_sdk_ecr::types::{ImageIdentifier, TargetStorageClass};
use chrono::{DateTime, Utc};
use demurrage_core::journal::{Call, IdFailure, ImageId, Loss, Outcome, Restoration, SavedImage, Way};
use demurrage_core::plan::RepositoryAddress;
use demurrage_core::{Digest, Tag};
use demurrage_store::{Journal, StoreError};
use tokio::task::block_in_place;

use super::RepositoryRestoration;
use crate::push_target::tagged_image;
use crate::tries::once;
use crate::{CallError, CallErrorKind, Ecr};

/// What came of one image.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ImageOutcome {
    /// The image.
    pub digest: Digest,
    /// Whether it is there now, or comes back from the archive class.
    pub is_back: bool,
    /// The tags that were put at it.
    pub tags: Vec<Tag>,
    /// What did not work, one sentence each.
    pub failures: Vec<String>,
}

/// Why a restoration ended before its end. What was done is in its journal, and it can be run again.
#[derive(Debug, thiserror::Error)]
pub enum RestoreError {
    /// A call failed, and others would fail in the same way.
    #[error(transparent)]
    Call(#[from] CallError),
    /// The journal cannot be written: then no call is made.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// Makes good what can be made good in a repository. `from` is what the images are said to be restored from, and `clock`
/// tells the time for the journal.
///
/// # Errors
/// When the journal cannot be written, or a call fails as others would: access is denied, no answer comes.
pub async fn restore(
    ecr: &Ecr,
    journal: &mut Journal,
    found: &RepositoryRestoration,
    losses: &BTreeMap<Digest, Loss>,
    from: &str,
    clock: impl Fn() -> DateTime<Utc>,
) -> Result<Vec<ImageOutcome>, RestoreError> {
    let mut writer = Writer { ecr, journal, repository: &found.repository, clock: &clock, throttled: 0 };
    let mut outcomes = Vec::new();
    for restoration in found.images.iter().filter(|restoration| restoration.way.changes()) {
        let Some(loss) = losses.get(&restoration.digest) else { continue };
        let reason = format!("it had gone by {}: {}", loss.image.rule, loss.image.reason);
        let image = SavedImage { rule: from.to_owned(), reason, ..loss.image.clone() };
        outcomes.push(writer.image(restoration, image).await?);
    }
    Ok(outcomes)
}

struct Writer<'a, C> {
    ecr: &'a Ecr,
    journal: &'a mut Journal,
    repository: &'a RepositoryAddress,
    clock: &'a C,
    /// Calls that were throttled, one after the other.
    throttled: u32,
}

/// How often in a row a call may be throttled.
const THROTTLED_MAX: u32 = 10;
/// The first pause after it was; each is twice as long as the one before, up to the second.
const PAUSE_FIRST: Duration = Duration::from_millis(250);
const PAUSE_MAX: Duration = Duration::from_secs(20);

/// What came of one call.
enum Done {
    Yes,
    No(CallError),
    /// It was throttled, and so not done: what it depends on is looked at again.
    NotYet,
}

impl<C: Fn() -> DateTime<Utc>> Writer<'_, C> {
    async fn image(
        &mut self,
        restoration: &Restoration,
        image: SavedImage,
    ) -> Result<ImageOutcome, RestoreError> {
        let digest = restoration.digest;
        let mut outcome = ImageOutcome { digest, is_back: false, tags: Vec::new(), failures: Vec::new() };
        match &restoration.way {
            Way::Nothing | Way::Impossible(_) => return Ok(outcome),
            Way::Tags => outcome.is_back = true,
            Way::Activate => match self.activate(image.clone()).await? {
                Done::Yes => outcome.is_back = true,
                Done::No(error) => outcome.failures.push(error.to_string()),
                Done::NotYet => {}
            },
            // The image before its tags: one that somebody else took meanwhile does not hold it up.
            Way::Put => loop {
                match self.put(image.clone(), None).await? {
                    Done::Yes => outcome.is_back = true,
                    Done::No(error) => outcome.failures.push(error.to_string()),
                    // The same manifest once more is the same image.
                    Done::NotYet => continue,
                }
                break;
            },
        }
        if outcome.is_back {
            for tag in &restoration.tags {
                self.tag(&image, tag, &mut outcome).await?;
            }
        }
        Ok(outcome)
    }

    async fn tag(
        &mut self,
        image: &SavedImage,
        tag: &Tag,
        outcome: &mut ImageOutcome,
    ) -> Result<(), RestoreError> {
        loop {
            match tagged_image(self.ecr, &self.repository.name, tag).await? {
                Some(there) if there.digest == image.digest => outcome.tags.push(tag.clone()),
                Some(there) => outcome.failures.push(format!(
                    "the tag `{tag}` was put on {} in the meantime, and stays there",
                    there.digest
                )),
                None => match self.put(image.clone(), Some(tag.clone())).await? {
                    Done::Yes => outcome.tags.push(tag.clone()),
                    Done::No(error) => outcome.failures.push(format!("the tag `{tag}`: {error}")),
                    Done::NotYet => continue,
                },
            }
            return Ok(());
        }
    }

    async fn put(&mut self, image: SavedImage, tag: Option<Tag>) -> Result<Done, RestoreError> {
        let digest = image.digest;
        let (text, media_type) = (image.manifest.clone(), image.media_type.clone());
        let id = ImageId { digest: Some(digest), tag: tag.clone() };
        let number = self.intend(Call::PutImage { digest, tag: tag.clone() }, image)?;
        let sent = self
            .ecr
            .call("PutImage", |client| {
                let call = client.put_image().repository_name(&self.repository.name);
                let call = call.image_digest(digest.to_string()).set_image_manifest(text.clone());
                let call = call.set_image_manifest_media_type(media_type.clone());
                let call = call.set_image_tag(tag.as_ref().map(ToString::to_string));
                call.customize().config_override(once()).send()
            })
            .await;
        let sent = match sent {
            Ok(_) => Ok(()),
            // An attempt whose answer was lost, or an earlier run.
            Err(error) if error.is("ImageAlreadyExistsException") => Ok(()),
            // In a repository whose tags cannot move, also of the image that the tag is on.
            Err(error) if error.is("ImageTagAlreadyExistsException") => match &tag {
                Some(tag) => match tagged_image(self.ecr, &self.repository.name, tag).await? {
                    Some(there) if there.digest == digest => Ok(()),
                    Some(_) | None => Err(error),
                },
                None => Err(error),
            },
            Err(error) => Err(error),
        };
        if let Err(error) = &sent
            && error.kind == CallErrorKind::Throttled
        {
            return self.throttled(number, error).await;
        }
        self.throttled = 0;
        self.conclude(number, id, sent)
    }

    /// Writes down that nothing was done because ECR wants fewer calls, and waits; ends it where that was so again and again.
    async fn throttled(&mut self, number: u64, error: &CallError) -> Result<Done, RestoreError> {
        let at = (self.clock)();
        let cause = Some(error.to_string());
        let outcome = Outcome { number, at, done: Vec::new(), failures: Vec::new(), error: cause };
        block_in_place(|| self.journal.conclude(&outcome))?;
        self.throttled += 1;
        if THROTTLED_MAX <= self.throttled {
            return Err(error.clone().into());
        }
        let pause = PAUSE_FIRST * 2_u32.pow(self.throttled - 1);
        tokio::time::sleep(pause.min(PAUSE_MAX)).await;
        Ok(Done::NotYet)
    }

    async fn activate(&mut self, image: SavedImage) -> Result<Done, RestoreError> {
        let digest = image.digest;
        let number = self.intend(Call::Activate { digest }, image)?;
        let id = ImageIdentifier::builder().image_digest(digest.to_string()).build();
        let sent = self
            .ecr
            .call("UpdateImageStorageClass", |client| {
                let call = client.update_image_storage_class().repository_name(&self.repository.name);
                call.image_id(id.clone()).target_storage_class(TargetStorageClass::Standard).send()
            })
            .await;
        self.conclude(number, ImageId { digest: Some(digest), tag: None }, sent.map(drop))
    }

    fn intend(&mut self, call: Call, image: SavedImage) -> Result<u64, StoreError> {
        let at = (self.clock)();
        block_in_place(|| self.journal.intend(at, self.repository, call, vec![image]))
    }

    /// Writes down what came of a call; goes on where only this image is concerned.
    fn conclude(
        &mut self,
        number: u64,
        id: ImageId,
        sent: Result<(), CallError>,
    ) -> Result<Done, RestoreError> {
        let mut outcome =
            Outcome { number, at: (self.clock)(), done: Vec::new(), failures: Vec::new(), error: None };
        let done = match sent {
            Ok(()) => {
                outcome.done.push(id);
                Done::Yes
            }
            Err(error) if error.kind == CallErrorKind::Refused || error.kind == CallErrorKind::NotFound => {
                let code = error.code.clone().unwrap_or_default();
                outcome.failures.push(IdFailure { id, code, reason: error.cause.clone() });
                Done::No(error)
            }
            // Nobody knows whether it was made: the next run looks, and writes that down.
            Err(error) if is_lost(error.kind) => return Err(error.into()),
            Err(error) => {
                outcome.error = Some(error.to_string());
                block_in_place(|| self.journal.conclude(&outcome))?;
                return Err(error.into());
            }
        };
        block_in_place(|| self.journal.conclude(&outcome))?;
        Ok(done)
    }
}

/// Whether a call that failed in this way may have been made all the same.
const fn is_lost(kind: CallErrorKind) -> bool {
    match kind {
        CallErrorKind::Unreachable | CallErrorKind::Server => true,
        CallErrorKind::NotFound
        | CallErrorKind::Denied
        | CallErrorKind::Credentials
        | CallErrorKind::Throttled
        | CallErrorKind::Refused => false,
    }
}
