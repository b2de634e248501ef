//! Which accounts a run is about: found once, and the same for all calls of the run.

use demurrage_aws::Session;
use demurrage_aws::accounts::{OrganizationAccounts, organization_accounts};
use demurrage_contract::documents::names;
use demurrage_contract::{Failure, FailureKind};
use demurrage_serve::of_call;
use demurrage_store::Documents;
use serde::{Deserialize, Serialize};
use tokio::task::block_in_place;
use tracing::info;

use crate::settings::{Covered, Settings, check_accounts};

/// The accounts of a run.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Accounts {
    /// Each once, in order.
    pub(crate) accounts: Vec<String>,
    /// How many of the organization are left out, because they are not active.
    pub(crate) inactive: u32,
}

/// The accounts that the deployment covers, or those of them that were asked for. A list of which a part cannot be read
/// is an error: the rest would look as if it were gone.
pub(crate) async fn accounts(
    own: &Session,
    settings: &Settings,
    asked: Option<&[String]>,
    documents: &Documents,
) -> Result<Accounts, Failure> {
    if let Some(found) = block_in_place(|| documents.read(names::ACCOUNTS))? {
        return Ok(found);
    }
    check_accounts(asked.unwrap_or_default())?;
    let excluded = &settings.excluded;
    let OrganizationAccounts { active, inactive } = match &settings.accounts {
        Covered::Own => OrganizationAccounts { active: vec![own.account().to_owned()], inactive: 0 },
        Covered::Listed(listed) => OrganizationAccounts { active: listed.clone(), inactive: 0 },
        Covered::Organization { units } => {
            organization_accounts(own, units, excluded).await.map_err(|error| of_call(&error))?
        }
    };
    let mut accounts = active;
    accounts.retain(|account| !excluded.contains(account));
    if let Some(asked) = asked {
        if let Some(other) = asked.iter().find(|account| !accounts.contains(account)) {
            return Err(bad(format!("account {other} is none that the deployment covers")));
        }
        accounts.retain(|account| asked.contains(account));
    }
    accounts.sort_unstable();
    accounts.dedup();
    if accounts.is_empty() {
        return Err(bad("there is no account to look at".to_owned()));
    }
    info!(accounts = accounts.len(), inactive, "the accounts of the run");
    Ok(block_in_place(|| documents.agree(names::ACCOUNTS, Accounts { accounts, inactive }))?)
}

fn bad(message: String) -> Failure {
    Failure::new(FailureKind::BadInput, message)
}
