//! One registry of a store under audit: repository by repository, as many at a time as there are cores.

use chrono::{DateTime, TimeDelta, Utc};
use demurrage_core::audit::{
    Census, RegistrySettings, RegistryUnder, RepositoryUnder, Rules, UsesUnder, audit_registry,
    audit_repository,
};
use demurrage_core::ledger::RepositoryLedger;
use demurrage_core::lifecycle::{Relations, Switches};
use demurrage_core::plan::{SettingFixes, fix_settings};
use demurrage_core::{Listing, Repository};
use demurrage_report::{AuditedRegistry, AuditedRepository};
use demurrage_store::{Depth, InventoryEntry, Store, Walk};
use rayon::prelude::*;

use super::history::{History, Since};
use super::replicas::Replicas;
use crate::failure::Failure;
use crate::known_uses::UsesOfAudit;
use crate::selected::{announce, by_name};
use crate::warnings::Source;
use crate::{talk, warnings};

/// Images, and repositories, that are held at a time.
const BATCH_IMAGES: usize = 50_000;
const BATCH_REPOSITORIES: usize = 256;

/// What is asked of every registry.
pub(super) struct Question<'a> {
    pub(super) store: &'a Store,
    /// The newest inventory of each registry of the store.
    pub(super) newest: &'a [InventoryEntry],
    pub(super) rules: &'a Rules,
    pub(super) now: DateTime<Utc>,
    pub(super) switches: Switches,
    /// Only repositories of this name, and then nothing of the registry itself.
    pub(super) glob: Option<&'a str>,
    pub(super) since: Option<Since>,
    /// What is in use; nothing where nobody says it.
    pub(super) uses: Option<&'a UsesOfAudit>,
    /// How old an inventory may be by which settings are changed; nothing: none is asked to be.
    pub(super) fixes_within: Option<TimeDelta>,
}

/// What came of it.
pub(super) struct Audited {
    pub(super) registry: AuditedRegistry,
    /// Whether something of it could not be read.
    pub(super) is_partial: bool,
    /// What of settings could be changed, in the order of the repositories; empty where that was not asked.
    pub(super) fixes: Vec<SettingFixes>,
}

/// Audits the registry of this inventory.
pub(super) fn audit(question: &Question<'_>, entry: &InventoryEntry) -> Result<Audited, Failure> {
    announce(entry);
    for note in entry.notes() {
        talk::warn(note);
    }
    let settings = RegistrySettings::of(&entry.registry());
    let account = entry.registry_id.as_deref();
    let incomplete = question.uses.and_then(|uses| uses.incomplete(account, &entry.region, question.now));
    let under = RegistryUnder {
        kind: entry.kind,
        account,
        region: &entry.region,
        settings: &settings,
        rules: question.rules,
        now: question.now,
        switches: question.switches,
        readers: &[],
        uses: question
            .uses
            .map(|uses| UsesUnder { graph: &uses.known.graph, incomplete: incomplete.as_deref() }),
    };
    let listed = question.store.repositories(entry)?;
    let census = Census {
        listing: entry.repositories_listing,
        repositories: listed.iter().map(|it| (it.name.clone(), it.created_at)).collect(),
    };
    let wanted = by_name(question.glob);
    let names: Vec<&str> = listed.iter().map(|it| &*it.name).filter(|name| wanted(name)).collect();
    let replicas = Replicas::of(question.store, question.newest, &settings, &names)?;
    let asked = listed.iter().filter(|repository| wanted(&repository.name));
    warnings::say_unread(asked.clone(), Source::Store);
    let is_unread = |it: &Repository| it.listing != Listing::Complete || !it.notes.is_empty();
    let mut history = History::of(question.store, entry, question.since)?;
    let is_partial = !entry.notes().is_empty() || asked.into_iter().any(is_unread) || history.is_unknown();
    let mut walk = question.store.walk(entry, Depth::Blobs)?;
    let fixes_within = question.fixes_within.map(|max| (entry.taken_at, max));
    let mut repositories = Vec::with_capacity(names.len());
    loop {
        let batch = batch(&mut walk, &mut history, &wanted)?;
        if batch.is_empty() {
            break;
        }
        repositories.par_extend(batch.into_par_iter().map(|it| audited(&under, &replicas, it, fixes_within)));
    }
    let (repositories, fixes): (Vec<_>, Vec<_>) = repositories.into_iter().unzip();
    let registry = AuditedRegistry {
        kind: entry.kind,
        account: entry.registry_id.clone(),
        region: entry.region.clone(),
        inventory: entry.name().to_owned(),
        taken_at: entry.taken_at,
        own: question.glob.is_none().then(|| audit_registry(&under, &census)),
        repositories,
    };
    Ok(Audited { registry, is_partial, fixes: fixes.into_iter().flatten().collect() })
}

/// A repository with what its tags were on.
struct Held {
    repository: Repository,
    ledger: Option<RepositoryLedger>,
}

/// The next repositories whose names are wanted; none at the end.
fn batch(
    walk: &mut Walk,
    history: &mut History,
    wanted: impl Fn(&str) -> bool,
) -> Result<Vec<Held>, Failure> {
    let (mut batch, mut images) = (Vec::new(), 0);
    while batch.len() < BATCH_REPOSITORIES && images < BATCH_IMAGES {
        let Some(repository) = walk.next_repository()? else { break };
        if wanted(&repository.name) {
            images += repository.images.len();
            let ledger = history.of_repository(&repository.name)?;
            batch.push(Held { repository, ledger });
        }
    }
    Ok(batch)
}

fn audited(
    under: &RegistryUnder<'_>,
    replicas: &Replicas,
    held: Held,
    fixes_within: Option<(DateTime<Utc>, TimeDelta)>,
) -> (AuditedRepository, Option<SettingFixes>) {
    let Held { repository, ledger } = held;
    let relations = Relations::of(&repository.images);
    let under = RepositoryUnder {
        registry: under,
        repository: &repository,
        relations: &relations,
        replicas: replicas.of_repository(&repository.name),
        ledger: ledger.as_ref(),
    };
    let verdict = audit_repository(&under);
    let fixes = fixes_within.map(|(taken_at, max)| fix_settings(&under, &verdict, taken_at, max));
    let tag_mutability = repository.tag_mutability.present().map(|setting| setting.mode.clone());
    (AuditedRepository { name: repository.name, arn: repository.arn, tag_mutability, verdict }, fixes)
}
