//! Repositories of many registries to one page: the largest by themselves, the rest added up.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, Utc};
use demurrage_core::RegistryKind;
use demurrage_core::cost::Usd;

use super::cost_lines::{CostLine, cost_lines};
use super::document::{
    Document, Findings, MovedTag, NextRule, PageAwsDeleted, PageTransfer, Prices, Promise, RegistryLine, Row,
    Sweep, WorstFinding,
};
use super::gaps::{Gaps, PageGap};
use super::head::PageHead;
use super::images::PageImages;
use super::key::RegistryKey;
use super::known_sum::KnownSum;
use super::over_time::Sums;
use super::protecting::Protecting;
use super::quotas::Quotas;
use super::registry::PageRegistryHead;
use super::render::Page;
use super::repository::{PageAbout, PageRepository};
use super::rest::rest;
use super::text::dollars;
use super::top::Top;
use super::totals::TotalSums;
use super::transfers::Transfers;
use crate::amount::count;

/// Repositories that have a line of their own.
pub const PAGE_REPOSITORIES_MAX: usize = 2_000;
/// Lines of lists that are no list of repositories.
const LINES_MAX: usize = 500;
/// Findings that are shown, the worst of all.
const FINDINGS_MAX: usize = 100;

/// Takes what the page says of each registry.
#[derive(Debug)]
pub struct PageMaker {
    head: PageHead,
    totals: TotalSums,
    registries: Vec<RegistryLine>,
    known_uses: usize,
    asked_uses: usize,
    rows: Vec<Row>,
    findings: Top<WorstFinding>,
    next: Top<NextRule>,
    promises: Top<Promise>,
    promised: Promised,
    moved: Top<MovedTag>,
    protecting: Protecting,
    transfers: Transfers,
    over_time: Sums,
    quotas: Quotas,
    gaps: Gaps,
    sweeps: BTreeMap<(RegistryKey, String), Vec<Sweep>>,
    aws_deleted: Vec<PageAwsDeleted>,
    can_tell_deleted: bool,
}

/// How many promises about tags are kept, broken, and not known.
#[derive(Debug, Clone, Copy, Default)]
struct Promised {
    kept: usize,
    broken: usize,
    unknown: usize,
}

/// The largest of the repositories that were taken in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PageLargest(BTreeSet<(RegistryKey, String)>);

impl PageLargest {
    /// Whether the repository of this name of a registry is among them.
    pub fn contains(&self, about: &PageAbout<'_>, name: &str) -> bool {
        self.0.contains(&(about.key(), name.to_owned()))
    }
}

impl PageMaker {
    /// A page of which nothing is known yet.
    pub fn new(head: PageHead) -> Self {
        let promise_order = |a: &Promise, b: &Promise| {
            (promise_rank(a), &a.repository, &a.region).cmp(&(promise_rank(b), &b.repository, &b.region))
        };
        Self {
            head,
            totals: TotalSums::default(),
            registries: Vec::new(),
            known_uses: 0,
            asked_uses: 0,
            rows: Vec::new(),
            findings: Top::new(FINDINGS_MAX, |a, b| {
                (Reverse(a.rank), &a.repository, a.audit).cmp(&(Reverse(b.rank), &b.repository, b.audit))
            }),
            next: Top::new(LINES_MAX, |a, b| {
                (Reverse(a.images), &a.repository, a.rule).cmp(&(Reverse(b.images), &b.repository, b.rule))
            }),
            promises: Top::new(LINES_MAX, promise_order),
            promised: Promised::default(),
            moved: Top::new(LINES_MAX, |a, b| (&a.repository, &a.tag).cmp(&(&b.repository, &b.tag))),
            protecting: Protecting::default(),
            transfers: Transfers::default(),
            over_time: Sums::default(),
            quotas: Quotas::new(),
            gaps: Gaps::default(),
            sweeps: BTreeMap::new(),
            aws_deleted: Vec::new(),
            can_tell_deleted: false,
        }
    }

    /// Something that could not be read.
    pub fn gap(&mut self, gap: PageGap) {
        self.gaps.add(gap);
    }

