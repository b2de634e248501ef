//! An organization: accounts in units, and how its lists are cut into pages.

use serde::Deserialize;

/// An organization, which some of its accounts may list.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Organization {
    /// What everything is below.
    pub root: Unit,
    /// The accounts that may list it: the management account, and those to which it is delegated.
    pub listed_by: Vec<String>,
    /// The most entries of a page, up to 20.
    #[serde(default = "most")]
    pub page_entries: usize,
    /// Every page with entries has one without any before it, as AWS says that there may be.
    #[serde(default)]
    pub has_empty_pages: bool,
}

/// A root (`r-…`) or an organizational unit (`ou-…`).
#[derive(Debug, Clone, PartialEq, Eq, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Unit {
    /// Its id.
    pub id: String,
    /// The accounts in it.
    #[serde(default)]
    pub accounts: Vec<MemberAccount>,
    /// The units in it.
    #[serde(default)]
    pub units: Vec<Self>,
}

/// An account of an organization.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct MemberAccount {
    /// Its twelve digits.
    pub id: String,
    /// `PENDING_ACTIVATION`, `ACTIVE`, `SUSPENDED`, `PENDING_CLOSURE` or `CLOSED`.
    pub state: String,
}

const fn most() -> usize {
    20
}

impl Unit {
    /// The root or unit of this id, here or below.
    pub(crate) fn find(&self, id: &str) -> Option<&Self> {
        if self.id == id {
            return Some(self);
        }
        self.units.iter().find_map(|unit| unit.find(id))
    }

    /// All accounts in it and below it.
    pub(crate) fn all_accounts(&self) -> Vec<&MemberAccount> {
        let below = self.units.iter().flat_map(Self::all_accounts);
        self.accounts.iter().chain(below).collect()
    }
}
