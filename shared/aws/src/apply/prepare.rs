//! A repository as it is now, before it is changed: its images, what they belong to, and what is in use of them.

use std::collections::{BTreeMap, BTreeSet};

use demurrage_core::apply::{Halt, HaltKind, Standing, changed_links, guard_words, standing};
use demurrage_core::lifecycle::Relations;
use demurrage_core::plan::{
    Action, ActionKind, Links, Mode, OPT_IN_TAG, OtherReaders, RepositoryAddress, RepositoryPlan,
    hard_guards, unread_readers,
};
use demurrage_core::{Digest, Fact, Image, ImageStatus, Listing, RegistryKind, Repository};
use tokio::task::block_in_place;

use super::halt::{by_call, by_store, halt};
use super::run::Run;
use super::work::{Fate, Past, Work, dropped};
use crate::Ecr;
use crate::collect::{look_up_repository, re_read_images, re_read_manifests, re_read_policies, re_read_tags};

/// So many inventories are asked for manifests.
const INVENTORIES_ASKED: usize = 2;

/// A repository as it is now.
#[derive(Debug)]
pub(super) struct Prepared {
    pub(super) ecr: Ecr,
    /// With its images, of which those go that are deleted.
    pub(super) repository: Repository,
}

impl Prepared {
    /// The image of this digest, as it is known now.
    pub(super) fn image_mut(&mut self, digest: &Digest) -> Option<&mut Image> {
        let images = &mut self.repository.images;
        let place = images.binary_search_by_key(digest, |image| image.digest).ok()?;
        images.get_mut(place)
    }

    /// These images are gone.
    pub(super) fn forget(&mut self, gone: &BTreeSet<Digest>) {
        if !gone.is_empty() {
            self.repository.images.retain(|image| !gone.contains(&image.digest));
        }
    }
}

/// A repository that can be changed, or why it is not.
pub(super) enum Preparation {
    Ready(Box<Prepared>),
    Refused(String),
}

/// Reads a repository again, and drops what is not as it was planned.
pub(super) async fn prepare(run: &mut Run<'_>, work: &mut Work<'_>) -> Result<Preparation, Halt> {
    let address = work.plan.repository.clone();
    if let Some(why) = run.not_ours(&address).await? {
        return Ok(Preparation::Refused(why));
    }
    let ecr = run.ecr(&address)?;
    let found = look_up_repository(&ecr, &address.name).await.map_err(|error| by_call(&error))?;
    let Some(mut repository) = found else {
        return Ok(Preparation::Refused("the repository is gone".to_owned()));
    };
    if let Some(why) = opted_out(run, work.plan, &ecr, &mut repository).await? {
        return Ok(Preparation::Refused(why));
    }
    if !work.actions.is_empty()
        && let Some(why) = readers(run, &address, &ecr).await?
    {
        return Ok(Preparation::Refused(why));
    }
    re_read_images(&ecr, &mut repository).await.map_err(|error| by_call(&error))?;
    whole(&repository)?;
    work.past = Past::of(run.journal.entries(), work.plan);
    not_half_gone(work, &repository)?;
    let account = run.account(&address);
    repository.registry_id.get_or_insert(account);
    for image in &mut repository.images {
        image.manifest = work.manifests.remove(&image.digest);
    }
    if !work.actions.is_empty() {
        manifests(run, &address, &ecr, &mut repository).await?;
    }
    if work.before.is_none() {
        let bare = |image: &Image| Image { manifest: None, scan: None, ..image.clone() };
        work.before = Some(repository.images.iter().map(bare).collect());
    }
    // Where only settings change, no image is touched, and none of its uses matters.
    if !work.actions.is_empty() {
        run.uses(&address).await?;
        compare(run, work, &repository)?;
    }
    Ok(Preparation::Ready(Box::new(Prepared { ecr, repository })))
}

