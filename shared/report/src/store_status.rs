//! What a store has, how old and how complete it is, and what to do next.
//!
//! It leaves out what the figures mean: that is what the other commands are for.

use std::fmt::Write;

use chrono::{DateTime, SecondsFormat, Utc};
use demurrage_core::RegistryKind;
use demurrage_core::in_use::{ReadSource, UseGap};
use demurrage_core::plan::Mode;
use serde_json::{Value, json};

use crate::amount::{bytes, count, days, grouped};
use crate::image_name::visible;
use crate::table;
use crate::use_table::ago;

/// Digits of a plan's hash that are shown.
const PLAN_CHARS: usize = 12;
/// Gaps of use that are named before the rest is counted.
const GAPS_SHOWN: usize = 5;

/// What a store has.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoreStatus {
    /// Where it is.
    pub store: String,
    /// The time of the question.
    pub now: DateTime<Utc>,
    /// The registries that it knows, in order.
    pub registries: Vec<RegistryStatus>,
    /// Inventories that cannot be read, each with the reason.
    pub unreadable: Vec<String>,
    /// What was asked about use, and when.
    pub sources: Vec<ReadSource>,
    /// What is not known of use.
    pub gaps: Vec<UseGap>,
    /// How many plans there are.
    pub plans: usize,
    /// The newest of them.
    pub plan: Option<PlanStatus>,
    /// How many journals of changes there are.
    pub journals: usize,
    /// How many holds are in force.
    pub holds: usize,
    /// Who ordered everything to stop, when and why, where somebody did.
    pub stop: Option<(String, DateTime<Utc>, String)>,
}

/// What a store has of one registry.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RegistryStatus {
    /// Which of the two services it is of.
    pub kind: RegistryKind,
    /// The account, where known.
    pub account: Option<String>,
    /// The region.
    pub region: String,
    /// The name of its newest inventory.
    pub inventory: String,
    /// When that was taken.
    pub taken_at: DateTime<Utc>,
    /// How many inventories of it there are.
    pub inventories: usize,
    /// Repositories of the newest one.
    pub repositories: usize,
    /// Images of the newest one.
    pub images: usize,
    /// Whether the registry may have repositories that it does not list.
    pub is_cut_off: bool,
    /// Repositories of which not all images were listed.
    pub unread: usize,
    /// What looked odd beyond a single repository, one sentence each.
    pub notes: Vec<String>,
}

/// The newest plan of a store.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PlanStatus {
    /// Its hash.
    pub hash: String,
    /// The time that it was decided for.
    pub made_at: DateTime<Utc>,
    /// The first instant at which it is no longer applied.
    pub expires_at: DateTime<Utc>,
    /// What may be done with it.
    pub mode: Mode,
    /// Actions of it.
    pub actions: u64,
    /// Images that it takes.
    pub images: u64,
    /// Bytes that its deletions free.
    pub bytes_freed: u64,
    /// Repositories of which it plans nothing.
    pub refused: usize,
    /// How far it was applied.
    pub applied: Applied,
}

/// How far a plan was applied.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Applied {
    /// Nothing of it was begun.
    No,
    /// It was begun, and is not done.
    Begun,
    /// It was applied to its end.
    Done,
}

impl Applied {
    /// The name in JSON.
    const fn name(self) -> &'static str {
        match self {
            Self::No => "no",
            Self::Begun => "begun",
            Self::Done => "done",
        }
    }
}

/// What to do next: why, and the command.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NextStep {
    /// Why.
    pub why: String,
    /// The command.
    pub command: String,
}

/// Hours after which an inventory is called old: policies of ECR run about once in this time.
const OLD_HOURS: i64 = 24;

