//! Principals whose pulls are not recorded.
//!
//! Source: user guide, pull-time-update-exclusions; API model; read 2026-11-23.

use serde_json::{Value, json};

use super::Call;
use super::repositories::with_token;
use crate::state::{Caller, Region, State};
use crate::wire::{Refusal, epoch, is_account, issue, read_page};

/// The most exclusions of an account in a region.
const MOST: usize = 100;

/// Whether pulls of this caller are not recorded. A role covers its sessions, whatever its path.
pub(crate) fn covers(region: &Region, caller: &Caller) -> bool {
    region.exclusions.keys().any(|excluded| {
        *excluded == caller.principal
            || session_of(&caller.principal).is_some_and(|(account, role)| {
                role_of(excluded).is_some_and(|(its_account, name)| its_account == account && name == role)
            })
    })
}

/// Account and role of `arn:aws:sts::ACCOUNT:assumed-role/ROLE/SESSION`.
fn session_of(principal: &str) -> Option<(&str, &str)> {
    let (account, rest) = principal.strip_prefix("arn:aws:sts::")?.split_once(':')?;
    let (role, _) = rest.strip_prefix("assumed-role/")?.split_once('/')?;
    Some((account, role))
}

/// Account and name of `arn:aws:iam::ACCOUNT:role/PATH/NAME`.
fn role_of(principal: &str) -> Option<(&str, &str)> {
    let (account, rest) = principal.strip_prefix("arn:aws:iam::")?.split_once(':')?;
    Some((account, rest.strip_prefix("role/")?.rsplit('/').next()?))
}

fn principal<'a>(call: &Call<'a>) -> Result<&'a str, Refusal> {
    let given = call.input.required("principalArn")?;
    if given.len() <= 200 && is_principal(given) {
        return Ok(given);
    }
    Err(Refusal::parameter(
        "principalArn",
        "must satisfy regular expression \
         '^arn:aws(-[a-z]+)*:iam::[0-9]{12}:(role|user)/[\\w+=,.@-]+(/[\\w+=,.@-]+)*$'",
    ))
}

fn is_principal(text: &str) -> bool {
    let mut parts = text.splitn(6, ':');
    let (Some("arn"), Some(partition), Some("iam"), Some(""), Some(account), Some(rest)) =
        (parts.next(), parts.next(), parts.next(), parts.next(), parts.next(), parts.next())
    else {
        return false;
    };
    let allowed = |byte: u8| byte.is_ascii_alphanumeric() || b"_+=,.@-".contains(&byte);
    let path = rest.strip_prefix("role/").or_else(|| rest.strip_prefix("user/"));
    (partition == "aws" || partition.starts_with("aws-"))
        && is_account(account)
        && path.is_some_and(|path| path.split('/').all(|part| !part.is_empty() && part.bytes().all(allowed)))
}

/// `RegisterPullTimeUpdateExclusion`.
pub(crate) fn register(state: &mut State, call: &Call<'_>) -> Result<Value, Refusal> {
    let arn = principal(call)?;
    let now = state.now();
    let exclusions = &mut state.region(&call.place()).exclusions;
    if exclusions.contains_key(arn) {
        return Err(Refusal::new(
            "ExclusionAlreadyExistsException",
            format!("The pull time update exclusion for '{arn}' already exists"),
        ));
    }
    if MOST <= exclusions.len() {
        return Err(Refusal::new(
            "LimitExceededException",
            format!("The number of pull time update exclusions would exceed {MOST}"),
        ));
    }
    exclusions.insert(arn.to_owned(), now);
    Ok(json!({ "principalArn": arn, "createdAt": epoch(now) }))
}

/// `DeregisterPullTimeUpdateExclusion`.
pub(crate) fn deregister(state: &mut State, call: &Call<'_>) -> Result<Value, Refusal> {
    let arn = principal(call)?;
    match state.region(&call.place()).exclusions.remove(arn) {
        Some(_) => Ok(json!({ "principalArn": arn })),
        None => Err(Refusal::new(
            "ExclusionNotFoundException",
            format!("The pull time update exclusion for '{arn}' does not exist"),
        )),
    }
}

/// `ListPullTimeUpdateExclusions`.
pub(crate) fn list(state: &mut State, call: &Call<'_>) -> Result<Value, Refusal> {
    let size = call.input.page_size(1000, 100)?;
    let place = call.place();
    let scope = format!("ListPullTimeUpdateExclusions {} {}", place.account, place.region);
    let from = read_page(&scope, call.input.string("nextToken")?)?;
    let exclusions = &state.region(&place).exclusions;
    let mut found = exclusions.keys().filter(|arn| from.as_ref().is_none_or(|from| from < *arn));
    let page: Vec<&String> = found.by_ref().take(size).collect();
    let next = found.next().and(page.last()).map(|last| issue(&scope, last));
    Ok(with_token(json!({ "pullTimeUpdateExclusions": page }), next))
}

#[cfg(test)]
mod tests {
    use super::{is_principal, role_of, session_of};

    #[test]
    fn the_path_of_a_role_is_not_part_of_its_sessions() {
        let role = role_of("arn:aws:iam::123456789012:role/ops/scan/demurrage");
        assert_eq!(role, session_of("arn:aws:sts::123456789012:assumed-role/demurrage/run-1"));
    }

    #[test]
    fn only_roles_and_users_are_principals() {
        assert!(is_principal("arn:aws-cn:iam::123456789012:user/a/b"));
        for bad in
            ["arn:aws:iam::123456789012:root", "arn:aws:iam::12:role/x", "arn:aws:iam::123456789012:role/"]
        {
            assert!(!is_principal(bad), "{bad}");
        }
    }
}
