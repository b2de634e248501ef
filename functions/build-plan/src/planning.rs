//! The deciding, registry by registry and repository by repository: what is held of a repository is what is planned of it.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, Utc};
use demurrage_config::Configuration;
use demurrage_contract::{Failure, FailureKind};
use demurrage_core::cost::{Blobs, Holding, PriceList, Region, StoredBytes, StoredGbMonths, Usd};
use demurrage_core::in_use::Unsaid;
use demurrage_core::plan::{
    DecidedFrom, EarlierChoices, Hold, Mode, Plan, PlanHead, Question, Refusal, RegistryQuestion,
    RepositoryAddress, RepositoryOutcome, Rulebook, RunGuards, Source, saved,
};
use demurrage_core::{RegistryKind, Repository};
use demurrage_serve::{Call, RULES_FILE, StoredUses, configuration, price_list};
use demurrage_store::{Depth, InventoryEntry, PlanSpool, Store, sha256};
use tracing::info;

use crate::earlier::{Earlier, earlier};
use crate::past::applied_images;

/// Percent of the time after which no repository is begun: a plan is whole, or there is none.
const BEGIN_PERCENT: u32 = 85;
/// What the rules are called in a plan, as the command calls them.
const RULES: &str = "retention rules";

/// A plan that was decided, and is in the store.
#[derive(Debug)]
pub(crate) struct Planned {
    pub(crate) plan: Plan,
    /// Where its description is, as it is shown.
    pub(crate) path: String,
    /// Whether somebody has to read something before all of it can be decided.
    pub(crate) is_partial: bool,
    /// What may use images and is asked by nobody, because the team said nothing of it.
    pub(crate) unsaid: BTreeSet<Unsaid>,
}

/// Decides everything, for this time, and puts it into the store; nothing where no rule says what goes.
pub(crate) fn plan(
    store: &Store,
    mode: Mode,
    now: DateTime<Utc>,
    expires_at: DateTime<Utc>,
    call: &Call,
) -> Result<Option<Planned>, Failure> {
    let (configured, text) = configuration(store)?;
    if configured.retention.rules.is_empty() {
        return Ok(None);
    }
    let hash = sha256(&text).to_string();
    let rules = Source { name: RULES.to_owned(), hash: hash.clone() };
    let uses = StoredUses::of(store, &configured.in_use.rules)?;
    let holds = store.holds(now)?;
    let earlier = match mode {
        Mode::Enforce => earlier(store, &rules, now)?,
        Mode::Observe | Mode::Approve => None,
    };
    let deciding = Deciding { store, mode, now, call, configured: &configured, uses: &uses, holds: &holds };
    let mut newest: Vec<InventoryEntry> =
        store.newest()?.into_iter().filter(|entry| entry.kind == RegistryKind::Private).collect();
    newest.sort_by(|one, other| (&one.registry_id, &one.region).cmp(&(&other.registry_id, &other.region)));
    let prices = price_list(store)?;
    let mut decided = Decided::begin(&configured)?;
    let (mut usd, mut inventories) = (Some(Usd::ZERO), Vec::new());
    let mut unsaid = BTreeSet::new();
    for entry in &newest {
        unsaid.extend(uses.known.coverage.unsaid(entry.registry_id.as_deref(), &entry.region));
        inventories.push(store.inventory_source(entry)?);
        let saving = deciding.registry(entry, earlier.as_ref(), &prices, &mut decided)?;
        usd = usd.zip(saving).map(|(sum, saving)| sum + saving);
    }
    let Decided { spool, guards, refused, is_partial } = decided;
    let decided_from = DecidedFrom {
        inventories,
        uses: uses.known.records.clone(),
        rules,
        configuration: Some(Source { name: RULES_FILE.to_owned(), hash }),
        holds: of_holds(&holds),
        earlier_plan: earlier.map(|earlier| earlier.hash),
    };
    let tripped = guards.end(&applied_images(store, now)?);
    let head = PlanHead { made_at: now, expires_at, mode, decided_from, tripped };
    let (plan, path) = spool.finish(store, head, refused, usd)?;
    Ok(Some(Planned { plan, path, is_partial, unsaid }))
}

/// What came of the repositories so far: what is done lies in a file, and what is held is what is refused and what tripped.
struct Decided<'a> {
    spool: PlanSpool,
    guards: RunGuards<'a>,
    refused: Vec<Refusal>,
    is_partial: bool,
}

impl<'a> Decided<'a> {
    fn begin(configured: &'a Configuration) -> Result<Self, Failure> {
        let (spool, guards) = (PlanSpool::begin()?, RunGuards::new(&configured.plan.limits));
        Ok(Self { spool, guards, refused: Vec::new(), is_partial: false })
    }

