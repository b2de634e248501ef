//! One batch: looked at once more, written down, done, and written down what came of it.

use std::collections::{BTreeMap, BTreeSet};

use demurrage_core::apply::{Batch, Halt, HaltKind, Meaning, Standing, ids_of, meaning, oddities, standing};
use demurrage_core::journal::{Call, IdFailure, ImageId, Outcome, SavedImage};
use demurrage_core::plan::{ActionKind, ImageAction};
use demurrage_core::{Digest, Image, ImageStatus};
use tokio::task::block_in_place;

use super::halt::{by_call, by_store, halt};
use super::prepare::{Prepared, guard, leave};
use super::run::{Gate, Run};
use super::settle::settle;
use super::work::{Fate, Work, calls_of};
use super::writer::{self, Deleted, Written};
use crate::CallError;
use crate::collect::{ManifestText, re_read_manifests, re_read_named};

/// How a batch went.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Went {
    /// Each of its actions was done, or left.
    Through,
    /// Some of it is to be done still, and the repository has to be read anew before.
    LookAgain,
}

/// Does a batch, and once more what of it failed in passing.
pub(super) async fn batch(
    run: &mut Run<'_>,
    work: &mut Work<'_>,
    prepared: &mut Prepared,
    batch: &Batch,
) -> Result<Went, Halt> {
    let again = match Box::pin(once(run, work, prepared, batch, LastTry::No)).await? {
        Once::Throttled => return Ok(Went::LookAgain),
        Once::Answered { again } => again,
    };
    if again.is_empty() {
        return Ok(Went::Through);
    }
    let address = work.plan.repository.clone();
    if run.gate(&address).await? == Gate::UsesAreNew {
        return Ok(Went::LookAgain);
    }
    guard(run, work, prepared).await?;
    let again = Batch { actions: again, ..batch.clone() };
    Ok(match Box::pin(once(run, work, prepared, &again, LastTry::Yes)).await? {
        Once::Throttled => Went::LookAgain,
        Once::Answered { .. } => Went::Through,
    })
}

/// What came of one try of a batch.
#[derive(Debug)]
enum Once {
    /// Its calls had answers, or lost them; these actions failed in passing.
    Answered { again: Vec<usize> },
    /// A call was throttled: it, and those after it, were not done.
    Throttled,
}

/// What came of one deletion.
#[derive(Debug)]
enum Deletion {
    /// What failed of it.
    Answered(Vec<IdFailure>),
    /// It was not done.
    Throttled,
}

/// Whether what fails in passing is tried again.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum LastTry {
    Yes,
    No,
}

/// Whether something is to be tried again.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Tried {
    Once,
    Again,
    Throttled,
}

/// Does a batch, and says what of it is to be tried again.
async fn once(
    run: &mut Run<'_>,
    work: &mut Work<'_>,
    prepared: &mut Prepared,
    batch: &Batch,
    last_try: LastTry,
) -> Result<Once, Halt> {
    let wanted: Vec<usize> = batch.actions.iter().copied().filter(|&place| work.is_pending(place)).collect();
    let digests: Vec<Digest> =
        wanted.iter().filter_map(|&place| work.actions.get(place)).map(|action| action.digest).collect();
    if digests.is_empty() {
        return Ok(Once::Answered { again: Vec::new() });
    }
    let saved = saved_manifests(run, work, prepared, batch, &digests).await?;
    // The last look before the call: what is read for the journal was read before.
    let name = prepared.repository.name.clone();
    let now = re_read_named(&prepared.ecr, &name, &digests).await.map_err(|error| by_call(&error))?;
    let kept = look(run, work, prepared, &wanted, &now)?;
    let mut again = Vec::new();
    if batch.is_archive {
        for place in kept {
            match archive(run, work, prepared, place, &now, &saved, last_try).await? {
                Tried::Once => {}
                Tried::Again => again.push(place),
                Tried::Throttled => return Ok(Once::Throttled),
            }
        }
        return Ok(Once::Answered { again });
    }
    let mut ids: Vec<ImageId> = Vec::new();
    for &place in &kept {
        if let Some((action, image)) = pair(work, place, &now) {
            ids.extend(ids_of(action, image));
        }
    }
    for part in calls_of(&ids) {
        let failures = match delete(run, work, prepared, part, &now, &saved).await? {
            Deletion::Answered(failures) => failures,
            Deletion::Throttled => return Ok(Once::Throttled),
        };
        conclude(run, work, prepared, &failures, last_try, &mut again)?;
        // What is left of an image with more tags than a call can name is let alone once some of it failed.
        if !failures.is_empty() && kept.len() == 1 {
            break;
        }
    }
    Ok(Once::Answered { again })
}