impl StoreStatus {
    /// The one thing to do next: what is missing before anything else can be said comes first.
    pub fn next_step(&self) -> NextStep {
        let step = |why: &str, command: &str| NextStep { why: why.to_owned(), command: command.to_owned() };
        if self.registries.is_empty() {
            return step("the store knows no registry yet", "demurrage collect");
        }
        if let Some((by, ..)) = &self.stop {
            let why = format!("{by} ordered everything to stop");
            return NextStep { why, command: "demurrage stop --lift --reason TEXT".to_owned() };
        }
        let is_old =
            |registry: &&RegistryStatus| chrono::TimeDelta::hours(OLD_HOURS) <= self.now - registry.taken_at;
        if let Some(old) = self.registries.iter().find(is_old) {
            let why = format!("the inventory of {} is {} old", old.place(), days(old.taken_at, self.now));
            return NextStep { why, command: format!("demurrage collect --region {}", old.region) };
        }
        if let Some(plan) = &self.plan
            && plan.applied == Applied::Begun
        {
            let why = format!("plan {} was begun, and is not done", plan.short());
            return NextStep { why, command: format!("demurrage apply {0} --hash {0}", plan.hash) };
        }
        if !self.gaps.is_empty() {
            let why = gaps(self.gaps.len());
            return NextStep { why, command: "demurrage use".to_owned() };
        }
        let Some(plan) = &self.plan else { return step("there is no plan yet", "demurrage plan") };
        match (plan.applied, plan.mode, plan.expires_at <= self.now) {
            (Applied::Done, ..) => step("the newest plan is applied", "demurrage history"),
            (_, _, true) => step("the newest plan has expired", "demurrage plan"),
            (_, Mode::Approve | Mode::Enforce, false) if plan.actions != 0 => {
                let command = format!("demurrage plan show {}", plan.short());
                NextStep { why: "a plan waits for somebody to look at it".to_owned(), command }
            }
            (_, Mode::Observe | Mode::Approve | Mode::Enforce, false) => {
                step("the newest plan has nothing to apply", "demurrage preview")
            }
        }
    }

    /// The table of registries, and a line for each of the rest.
    pub fn text(&self) -> String {
        let mut text = format!("store: {}\n\n", visible(&self.store));
        if self.registries.is_empty() {
            text.push_str("no inventories\n");
        } else {
            text.push_str(&self.registries_text());
            text.push('\n');
        }
        for unreadable in &self.unreadable {
            let _ = writeln!(text, "not readable: {}", visible(unreadable));
        }
        self.use_text(&mut text);
        self.plan_text(&mut text);
        let held = match self.holds {
            0 => "no holds".to_owned(),
            holds => format!("{} in force", count(holds, "hold")),
        };
        let changed = match self.journals {
            0 => "nothing was changed yet".to_owned(),
            journals => format!("{} of changes", count(journals, "journal")),
        };
        let stopped = self.stop.as_ref().map_or_else(
            || "nothing is stopped".to_owned(),
            |(by, at, reason)| {
                let why = if reason.is_empty() { "no reason given" } else { &**reason };
                format!("STOPPED by {} {}: {}", visible(by), ago(*at, self.now), visible(why))
            },
        );
        let _ = writeln!(text, "guards: {held}; {stopped}\nhistory: {changed}");
        let NextStep { why, command } = self.next_step();
        let _ = writeln!(text, "\nnext: {}:\n  {command}", visible(&why));
        text
    }

    fn registries_text(&self) -> String {
        let mut rows =
            table::table(&["registry", "newest inventory", "of", "repositories", "images", "missing"]);
        for registry in &self.registries {
            rows.add_row(vec![
                registry.place(),
                ago(registry.taken_at, self.now),
                grouped(registry.inventories as u64),
                grouped(registry.repositories as u64),
                grouped(registry.images as u64),
                registry.missing(),
            ]);
        }
        table::text(rows, &[2, 3, 4])
    }

    fn use_text(&self, text: &mut String) {
        let oldest = self.sources.iter().map(|source| source.read_at).min();
        let _ = match oldest {
            None => writeln!(text, "use: nobody asked yet what is in use"),
            Some(oldest) => writeln!(
                text,
                "use: {} asked, the oldest answer {}",
                count(self.sources.len(), "source"),
                ago(oldest, self.now)
            ),
        };
        for gap in self.gaps.iter().take(GAPS_SHOWN) {
            let _ = writeln!(text, "  not known: {}", visible(&gap.to_string()));
        }
        if GAPS_SHOWN < self.gaps.len() {
            let _ = writeln!(text, "  and {} more", grouped((self.gaps.len() - GAPS_SHOWN) as u64));
        }
    }

    fn plan_text(&self, text: &mut String) {
        let Some(plan) = &self.plan else {
            text.push_str("plans: none\n");
            return;
        };
        let held = if plan.expires_at <= self.now {
            "it has expired".to_owned()
        } else {
            format!("it holds for {} more", days(self.now, plan.expires_at))
        };
        let applied = match plan.applied {
            Applied::No => "not applied",
            Applied::Begun => "BEGUN, and not done",
            Applied::Done => "applied",
        };
        let refused = match plan.refused {
            0 => String::new(),
            refused => format!(", {} refused", count(refused, "repository")),
        };
        let _ = writeln!(
            text,
            "plans: {}; the newest, {}, was made {} in mode {}: {}, {}{refused}; {held}; {applied}",
            grouped(self.plans as u64),
            plan.short(),
            ago(plan.made_at, self.now),
            plan.mode,
            count(usize::try_from(plan.images).unwrap_or(usize::MAX), "image"),
            bytes(plan.bytes_freed),
        );
    }