/// Why a repository may not be changed that has to say that it may.
async fn opted_out(
    run: &Run<'_>,
    plan: &RepositoryPlan,
    ecr: &Ecr,
    repository: &mut Repository,
) -> Result<Option<String>, Halt> {
    let has_to_opt_in = |action: &Action| match action {
        Action::Image(action) => action.rule.starts_with("retention "),
        Action::Setting(_) => true,
    };
    let is_asked = run.context.plan.plan.head.mode == Mode::Enforce || plan.actions.iter().any(has_to_opt_in);
    if !is_asked {
        return Ok(None);
    }
    repository.resource_tags = re_read_tags(ecr, repository).await.map_err(|error| by_call(&error))?;
    let (key, value) = OPT_IN_TAG;
    let has_it = match &repository.resource_tags {
        Fact::Present(tags) => tags.get(key).is_some_and(|found| found == value),
        Fact::Absent | Fact::NotEvaluated => false,
    };
    Ok((!has_it).then(|| format!("it has no resource tag `{key}` = `{value}` now")))
}

/// Why a repository is not changed from which others may pull whose use nobody has read. That may have begun since the plan.
async fn readers(run: &Run<'_>, address: &RepositoryAddress, ecr: &Ecr) -> Result<Option<String>, Halt> {
    match run.context.options.other_readers {
        OtherReaders::Ignore => return Ok(None),
        OtherReaders::Refuse => {}
    }
    let policies = re_read_policies(ecr, &address.name).await.map_err(|error| by_call(&error))?;
    let store = run.context.store;
    let records = block_in_place(|| store.uses()).map_err(by_store)?;
    let read_accounts: BTreeSet<String> =
        records.into_iter().filter_map(|(_, record)| record.account).collect();
    let account = run.account(address);
    let found = unread_readers(Some(&account), &policies.repository, &policies.registry, &read_accounts);
    Ok(found.map(|refused| format!("who may pull from it is not as it was planned: {refused}")))
}

/// All images have to be known.
pub(super) fn whole(repository: &Repository) -> Result<(), Halt> {
    let cause = match &repository.listing {
        Listing::Complete => return Ok(()),
        Listing::CutOff => repository.notes.join("; "),
        Listing::Failed(cause) => cause.clone(),
    };
    let detail = format!("the images of `{}` could not all be listed: {cause}", repository.name);
    Err(halt(HaltKind::CallFailed, detail))
}

/// A repository that lost more than half of its images otherwise is not as anybody thought.
fn not_half_gone(work: &Work<'_>, repository: &Repository) -> Result<(), Halt> {
    let is_there =
        |digest: &Digest| repository.images.binary_search_by_key(digest, |image| image.digest).is_ok();
    let ours =
        work.goes().iter().filter(|digest| work.past.touched.contains(digest) && !is_there(digest)).count();
    let known = repository.images.len() + ours;
    let listed = usize::try_from(work.plan.images_listed).unwrap_or(usize::MAX);
    let lost = listed.saturating_sub(known);
    if lost <= listed / 2 {
        return Ok(());
    }
    let detail = format!(
        "`{}` had {listed} images when it was planned, and {lost} of them are gone otherwise",
        repository.name
    );
    Err(halt(HaltKind::Suspicious, detail))
}

/// Fills in the manifests that inventories have, and reads the others where that leaves no trace.
async fn manifests(
    run: &mut Run<'_>,
    address: &RepositoryAddress,
    ecr: &Ecr,
    repository: &mut Repository,
) -> Result<(), Halt> {
    let (store, account) = (run.context.store, run.account(address));
    let name = repository.name.clone();
    let is_unread = |image: &Image| image.manifest.is_none();
    if !repository.images.iter().any(is_unread) {
        return Ok(());
    }
    block_in_place(|| -> Result<(), Halt> {
        let (entries, _) = store.newest_of(&account, &address.region, INVENTORIES_ASKED).map_err(by_store)?;
        for entry in entries.iter().rev() {
            // An inventory that cannot be read knows no manifest: they are read anew, or what depends on them stays.
            let Ok(mut cursor) = store.manifests(entry) else { continue };
            for image in repository.images.iter_mut().filter(|image| is_unread(image)) {
                let Ok(found) = cursor.seek(&name, image.digest) else { break };
                if let Some(manifest) = found {
                    image.subject = image.subject.or(manifest.subject);
                    image.manifest = Some(Box::new(manifest));
                }
            }
        }
        Ok(())
    })?;
    let is_readable = |image: &&Image| is_unread(image) && image.status == ImageStatus::Active;
    let unread: Vec<Digest> =
        repository.images.iter().filter(is_readable).map(|image| image.digest).collect();
    if unread.is_empty() || !run.leaves_no_trace(address).await? {
        return Ok(());
    }
    let mut read = re_read_manifests(ecr, &name, &unread).await.map_err(|error| by_call(&error))?;
    for image in &mut repository.images {
        if let Some(found) = read.remove(&image.digest) {
            image.subject = image.subject.or(found.manifest.subject);
            image.manifest = Some(found.manifest);
        }
    }
    Ok(())
}

