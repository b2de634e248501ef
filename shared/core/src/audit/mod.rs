//! Audits: whether the settings of a registry keep what a team promises, and whether the promise held.
//!
//! One file for each audit: its entry in the catalogue, what it looks at and what it says. An audit answers one
//! of three things: clean, these flaws, or *not evaluated* because something was not read; silence is not an
//! answer. It decides by an inventory, the [`Rules`] of the team and a time, and by nothing else. Leaves out how
//! findings are shown, and mending them. `docs/AUDITS.md` has a section for each audit.

mod access;
mod answer;
mod budget;
mod capacity;
mod catalogue;
mod check;
mod context;
mod counted;
mod encryption;
mod finding;
mod history;
mod hygiene;
mod lifecycle;
mod mutability;
mod owner;
mod replication;
mod rules;
mod run;
mod scanning;
mod settings;
mod severity;

pub use answer::{Evidence, Flaw, Outcome};
pub use budget::{
    Budget, BudgetVerdict, Overrun, PlatformError, Platforms, TaggedImage, WantedPlatform,
    judge as judge_budget,
};
pub use capacity::QuotaStock;
pub use catalogue::{Area, Audit, Control, Framework, Subject};
pub use context::{Census, RegistryUnder, ReplicaSettings, RepositoryUnder, UsesUnder};
pub use finding::{Acceptance, Finding, Unevaluated, Verdict};
pub use lifecycle::images_in_use_going;
pub(crate) use lifecycle::is_same_policy;
pub use rules::{
    Accepted, Capacity, DemandedEncryption, Promise, RequiredMode, RequiredReplication, Rules, ScanRules,
};
pub use run::{audit_registry, audit_repository, catalogue, subject};
pub use settings::{
    CreationTemplate, PullThroughRule, RegistrySettings, ScanFilter, ScanFrequency, ScanRule, ScanType,
    Scanning, Setting,
};
pub use severity::{Confidence, Severity};