    /// The same for programs: every member is always there.
    pub fn json(&self) -> Value {
        let NextStep { why, command } = self.next_step();
        json!({
            "store": self.store,
            "now": time(self.now),
            "registries": self.registries.iter().map(RegistryStatus::json).collect::<Vec<_>>(),
            "unreadable": self.unreadable,
            "use": {
                "sources": self.sources.len(),
                "oldest_read_at": self.sources.iter().map(|source| source.read_at).min().map(time),
                "gaps": self.gaps.iter().map(ToString::to_string).collect::<Vec<_>>(),
            },
            "plans": self.plans,
            "newest_plan": self.plan.as_ref().map(PlanStatus::json),
            "journals": self.journals,
            "holds": self.holds,
            "stop": self.stop.as_ref().map(|(by, at, reason)| json!({ "by": by, "at": time(*at), "reason": reason })),
            "next": { "why": why, "command": command },
        })
    }
}

impl RegistryStatus {
    /// Account and region: `123456789012/ap-northeast-2`; of ECR Public `… (public)`.
    fn place(&self) -> String {
        let account = self.account.as_deref().unwrap_or("unknown account");
        match self.kind {
            RegistryKind::Private => format!("{account}/{}", self.region),
            RegistryKind::Public => format!("{account}/{} (public)", self.region),
        }
    }

    /// What is missing of it, in words.
    fn missing(&self) -> String {
        let mut missing = Vec::new();
        if self.is_cut_off {
            missing.push("maybe repositories".to_owned());
        }
        if self.unread != 0 {
            missing.push(format!("images of {}", count(self.unread, "repository")));
        }
        if !self.notes.is_empty() {
            missing.push(count(self.notes.len(), "note"));
        }
        if missing.is_empty() { "nothing".to_owned() } else { missing.join(", ") }
    }

    fn json(&self) -> Value {
        json!({
            "kind": match self.kind {
                RegistryKind::Private => "private",
                RegistryKind::Public => "public",
            },
            "account": self.account,
            "region": self.region,
            "inventory": self.inventory,
            "taken_at": time(self.taken_at),
            "inventories": self.inventories,
            "repositories": self.repositories,
            "images": self.images,
            "repositories_complete": !self.is_cut_off,
            "repositories_unread": self.unread,
            "notes": self.notes,
        })
    }
}

impl PlanStatus {
    fn short(&self) -> String {
        self.hash.chars().take(PLAN_CHARS).collect()
    }

    fn json(&self) -> Value {
        json!({
            "hash": self.hash,
            "made_at": time(self.made_at),
            "expires_at": time(self.expires_at),
            "mode": self.mode.name(),
            "actions": self.actions,
            "images": self.images,
            "bytes_freed": self.bytes_freed,
            "repositories_refused": self.refused,
            "applied": self.applied.name(),
        })
    }
}

fn gaps(number: usize) -> String {
    let sources = count(number, "source");
    format!("what is in use is not known of {sources}, so nothing can be planned")
}

fn time(time: DateTime<Utc>) -> String {
    time.to_rfc3339_opts(SecondsFormat::AutoSi, true)
}

#[cfg(test)]
mod tests {
    use chrono::{DateTime, TimeDelta, Utc};
    use demurrage_core::in_use::{UseGap, UseGapReason, UseScope, UseSource};
    use demurrage_core::plan::Mode;
    use demurrage_core::{RegistryKind, instant};

    use super::{Applied, PlanStatus, RegistryStatus, StoreStatus};

    fn now() -> DateTime<Utc> {
        instant::parse("2026-11-25T12:00:00Z").unwrap()
    }

    fn registry() -> RegistryStatus {
        RegistryStatus {
            kind: RegistryKind::Private,
            account: Some("123456789012".to_owned()),
            region: "ap-northeast-2".to_owned(),
            inventory: "20261125T090000Z-0000".to_owned(),
            taken_at: now() - TimeDelta::hours(3),
            inventories: 2,
            repositories: 40,
            images: 12_035,
            is_cut_off: false,
            unread: 0,
            notes: Vec::new(),
        }
    }

