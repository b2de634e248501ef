//! What the page says of one repository: worked out from its inventory, and small enough to be kept of a hundred thousand.

use std::cmp::Reverse;

use chrono::{DateTime, Utc};
use demurrage_core::audit::{Finding, QuotaStock, Rules, Severity, Verdict, images_in_use_going};
use demurrage_core::cost::{
    Blobs, Forecast, Freed, Horizon, PolicyInForce, PolicyUnknown, PriceList, RegionPrices,
    RepositoryStorage, Savings, StoredBytes, WithPolicy,
};
use demurrage_core::in_use::{Protection, RepositoryUse, UseGraph};
use demurrage_core::ledger::RepositoryLedger;
use demurrage_core::lifecycle::{Decision, Preview, Relations, Switches, evaluate};
use demurrage_core::{Listing, RegistryKind, Replication, Repository};

use super::document::{Findings, MovedTag, NextRule, Promise, Row, WorstFinding};
use super::flow::{Flow, flows};
use super::key::{RegistryKey, shown_region};
use super::next_rules::next_rules;
use super::over_time::Horizons;
use super::promise::{moved_tags, promise};
use super::protecting::Protecting;

/// Findings of one repository that may stand among the worst of all.
const WORST_MAX: usize = 5;

/// What is the same for all repositories of a registry.
#[derive(Debug, Clone, Copy)]
pub struct PageAbout<'a> {
    /// Which of the two services it is of.
    pub kind: RegistryKind,
    /// The account, where known.
    pub account: Option<&'a str>,
    /// The region.
    pub region: &'a str,
    /// Its prices; nothing where its region is none that is known.
    pub prices: Option<&'a RegionPrices>,
    /// All prices.
    pub list: &'a PriceList,
    /// To where it replicates; nothing where that was not read.
    pub replication: Option<&'a Replication>,
    /// What a team promises.
    pub rules: &'a Rules,
    /// What is known to be in use; nothing where nobody asked.
    pub uses: Option<&'a UseGraph>,
    /// The time by which ages are judged.
    pub now: DateTime<Utc>,
    /// What AWS leaves open about lifecycle policies.
    pub switches: Switches,
}

impl PageAbout<'_> {
    /// The region, with the service where that is the public one.
    pub(super) fn shown_region(&self) -> String {
        shown_region(self.kind, self.region)
    }

    /// Which registry it is.
    pub(super) fn key(&self) -> RegistryKey {
        RegistryKey::of(self.kind, self.account, self.region)
    }
}

/// What the page says of one repository.
#[derive(Debug, Clone)]
pub struct PageRepository {
    pub(super) row: Row,
    /// Nothing where it could not be listed.
    pub(super) stored: Option<StoredBytes>,
    pub(super) next: Option<Freed>,
    pub(super) settled: Option<Freed>,
    pub(super) next_rules: Vec<NextRule>,
    pub(super) protected: Protecting,
    pub(super) promise: Promise,
    pub(super) moved: Vec<MovedTag>,
    pub(super) findings: Findings,
    pub(super) worst: Vec<WorstFinding>,
    pub(super) unanswered: u64,
    pub(super) flows: Vec<Flow>,
    pub(super) horizons: Option<Horizons>,
    pub(super) stock: QuotaStock,
    /// What is not known of it, and how to mend that.
    pub(super) gaps: Vec<(&'static str, &'static str)>,
}

