//! STS, as far as clients need it: `GetCallerIdentity` and `AssumeRole`.
//!
//! Source: API reference of STS 2011-06-15, read 2026-11-23. Every role can be assumed by everyone, unless a fault of
//! `AssumeRole` for its account says otherwise.

use std::collections::BTreeMap;

use axum::http::HeaderMap;
use chrono::TimeDelta;

use super::answer::Answer;
use super::credentials::Scope;
use super::{credentials, form};
use crate::Fake;
use crate::state::{CallKey, FaultKind, State, machine};
use crate::wire::{hash, http_date, is_account, iso};

const NAMESPACE: &str = "https://sts.amazonaws.com/doc/2011-06-15/";

/// Answers a form.
pub(super) fn answer(fake: &Fake, headers: &HeaderMap, body: &[u8]) -> Answer {
    let mut state = fake.lock();
    let form = form::read(body);
    let action = form.get("Action").map(String::as_str).unwrap_or_default();
    let date = http_date(state.now());
    let result = match (credentials::scope(headers), action) {
        (None, _) => {
            Err((403, "MissingAuthenticationToken", "Request is missing Authentication Token".to_owned()))
        }
        (Some(scope), "GetCallerIdentity") => {
            let caller = state.principals.caller(&scope.access_key, &scope.region);
            Ok(format!(
                "<UserId>{}</UserId><Account>{}</Account><Arn>{}</Arn>",
                user_id(&caller.principal, &caller.access_key),
                caller.account,
                escape(&caller.principal)
            ))
        }
        (Some(scope), "AssumeRole") => assume_role(&mut state, &form, &scope),
        _ => Err((400, "InvalidAction", format!("Could not find operation {action} for version 2011-06-15"))),
    };
    let request = format!("<RequestId>{:016x}</RequestId>", hash(&date));
    let answer = match result {
        Ok(members) => Answer::xml(
            200,
            format!(
                "<{action}Response xmlns=\"{NAMESPACE}\"><{action}Result>{members}</{action}Result>\
                 <ResponseMetadata>{request}</ResponseMetadata></{action}Response>"
            ),
        ),
        Err((status, code, message)) => Answer::xml(
            status,
            format!(
                "<ErrorResponse xmlns=\"{NAMESPACE}\"><Error><Type>Sender</Type><Code>{code}</Code>\
                 <Message>{}</Message></Error>{request}</ErrorResponse>",
                escape(&message)
            ),
        ),
    };
    answer.with("date", date)
}

fn user_id(principal: &str, key: &str) -> String {
    let session = principal.contains(":assumed-role/").then(|| principal.rsplit('/').next()).flatten();
    match session {
        Some(session) => format!("AROA{:016X}:{}", hash(key), escape(session)),
        None => format!("AIDA{:016X}", hash(key)),
    }
}

type Refused = (u16, &'static str, String);

fn assume_role(state: &mut State, form: &BTreeMap<String, String>, scope: &Scope) -> Result<String, Refused> {
    let invalid = |what: &str| (400, "ValidationError", what.to_owned());
    let arn = form.get("RoleArn").ok_or_else(|| invalid("RoleArn must not be null"))?;
    let session = form.get("RoleSessionName").ok_or_else(|| invalid("RoleSessionName must not be null"))?;
    let allowed = |byte: u8| byte.is_ascii_alphanumeric() || b"_+=,.@-".contains(&byte);
    if !(2..=64).contains(&session.len()) || !session.bytes().all(allowed) {
        return Err(invalid("RoleSessionName must satisfy regular expression pattern: [\\w+=,.@-]*"));
    }
    let parts: Vec<&str> = arn.splitn(6, ':').collect();
    let [_, _, "iam", _, account, role] = parts.as_slice() else { return Err(invalid("RoleArn is no ARN")) };
    let name = role.strip_prefix("role/").and_then(|path| path.rsplit('/').next());
    let name = name.filter(|name| !name.is_empty() && is_account(account));
    let name = name.ok_or_else(|| invalid("RoleArn is not the ARN of a role"))?;
    asked(state, scope, account, arn)?;
    let seconds = form.get("DurationSeconds").and_then(|text| text.parse::<i64>().ok()).unwrap_or(3600);
    let (key, principal) = state.principals.issue(account, name, session);
    // Clients look at their own clock, which may be far from the server's.
    let until = state.now().max(machine()) + TimeDelta::seconds(seconds.clamp(0, 43_200));
    Ok(format!(
        "<Credentials><AccessKeyId>{key}</AccessKeyId><SecretAccessKey>{:032x}</SecretAccessKey>\
         <SessionToken>session-{key}</SessionToken><Expiration>{}</Expiration></Credentials>\
         <AssumedRoleUser><AssumedRoleId>AROA{:016X}:{}</AssumedRoleId><Arn>{}</Arn></AssumedRoleUser>\
         <PackedPolicySize>0</PackedPolicySize>",
        hash(&key),
        iso(until),
        hash(&key),
        escape(session),
        escape(&principal)
    ))
}

/// Counts the call for the account of the role, and lets it go wrong where that was set.
fn asked(state: &mut State, scope: &Scope, account: &str, arn: &str) -> Result<(), Refused> {
    const OPERATION: &str = "AssumeRole";
    let key = CallKey {
        account: account.to_owned(),
        region: scope.region.clone(),
        operation: OPERATION.to_owned(),
    };
    let fault = state.faults.strike(account, &scope.region, OPERATION);
    let caller = state.principals.caller(&scope.access_key, &scope.region);
    let count = state.calls.entry(key).or_default();
    count.calls += 1;
    match fault {
        None => return Ok(()),
        Some(FaultKind::Throttled) => count.throttled += 1,
        Some(_) => count.failed += 1,
    }
    Err(match fault {
        Some(FaultKind::Throttled) => (400, "Throttling", "Rate exceeded".to_owned()),
        Some(FaultKind::AccessDenied) => {
            let who = caller.principal;
            let what = format!("User: {who} is not authorized to perform: sts:AssumeRole on resource: {arn}");
            (403, "AccessDenied", what)
        }
        Some(_) | None => {
            (500, "InternalFailure", "The request failed on the side of the service.".to_owned())
        }
    })
}

fn escape(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;")
}
