//! The accounts of an organization.
//!
//! It is asked with the credentials of its management account, or of an account that the organization lets list it. An
//! account that is not active is left out, and counted.

use std::collections::{BTreeMap, BTreeSet};
use std::num::NonZeroU32;

use aws_sdk_organizations::Client;
use aws_sdk_organizations::config::Builder;
use aws_sdk_organizations::types::{Account, AccountState, AccountStatus};

use crate::caller::Caller;
use crate::pace::retries;
use crate::{CallError, Pace, Session};

/// Calls per second of each operation. AWS publishes no number; the one here is ours.
const CALLS_PER_SECOND: NonZeroU32 = NonZeroU32::MIN.saturating_add(9);
/// Most pages of one list: of twenty accounts each, more than any organization has.
///
/// Source: Organizations API reference, `ListAccounts`, `MaxResults`, and "Quotas for AWS Organizations" (50,000
/// accounts at most), read 2026-11-25. Pages may hold less than that, or nothing.
const PAGES_MAX: usize = 20_000;

/// The accounts of an organization that are read.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct OrganizationAccounts {
    /// Those that are active, in order, each once.
    pub active: Vec<String>,
    /// How many are left out because they are not: suspended, closed, or not begun.
    pub inactive: u32,
}

/// The accounts of the organization of a session: all, or those below these units and roots, at any depth; without the
/// excluded ones, which count nowhere.
///
/// # Errors
/// When one of the lists cannot be read: part of them would look like the whole.
pub async fn organization_accounts(
    session: &Session,
    units: &[String],
    excluded: &[String],
) -> Result<OrganizationAccounts, CallError> {
    let organization = Organization::new(session);
    let mut found = Found { excluded, states: BTreeMap::new() };
    if units.is_empty() {
        organization.accounts(&mut found).await?;
    } else {
        organization.accounts_below(units, &mut found).await?;
    }
    let of = |wanted: bool| found.states.iter().filter(move |(_, active)| **active == wanted);
    Ok(OrganizationAccounts {
        active: of(true).map(|(id, _)| id.clone()).collect(),
        inactive: u32::try_from(of(false).count()).unwrap_or(u32::MAX),
    })
}

/// Which accounts there are, and whether each is active.
struct Found<'a> {
    excluded: &'a [String],
    states: BTreeMap<String, bool>,
}

impl Found<'_> {
    fn add(&mut self, accounts: Vec<Account>) {
        for account in accounts {
            let active = is_active(&account);
            if let Some(id) = account.id.filter(|id| !self.excluded.contains(id)) {
                self.states.insert(id, active);
            }
        }
    }
}

/// Whether an account can be read. The state is what counts; the status is what there was before, and is gone where the
/// API no longer gives it. Where neither is said, the account is tried: then it is told that it could not be read.
///
/// Source: Organizations API reference, `Account`, "`Status` … will be retired on September 9, 2026", read 2026-11-25.
fn is_active(account: &Account) -> bool {
    match (&account.state, &account.status) {
        (Some(state), _) => *state == AccountState::Active,
        (None, Some(status)) => *status == AccountStatus::Active,
        (None, None) => true,
    }
}

struct Organization {
    client: Client,
    caller: Caller,
}

impl Organization {
    fn new(session: &Session) -> Self {
        let caller = Caller::new(Pace::new(Some(CALLS_PER_SECOND)));
        let builder = Builder::from(session.config()).interceptor(caller.watch.clone());
        let client = Client::from_conf(builder.retry_partition(retries("organizations")).build());
        Self { client, caller }
    }

    async fn accounts(&self, found: &mut Found<'_>) -> Result<(), CallError> {
        let operation = "organizations:ListAccounts";
        let mut token = None;
        for _ in 0..PAGES_MAX {
            let send = || self.client.list_accounts().set_next_token(token.clone()).send();
            let page = self.caller.call(operation, send, || ()).await?;
            found.add(page.accounts.unwrap_or_default());
            // An empty page with a token is not the last one.
            match page.next_token.filter(|token| !token.is_empty()) {
                None => return Ok(()),
                next => token = next,
            }
        }
        Err(CallError::endless(operation, PAGES_MAX))
    }

    /// Goes down from these units and roots, into each unit once.
    async fn accounts_below(&self, units: &[String], found: &mut Found<'_>) -> Result<(), CallError> {
        let mut seen: BTreeSet<String> = units.iter().cloned().collect();
        let mut open: Vec<String> = seen.iter().cloned().collect();
        while let Some(parent) = open.pop() {
            self.accounts_of(&parent, found).await?;
            for unit in self.units_of(&parent).await? {
                if seen.insert(unit.clone()) {
                    open.push(unit);
                }
            }
        }
        Ok(())
    }

    async fn accounts_of(&self, parent: &str, found: &mut Found<'_>) -> Result<(), CallError> {
        let operation = "organizations:ListAccountsForParent";
        let mut token = None;
        for _ in 0..PAGES_MAX {
            let send = || {
                let asked = self.client.list_accounts_for_parent().parent_id(parent);
                asked.set_next_token(token.clone()).send()
            };
            let page =
                self.caller.call(operation, send, || ()).await.map_err(|error| below(error, parent))?;
            found.add(page.accounts.unwrap_or_default());
            match page.next_token.filter(|token| !token.is_empty()) {
                None => return Ok(()),
                next => token = next,
            }
        }
        Err(CallError::endless(operation, PAGES_MAX))
    }

    async fn units_of(&self, parent: &str) -> Result<Vec<String>, CallError> {
        let operation = "organizations:ListOrganizationalUnitsForParent";
        let (mut units, mut token) = (Vec::new(), None);
        for _ in 0..PAGES_MAX {
            let send = || {
                let asked = self.client.list_organizational_units_for_parent().parent_id(parent);
                asked.set_next_token(token.clone()).send()
            };
            let page =
                self.caller.call(operation, send, || ()).await.map_err(|error| below(error, parent))?;
            units
                .extend(page.organizational_units.unwrap_or_default().into_iter().filter_map(|unit| unit.id));
            match page.next_token.filter(|token| !token.is_empty()) {
                None => return Ok(units),
                next => token = next,
            }
        }
        Err(CallError::endless(operation, PAGES_MAX))
    }
}

/// The same error, which says where.
fn below(error: CallError, parent: &str) -> CallError {
    CallError { cause: format!("below `{parent}`: {}", error.cause), ..error }
}

#[cfg(test)]
mod tests {
    use aws_sdk_organizations::types::{Account, AccountState, AccountStatus};

    use super::is_active;

    #[test]
    fn the_state_counts_and_the_status_where_there_is_no_state() {
        let account = |state: Option<AccountState>, status: Option<AccountStatus>| {
            is_active(&Account::builder().set_state(state).set_status(status).build())
        };
        assert!(account(Some(AccountState::Active), None));
        assert!(!account(Some(AccountState::Suspended), Some(AccountStatus::Active)));
        assert!(account(Some(AccountState::Active), Some(AccountStatus::Suspended)));
        assert!(account(None, Some(AccountStatus::Active)));
        assert!(!account(None, Some(AccountStatus::PendingClosure)));
        // It is tried, and named where it cannot be read.
        assert!(account(None, None));
    }
}