fn pair<'a>(
    work: &Work<'a>,
    place: usize,
    now: &'a BTreeMap<Digest, Image>,
) -> Option<(&'a ImageAction, &'a Image)> {
    let action = work.actions.get(place).copied()?;
    Some((action, now.get(&action.digest)?))
}

/// The exact texts of the manifests, where reading them leaves no trace; what is archived cannot be read.
async fn saved_manifests(
    run: &mut Run<'_>,
    work: &Work<'_>,
    prepared: &Prepared,
    batch: &Batch,
    digests: &[Digest],
) -> Result<BTreeMap<Digest, ManifestText>, Halt> {
    let address = work.plan.repository.clone();
    if batch.is_archive || !run.leaves_no_trace(&address).await? {
        return Ok(BTreeMap::new());
    }
    let is_active = |digest: &&Digest| {
        let images = &prepared.repository.images;
        let place = images.binary_search_by_key(*digest, |image| image.digest).ok();
        place.and_then(|place| images.get(place)).is_some_and(|image| image.status == ImageStatus::Active)
    };
    let readable: Vec<Digest> = digests.iter().filter(is_active).copied().collect();
    re_read_manifests(&prepared.ecr, &prepared.repository.name, &readable)
        .await
        .map_err(|error| by_call(&error))
}

/// Compares the images of a batch with the plan, as they are now; those that are as they were.
fn look(
    run: &mut Run<'_>,
    work: &mut Work<'_>,
    prepared: &mut Prepared,
    wanted: &[usize],
    now: &BTreeMap<Digest, Image>,
) -> Result<Vec<usize>, Halt> {
    let (mut kept, mut left, mut gone) = (Vec::new(), Vec::new(), BTreeSet::new());
    for &place in wanted {
        let Some(action) = work.actions.get(place).copied() else { continue };
        match standing(action, now.get(&action.digest), &work.past.taken_off(&action.digest)) {
            Standing::Same => kept.push(place),
            Standing::Changed(change) => left.push((place, change.to_string())),
            Standing::Already => {
                work.set(place, Fate::Done);
                if !now.contains_key(&action.digest) {
                    gone.insert(action.digest);
                }
            }
        }
    }
    prepared.forget(&gone);
    leave(run, work, &left)?;
    let options = &run.context.options;
    let is_judged = options.changed_images_min <= wanted.len();
    if is_judged && wanted.len() * options.changed_percent_max <= left.len() * 100 {
        let detail = format!("{} of {} images of a batch changed since the plan", left.len(), wanted.len());
        return Err(halt(HaltKind::Suspicious, detail));
    }
    Ok(kept)
}

/// What the journal keeps of an image.
fn saved_image(action: &ImageAction, image: &Image, saved: Option<&ManifestText>) -> SavedImage {
    let mut tags = image.tags.clone();
    tags.sort();
    SavedImage {
        digest: image.digest,
        tags,
        manifest: saved.map(|saved| saved.text.clone()),
        media_type: saved
            .and_then(|saved| saved.media_type.clone())
            .or_else(|| image.manifest_media_type.clone()),
        pushed_at: image.pushed_at,
        last_pulled_at: image.last_pulled_at,
        size_bytes: image.size_bytes,
        parents: action.parents.clone(),
        subject: action.subject,
        status: image.status,
        rule: action.rule.clone(),
        reason: action.reason.clone(),
    }
}

