//! What the page says of one repository: worked out from its inventory, and small enough to be kept of a hundred thousand.

use chrono::{DateTime, Utc};
use demurrage_core::audit::{QuotaStock, Rules, Severity, Verdict, images_in_use_going};
use demurrage_core::cost::{
    Blobs, Forecast, Freed, PolicyInForce, PriceList, RegionPrices, RepositoryStorage, Savings, StoredBytes,
    WithPolicy,
};
use demurrage_core::in_use::{Protection, RepositoryUse, UseGraph};
use demurrage_core::ledger::RepositoryLedger;
use demurrage_core::lifecycle::{Decision, Outcome, Policy, Preview, Reason, Relations, Switches, evaluate};
use demurrage_core::{Listing, RegistryKind, Replication, Repository};

use super::document::{Findings, MovedTag, NextRule, Promise, Row};
use super::flow::{Flow, flows};
use super::next_rules::next_rules;
use super::promise::{moved_tags, promise};

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

/// What the page says of one repository.
#[derive(Debug, Clone)]
pub struct PageRepository {
    pub(super) row: Row,
    pub(super) stored: StoredBytes,
    pub(super) next: Option<Freed>,
    pub(super) settled: Option<Freed>,
    pub(super) next_rules: Vec<NextRule>,
    pub(super) protected: Protecting,
    pub(super) promise: Promise,
    pub(super) moved: Vec<MovedTag>,
    pub(super) findings: Findings,
    pub(super) flows: Vec<Flow>,
    pub(super) forecast: Vec<(u32, u128, Option<u128>)>,
    pub(super) stock: QuotaStock,
    /// Why it is not complete, where it is not.
    pub(super) unread: Option<String>,
}

/// Images that something keeps, and the sum of their sizes.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Kept {
    pub(super) images: u64,
    pub(super) bytes: u128,
}

/// What is kept by what.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Protecting {
    pub(super) in_use: Kept,
    pub(super) part: Kept,
    pub(super) may_be_part: Kept,
    pub(super) index: Kept,
    pub(super) subject: Kept,
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
        let findings = findings(verdict);
        let row = Row {
            account: about.account.map(str::to_owned),
            region: about.region.to_owned(),
            name: repository.name.clone(),
            is_complete: repository.listing == Listing::Complete,
            images: storage.images,
            stored_bytes: storage.stored.total(),
            archived_bytes: storage.stored.archived_bytes,
            image_size_sum_bytes: storage.image_size_sum_bytes,
            usd_per_month: None,
            next_images: if nothing {
                Some(0)
            } else {
                preview.as_ref().map(|(_, _, it)| it.acted_on.len() as u64)
            },
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
            stored: storage.stored,
            protected: protecting(repository, decisions.as_deref(), used.as_ref()),
            moved: ledger.map_or_else(Vec::new, |ledger| moved_tags(about, &repository.name, ledger)),
            flows: flows(about, repository, &blobs, storage.stored),
            forecast: forecast(about, repository, &policy, &blobs),
            stock: QuotaStock::of(images.iter().map(|image| image.pushed_at), about.now),
            unread: unread(repository),
            row,
            next,
            settled,
            next_rules,
            promise,
            findings,
        }
    }
}

fn unread(repository: &Repository) -> Option<String> {
    match &repository.listing {
        Listing::Complete => None,
        Listing::CutOff => Some("not all of its images were listed".to_owned()),
        Listing::Failed(cause) => Some(format!("its images could not be listed ({cause})")),
    }
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

fn protecting(
    repository: &Repository,
    decisions: Option<&[Decision]>,
    used: Option<&RepositoryUse>,
) -> Protecting {
    let mut all = Protecting::default();
    for (place, image) in (0_u32..).zip(&repository.images) {
        let size = u128::from(image.size_bytes.unwrap_or_default());
        let of_use = used.and_then(|used| used.protection(place));
        let decision = decisions.and_then(|decisions| decisions.get(place as usize));
        let kept = match (of_use, decision.map(|decision| decision.reason)) {
            (Some(Protection::InUse(_)), _) => &mut all.in_use,
            (Some(Protection::PartOf(_)), _) => &mut all.part,
            (Some(Protection::MayBePartOf(_)), _) => &mut all.may_be_part,
            (None, Some(Reason::ReferencedByIndex { .. })) => &mut all.index,
            (None, Some(Reason::FollowsSubject { .. }))
                if decision.is_some_and(|it| it.outcome == Outcome::Keep) =>
            {
                &mut all.subject
            }
            (None, _) => continue,
        };
        kept.images += 1;
        kept.bytes += size;
    }
    all
}

fn forecast(
    about: &PageAbout<'_>,
    repository: &Repository,
    policy: &PolicyInForce,
    blobs: &Blobs,
) -> Vec<(u32, u128, Option<u128>)> {
    let is_unknown = matches!(policy, PolicyInForce::Unknown(_));
    let known: Option<&Policy> = policy.known();
    let forecast = Forecast::of(known, &repository.images, about.now, about.switches, blobs);
    let with = |bytes: u128, with: &WithPolicy| match with {
        WithPolicy::Bytes(bytes) => Some(*bytes),
        WithPolicy::NoPolicy if !is_unknown => Some(bytes),
        WithPolicy::NoPolicy | WithPolicy::TooManyImages => None,
    };
    let horizons = forecast.horizons.iter();
    horizons
        .map(|it| (it.days, it.without_policy_bytes, with(it.without_policy_bytes, &it.with_policy)))
        .collect()
}
