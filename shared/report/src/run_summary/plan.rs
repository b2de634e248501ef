//! The plan that was made after a run, and how a summary tells it.

use chrono::{DateTime, Utc};
use demurrage_core::cost::Usd;
use demurrage_core::instant;
use demurrage_core::plan::{Mode, Plan, TrippedGuard};
use serde_json::{Value, json};

use super::lines::many;
use crate::dollars::size_and_dollars;

/// Limits that are named before the rest is counted.
const TRIPPED_MAX: usize = 10;

/// The plan that was made after a run.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RunPlan {
    /// The hash that names it.
    pub hash: String,
    /// The store that it lies in, as commands name it.
    pub store: String,
    /// What may be done with it.
    pub mode: Mode,
    /// The first instant at which it is no longer applied.
    pub expires_at: DateTime<Utc>,
    /// How many actions it has.
    pub actions: u64,
    /// How many of them are on images.
    pub images: u64,
    /// Bytes that its deletions free.
    pub bytes_freed: u64,
    /// What these cost in a month; nothing where a price is not known.
    pub usd_per_month: Option<Usd>,
    /// Of how many repositories nothing was planned that rules are about.
    pub refused: u64,
    /// How many images guards keep that the rules chose.
    pub kept: u64,
    /// How many images wait for a second plan.
    pub pending: u64,
    /// The limits that it trips.
    pub tripped: Vec<TrippedGuard>,
}

impl RunPlan {
    /// What a summary says of a plan that lies in this store.
    pub fn of(plan: &Plan, store: &str) -> Self {
        Self {
            hash: plan.hash.to_string(),
            store: store.trim_end_matches('/').to_owned(),
            mode: plan.head.mode,
            expires_at: plan.head.expires_at,
            actions: plan.actions(),
            images: plan.images(),
            bytes_freed: plan.bytes_freed(),
            usd_per_month: plan.usd_per_month,
            refused: plan.refused.len() as u64,
            kept: plan.kept.iter().map(|(_, images)| images).sum(),
            pending: plan.pending,
            tripped: plan.head.tripped.clone(),
        }
    }

    /// Whether somebody has to approve it before anything of it is done.
    pub const fn waits(&self) -> bool {
        match self.mode {
            Mode::Approve => self.actions != 0,
            Mode::Observe | Mode::Enforce => false,
        }
    }

    /// The command that lets it be applied, where somebody has to.
    pub fn approval(&self) -> Option<String> {
        self.waits().then(|| format!("demurrage approve {} --store {}", self.hash, self.store))
    }

    pub(super) fn json(&self) -> Value {
        let tripped = self.tripped.iter().map(|tripped| {
            json!({
                "guard": tripped.guard.name(),
                "repository": tripped.repository.as_ref().map(ToString::to_string),
                "detail": tripped.detail,
            })
        });
        json!({
            "hash": self.hash,
            "mode": self.mode.name(),
            "expiresAt": instant::format(self.expires_at),
            "actions": self.actions,
            "images": self.images,
            "bytesFreed": self.bytes_freed,
            "usdPerMonth": self.usd_per_month,
            "repositoriesRefused": self.refused,
            "imagesKept": self.kept,
            "imagesPending": self.pending,
            "tripped": tripped.collect::<Vec<_>>(),
            "waits": self.waits(),
            "approval": self.approval(),
        })
    }

    /// What it does, what becomes of it, and which limits it trips, each in a sentence; the command to approve it with is not
    /// among them. Texts of others are written by `quote`.
    pub(super) fn sentences(&self, quote: fn(&str) -> String) -> Vec<String> {
        let mut sentences = vec![
            format!(
                "{} on {}: frees {}",
                many(self.actions, "action"),
                many(self.images, "image"),
                size_and_dollars(self.bytes_freed.into(), self.usd_per_month),
            ),
            format!(
                "not planned: {}; kept by guards: {}; waiting for a second plan: {}",
                many(self.refused, "repository"),
                many(self.kept, "image"),
                many(self.pending, "image"),
            ),
        ];
        sentences.extend(self.tripped.iter().take(TRIPPED_MAX).map(|tripped| {
            let place = tripped
                .repository
                .as_ref()
                .map_or_else(|| "all of it".to_owned(), |it| quote(&it.to_string()));
            format!("trips the limit {} ({place}): {}", tripped.guard.name(), quote(&tripped.detail))
        }));
        if let Some(more @ 1..) = self.tripped.len().checked_sub(TRIPPED_MAX) {
            sentences.push(format!("trips {} more", many(more as u64, "limit")));
        }
        sentences.push(self.next());
        sentences
    }

    /// What becomes of it.
    fn next(&self) -> String {
        let until = self.expires_at.format("%Y-%m-%d %H:%M UTC");
        if self.actions == 0 {
            return "there is nothing to do".to_owned();
        }
        match self.mode {
            Mode::Observe => "it is looked at, and never applied".to_owned(),
            Mode::Approve => format!("it waits until {until} for somebody to approve it"),
            Mode::Enforce if self.tripped.is_empty() => format!("it is applied by itself, until {until}"),
            Mode::Enforce => "it is not applied by itself, because it trips a limit".to_owned(),
        }
    }
}
