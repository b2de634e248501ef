//! What is known to be in use: by the records of a store, and by files of references.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, TimeDelta, Utc};
use clap::Args;
use demurrage_core::RegistryKind;
use demurrage_core::in_use::{
    KnownUses, ReferenceRegistry, Unsaid, Use, UseGap, UseGraph, UseRecord, UseRules, UseScope, UseSource,
};
use demurrage_core::ledger::RepositoryLedger;
use demurrage_core::plan::Source;
use demurrage_store::{Ledger, LedgerWalk, Store, sha256};

use crate::failure::Failure;
use crate::in_use_args::InUseArgs;
use crate::selected::Selected;
use crate::talk;

/// What the records of a store say, and these files of references.
///
/// # Errors
/// When a record or a file cannot be read: what it would have said keeps images.
pub(crate) fn known_uses(store: &Store, in_use: &InUseArgs, rules: &UseRules) -> Result<KnownUses, Failure> {
    let stored = store.uses()?;
    let mut sources: Vec<Source> = stored
        .iter()
        .map(|(name, record)| Source { name: format!("use/{name}"), hash: hash(&record.to_json()) })
        .collect();
    let records: Vec<UseRecord> = stored.into_iter().map(|(_, record)| record).collect();
    let mut references = Vec::new();
    for file in in_use.files()? {
        sources.push(Source { name: file.path.display().to_string(), hash: hash(&file.text) });
        references.extend(file.uses);
    }
    Ok(KnownUses::of(&records, references, sources, &store.rules_of_use(rules)?))
}

/// The SHA-256 of a text, in hexadecimal digits.
fn hash(text: &str) -> String {
    sha256(text.as_bytes()).to_string()
}

/// What tags of one registry were on, by the ledger of the store. Repositories are asked for in the order of their names.
pub(crate) struct TagTimes {
    kind: RegistryKind,
    ledger: Ledger,
    /// Nothing: no inventory was learnt yet, and inventories are gone through.
    walk: Option<LedgerWalk>,
    next: Option<(String, RepositoryLedger)>,
}

impl TagTimes {
    /// The times of a registry; nothing is read yet but the beginning.
    ///
    /// # Errors
    /// When the ledger is damaged: what it would have said keeps images.
    pub(crate) fn of(
        store: &Store,
        kind: RegistryKind,
        account: Option<&str>,
        region: &str,
    ) -> Result<Self, Failure> {
        let ledger = store.ledger(kind, account, region)?;
        let mut walk = ledger.walk()?;
        let next = walk.as_mut().map(LedgerWalk::next_repository).transpose()?.flatten();
        Ok(Self { kind, ledger, walk, next })
    }

    /// The ledger of the repository of this name, where it can say more of what is in use than its images do.
    ///
    /// # Errors
    /// As for [`Self::of`].
    pub(crate) fn of_repository(
        &mut self,
        graph: &UseGraph,
        name: &str,
    ) -> Result<Option<RepositoryLedger>, Failure> {
        if !graph.asks_for_ledger(self.kind, name) {
            return Ok(None);
        }
        let Some(walk) = &mut self.walk else { return Ok(Some(self.ledger.repository(name)?)) };
        while self.next.as_ref().is_some_and(|(held, _)| held.as_str() < name) {
            self.next = walk.next_repository()?;
        }
        let is_it = self.next.as_ref().is_some_and(|(held, _)| held == name);
        // It stays where it is until a later one is asked for: one may be asked for twice.
        Ok(Some(self.next.as_ref().filter(|_| is_it).map(|(_, ledger)| ledger.clone()).unwrap_or_default()))
    }
}

/// What is in use, with what is known of tags of the repositories that were selected.
pub(crate) struct InUse {
    /// All uses.
    pub(crate) graph: UseGraph,
    /// By the places of repositories.
    ledgers: BTreeMap<usize, RepositoryLedger>,
}

impl InUse {
    /// What these uses are of these repositories; of a store, with what its ledger knows of tags.
    ///
    /// # Errors
    /// As for [`TagTimes::of`].
    pub(crate) fn over(graph: UseGraph, store: Option<&Store>, selected: &Selected) -> Result<Self, Failure> {
        let mut ledgers = BTreeMap::new();
        for registry in &selected.registries {
            let repositories = selected.repositories.iter().enumerate();
            let of_it = repositories.filter(|(place, it)| {
                registry.repositories.contains(place) && graph.asks_for_ledger(registry.kind, &it.name)
            });
            let mut of_it = of_it.peekable();
            let (Some(store), Some(_)) = (store, of_it.peek()) else { continue };
            let mut times =
                TagTimes::of(store, registry.kind, registry.account.as_deref(), &registry.region)?;
            for (place, repository) in of_it {
                ledgers.extend(times.of_repository(&graph, &repository.name)?.map(|ledger| (place, ledger)));
            }
        }
        Ok(Self { graph, ledgers })
    }

    /// What the tags of the repository at this place were on, where that matters and is known.
    pub(crate) fn ledger(&self, place: usize) -> Option<&RepositoryLedger> {
        self.ledgers.get(&place)
    }