    fn plan() -> PlanStatus {
        PlanStatus {
            hash: "0123456789abcdef".repeat(4),
            made_at: now() - TimeDelta::hours(2),
            expires_at: now() + TimeDelta::hours(22),
            mode: Mode::Approve,
            actions: 412,
            images: 412,
            bytes_freed: 1_610_612_736,
            refused: 1,
            applied: Applied::No,
        }
    }

    fn status() -> StoreStatus {
        StoreStatus {
            store: "/srv/store".to_owned(),
            now: now(),
            registries: vec![registry()],
            unreadable: Vec::new(),
            sources: Vec::new(),
            gaps: Vec::new(),
            plans: 1,
            plan: Some(plan()),
            journals: 0,
            holds: 2,
            stop: None,
        }
    }

    #[test]
    fn what_is_missing_first_is_the_next_step() {
        let empty = StoreStatus { registries: Vec::new(), ..status() };
        assert_eq!(empty.next_step().command, "demurrage collect");
        let stop = Some(("ann".to_owned(), now(), "incident".to_owned()));
        assert_eq!(
            StoreStatus { stop, ..status() }.next_step().command,
            "demurrage stop --lift --reason TEXT"
        );
        let old = RegistryStatus { taken_at: now() - TimeDelta::hours(24), ..registry() };
        let old = StoreStatus { registries: vec![old], ..status() };
        assert_eq!(old.next_step().command, "demurrage collect --region ap-northeast-2");
        assert!(old.next_step().why.ends_with("is 1 day old"), "{:?}", old.next_step());
        let scope = UseScope::of_region(UseSource::Ecs, "123456789012", "ap-northeast-2");
        let gaps = vec![UseGap { scope, why: UseGapReason::Missing }];
        assert_eq!(StoreStatus { gaps: gaps.clone(), ..status() }.next_step().command, "demurrage use");
        let begun = Some(PlanStatus { applied: Applied::Begun, ..plan() });
        let begun = StoreStatus { gaps, plan: begun, ..status() };
        assert!(begun.next_step().command.starts_with("demurrage apply 0123456789abcdef"));
        assert_eq!(StoreStatus { plan: None, ..status() }.next_step().command, "demurrage plan");
    }

    #[test]
    fn a_plan_is_looked_at_while_it_holds_and_made_again_after_that() {
        let next = |plan: PlanStatus| StoreStatus { plan: Some(plan), ..status() }.next_step().command;
        assert_eq!(next(plan()), "demurrage plan show 0123456789ab");
        assert_eq!(next(PlanStatus { expires_at: now(), ..plan() }), "demurrage plan");
        assert_eq!(next(PlanStatus { applied: Applied::Done, ..plan() }), "demurrage history");
        assert_eq!(next(PlanStatus { actions: 0, ..plan() }), "demurrage preview");
    }

    #[test]
    fn people_read_ages_and_programs_times() {
        let status = status();
        assert_eq!(
            status.text(),
            "store: /srv/store\n\n \
             registry                      newest inventory   of   repositories   images   missing\n\
             ───────────────────────────── ────────────────── ──── ────────────── ──────── ─────────\n \
             123456789012/ap-northeast-2   3 hours ago         2             40   12,035   nothing\n\n\
             use: nobody asked yet what is in use\n\
             plans: 1; the newest, 0123456789ab, was made 2 hours ago in mode approve: 412 images, 1.50 GiB, \
             1 repository refused; it holds for 22 hours more; not applied\n\
             guards: 2 holds in force; nothing is stopped\n\
             history: nothing was changed yet\n\n\
             next: a plan waits for somebody to look at it:\n  demurrage plan show 0123456789ab\n"
        );
        let json = status.json();
        assert_eq!(json["registries"][0]["taken_at"], "2026-11-25T09:00:00Z");
        assert_eq!(json["newest_plan"]["applied"], "no");
        assert_eq!(json["use"]["oldest_read_at"], serde_json::Value::Null);
        assert_eq!(json["next"]["command"], "demurrage plan show 0123456789ab");
    }

    #[test]
    fn what_is_not_all_there_is_said_in_the_row_of_its_registry() {
        let registry = RegistryStatus {
            is_cut_off: true,
            unread: 3,
            notes: vec!["one".to_owned()],
            account: None,
            kind: RegistryKind::Public,
            ..registry()
        };
        assert_eq!(registry.missing(), "maybe repositories, images of 3 repositories, 1 note");
        assert_eq!(registry.place(), "unknown account/ap-northeast-2 (public)");
    }
}