    /// Adds what came of a repository; whether anything is done in it.
    fn add(&mut self, outcome: RepositoryOutcome) -> Result<bool, Failure> {
        match outcome {
            RepositoryOutcome::NotAsked => Ok(false),
            RepositoryOutcome::Refused(refusal, refused) => {
                self.is_partial |= refused.is_partial();
                self.refused.push(refusal);
                Ok(false)
            }
            RepositoryOutcome::Decided(decision, effect) => {
                self.guards.add(&effect);
                self.spool.add(&decision.plan, &decision.kept, &decision.pending)?;
                Ok(!decision.plan.actions.is_empty())
            }
        }
    }
}

/// What is the same for all registries.
struct Deciding<'a> {
    store: &'a Store,
    mode: Mode,
    now: DateTime<Utc>,
    call: &'a Call,
    configured: &'a Configuration,
    uses: &'a StoredUses,
    holds: &'a [Hold],
}

impl Deciding<'_> {
    /// Decides the repositories of a registry, and adds what comes of each; what that saves in a month.
    fn registry(
        &self,
        entry: &InventoryEntry,
        earlier: Option<&Earlier>,
        prices: &PriceList,
        decided: &mut Decided<'_>,
    ) -> Result<Option<Usd>, Failure> {
        let use_max_age = self.configured.in_use.rules.max_age;
        let facts = entry.registry();
        let question = Question {
            now: self.now,
            mode: self.mode,
            rulebook: Rulebook::Retention(&self.configured.retention),
            rules: &self.configured.plan,
            uses: &self.uses.known,
            use_max_age,
            holds: self.holds,
        };
        let account = entry.registry_id.as_deref();
        let asked = RegistryQuestion::of(question, account, &entry.region, entry.taken_at, &facts);
        let mut walk = self.store.walk(entry, Depth::Blobs)?;
        let mut money = Money::default();
        let (mut repositories, mut is_changed) = (0_u64, false);
        while let Some(repository) = walk.next_repository()? {
            if self.call.is_gone(BEGIN_PERCENT) {
                return Err(self.late());
            }
            let chosen = earlier.and_then(|earlier| earlier.of(&asked.address(&repository.name)));
            // What tags were on is in the table of the ledger, and not in the bucket, which is all that may be read here. So a
            // plan may choose an image that had a tag when something was deployed by it; whoever applies it reads the table,
            // and drops such an image.
            let outcome = asked.decide(&repository, Ok(None), chosen);
            match &outcome {
                RepositoryOutcome::Decided(decision, _) => {
                    money.planned.push((decision.before, decision.after));
                }
                RepositoryOutcome::NotAsked | RepositoryOutcome::Refused(..) => money.other(&repository),
            }
            is_changed |= decided.add(outcome)?;
            repositories += 1;
        }
        info!(region = entry.region, repositories, "decided");
        // Nothing costs nothing less, also where nobody knows what anything costs.
        if !is_changed {
            return Ok(Some(Usd::ZERO));
        }
        let region = Region::parse(&entry.region).ok();
        let prices = region.map(|region| prices.registry_prices(RegistryKind::Private, region));
        Ok(prices.and_then(|prices| saved(&prices, &money.planned, money.others)))
    }

    fn late(&self) -> Failure {
        let message = format!(
            "the time of the function is not enough for a plan of everything ({} s went by): give it more memory, \
             with which it has more of a processor, or make the plan with the command",
            self.call.took().as_secs()
        );
        Failure::new(FailureKind::TooLarge, message)
    }
}

/// What repositories store, before and after.
#[derive(Debug, Default)]
struct Money {
    planned: Vec<(StoredBytes, StoredBytes)>,
    others: StoredGbMonths,
}

impl Money {
    /// One of which nothing is planned fills the tiers of the prices, too.
    fn other(&mut self, repository: &Repository) {
        let blobs = Blobs::of(&repository.images);
        let stored = Holding::of(&blobs, &repository.images).stored();
        self.others = self.others + StoredGbMonths::of(stored);
    }
}

/// The holds in force, as a plan names them.
fn of_holds(holds: &[Hold]) -> Source {
    let text: String = holds.iter().map(Hold::to_json).collect();
    Source { name: "holds".to_owned(), hash: sha256(text.as_bytes()).to_string() }
}

/// What an earlier plan chose, by repository.
pub(crate) type Chosen = BTreeMap<RepositoryAddress, EarlierChoices>;