impl PageRepository {
    /// What there is to say of it. `verdict` is that of the audits; `ledger` is what its tags were on, where that is kept.
    pub fn of(
        about: &PageAbout<'_>,
        repository: &Repository,
        relations: &Relations,
        verdict: &Verdict,
        ledger: Option<&RepositoryLedger>,
    ) -> Self {
        let images = &repository.images;
        let blobs = Blobs::of(images);
        let storage = RepositoryStorage::of(repository, &blobs);
        let policy = PolicyInForce::of(repository);
        let known = policy.known();
        let decisions = known.map(|it| evaluate(it, images, relations, about.now, about.switches));
        let savings = known.map(|it| Savings::of(it, images, relations, about.now, about.switches, &blobs));
        let used = about.uses.map(|graph| graph.of_repository_at(about.kind, repository, relations, ledger));
        let preview = known.zip(decisions.as_deref()).map(|(it, of)| (it, of, Preview::of(it, images, of)));
        let next_rules = preview.as_ref().map_or_else(Vec::new, |(policy, decisions, preview)| {
            let freed = savings.as_ref().map(|savings| &savings.next_run);
            next_rules(about, repository, policy, decisions, preview, freed, used.as_ref())
        });
        let promise = promise(about, repository, verdict);
        let nothing = matches!(policy, PolicyInForce::None);
        let (next, settled) = savings.map(|it| (it.next_run, it.settled)).unzip();
        let bytes_of = |freed: Option<&Freed>| if nothing { Some(0) } else { freed.map(Freed::bytes) };
        let acted_on = preview.as_ref().map(|(_, _, it)| it.acted_on.len() as u64);
        let findings = findings(verdict);
        let row = Row {
            kind: about.kind,
            account: about.account.map(str::to_owned),
            region: about.shown_region(),
            name: repository.name.clone(),
            listing: listing_word(&repository.listing),
            images: storage.is_listed.then_some(storage.images),
            stored_bytes: storage.stored.total(),
            archived_bytes: storage.stored.archived_bytes,
            image_size_sum_bytes: storage.image_size_sum_bytes,
            usd_per_month: None,
            next_images: if nothing { Some(0) } else { acted_on },
            next_bytes: bytes_of(next.as_ref()),
            settled_bytes: bytes_of(settled.as_ref()),
            policy: policy_word(&policy, decisions.as_deref()),
            promise: promise.state,
            findings: findings.total,
            in_use: used.as_ref().map(in_use_count),
            in_use_expiring: images_in_use_going(verdict),
            detail: None,
        };
        Self {
            stored: storage.is_listed.then_some(storage.stored),
            protected: Protecting::of(repository, decisions.as_deref(), used.as_ref()),
            moved: ledger.map_or_else(Vec::new, |ledger| moved_tags(about, &repository.name, ledger)),
            flows: flows(about, repository, &blobs, storage.stored),
            horizons: horizons(about, repository, &policy, &blobs),
            stock: QuotaStock::of(images.iter().map(|image| image.pushed_at), about.now),
            gaps: gaps(about.kind, repository, &storage, &policy),
            worst: worst(about, verdict),
            unanswered: verdict.unevaluated.len() as u64,
            row,
            next,
            settled,
            next_rules,
            promise,
            findings,
        }
    }
}

const fn listing_word(listing: &Listing) -> &'static str {
    match listing {
        Listing::Complete => "complete",
        Listing::CutOff => "cut off",
        Listing::Failed(_) => "not read",
    }
}

fn gaps(
    kind: RegistryKind,
    repository: &Repository,
    storage: &RepositoryStorage,
    policy: &PolicyInForce,
) -> Vec<(&'static str, &'static str)> {
    const AGAIN: &str = "read it anew with `demurrage collect`";
    let listing = match &repository.listing {
        Listing::Complete => None,
        Listing::CutOff => Some(("not all images were listed", AGAIN)),
        Listing::Failed(_) => Some(("the images could not be listed", AGAIN)),
    };
    let policy = match policy {
        PolicyInForce::Unknown(PolicyUnknown::NotRead) => Some(("the lifecycle policy was not read", AGAIN)),
        PolicyInForce::Unknown(PolicyUnknown::NotAccepted) => Some((
            "the lifecycle policy is none that ECR accepts, so what it does is not known",
            "`demurrage lint` says what is wrong with it",
        )),
        // The listing says it already.
        PolicyInForce::Unknown(PolicyUnknown::ImagesNotListed)
        | PolicyInForce::None
        | PolicyInForce::Known(_) => None,
    };
    let mend = match kind {
        RegistryKind::Private => AGAIN,
        RegistryKind::Public => "of ECR Public they cannot be read",
    };
    let manifests = (storage.images_without_manifest != 0).then_some((
        "not all manifests were read, so layers that images share may count more than once",
        mend,
    ));
    let notes = (!repository.notes.is_empty()).then_some(("not all settings were read", AGAIN));
    [listing, policy, manifests, notes].into_iter().flatten().collect()
}

