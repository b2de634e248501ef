//! Repositories of many registries to one page: the largest by themselves, the rest added up.

use std::collections::BTreeMap;

use chrono::{DateTime, NaiveDate, TimeDelta, Utc};
use demurrage_core::RegistryKind;
use demurrage_core::cost::{Bounds, Forecast, PriceList, Usd};

use super::cost_lines::{CostLine, cost_lines};
use super::document::{
    Document, Findings, Freed, MovedTag, NextRule, OverTime, PageAwsDeleted, PageForecast, PageGap, PagePast,
    PageQuota, PageRegistry, PageTransfer, Prices, Promise, Protected, Rest, Row, Sweep, Totals,
};
use super::images::PageImages;
use super::registry::PageRegistryHead;
use super::render::Page;
use super::repository::{Kept, PageRepository, Protecting};
use super::text::{prefix, usd};

/// Repositories that have a line of their own.
pub const PAGE_REPOSITORIES_MAX: usize = 2_000;
/// Lines of lists that are no list of repositories.
const LINES_MAX: usize = 500;
/// Gaps that are named before the rest is counted.
const GAPS_MAX: usize = 50;
/// Quotas of repositories that are shown.
const QUOTAS_MAX: usize = 20;

/// What stands over the page.
#[derive(Debug, Clone)]
pub struct PageHead {
    /// The time by which ages are judged, which is that of the page.
    pub now: DateTime<Utc>,
    /// What it was made from, as people name it.
    pub store: String,
    /// The program, with its version.
    pub program: String,
    /// The date of the prices.
    pub prices_date: NaiveDate,
    /// Where they come from.
    pub prices_source: String,
    /// Whether they are so old that it has to be said.
    pub are_prices_old: bool,
}

impl PageHead {
    /// The head of a page of this time, store and program, by these prices.
    pub fn of(now: DateTime<Utc>, store: String, program: String, list: &PriceList) -> Self {
        Self {
            now,
            store,
            program,
            prices_date: list.date,
            prices_source: list.source.clone(),
            are_prices_old: list.is_old(now),
        }
    }
}

/// Takes what the page says of each registry.
#[derive(Debug)]
pub struct PageMaker {
    head: PageHead,
    totals: Totals,
    usd: Dollars,
    registries: Vec<PageRegistry>,
    known_uses: usize,
    asked_uses: usize,
    rows: Vec<Row>,
    next: Vec<NextRule>,
    promises: Vec<Promise>,
    promised: [usize; 3],
    moved: Vec<MovedTag>,
    protecting: Protecting,
    flows: BTreeMap<(String, String), (u128, Option<Bounds<Usd>>)>,
    forecast: BTreeMap<u32, (u128, Option<u128>)>,
    quotas: Vec<PageQuota>,
    gaps: Vec<PageGap>,
    sweeps: Vec<Sweep>,
    past: Vec<PagePast>,
    aws_deleted: Vec<PageAwsDeleted>,
    can_tell_deleted: bool,
}

/// Dollars of all registries; nothing from the first that is not known.
#[derive(Debug, Clone, Copy)]
struct Dollars {
    usd: Option<Usd>,
    next: Option<Usd>,
    settled: Option<Usd>,
}

fn plus(sum: Option<Usd>, more: Option<Usd>) -> Option<Usd> {
    sum.zip(more).map(|(sum, more)| sum + more)
}

fn add_known<T: std::ops::Add<Output = T>>(sum: Option<T>, more: Option<T>) -> Option<T> {
    sum.zip(more).map(|(sum, more)| sum + more)
}

