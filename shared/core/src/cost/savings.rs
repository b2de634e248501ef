//! What a policy frees in a repository: by its next run, and when it is settled; and by which rule.
//!
//! A blob is freed with the last image that holds it, and then belongs to the rule whose action removed that.
//! Archiving frees nothing. Assumes that nothing is pushed or pulled meanwhile.

use chrono::{DateTime, Utc};

use super::{Blobs, Holding, RegionPrices, StoredBytes, StoredGbMonths, Usd};
use crate::Image;
use crate::lifecycle::{Acted, Action, Policy, Relations, Switches, settle};

/// What a policy frees in one repository.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Savings {
    /// By the next run: only what rules act on.
    pub next_run: Freed,
    /// When the policy has been repeated at one time until nothing changes. In each round referrers go, or are
    /// archived, with their subjects.
    pub settled: Freed,
}

/// What is freed, and what is left.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Freed {
    /// What is stored before.
    pub before: StoredBytes,
    /// What is stored after.
    pub after: StoredBytes,
    /// For each rule, in the order of priorities, its priority and the bytes that it frees. Their sum is
    /// [`Freed::bytes`].
    pub by_rule: Vec<(u64, u128)>,
    /// How many images are gone.
    pub images_expired: usize,
    /// How many images are in the archive class after, and were not before.
    pub images_archived: usize,
}

impl Savings {
    /// What the policy frees; `relations` and `blobs` are those of `images`.
    pub fn of(
        policy: &Policy,
        images: &[Image],
        relations: &Relations,
        now: DateTime<Utc>,
        switches: Switches,
        blobs: &Blobs,
    ) -> Self {
        let mut next_run = Tally::new(policy, images, blobs);
        let mut settled = Tally::new(policy, images, blobs);
        for (round, acted_on) in settle(policy, images, relations, now, switches).enumerate() {
            if round == 0 {
                next_run.take(acted_on.iter().filter(|acted| acted.subject.is_none()));
            }
            settled.take(acted_on.iter());
        }
        Self { next_run: next_run.freed(), settled: settled.freed() }
    }
}

impl Freed {
    /// How many bytes are freed, of both classes together: what is stored before, minus what is after.
    pub const fn bytes(&self) -> u128 {
        self.before.total().saturating_sub(self.after.total())
    }

    /// What a month costs less after than before, in dollars; nothing where a price is unknown.
    ///
    /// `elsewhere` is what the other repositories of the account and region store, and keep. Archiving may save, too,
    /// where there is that much of it.
    pub fn usd_per_month(&self, prices: &RegionPrices, elsewhere: StoredGbMonths) -> Option<Usd> {
        let before = self.before.usd_per_month(prices, elsewhere)?;
        Some(before - self.after.usd_per_month(prices, elsewhere)?)
    }
}

/// What is left so far, and whose doing it is.
struct Tally<'a> {
    holding: Holding<'a>,
    before: StoredBytes,
    by_rule: Vec<(u64, u128)>,
    archived: Vec<bool>,
    expired: usize,
}

impl<'a> Tally<'a> {
    fn new(policy: &Policy, images: &[Image], blobs: &'a Blobs) -> Self {
        let holding = Holding::of(blobs, images);
        Self {
            before: holding.stored(),
            holding,
            by_rule: policy.rules().iter().map(|rule| (rule.priority, 0)).collect(),
            archived: vec![false; images.len()],
            expired: 0,
        }
    }

    /// Takes one round into account, rule after rule.
    fn take<'b>(&mut self, acted_on: impl Iterator<Item = &'b Acted>) {
        let mut acted_on: Vec<&Acted> = acted_on.collect();
        acted_on.sort_by_key(|acted| acted.rule);
        for of_rule in acted_on.chunk_by(|a, b| a.rule == b.rule) {
            let before = self.holding.stored().total();
            for acted in of_rule {
                self.act(acted);
            }
            let freed = before.saturating_sub(self.holding.stored().total());
            let rule = of_rule.first().and_then(|acted| self.by_rule.get_mut(acted.rule));
            if let Some((_, of_rule)) = rule {
                *of_rule = of_rule.saturating_add(freed);
            }
        }
    }

    fn act(&mut self, acted: &Acted) {
        let archived = self.archived.get_mut(acted.image as usize);
        match acted.action {
            Action::Expire => {
                self.holding.remove(acted.image);
                self.expired += 1;
                if let Some(archived) = archived {
                    *archived = false;
                }
            }
            Action::Archive => {
                self.holding.archive(acted.image);
                if let Some(archived) = archived {
                    *archived = true;
                }
            }
        }
    }

    fn freed(self) -> Freed {
        Freed {
            before: self.before,
            after: self.holding.stored(),
            by_rule: self.by_rule,
            images_expired: self.expired,
            images_archived: self.archived.into_iter().filter(|archived| *archived).count(),
        }
    }
}