/// One `BatchDeleteImage`, between its intent and its outcome; what failed of it.
async fn delete(
    run: &mut Run<'_>,
    work: &mut Work<'_>,
    prepared: &mut Prepared,
    ids: &[ImageId],
    now: &BTreeMap<Digest, Image>,
    saved: &BTreeMap<Digest, ManifestText>,
) -> Result<Deletion, Halt> {
    let mut images: Vec<SavedImage> = Vec::new();
    for digest in ids.iter().filter_map(|id| id.digest) {
        let place = work.place_of(&digest);
        let known = place.and_then(|place| pair(work, place, now));
        if let Some((action, image)) =
            known.filter(|_| images.last().is_none_or(|last| last.digest != digest))
        {
            images.push(saved_image(action, image, saved.get(&digest)));
        }
    }
    let call = Call::Delete { ids: ids.to_vec() };
    let address = work.plan.repository.clone();
    let at = run.now();
    let number =
        block_in_place(|| run.journal.intend(at, &address, call.clone(), images)).map_err(by_store)?;
    work.has_written = true;
    match writer::delete(&prepared.ecr, &prepared.repository.name, ids).await {
        Written::Answer(Deleted { done, failures }) => {
            let odd = oddities(ids, &done, &failures);
            let error = odd.first().map(ToString::to_string);
            let outcome =
                Outcome { number, at: run.now(), done: done.clone(), failures: failures.clone(), error };
            block_in_place(|| run.journal.conclude(&outcome)).map_err(by_store)?;
            work.past.add(&done);
            took(prepared, &done);
            run.answered();
            match odd.first() {
                Some(oddity) => Err(halt(HaltKind::Suspicious, oddity.to_string())),
                None => Ok(Deletion::Answered(failures)),
            }
        }
        Written::NotDone(error) => {
            not_done(run, number, &error)?;
            run.throttled(&error).await?;
            Ok(Deletion::Throttled)
        }
        Written::Lost(error) => {
            run.lost_one(&error)?;
            let why = format!("the answer was lost ({error})");
            let outcome = settle(run, &prepared.ecr, number, &address, &call, &why).await?;
            work.past.add(&outcome.done);
            took(prepared, &outcome.done);
            // What is still there goes with the next attempt: it is looked at again.
            let left = ids.iter().filter(|id| !outcome.done.contains(id));
            let lost =
                |id: &ImageId| IdFailure { id: id.clone(), code: LOST.to_owned(), reason: error.to_string() };
            Ok(Deletion::Answered(left.map(lost).collect()))
        }
        Written::Failed(error) => {
            not_done(run, number, &error)?;
            Err(by_call(&error))
        }
    }
}

/// Writes down that nothing was done, and why.
fn not_done(run: &mut Run<'_>, number: u64, error: &CallError) -> Result<(), Halt> {
    let error = Some(error.to_string());
    let outcome = Outcome { number, at: run.now(), done: Vec::new(), failures: Vec::new(), error };
    block_in_place(|| run.journal.conclude(&outcome)).map_err(by_store)
}

/// The code of an id whose call had no answer, and which is still there.
const LOST: &str = "AnswerLost";

/// Keeps what is known of a repository in step with what was taken away.
fn took(prepared: &mut Prepared, done: &[ImageId]) {
    let mut gone = BTreeSet::new();
    for ImageId { digest, tag } in done {
        let Some(digest) = digest else { continue };
        let Some(image) = prepared.image_mut(digest) else { continue };
        image.tags.retain(|held| Some(held) != tag.as_ref());
        if tag.is_none() || image.tags.is_empty() {
            gone.insert(*digest);
        }
    }
    prepared.forget(&gone);
}

/// What came of each image of a call: of those without a failure, what was wanted.
fn conclude(
    run: &mut Run<'_>,
    work: &mut Work<'_>,
    prepared: &mut Prepared,
    failures: &[IdFailure],
    last_try: LastTry,
    again: &mut Vec<usize>,
) -> Result<(), Halt> {
    let (mut left, mut gone) = (Vec::new(), Vec::new());
    for IdFailure { id, code, reason } in failures {
        let Some(place) = id.digest.and_then(|digest| work.place_of(&digest)) else { continue };
        let tag = id.tag.as_ref().map_or_else(|| "it".to_owned(), |tag| format!("its tag `{tag}`"));
        let why = match meaning(code) {
            Meaning::AlreadyGone => {
                gone.push(id.clone());
                continue;
            }
            Meaning::Moved => format!("{tag} is on another image now"),
            Meaning::Referenced => format!("an index names it now: {reason}"),
            Meaning::Passing if last_try == LastTry::No => {
                again.push(place);
                continue;
            }
            Meaning::Refused if code == LOST && last_try == LastTry::No => {
                again.push(place);
                continue;
            }
            Meaning::Passing | Meaning::Refused => format!("ECR did not take {tag} away: {reason} ({code})"),
        };
        if left.last().is_none_or(|(last, _)| *last != place) {
            left.push((place, why));
        }
    }
    again.dedup();
    took(prepared, &gone);
    leave(run, work, &left)?;
    finish_gone(work, prepared);
    Ok(())
}

