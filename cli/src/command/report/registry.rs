//! One registry of a report: gone through once for what is said of all of its repositories, and once more for the largest.

use demurrage_core::audit::{
    Census, QuotaStock, RegistrySettings, RegistryUnder, RepositoryUnder, Setting, UsesUnder, audit_registry,
    audit_repository,
};
use demurrage_core::cost::{Region, RegionPrices};
use demurrage_core::ledger::RepositoryLedger;
use demurrage_core::lifecycle::Relations;
use demurrage_core::{Listing, RegistryKind, RepositoriesListing, Repository};
use demurrage_report::page::{
    PageAbout, PageGap, PageImages, PageLargest, PageMaker, PageRegistryHead, PageRepository,
};
use demurrage_store::{Depth, InventoryEntry, Walk};
use rayon::prelude::*;

use super::Basis;
use crate::command::audit::history::History;
use crate::command::audit::replicas::Replicas;
use crate::failure::Failure;

/// Images, and repositories, that are held at a time.
const BATCH_IMAGES: usize = 50_000;
const BATCH_REPOSITORIES: usize = 256;

/// A registry, with what is known of it beside its images.
pub(super) struct Registry<'a> {
    pub(super) basis: &'a Basis<'a>,
    pub(super) entry: &'a InventoryEntry,
    settings: RegistrySettings,
    prices: Option<RegionPrices>,
    /// What is not known of what is in use; nothing where nobody ever said anything of it.
    use_gaps: Option<Vec<String>>,
    /// The same, for audits.
    incomplete: Option<String>,
    /// Its repositories without their images, in the order of their names.
    listed: Vec<Repository>,
}

/// A repository with what its tags were on.
struct Held {
    repository: Repository,
    ledger: Option<RepositoryLedger>,
}

impl<'a> Registry<'a> {
    /// The registry of this inventory.
    pub(super) fn of(basis: &'a Basis<'a>, entry: &'a InventoryEntry) -> Result<Self, Failure> {
        let asked = basis.asked;
        let account = entry.registry_id.as_deref();
        let max_age = asked.configuration.in_use.rules.max_age;
        let use_gaps: Option<Vec<String>> = basis.uses.as_ref().map(|uses| {
            let gaps = uses.coverage.gaps(account, &entry.region, asked.now, max_age);
            gaps.iter().map(ToString::to_string).collect()
        });
        let incomplete = use_gaps.as_deref().and_then(|gaps| match gaps {
            [] => None,
            [only] => Some(only.clone()),
            [first, others @ ..] => Some(format!("{first}, and {} more", others.len())),
        });
        let region = Region::parse(&entry.region).ok();
        Ok(Self {
            basis,
            entry,
            settings: RegistrySettings::of(&entry.registry()),
            prices: region.map(|region| basis.list.registry_prices(entry.kind, region)),
            use_gaps,
            incomplete,
            listed: asked.store.repositories(entry)?,
        })
    }

