//! Plans: which images go from which repositories and which settings change, decided before anything is done.
//!
//! Rules choose, guards keep: [`hard_guards`] says which of the chosen images stay whatever anybody says, and
//! [`SoftLimits::trips`] when a person has to look first. A plan is data with a hash; who applies it re-reads
//! the registry and asks the hard guards again. Leaves out how rules choose ([`crate::lifecycle`], `retention`), where plans
//! are kept and how they are shown.

mod action;
mod address;
mod body;
mod choice;
mod decision;
mod hard_guard;
mod hard_guards;
mod hold;
mod kept;
mod links;
mod parts;
mod plan_hash;
mod question;
mod readers;
mod refusal;
mod rule_words;
mod rules;
mod run_guards;
mod saved;
mod setting;
mod setting_fixes;
mod soft_guard;
mod soft_limits;
mod stored_action;
mod stored_head;
mod stored_plan;
mod ties;
mod whole;

pub use action::{Action, ActionKind, ImageAction, Stage};
pub use address::RepositoryAddress;
pub use body::PlanBody;
pub use choice::{Choice, PolicyChoice, choose_by_policy};
pub use decision::{Considered, EarlierChoices, RepositoryDecision, decide_repository};
pub use hard_guard::HardGuard;
pub use hard_guards::{GuardRules, hard_guards};
pub use hold::{Hold, HoldError};
pub use kept::{KeptImage, PendingImage};
pub use links::{Links, digest_in_tag};
pub use parts::parts;
pub use plan_hash::{HASH_PREFIX_MIN, PlanHash, PlanHashError};
pub use question::{Question, RegistryQuestion, RepositoryOutcome, Rulebook};
pub use refusal::{
    OPT_IN_TAG, OtherReaders, PolicyText, Refused, Request, has_opted_in, refuse, refuse_settings,
    unread_readers,
};
pub use rule_words::{choice_of_policy, choice_of_retention};
pub use rules::PlanRules;
pub use run_guards::{RunGuards, RunTotals};
pub use saved::saved;
pub use setting::{Setting, SettingAction};
pub use setting_fixes::{NotFixed, SettingFixes, findings_of_registry, fix_settings};
pub use soft_guard::{SoftGuard, TrippedGuard};
pub use soft_limits::{DeletesElsewhere, PAST_RUNS_MIN, RepositoryEffect, SoftLimits, UNUSUAL_IMAGES_MIN};
pub use stored_plan::{
    PART_ACTIONS, PartHead, PlanTextError, actions_text, aside_text, kept_text, part_head_text, part_text,
    pending_text, plan_text, read_kept_text, read_part, read_pending_text, read_plan,
};
pub use ties::ties;
pub use whole::{DecidedFrom, Mode, PartSummary, Plan, PlanHead, Refusal, RepositoryPlan, Source};
