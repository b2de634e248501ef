//! Tokens for the distribution routes: who asked, where, and until when.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use chrono::{DateTime, TimeDelta, Utc};
use serde_json::{Value, json};

use super::Call;
use crate::state::{Caller, State};
use crate::wire::{Refusal, epoch, is_account};

/// How long a token is good: 12 hours. Source: user guide, registry authentication; read 2026-11-23.
const GOOD_FOR: TimeDelta = TimeDelta::hours(12);

/// `GetAuthorizationToken`.
pub(crate) fn get_token(state: &mut State, call: &Call<'_>) -> Result<Value, Refusal> {
    let mut accounts = call.input.strings("registryIds", 1, 10)?.unwrap_or_default();
    if accounts.is_empty() {
        accounts.push(call.caller.account.clone());
    }
    let mut data = Vec::new();
    for account in accounts {
        if !is_account(&account) {
            return Err(Refusal::parameter("registryIds", "must satisfy regular expression '[0-9]{12}'"));
        }
        data.push(json!({
            "authorizationToken": STANDARD.encode(format!("AWS:{}", token(state, call.caller, &account))),
            "expiresAt": epoch(state.now() + GOOD_FOR),
            "proxyEndpoint": state.url,
        }));
    }
    Ok(json!({ "authorizationData": data }))
}

/// `GetAuthorizationToken` of ECR Public: one, not a list.
#[expect(clippy::unnecessary_wraps, reason = "every operation has this signature")]
pub(crate) fn get_public_token(state: &mut State, call: &Call<'_>) -> Result<Value, Refusal> {
    Ok(json!({ "authorizationData": {
        "authorizationToken":
            STANDARD.encode(format!("AWS:{}", token(state, call.caller, &call.caller.account))),
        "expiresAt": epoch(state.now() + GOOD_FOR),
    }}))
}

/// The password for a registry of this account in the caller's region.
fn token(state: &State, caller: &Caller, account: &str) -> String {
    let until = (state.now() + GOOD_FOR).timestamp();
    STANDARD.encode(format!("{account} {} {until} {}", caller.region, caller.access_key))
}

/// Who has this password, in which registry; none if it is no token, or no longer good.
pub(crate) fn caller_of_token(state: &State, token: &str) -> Option<Caller> {
    let text = String::from_utf8(STANDARD.decode(token).ok()?).ok()?;
    let mut parts = text.splitn(4, ' ');
    let (account, region, until, key) = (parts.next()?, parts.next()?, parts.next()?, parts.next()?);
    let until: DateTime<Utc> = DateTime::from_timestamp(until.parse().ok()?, 0)?;
    if until <= state.now() {
        return None;
    }
    let caller = state.principals.caller(key, region);
    Some(Caller { account: account.to_owned(), ..caller })
}