    /// Whether a use that is of no image here could be of one: people named it, or its registry is one of these.
    pub(crate) fn may_be_here(used: &Use, registries: &[(Option<&str>, &str)]) -> bool {
        if used.source == UseSource::References {
            return true;
        }
        match &used.reference.registry {
            ReferenceRegistry::Private { account, region } => {
                let is_it = |(its, in_region): &(Option<&str>, &str)| {
                    in_region == region && its.is_none_or(|its| its == account)
                };
                registries.iter().any(is_it)
            }
            ReferenceRegistry::Public | ReferenceRegistry::Other(_) | ReferenceRegistry::Unnamed => false,
        }
    }
}

/// Options that say what is in use, and that what the store knows of it counts as well.
#[derive(Debug, Clone, Args)]
pub(crate) struct WithUseArgs {
    #[command(flatten)]
    in_use: InUseArgs,
    /// Count what the records of the store say is in use, too (`demurrage use` makes them), and the images that tags
    /// were on when what uses them was deployed
    #[arg(long, conflicts_with = "images")]
    with_use: bool,
}

impl WithUseArgs {
    /// What is in use; nothing where nobody asks. Says on stderr what is not known of it. `open` is only asked where the
    /// store is needed.
    ///
    /// # Errors
    /// When a file or a record cannot be read: an image that is not understood is one that nothing keeps.
    pub(crate) fn graph(
        &self,
        open: impl FnOnce() -> Result<Store, Failure>,
        now: DateTime<Utc>,
    ) -> Result<Option<UseGraph>, Failure> {
        if !self.with_use {
            return self.in_use.read();
        }
        let store = open()?;
        let rules = UseRules::default();
        let known = known_uses(&store, &self.in_use, &rules)?;
        for gap in gaps(&store, &known, now, rules.max_age)? {
            talk::warn(format!("what is in use is not all known: {gap}"));
        }
        Ok(Some(known.graph))
    }
}

/// What is known to be in use, for audits: by the records of the store, and by files.
pub(crate) struct UsesOfAudit {
    pub(crate) known: KnownUses,
    judged: Judged,
    max_age: TimeDelta,
}

/// By what it is judged whether all is known that is in use.
#[derive(Clone, Copy)]
enum Judged {
    /// By what was read of each source, and when.
    Records,
    /// By nothing: nobody ever read a source into this store, and what files name is all that there is to know.
    Files,
}

impl UsesOfAudit {
    /// What the store and these files say; nothing where nobody says anything.
    ///
    /// # Errors
    /// As for [`known_uses`].
    pub(crate) fn of(store: &Store, in_use: &InUseArgs, rules: &UseRules) -> Result<Option<Self>, Failure> {
        let known = known_uses(store, in_use, rules)?;
        let files = in_use.in_use.len();
        let judged = if files < known.records.len() {
            Judged::Records
        } else if 0 < files {
            Judged::Files
        } else {
            return Ok(None);
        };
        Ok(Some(Self { known, judged, max_age: rules.max_age }))
    }

    /// What could use an image of a registry of this account and region, and is not known: a fragment.
    pub(crate) fn incomplete(
        &self,
        account: Option<&str>,
        region: &str,
        now: DateTime<Utc>,
    ) -> Option<String> {
        match self.judged {
            Judged::Files => None,
            Judged::Records => {
                let gaps = self.known.coverage.gaps(account, region, now, self.max_age);
                let first = gaps.first()?;
                Some(match gaps.len() {
                    1 => first.to_string(),
                    all => format!("{first}, and {} more", all - 1),
                })
            }
        }
    }
}

/// Says on stderr what nobody asks of what may use images of the registries of the store, because the rules do not say
/// whether it is there; each once.
///
/// # Errors
/// When the inventories of the store cannot be read.
pub(crate) fn say_unsaid(store: &Store, known: &KnownUses) -> Result<(), Failure> {
    let entries = store.newest()?;
    let entries = entries.iter().filter(|entry| entry.kind == RegistryKind::Private);
    let unsaid: BTreeSet<Unsaid> = entries
        .flat_map(|entry| known.coverage.unsaid(entry.registry_id.as_deref(), &entry.region))
        .collect();
    for unsaid in unsaid {
        talk::warn(unsaid.to_string());
        talk::hint(unsaid.help());
    }
    Ok(())
}

/// What is not known that could keep an image of a registry of the store, each gap once.
///
/// # Errors
/// When the inventories of the store cannot be read.
pub(crate) fn gaps(
    store: &Store,
    known: &KnownUses,
    now: DateTime<Utc>,
    max_age: TimeDelta,
) -> Result<Vec<UseGap>, Failure> {
    let mut gaps: BTreeMap<UseScope, UseGap> = BTreeMap::new();
    for entry in store.newest()?.iter().filter(|entry| entry.kind == RegistryKind::Private) {
        for gap in known.coverage.gaps(entry.registry_id.as_deref(), &entry.region, now, max_age) {
            gaps.insert(gap.scope.clone(), gap);
        }
    }
    Ok(gaps.into_values().collect())
}