    /// A registry with all of its repositories, by the time of its newest inventory.
    pub fn registry(&mut self, head: &PageRegistryHead, repositories: Vec<PageRepository>) {
        let lines = cost_lines(&repositories, head.prices.as_ref());
        let key = RegistryKey::of(head.kind, head.account.as_deref(), &head.region);
        self.registry_gaps(head, &key, &repositories);
        let mut findings = Findings::default();
        for finding in head.verdict.findings.iter().filter(|finding| finding.counts()) {
            findings.add(finding.severity);
            self.findings.push(WorstFinding::of(finding, key.region.clone()));
        }
        self.totals.audited(findings, head.verdict.unevaluated.len() as u64);
        self.quotas.registry(key.place(), &head.stock, head.repositories_max);
        let mut usd = KnownSum::<Usd>::default();
        for line in &lines {
            usd.add(line.usd);
        }
        let stored_bytes = repositories.iter().map(|it| it.row.stored_bytes).sum();
        self.registries.push(RegistryLine {
            account: head.account.clone(),
            region: key.region.clone(),
            taken_at: head.taken_at,
            is_complete: head.notes.is_empty() && repositories.iter().all(|it| it.row.listing == "complete"),
            repositories: repositories.len(),
            images: repositories.iter().filter_map(|it| it.row.images).sum(),
            stored_bytes,
            usd_per_month: dollars(usd.sum),
            unpriced_repositories: usd.unknown,
            r#use: use_sentence(head),
        });
        self.over_time.past(&key, head.taken_at, stored_bytes);
        for (repository, line) in repositories.into_iter().zip(lines) {
            self.repository(head, &key, repository, line);
        }
    }