/// Marks what is done of the actions that are still pending, as far as is known here.
fn finish_gone(work: &mut Work<'_>, prepared: &mut Prepared) {
    for place in 0..work.actions.len() {
        let Some(action) = work.actions.get(place).copied().filter(|_| work.is_pending(place)) else {
            continue;
        };
        let is_done = match (action.kind, prepared.image_mut(&action.digest)) {
            (_, None) => true,
            (ActionKind::Expire, Some(_)) => false,
            (ActionKind::Archive, Some(image)) => image.status == ImageStatus::Archived,
            (ActionKind::Untag, Some(image)) => !action.tags.iter().any(|tag| image.tags.contains(tag)),
        };
        if is_done {
            work.set(place, Fate::Done);
        }
    }
}

/// One `UpdateImageStorageClass`, between its intent and its outcome.
async fn archive(
    run: &mut Run<'_>,
    work: &mut Work<'_>,
    prepared: &mut Prepared,
    place: usize,
    now: &BTreeMap<Digest, Image>,
    saved: &BTreeMap<Digest, ManifestText>,
    last_try: LastTry,
) -> Result<Tried, Halt> {
    let Some((action, image)) = pair(work, place, now) else { return Ok(Tried::Once) };
    let digest = action.digest;
    let images = vec![saved_image(action, image, saved.get(&digest))];
    let (call, address, at) = (Call::Archive { digest }, work.plan.repository.clone(), run.now());
    let number =
        block_in_place(|| run.journal.intend(at, &address, call.clone(), images)).map_err(by_store)?;
    work.has_written = true;
    let id = ImageId { digest: Some(digest), tag: None };
    let mut outcome = Outcome { number, at: run.now(), done: vec![], failures: vec![], error: None };
    let failed = match writer::archive(&prepared.ecr, &prepared.repository.name, digest).await {
        Written::Answer(()) => {
            outcome.done.push(id.clone());
            run.answered();
            None
        }
        Written::NotDone(error) => {
            not_done(run, number, &error)?;
            run.throttled(&error).await?;
            return Ok(Tried::Throttled);
        }
        Written::Lost(error) => {
            run.lost_one(&error)?;
            let why = format!("the answer was lost ({error})");
            let settled = settle(run, &prepared.ecr, number, &address, &call, &why).await?;
            if !settled.done.is_empty() {
                archived(work, prepared, place, &digest);
            } else if last_try == LastTry::No {
                return Ok(Tried::Again);
            } else {
                leave(run, work, &[(place, format!("it is not archived: {error}"))])?;
            }
            return Ok(Tried::Once);
        }
        Written::Failed(error) => Some(error),
    };
    if let Some(error) = &failed {
        outcome.failures.push(IdFailure {
            id,
            code: error.code.clone().unwrap_or_else(|| "no code".to_owned()),
            reason: error.cause.clone(),
        });
    }
    outcome.at = run.now();
    block_in_place(|| run.journal.conclude(&outcome)).map_err(by_store)?;
    match failed {
        None => archived(work, prepared, place, &digest),
        // The image alone is at fault: it is gone, or ECR does not archive it.
        Some(error) if error.is("ImageNotFoundException") => {
            prepared.forget(&BTreeSet::from([digest]));
            work.set(place, Fate::Done);
        }
        Some(error) if error.is("ImageStorageClassUpdateNotSupportedException") => {
            leave(run, work, &[(place, format!("ECR does not archive it: {}", error.cause))])?;
        }
        Some(error) => return Err(by_call(&error)),
    }
    Ok(Tried::Once)
}

fn archived(work: &mut Work<'_>, prepared: &mut Prepared, place: usize, digest: &Digest) {
    if let Some(image) = prepared.image_mut(digest) {
        image.status = ImageStatus::Archived;
    }
    work.set(place, Fate::Done);
}
