//! What is in use, for the audits of one registry.

use chrono::{DateTime, Utc};
use demurrage_contract::Failure;
use demurrage_core::Fact;
use demurrage_core::audit::UsesUnder;
use demurrage_core::in_use::{KnownUses, UseRules};
use demurrage_serve::StoredUses;
use demurrage_store::Store;

/// What is known to be in use, and what of it is not.
#[derive(Debug, Default)]
pub(crate) struct Uses {
    /// Nothing where nobody ever read what is in use.
    pub(crate) known: Option<KnownUses>,
    /// What could use an image of the registry, and was not read: a fragment.
    incomplete: Option<String>,
}

impl Uses {
    /// What the store knows, for a registry of this account and region that describes itself so. `now` is not the start of the
    /// run: what the run itself read was read since. Inventories are not asked: one that is damaged hides no finding.
    pub(crate) fn of(
        store: &Store,
        rules: &UseRules,
        account: &str,
        region: &str,
        described: &Fact<String>,
        now: DateTime<Utc>,
    ) -> Result<Self, Failure> {
        let known = StoredUses::by(store, &rules.clone().near(account, region, described))?.known;
        if known.records.is_empty() {
            return Ok(Self::default());
        }
        let gaps = known.coverage.gaps(Some(account), region, now, rules.max_age);
        let incomplete = gaps.first().map(|first| match gaps.len() {
            1 => first.to_string(),
            all => format!("{first}, and {} more", all - 1),
        });
        Ok(Self { known: Some(known), incomplete })
    }

    /// The same, as audits take it.
    pub(crate) fn under(&self) -> Option<UsesUnder<'_>> {
        let known = self.known.as_ref()?;
        Some(UsesUnder { graph: &known.graph, incomplete: self.incomplete.as_deref() })
    }
}