    fn registry_gaps(&mut self, head: &PageRegistryHead, key: &RegistryKey, repositories: &[PageRepository]) {
        let place = key.place();
        let gap = |what: String, mend: &str| PageGap { what, r#where: place.clone(), mend: mend.to_owned() };
        for note in &head.notes {
            self.gaps.add(gap(note.clone(), "read it anew with `demurrage collect`"));
        }
        if head.kind == RegistryKind::Private {
            self.asked_uses += 1;
            match &head.use_gaps {
                None => self.gaps.add(gap("nobody asked what is in use".to_owned(), "run `demurrage use`")),
                Some(gaps) => {
                    self.known_uses += usize::from(gaps.is_empty());
                    for it in gaps {
                        let what = "not all that could be in use is known".to_owned();
                        let mend = "`demurrage use` asks for it".to_owned();
                        self.gaps.add(PageGap { what, r#where: it.clone(), mend });
                    }
                }
            }
        }
        for it in repositories {
            for (what, mend) in &it.gaps {
                let r#where = format!("{} in {place}", it.row.name);
                self.gaps.add(PageGap { what: (*what).to_owned(), r#where, mend: (*mend).to_owned() });
            }
        }
    }

    fn repository(
        &mut self,
        head: &PageRegistryHead,
        key: &RegistryKey,
        repository: PageRepository,
        line: CostLine,
    ) {
        let mut row = repository.row;
        row.usd_per_month = super::text::usd(line.usd);
        self.totals.repository(&row, line);
        self.totals.audited(repository.findings, repository.unanswered);
        let place = format!("{} in {}", row.name, row.region);
        self.quotas.repository(place, &repository.stock, head.images_max);
        for flow in repository.flows {
            self.transfers.replicated(key, flow);
        }
        self.over_time.ahead(repository.horizons);
        self.protecting.add(&repository.protected);
        repository.worst.into_iter().for_each(|it| self.findings.push(it));
        repository.next_rules.into_iter().for_each(|it| self.next.push(it));
        match repository.promise.state {
            "kept" => self.promised.kept += 1,
            "broken" => self.promised.broken += 1,
            "unknown" => self.promised.unknown += 1,
            _ => {}
        }
        if repository.promise.state != "none" {
            self.promises.push(repository.promise);
        }
        repository.moved.into_iter().for_each(|it| self.moved.push(it));
        self.rows.push(row);
    }

    /// The largest repositories that were taken in, at most so many.
    pub fn largest(&self, number: usize) -> PageLargest {
        let mut rows: Vec<&Row> =
            self.rows.iter().filter(|row| row.images.is_some_and(|it| it != 0)).collect();
        rows.sort_by(|a, b| by_size(a, b));
        PageLargest(rows.into_iter().take(number).map(|row| (row.key(), row.name.clone())).collect())
    }

    /// What was found in one of the largest repositories.
    pub fn images(&mut self, about: &PageAbout<'_>, name: &str, images: PageImages) {
        let key = about.key();
        if let Some(row) = self.rows.iter_mut().find(|row| row.name == name && row.key() == key) {
            row.detail = Some(images.detail);
            self.sweeps.insert((key, name.to_owned()), images.sweeps);
        }
    }

    /// What a registry stored at an earlier time: bytes, each layer once in its repository.
    pub fn past(&mut self, about: &PageAbout<'_>, at: DateTime<Utc>, bytes: u128) {
        self.over_time.past(&about.key(), at, bytes);
    }

    /// What ECR's own policies deleted, where two inventories of a registry were compared.
    pub fn aws_deleted(&mut self, deleted: Vec<PageAwsDeleted>) {
        self.can_tell_deleted = true;
        self.aws_deleted.extend(deleted);
    }

    /// Transfer that bills or people have. What is billed takes the place of what is computed for the same sender.
    pub fn transfer(&mut self, transfer: PageTransfer) {
        self.transfers.given(transfer);
    }

    /// The page.
    pub fn finish(mut self) -> Page {
        self.rows.sort_by(by_size);
        let small = self.rows.split_off(self.rows.len().min(PAGE_REPOSITORIES_MAX));
        let sweeps = &mut self.sweeps;
        let sweeps = self.rows.iter().filter_map(|row| sweeps.remove(&(row.key(), row.name.clone())));
        let sweeps: Vec<Sweep> = sweeps.flatten().collect();
        let (gaps, gaps_more) = self.gaps.lines();
        let is_use_known = self.asked_uses != 0 && self.asked_uses == self.known_uses;
        self.aws_deleted.sort_by_key(|it| Reverse(it.images));
        self.aws_deleted.truncate(LINES_MAX);
        let document = Document {
            format_version: 1,
            made_at: self.head.now,
            prices: Prices {
                date: self.head.prices_date.to_string(),
                source: self.head.prices_source.clone(),
            },
            gaps,
            gaps_more,
            coverage_sentence: coverage(self.asked_uses, self.known_uses),
            promises_sentence: self.promised.sentence(),
            rest: rest(&small),
            rest_repositories: small.len(),
            detail_images_max: 0,
            details_left_out: 0,
            over_time: self.over_time.finish(self.head.now),
            transfer: self.transfers.finish(),
            protected: self.protecting.lines(),
            aws_deleted_sentence: deleted_sentence(self.can_tell_deleted).to_owned(),
            totals: self.totals.finish(is_use_known),
            registries: self.registries,
            findings: self.findings.finish(),
            repositories: self.rows,
            sweeps,
            promises: self.promises.finish(),
            moved_tags: self.moved.finish(),
            next: self.next.finish(),
            aws_deleted: self.aws_deleted,
            quotas: self.quotas.finish(),
        };
        Page { head: self.head, document }
    }
}

impl Row {
    fn key(&self) -> RegistryKey {
        RegistryKey { kind: self.kind, account: self.account.clone(), region: self.region.clone() }
    }
}

fn by_size(a: &Row, b: &Row) -> std::cmp::Ordering {
    let rest = |row: &Row| (row.name.clone(), row.account.clone(), row.region.clone());
    b.stored_bytes.cmp(&a.stored_bytes).then_with(|| rest(a).cmp(&rest(b)))
}

fn promise_rank(promise: &Promise) -> u8 {
    match promise.state {
        "broken" => 0,
        "unknown" => 1,
        _ => 2,
    }
}

const fn deleted_sentence(can_tell: bool) -> &'static str {
    if can_tell {
        "Nothing went between the two newest inventories."
    } else {
        "It takes two inventories of a registry to say, and there is one so far."
    }
}

fn use_sentence(head: &PageRegistryHead) -> String {
    match (head.kind, &head.use_gaps) {
        (RegistryKind::Public, _) => "not asked of ECR Public".to_owned(),
        (RegistryKind::Private, None) => "nobody asked".to_owned(),
        (RegistryKind::Private, Some(gaps)) if gaps.is_empty() => "known".to_owned(),
        (RegistryKind::Private, Some(gaps)) => format!("not all: {}", count(gaps.len(), "gap")),
    }
}

fn coverage(asked: usize, known: usize) -> String {
    match asked {
        0 => "there is no private registry of which to ask".to_owned(),
        _ => format!("all that could be in use is known for {known} of {}", count(asked, "registry")),
    }
}

impl Promised {
    fn sentence(self) -> String {
        let Self { kept, broken, unknown } = self;
        if kept + broken + unknown == 0 {
            return "Nothing is promised of tags.".to_owned();
        }
        format!("Promises about tags: {kept} kept, {broken} broken, {unknown} not known.")
    }
}