    /// What is the same for all of its repositories.
    pub(super) fn about(&self) -> PageAbout<'_> {
        let asked = self.basis.asked;
        PageAbout {
            kind: self.entry.kind,
            account: self.entry.registry_id.as_deref(),
            region: &self.entry.region,
            prices: self.prices.as_ref(),
            list: &self.basis.list,
            replication: match &self.settings.replication {
                Setting::Is(replication) => Some(replication),
                Setting::Unknown(_) | Setting::Absent => None,
            },
            rules: &asked.configuration.rules,
            uses: self.basis.uses.as_ref().map(|uses| &uses.graph),
            now: asked.now,
            switches: asked.switches,
        }
    }

    fn under(&self) -> RegistryUnder<'_> {
        let asked = self.basis.asked;
        let incomplete = self.incomplete.as_deref();
        RegistryUnder {
            kind: self.entry.kind,
            account: self.entry.registry_id.as_deref(),
            region: &self.entry.region,
            settings: &self.settings,
            rules: &asked.configuration.rules,
            now: asked.now,
            switches: asked.switches,
            readers: &[],
            uses: self.basis.uses.as_ref().map(|uses| UsesUnder { graph: &uses.graph, incomplete }),
        }
    }

    /// Gives the page what is said of all repositories; whether something of them could not be read.
    pub(super) fn take_in(&self, maker: &mut PageMaker) -> Result<bool, Failure> {
        let (asked, under) = (self.basis.asked, self.under());
        let names: Vec<&str> = self.listed.iter().map(|it| &*it.name).collect();
        let replicas = Replicas::of(asked.store, &self.basis.newest, &self.settings, &names)?;
        let mut history = History::of(asked.store, self.entry, None)?;
        let mut walk = asked.store.walk(self.entry, Depth::Blobs)?;
        let mut repositories = Vec::with_capacity(names.len());
        loop {
            let batch = batch(&mut walk, &mut history)?;
            if batch.is_empty() {
                break;
            }
            let of = |held: &Held| self.repository(&under, &replicas, held);
            repositories.par_extend(batch.par_iter().map(of));
        }
        if history.is_unknown() {
            let what = "what happened to tags could not be read".to_owned();
            maker.gap(PageGap { what, r#where: self.place(), mend: String::new() });
        }
        self.say_without_prices(maker);
        maker.registry(&self.head(&under), repositories);
        let is_unread = |it: &Repository| it.listing != Listing::Complete || !it.notes.is_empty();
        let is_partial = !self.entry.notes().is_empty() || self.listed.iter().any(is_unread);
        Ok(is_partial || history.is_unknown())
    }

    fn repository(&self, under: &RegistryUnder<'_>, replicas: &Replicas, held: &Held) -> PageRepository {
        let Held { repository, ledger } = held;
        let relations = Relations::of(&repository.images);
        let verdict = audit_repository(&RepositoryUnder {
            registry: under,
            repository,
            relations: &relations,
            replicas: replicas.of_repository(&repository.name),
            ledger: ledger.as_ref(),
        });
        PageRepository::of(&self.about(), repository, &relations, &verdict, ledger.as_ref())
    }

    fn head(&self, under: &RegistryUnder<'_>) -> PageRegistryHead {
        let (entry, now) = (self.entry, self.basis.asked.now);
        let capacity = &self.basis.asked.configuration.rules.capacity;
        let census = Census {
            listing: entry.repositories_listing,
            repositories: self.listed.iter().map(|it| (it.name.clone(), it.created_at)).collect(),
        };
        let mut notes = entry.notes().to_vec();
        if entry.repositories_listing == RepositoriesListing::CutOff {
            notes.push("nobody says whether these are all repositories of the registry".to_owned());
        }
        if let (RegistryKind::Private, Setting::Unknown(reason)) = (entry.kind, &self.settings.replication) {
            notes.push(format!("what replication sends is not known: {reason}"));
        }
        PageRegistryHead {
            kind: entry.kind,
            account: entry.registry_id.clone(),
            region: entry.region.clone(),
            taken_at: entry.taken_at,
            notes,
            use_gaps: self.use_gaps.clone(),
            prices: self.prices.clone(),
            verdict: audit_registry(under, &census),
            stock: QuotaStock::of(self.listed.iter().map(|it| it.created_at), now),
            repositories_max: match entry.kind {
                RegistryKind::Private => capacity.repositories,
                RegistryKind::Public => capacity.public_repositories,
            },
            images_max: capacity.images_per_repository,
        }
    }

    /// Where a registry has no prices, its dollars are unknown; the page says why.
    fn say_without_prices(&self, maker: &mut PageMaker) {
        let is_priced = self
            .prices
            .as_ref()
            .is_some_and(|prices| prices.storage.as_slice().iter().all(|tier| tier.price.known().is_some()));
        if !is_priced {
            let what = "the price list has no price in US dollars for what is stored".to_owned();
            let mend = "`demurrage prices refresh` reads the current list".to_owned();
            maker.gap(PageGap { what, r#where: self.place(), mend });
        }
    }

    /// Gives the page the images and curves of those of its repositories that are among the largest.
    pub(super) fn look_into(&self, largest: &PageLargest, maker: &mut PageMaker) -> Result<(), Failure> {
        let about = self.about();
        let is_wanted = |it: &Repository| largest.contains(&about, &it.name);
        let places = self.listed.iter().enumerate().filter(|(_, it)| is_wanted(it)).map(|(place, _)| place);
        let asked = self.basis.asked;
        let mut history = History::of(asked.store, self.entry, None)?;
        let mut walk = asked.store.walk(self.entry, Depth::Blobs)?;
        let (mut passed, mut held, mut images) = (0, Vec::new(), 0);
        for place in places {
            walk.skip(place - passed)?;
            passed = place + 1;
            let Some(repository) = walk.next_repository()? else { break };
            images += repository.images.len();
            let ledger = history.of_repository(&repository.name)?;
            held.push(Held { repository, ledger });
            if BATCH_IMAGES <= images {
                open(&about, &held, maker);
                held.clear();
                images = 0;
            }
        }
        open(&about, &held, maker);
        Ok(())
    }

    /// How people name it.
    pub(super) fn place(&self) -> String {
        let account = self.entry.registry_id.as_deref().unwrap_or("unknown account");
        format!("{account} {}", self.entry.region)
    }
}

/// The next repositories; none at the end.
fn batch(walk: &mut Walk, history: &mut History) -> Result<Vec<Held>, Failure> {
    let (mut batch, mut images) = (Vec::new(), 0);
    while batch.len() < BATCH_REPOSITORIES && images < BATCH_IMAGES {
        let Some(repository) = walk.next_repository()? else { break };
        images += repository.images.len();
        let ledger = history.of_repository(&repository.name)?;
        batch.push(Held { repository, ledger });
    }
    Ok(batch)
}

fn open(about: &PageAbout<'_>, held: &[Held], maker: &mut PageMaker) {
    let of = |held: &Held| PageImages::of(about, &held.repository, held.ledger.as_ref());
    let opened: Vec<PageImages> = held.par_iter().map(of).collect();
    for (held, images) in held.iter().zip(opened) {
        maker.images(about, &held.repository.name, images);
    }
}