impl PageMaker {
    /// A page of which nothing is known yet.
    pub fn new(head: PageHead) -> Self {
        let nothing = Freed { images: Some(0), bytes: Some(0), usd_per_month: None };
        Self {
            head,
            totals: Totals {
                next: nothing.clone(),
                settled: nothing,
                findings: Some(Findings::default()),
                ..Totals::default()
            },
            usd: Dollars { usd: Some(Usd::ZERO), next: Some(Usd::ZERO), settled: Some(Usd::ZERO) },
            registries: Vec::new(),
            known_uses: 0,
            asked_uses: 0,
            rows: Vec::new(),
            next: Vec::new(),
            promises: Vec::new(),
            promised: [0; 3],
            moved: Vec::new(),
            protecting: Protecting::default(),
            flows: BTreeMap::new(),
            forecast: BTreeMap::new(),
            quotas: Vec::new(),
            gaps: Vec::new(),
            sweeps: Vec::new(),
            past: Vec::new(),
            aws_deleted: Vec::new(),
            can_tell_deleted: false,
        }
    }

    /// Something that could not be read.
    pub fn gap(&mut self, gap: PageGap) {
        self.gaps.push(gap);
    }

    /// A registry with all of its repositories.
    pub fn registry(&mut self, head: &PageRegistryHead, repositories: Vec<PageRepository>) {
        let lines = cost_lines(&repositories, head.prices.as_ref());
        let place = format!("{} {}", head.account.as_deref().unwrap_or("unknown account"), head.region);
        self.registry_gaps(head, &place, &repositories);
        for finding in head.verdict.findings.iter().filter(|finding| finding.counts()) {
            if let Some(findings) = &mut self.totals.findings {
                findings.add(finding.severity);
            }
        }
        self.quotas.push(PageQuota {
            what: "repositories in the registry",
            r#where: place,
            used: head.stock.count(),
            limit: head.repositories_max,
            days_left: head.stock.days_to(head.repositories_max),
            source: "the rules, or the default quota",
        });
        let usd_of_it = lines.iter().fold(Some(Usd::ZERO), |sum, line| plus(sum, line.usd));
        self.registries.push(PageRegistry {
            account: head.account.clone(),
            region: head.region.clone(),
            taken_at: head.taken_at,
            is_complete: head.notes.is_empty() && repositories.iter().all(|it| it.row.is_complete),
            repositories: repositories.len(),
            images: repositories.iter().map(|it| it.row.images).sum(),
            stored_bytes: repositories.iter().map(|it| it.row.stored_bytes).sum(),
            usd_per_month: usd(usd_of_it),
            r#use: match &head.use_gaps {
                None => "nobody asked".to_owned(),
                Some(gaps) if gaps.is_empty() => "known".to_owned(),
                Some(gaps) => format!("not all: {}", gaps.join("; ")),
            },
        });
        for (repository, line) in repositories.into_iter().zip(lines) {
            self.repository(head, repository, line);
        }
    }

    fn registry_gaps(&mut self, head: &PageRegistryHead, place: &str, repositories: &[PageRepository]) {
        let gap =
            |what: String, mend: &str| PageGap { what, r#where: place.to_owned(), mend: mend.to_owned() };
        self.gaps
            .extend(head.notes.iter().map(|note| gap(note.clone(), "read it anew with `demurrage collect`")));
        if head.kind == RegistryKind::Private {
            match &head.use_gaps {
                None => self.gaps.push(gap("nobody asked what is in use".to_owned(), "run `demurrage use`")),
                Some(gaps) => {
                    self.asked_uses += 1;
                    self.known_uses += usize::from(gaps.is_empty());
                    self.gaps.extend(
                        gaps.iter().map(|it| gap(format!("what is in use is not all known: {it}"), "")),
                    );
                }
            }
        }
        for it in repositories {
            if let Some(why) = &it.unread {
                let r#where = format!("{} in {place}", it.row.name);
                let mend = "read it anew with `demurrage collect`".to_owned();
                self.gaps.push(PageGap { what: why.clone(), r#where, mend });
            }
        }
    }

    fn repository(&mut self, head: &PageRegistryHead, repository: PageRepository, line: CostLine) {
        let mut row = repository.row;
        row.usd_per_month = usd(line.usd);
        self.sums(&row, line, repository.findings);
        self.quota(head, &row, &repository.stock);
        for flow in repository.flows {
            let there = flow.destination;
            let own = head.account.as_ref().is_none_or(|own| *own == there.registry_id);
            let to = if own { there.region } else { format!("{} ({})", there.region, there.registry_id) };
            let sum = self
                .flows
                .entry((head.region.clone(), to))
                .or_insert_with(|| (0, Some(Bounds { low: Usd::ZERO, high: Usd::ZERO })));
            sum.0 += flow.bytes;
            sum.1 = sum
                .1
                .zip(flow.usd)
                .map(|(sum, more)| Bounds { low: sum.low + more.low, high: sum.high + more.high });
        }
        for (days, without, with) in repository.forecast {
            let sum = self.forecast.entry(days).or_insert((0, Some(0)));
            sum.0 += without;
            sum.1 = add_known(sum.1, with);
        }
        self.protecting.add(&repository.protected);
        self.next.extend(repository.next_rules);
        match repository.promise.state {
            "kept" => self.promised[0] += 1,
            "broken" => self.promised[1] += 1,
            "unknown" => self.promised[2] += 1,
            _ => {}
        }
        if repository.promise.state != "none" {
            self.promises.push(repository.promise);
        }
        self.moved.extend(repository.moved);
        self.rows.push(row);
    }

    fn sums(&mut self, row: &Row, line: CostLine, findings: Findings) {
        let totals = &mut self.totals;
        totals.repositories += 1;
        totals.images += row.images;
        totals.stored_bytes += row.stored_bytes;
        totals.archived_bytes += row.archived_bytes;
        totals.image_size_sum_bytes += row.image_size_sum_bytes;
        totals.next.images = add_known(totals.next.images, row.next_images);
        totals.next.bytes = add_known(totals.next.bytes, row.next_bytes);
        totals.settled.bytes = add_known(totals.settled.bytes, row.settled_bytes);
        totals.with_policy += usize::from(row.policy == "effective");
        if let Some(images) = row.in_use {
            *totals.in_use_images.get_or_insert(0) += images;
        }
        if let Some(images) = row.in_use_expiring {
            *totals.in_use_expiring.get_or_insert(0) += images;
        }
        if let Some(sums) = &mut totals.findings {
            sums.add_all(findings);
        }
        self.usd.usd = plus(self.usd.usd, line.usd);
        self.usd.next = plus(self.usd.next, line.next);
        self.usd.settled = plus(self.usd.settled, line.settled);
    }

    fn quota(&mut self, head: &PageRegistryHead, row: &Row, stock: &demurrage_core::audit::QuotaStock) {
        self.quotas.push(PageQuota {
            what: "images in the repository",
            r#where: format!("{} in {}", row.name, row.region),
            used: stock.count(),
            limit: head.images_max,
            days_left: stock.days_to(head.images_max),
            source: "the rules, or the default quota",
        });
        // Kept short while a hundred thousand repositories pass by.
        if LINES_MAX * 2 < self.quotas.len() {
            self.nearest_quotas(LINES_MAX);
        }
    }

    /// Keeps the quotas of registries, and the fullest of repositories.
    fn nearest_quotas(&mut self, repositories_max: usize) {
        let share = |it: &PageQuota| u128::from(it.used) * 1_000_000 / u128::from(it.limit.max(1));
        self.quotas.sort_by(|a, b| share(b).cmp(&share(a)).then_with(|| a.r#where.cmp(&b.r#where)));
        let mut repositories = 0;
        self.quotas.retain(|it| {
            let is_of_repository = it.what.starts_with("images");
            repositories += usize::from(is_of_repository);
            !is_of_repository || repositories <= repositories_max
        });
    }

    /// The largest repositories, as places among all that were taken in, in the order in which they came.
    pub fn largest(&self, number: usize) -> Vec<(Option<String>, String, String)> {
        let mut rows: Vec<&Row> = self.rows.iter().filter(|row| row.images != 0).collect();
        rows.sort_by(|a, b| b.stored_bytes.cmp(&a.stored_bytes).then_with(|| a.name.cmp(&b.name)));
        rows.truncate(number);
        rows.into_iter().map(|row| (row.account.clone(), row.region.clone(), row.name.clone())).collect()
    }

    /// What was found in one of the largest repositories.
    pub fn images(&mut self, account: Option<&str>, region: &str, name: &str, images: PageImages) {
        let is_it =
            |row: &&mut Row| row.account.as_deref() == account && row.region == region && row.name == name;
        if let Some(row) = self.rows.iter_mut().find(is_it) {
            row.detail = Some(images.detail);
            self.sweeps.extend(images.sweeps);
        }
    }

    /// What all registries stored at an earlier time.
    pub fn past(&mut self, past: PagePast) {
        self.past.push(past);
    }

    /// What ECR's own policies deleted, where two inventories of a registry were compared.
    pub fn aws_deleted(&mut self, deleted: Vec<PageAwsDeleted>) {
        self.can_tell_deleted = true;
        self.aws_deleted.extend(deleted);
    }

    /// Transfer that bills or assumptions have.
    pub fn transfer(&mut self, transfer: PageTransfer) {
        let key = (transfer.from.clone(), transfer.to.clone());
        self.flows.entry(key).or_insert((0, None)).0 += transfer.bytes;
    }

    /// The page.
    pub fn finish(mut self) -> Page {
        self.rows.sort_by(|a, b| b.stored_bytes.cmp(&a.stored_bytes).then_with(|| a.name.cmp(&b.name)));
        let small = self.rows.split_off(self.rows.len().min(PAGE_REPOSITORIES_MAX));
        let rest_repositories = small.len();
        self.nearest_quotas(QUOTAS_MAX);
        self.next.sort_by(|a, b| b.images.cmp(&a.images).then_with(|| a.repository.cmp(&b.repository)));
        self.next.truncate(LINES_MAX);
        let rank = |it: &Promise| match it.state {
            "broken" => 0,
            "unknown" => 1,
            _ => 2,
        };
        self.promises.sort_by(|a, b| rank(a).cmp(&rank(b)).then_with(|| a.repository.cmp(&b.repository)));
        self.promises.truncate(LINES_MAX);
        self.moved.truncate(LINES_MAX);
        self.past.sort_by_key(|it| it.at);
        self.gaps.sort();
        self.gaps.dedup();
        let gaps_more = self.gaps.len().saturating_sub(GAPS_MAX);
        self.gaps.truncate(GAPS_MAX);
        self.totals.usd_per_month = usd(self.usd.usd);
        self.totals.next.usd_per_month = usd(self.usd.next);
        self.totals.settled.usd_per_month = usd(self.usd.settled);
        self.totals.in_use_known = self.asked_uses != 0 && self.asked_uses == self.known_uses;
        if !self.totals.in_use_known && self.totals.in_use_expiring == Some(0) {
            // None that is known is not none.
            self.totals.in_use_expiring = None;
        }
        let document = Document {
            format_version: 1,
            made_at: self.head.now,
            prices: Prices {
                date: self.head.prices_date.to_string(),
                source: self.head.prices_source.clone(),
            },
            gaps: self.gaps,
            gaps_more,
            coverage_sentence: coverage(self.asked_uses, self.known_uses),
            promises_sentence: promised(self.promised),
            rest: rest(small),
            rest_repositories,
            over_time: OverTime { past: self.past, forecast: forecast(self.head.now, self.forecast) },
            transfer: transfer(self.flows),
            protected: self.protecting.lines(),
            aws_deleted_sentence: deleted_sentence(self.can_tell_deleted).to_owned(),
            totals: self.totals,
            registries: self.registries,
            repositories: self.rows,
            sweeps: self.sweeps,
            promises: self.promises,
            moved_tags: self.moved,
            next: self.next,
            aws_deleted: self.aws_deleted,
            quotas: self.quotas,
        };
        Page { head: self.head, document }
    }
}

const fn deleted_sentence(can_tell: bool) -> &'static str {
    if can_tell {
        "Nothing went between the two newest inventories."
    } else {
        "It takes two inventories of a registry to say, and there is one so far."
    }
}

fn coverage(asked: usize, known: usize) -> String {
    match asked {
        0 => "nobody asked what is in use: run `demurrage use`".to_owned(),
        _ => format!("what is in use is known for {known} of {asked} registries"),
    }
}

fn promised([kept, broken, unknown]: [usize; 3]) -> String {
    if kept + broken + unknown == 0 {
        return "Nothing is promised of tags.".to_owned();
    }
    format!("Promises about tags: {kept} kept, {broken} broken, {unknown} not known.")
}

fn forecast(now: DateTime<Utc>, sums: BTreeMap<u32, (u128, Option<u128>)>) -> Vec<PageForecast> {
    let at = |days: u32| now.checked_add_signed(TimeDelta::days(i64::from(days)));
    let line = |(days, (without_policies, with_policies))| {
        Some(PageForecast { at: at(days)?, without_policies, with_policies })
    };
    sums.into_iter().filter_map(line).collect()
}

fn transfer(flows: BTreeMap<(String, String), (u128, Option<Bounds<Usd>>)>) -> Vec<PageTransfer> {
    let line = |((from, to), (bytes, bounds)): (_, (u128, Option<Bounds<Usd>>))| PageTransfer {
        from,
        to,
        what: "replication".to_owned(),
        bytes,
        usd_low: usd(bounds.map(|it| it.low)),
        usd_high: usd(bounds.map(|it| it.high)),
        basis: "computed",
    };
    flows.into_iter().map(line).collect()
}

fn rest(small: Vec<Row>) -> Vec<Rest> {
    let mut sums: BTreeMap<(Option<String>, String, String), Rest> = BTreeMap::new();
    for row in small {
        let name = prefix(&row.name).unwrap_or("others").to_owned();
        let key = (row.account.clone(), row.region.clone(), name.clone());
        let sum = sums.entry(key).or_insert_with(|| Rest {
            account: row.account.clone(),
            region: row.region.clone(),
            name,
            repositories: 0,
            images: 0,
            stored_bytes: 0,
            settled_bytes: Some(0),
        });
        sum.repositories += 1;
        sum.images += row.images;
        sum.stored_bytes += row.stored_bytes;
        sum.settled_bytes = add_known(sum.settled_bytes, row.settled_bytes);
    }
    let mut all: Vec<Rest> = sums.into_values().collect();
    all.sort_by_key(|it| std::cmp::Reverse(it.stored_bytes));
    all.truncate(LINES_MAX);
    all
}

impl Protecting {
    fn add(&mut self, other: &Self) {
        let Self { in_use, part, may_be_part, index, subject } = self;
        let sums = [in_use, part, may_be_part, index, subject];
        for (sum, more) in sums.into_iter().zip(other.all()) {
            sum.images += more.images;
            sum.bytes += more.bytes;
        }
    }

    const fn all(&self) -> [Kept; 5] {
        [self.in_use, self.part, self.may_be_part, self.index, self.subject]
    }

    fn lines(&self) -> Vec<Protected> {
        const WORDS: [&str; 5] = [
            "in use",
            "part of an image in use, or refers to one",
            "may be part of an image in use: a manifest that was not read would tell",
            "named by an index that stays",
            "goes with its subject, which stays",
        ];
        let lines = WORDS.into_iter().zip(self.all());
        lines
            .filter(|(_, kept)| kept.images != 0)
            .map(|(by, kept)| Protected { by, images: kept.images, bytes: kept.bytes })
            .collect()
    }
}

/// How the forecast comes about.
pub(super) const FORECAST_METHOD: &str = Forecast::METHOD;
