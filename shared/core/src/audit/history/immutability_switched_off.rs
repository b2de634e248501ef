//! A repository whose setting kept the promise, and for a time, or since, did not.

use chrono::{DateTime, TimeDelta, Utc};

use super::changes::when;
use super::promised::{Promised, promised};
use crate::RegistryKind;
use crate::audit::{Area, Audit, Confidence, Flaw, Outcome, Promise, RepositoryUnder, Severity};
use crate::ledger::{MutabilityHistory, MutabilitySpell};

pub(super) static AUDIT: Audit = Audit {
    id: "immutability-switched-off",
    area: Area::History,
    title: "Tag immutability was switched off",
    why: "While it was off, every tag could be moved, and afterwards the setting shows nothing of it.",
    help: "Find out who did it, by CloudTrail's `PutImageTagMutability`, and take the permission from those who push.",
    severity: Severity::Medium,
    controls: &[],
};

pub(super) fn check(under: &RepositoryUnder<'_>) -> Outcome {
    if under.registry.kind == RegistryKind::Public {
        // ECR Public has no such setting.
        return Outcome::Clean;
    }
    let Promised { promise, confidence, ledger } = match promised(under) {
        Ok(found) => found,
        Err(outcome) => return outcome,
    };
    let history = ledger.mutability();
    if history.spells().is_empty() {
        return Outcome::NotEvaluated("tag mutability is not in the ledger".to_owned());
    }
    let now = under.registry.now;
    let days = TimeDelta::days(under.registry.rules.history_days.into());
    let since = now.checked_sub_signed(days).unwrap_or(DateTime::<Utc>::MIN_UTC);
    Outcome::of(
        lapses(history, promise)
            .filter(|lapse| lapse.is_told(since))
            .map(|lapse| lapse.flaw(confidence))
            .collect(),
    )
}

/// A time in which the promise was not kept, after one in which it was.
struct Lapse<'h> {
    history: &'h MutabilityHistory,
    /// Where it begins among the spells.
    first: usize,
    /// The first spell of it.
    spell: &'h MutabilitySpell,
    /// Where the promise is kept again; nothing where it is not so far.
    end: Option<usize>,
}

/// Spells of which nobody knows what they free, because this version does not know the mode, end nothing and begin
/// nothing.
fn lapses<'h>(history: &'h MutabilityHistory, promise: &Promise) -> impl Iterator<Item = Lapse<'h>> {
    let keeps = |spell: &MutabilitySpell| {
        spell.setting.freedom().ok().map(|freedom| freedom.is_within(&promise.may_move))
    };
    let mut lapses: Vec<Lapse<'h>> = Vec::new();
    let mut was_kept = None;
    for (place, spell) in history.spells().iter().enumerate() {
        let Some(is_kept) = keeps(spell) else { continue };
        match (was_kept, is_kept) {
            (Some(true), false) => lapses.push(Lapse { history, first: place, spell, end: None }),
            (Some(false), true) => {
                if let Some(lapse) = lapses.last_mut() {
                    lapse.end = Some(place);
                }
            }
            (Some(true), true) | (Some(false), false) | (None, _) => {}
        }
        was_kept = Some(is_kept);
    }
    lapses.into_iter()
}

impl Lapse<'_> {
    /// Whether it goes on, or ended after this time.
    fn is_told(&self, since: DateTime<Utc>) -> bool {
        let ended = self.end.and_then(|end| self.history.began(end));
        ended.is_none_or(|ended| since <= ended.by())
    }

    fn flaw(&self, confidence: Confidence) -> Flaw {
        let text = |place: usize| self.history.began(place).map(when).unwrap_or_default();
        let mode = &self.spell.setting.mode;
        let off = format!("set to {mode} {}", text(self.first));
        let (severity, message) = match self.end {
            Some(end) => (AUDIT.severity, format!("{off}, and back {}", text(end))),
            None => (Severity::High, format!("{off}, and not back since")),
        };
        let flaw = Flaw::new(severity, confidence, message).with("mode", mode);
        let filters = &self.spell.setting.exclusion_filters;
        let flaw = filters.iter().fold(flaw, |flaw, given| flaw.with("filter", &given.filter));
        let flaw = flaw.with("off", text(self.first));
        match self.end {
            Some(end) => flaw.with("on", text(end)),
            None => flaw,
        }
    }
}
