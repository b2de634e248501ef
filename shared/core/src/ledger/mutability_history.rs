//! How the tag mutability of a repository was set, over time.
//!
//! Learnt from inventories alone, so when it changed is known only to lie between two of them, and a setting that was
//! switched off and on again between two is not seen.

use chrono::{DateTime, Utc};

use super::Began;
use crate::TagMutability;

/// The settings of a repository's tag mutability that were seen, one after the other.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
// INVARIANT: in the order of `first_seen`; no two neighbours are the same setting; no two overlap.
pub struct MutabilityHistory {
    spells: Vec<MutabilitySpell>,
}

/// A time in which each inventory saw the same setting.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MutabilitySpell {
    /// The setting.
    pub setting: TagMutability,
    /// When it was seen first.
    pub first_seen: DateTime<Utc>,
    /// When it was seen last, before another one was.
    pub last_seen: DateTime<Utc>,
}

impl MutabilityHistory {
    /// Learns a setting that was seen at this time; whether that is a spell of its own, and not part of the one before
    /// or after. Two that were seen at one time are both kept.
    pub fn learn(&mut self, at: DateTime<Utc>, setting: &TagMutability) -> bool {
        let next = self.spells.partition_point(|spell| spell.first_seen <= at);
        let before = next.checked_sub(1);
        if let Some(spell) = before.and_then(|place| self.spells.get_mut(place)) {
            if spell.setting == *setting {
                spell.last_seen = spell.last_seen.max(at);
                return false;
            }
            if at < spell.last_seen {
                // Another setting in the midst of a spell parts it in two.
                let rest = MutabilitySpell { first_seen: spell.last_seen, ..spell.clone() };
                spell.last_seen = spell.first_seen;
                self.spells.insert(next, rest);
            }
        }
        if let Some(spell) = self.spells.get_mut(next).filter(|spell| spell.setting == *setting) {
            spell.first_seen = at;
            return false;
        }
        let spell = MutabilitySpell { setting: setting.clone(), first_seen: at, last_seen: at };
        self.spells.insert(next, spell);
        true
    }

    /// The settings that were seen, in their order.
    pub fn spells(&self) -> &[MutabilitySpell] {
        &self.spells
    }

    /// When a spell began: between the last time at which another setting was seen and the first at which this one was.
    pub fn began(&self, place: usize) -> Option<Began> {
        let by = self.spells.get(place)?.first_seen;
        let before = place.checked_sub(1).and_then(|before| self.spells.get(before));
        Some(before.map_or(Began::By(by), |before| Began::Between { after: before.last_seen, by }))
    }

    /// The setting at this time; nothing where it is before all that is known, or between two that differ.
    pub fn at(&self, time: DateTime<Utc>) -> Option<&TagMutability> {
        let next = self.spells.partition_point(|spell| spell.first_seen <= time);
        let spell = self.spells.get(next.checked_sub(1)?)?;
        (time <= spell.last_seen || next == self.spells.len()).then_some(&spell.setting)
    }
}

impl FromIterator<MutabilitySpell> for MutabilityHistory {
    /// What was kept, in any order.
    fn from_iter<I: IntoIterator<Item = MutabilitySpell>>(spells: I) -> Self {
        let mut spells: Vec<_> = spells.into_iter().collect();
        spells.sort_by_key(|spell| (spell.first_seen, spell.last_seen));
        let mut history = Self::default();
        for spell in spells {
            history.learn(spell.first_seen, &spell.setting);
            history.learn(spell.last_seen, &spell.setting);
        }
        history
    }
}