fn policy_word(policy: &PolicyInForce, decisions: Option<&[Decision]>) -> &'static str {
    match policy {
        PolicyInForce::None => "none",
        PolicyInForce::Unknown(_) => "unknown",
        PolicyInForce::Known(_) => {
            let selects = decisions.into_iter().flatten().any(|decision| decision.rule.is_some());
            if selects { "effective" } else { "idle" }
        }
    }
}

fn in_use_count(used: &RepositoryUse) -> u64 {
    let is_in_use =
        |it: &&Option<Protection>| matches!(it, Some(Protection::InUse(_) | Protection::PartOf(_)));
    used.protections.iter().filter(is_in_use).count() as u64
}

fn findings(verdict: &Verdict) -> Findings {
    let mut sums = Findings::default();
    for finding in verdict.findings.iter().filter(|finding| finding.counts()) {
        sums.add(finding.severity);
    }
    sums
}

fn worst(about: &PageAbout<'_>, verdict: &Verdict) -> Vec<WorstFinding> {
    let mut counting: Vec<&Finding> = verdict.findings.iter().filter(|finding| finding.counts()).collect();
    counting.sort_by_key(|finding| Reverse(finding.severity));
    counting.into_iter().take(WORST_MAX).map(|it| WorstFinding::of(it, about.shown_region())).collect()
}

impl WorstFinding {
    /// A finding of this region.
    pub(super) fn of(finding: &Finding, region: String) -> Self {
        Self {
            rank: finding.severity,
            severity: finding.severity.name(),
            audit: finding.audit.id,
            repository: finding.repository.clone().unwrap_or_default(),
            region,
            message: finding.message.clone(),
        }
    }
}

impl Findings {
    /// One more of this severity.
    pub(super) const fn add(&mut self, severity: Severity) {
        self.total += 1;
        match severity {
            Severity::Informational => self.informational += 1,
            Severity::Low => self.low += 1,
            Severity::Medium => self.medium += 1,
            Severity::High => self.high += 1,
            Severity::Critical => self.critical += 1,
        }
    }

    /// All of these.
    pub(super) const fn add_all(&mut self, other: Self) {
        self.total += other.total;
        self.critical += other.critical;
        self.high += other.high;
        self.medium += other.medium;
        self.low += other.low;
        self.informational += other.informational;
    }
}

/// What it will store; nothing where images are from after the time that is asked about.
fn horizons(
    about: &PageAbout<'_>,
    repository: &Repository,
    policy: &PolicyInForce,
    blobs: &Blobs,
) -> Option<Horizons> {
    if repository.images.iter().any(|image| image.pushed_at.is_some_and(|at| about.now < at)) {
        return None;
    }
    let is_unknown = matches!(policy, PolicyInForce::Unknown(_));
    let forecast = Forecast::of(policy.known(), &repository.images, about.now, about.switches, blobs);
    let with = |bytes: u128, with: &WithPolicy| match with {
        WithPolicy::Bytes(bytes) => Some(*bytes),
        WithPolicy::NoPolicy if !is_unknown => Some(bytes),
        WithPolicy::NoPolicy | WithPolicy::TooManyImages => None,
    };
    let horizons = forecast.horizons.iter();
    let line =
        |it: &Horizon| (it.days, it.without_policy_bytes, with(it.without_policy_bytes, &it.with_policy));
    Some(horizons.map(line).collect())
}
