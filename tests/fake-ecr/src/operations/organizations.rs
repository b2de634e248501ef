//! AWS Organizations, as far as one finds accounts in it. Source: API reference of Organizations 2016-11-28, read
//! 2026-11-25.

use serde_json::{Value, json};

use super::Call;
use crate::state::{MemberAccount, Organization, State, Unit};
use crate::wire::{Refusal, issue, read_page};

/// An operation of Organizations.
pub(crate) fn organizations(state: &State, name: &str, call: &Call<'_>) -> Result<Value, Refusal> {
    let Some(organization) = &state.organization else {
        let message = "Your account is not a member of an organization.";
        return Err(Refusal::new("AWSOrganizationsNotInUseException", message));
    };
    if !organization.listed_by.contains(&call.caller.account) {
        let message = "You don't have permissions to access this resource.";
        return Err(Refusal::new("AccessDeniedException", message));
    }
    match name {
        "ListAccounts" => {
            page(organization, call, "accounts", "Accounts", &organization.root.all_accounts(), account)
        }
        "ListAccountsForParent" => {
            let parent = parent(organization, call)?;
            let accounts: Vec<&MemberAccount> = parent.accounts.iter().collect();
            page(organization, call, &parent.id, "Accounts", &accounts, account)
        }
        "ListOrganizationalUnitsForParent" => {
            let parent = parent(organization, call)?;
            let units: Vec<&Unit> = parent.units.iter().collect();
            page(organization, call, &parent.id, "OrganizationalUnits", &units, unit)
        }
        _ => Err(Refusal::new("UnknownOperationException", "")),
    }
}

fn parent<'o>(organization: &'o Organization, call: &Call<'_>) -> Result<&'o Unit, Refusal> {
    let id = call.input.required("ParentId")?;
    let none = || {
        Refusal::new(
            "ParentNotFoundException",
            "You specified a root or OU that doesn't exist in the organization.",
        )
    };
    organization.root.find(id).ok_or_else(none)
}

fn account(account: &MemberAccount) -> Value {
    json!({ "Id": account.id, "Name": format!("account {}", account.id), "State": account.state })
}

fn unit(unit: &Unit) -> Value {
    json!({ "Id": unit.id, "Name": unit.id })
}

/// One page. Its token says how many entries came before, and whether the page without entries did.
fn page<T>(
    organization: &Organization,
    call: &Call<'_>,
    of: &str,
    member: &str,
    entries: &[&T],
    shown: fn(&T) -> Value,
) -> Result<Value, Refusal> {
    let scope = format!("{member} of {of}");
    let place = read_page(&scope, call.input.string("NextToken")?)?;
    let asked = call.input.integer("MaxResults")?.and_then(|most| usize::try_from(most).ok());
    let most = asked.unwrap_or(20).clamp(1, 20).min(organization.page_entries.max(1));
    let (from, is_empty_told) = match place.as_deref() {
        None => (0, false),
        Some(place) => match place.strip_suffix(" told") {
            Some(from) => (from.parse().unwrap_or(0), true),
            None => (place.parse().unwrap_or(0), false),
        },
    };
    if organization.has_empty_pages && !is_empty_told {
        return Ok(json!({ member: [], "NextToken": issue(&scope, &format!("{from} told")) }));
    }
    let shown: Vec<Value> = entries.iter().skip(from).take(most).map(|entry| shown(entry)).collect();
    let next = from + shown.len();
    if entries.len() <= next {
        return Ok(json!({ member: shown }));
    }
    Ok(json!({ member: shown, "NextToken": issue(&scope, &next.to_string()) }))
}