/// Drops the actions on images that are not as they were planned.
fn compare(run: &mut Run<'_>, work: &mut Work<'_>, repository: &Repository) -> Result<(), Halt> {
    let images = &repository.images;
    let places: BTreeMap<Digest, u32> =
        (0..u32::MAX).zip(images).map(|(place, image)| (image.digest, place)).collect();
    let relations = Relations::of(images);
    let links = Links::of(images, &relations);
    let goes = work.goes();
    let mut left = Vec::new();
    for number in 0..work.actions.len() {
        let Some(action) = work.actions.get(number).copied().filter(|_| work.is_pending(number)) else {
            continue;
        };
        let place = places.get(&action.digest).copied();
        let image = place.and_then(|place| images.get(place as usize));
        let change = match standing(action, image, &work.past.taken_off(&action.digest)) {
            Standing::Already => {
                work.set(number, Fate::Done);
                continue;
            }
            Standing::Changed(change) => Some(change),
            Standing::Same => place.and_then(|place| changed_links(action, images, &links, place, &goes)),
        };
        if let Some(change) = change {
            left.push((number, change.to_string()));
        }
    }
    leave(run, work, &left)
}

/// Drops the actions on images that a hard guard keeps as everything is now.
pub(super) async fn guard(run: &mut Run<'_>, work: &mut Work<'_>, prepared: &Prepared) -> Result<(), Halt> {
    let address = work.plan.repository.clone();
    let (store, now) = (run.context.store, run.now());
    let mut holds = block_in_place(|| store.holds(now)).map_err(by_store)?;
    let account = run.account(&address);
    holds.retain(|hold| hold.is_about(Some(&account), Some(&address.region), &address.name));
    let asks = run.uses(&address).await?.graph.asks_for_ledger(RegistryKind::Private, &address.name);
    let ledger = if asks { block_in_place(|| (run.context.ledger)(&address)) } else { Ok(None) };
    let ledger = ledger.map_err(|cause| halt(HaltKind::Store, cause))?;
    let rules = run.context.guards;
    let repository = &prepared.repository;
    let relations = Relations::of(&repository.images);
    let uses = run.uses(&address).await?;
    let in_use = uses.graph.of_repository_at(RegistryKind::Private, repository, &relations, ledger.as_ref());
    let chosen: Vec<Option<ActionKind>> = {
        let pending: BTreeMap<Digest, ActionKind> = work
            .actions
            .iter()
            .enumerate()
            .filter(|(number, _)| work.is_pending(*number))
            .map(|(_, action)| (action.digest, action.kind))
            .collect();
        repository.images.iter().map(|image| pending.get(&image.digest).copied()).collect()
    };
    let guards = hard_guards(repository, &relations, &in_use, rules, &holds, &chosen, now);
    let mut left = Vec::new();
    for (image, guard) in repository.images.iter().zip(&guards) {
        if let (Some(guard), Some(number)) = (guard, work.place_of(&image.digest)) {
            left.push((number, guard_words(guard, &repository.images, uses.graph.uses())));
        }
    }
    leave(run, work, &left)
}

/// Leaves these actions, and writes down why.
pub(super) fn leave(run: &mut Run<'_>, work: &mut Work<'_>, left: &[(usize, String)]) -> Result<(), Halt> {
    let entries = dropped(run.now(), work, left);
    block_in_place(|| run.journal.drop_images(&entries)).map_err(by_store)?;
    for (number, why) in left {
        work.set(*number, Fate::Left(why.clone()));
    }
    Ok(())
}
