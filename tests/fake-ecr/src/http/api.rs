//! awsJson1.1: `POST /` with `X-Amz-Target`, for ECR, ECR Public and Organizations.

use std::time::Instant;

use axum::http::HeaderMap;
use serde_json::Value;

use super::answer::Answer;
use super::credentials;
use crate::Fake;
use crate::operations::{self, Call};
use crate::state::{CallKey, Caller, FaultKind, PUBLIC, State};
use crate::wire::{Input, Refusal, hash, http_date};

const ECR: &str = "AmazonEC2ContainerRegistry_V20150921";
const ECR_PUBLIC: &str = "SpencerFrontendService";
const ORGANIZATIONS: &str = "AWSOrganizationsV20161128";

/// Answers a call.
pub(super) fn answer(
    fake: &Fake,
    target: &str,
    headers: &HeaderMap,
    body: &[u8],
) -> (Answer, Option<FaultKind>) {
    // Without the lock: the hook changes what the server holds.
    let hook = fake.lock().hook.clone();
    let mut fault = hook.run(fake, target.rsplit_once('.').map_or(target, |(_, operation)| operation));
    let mut state = fake.lock();
    operations::settle(&mut state);
    let result = call(&mut state, target, headers, body, &mut fault);
    let number = state.calls.values().fold(0_u64, |sum, count| sum.wrapping_add(count.calls));
    let id = hash(&format!("request {number}"));
    let date = http_date(state.now());
    drop(state);
    let answer = match result {
        Ok(value) => Answer::api(200, &value),
        Err(refusal) => Answer::api(refusal.status(), &refusal.body()).with("x-amzn-errortype", refusal.code),
    };
    let id = format!("{:08x}-{:04x}-4000-8000-{number:012x}", id >> 32, id & 0xffff);
    (answer.with("x-amzn-requestid", id).with("date", date), fault)
}

fn call(
    state: &mut State,
    target: &str,
    headers: &HeaderMap,
    body: &[u8],
    fault: &mut Option<FaultKind>,
) -> Result<Value, Refusal> {
    let (service, operation) = target.split_once('.').unwrap_or((target, ""));
    if ![ECR, ECR_PUBLIC, ORGANIZATIONS].contains(&service) {
        return Err(Refusal::new("UnknownOperationException", ""));
    }
    let scope = credentials::scope(headers);
    let scope = scope
        .ok_or_else(|| Refusal::new("MissingAuthenticationTokenException", "Missing Authentication Token"))?;
    let region = if service == ECR_PUBLIC { PUBLIC } else { &scope.region };
    let caller = state.principals.caller(&scope.access_key, region);
    let key = CallKey {
        account: caller.account.clone(),
        region: caller.region.clone(),
        operation: operation.to_owned(),
    };
    state.calls.entry(key.clone()).or_default().calls += 1;
    *fault = fault.or_else(|| state.faults.strike(&caller.account, &caller.region, operation));
    let result = answered(state, service, operation, &caller, body, *fault);
    let cut = matches!(fault, Some(FaultKind::Timeout | FaultKind::Reset | FaultKind::Truncated));
    let count = state.calls.entry(key).or_default();
    match &result {
        Err(refusal) if refusal.code == "ThrottlingException" => count.throttled += 1,
        Err(_) => count.failed += 1,
        Ok(_) if cut => count.failed += 1,
        Ok(_) => {}
    }
    result
}

/// The answer, unless a fault or the rate stands before it. A call that hangs or is reset is not executed; one
/// whose answer is cut off is.
fn answered(
    state: &mut State,
    service: &str,
    operation: &str,
    caller: &Caller,
    body: &[u8],
    fault: Option<FaultKind>,
) -> Result<Value, Refusal> {
    match fault {
        Some(FaultKind::ServerError) => return Err(Refusal::new("ServerException", "Internal server error")),
        Some(FaultKind::Throttled) => return Err(throttled()),
        Some(FaultKind::ExpiredToken) => {
            return Err(Refusal::new(
                "ExpiredTokenException",
                "The security token included in the request is expired",
            ));
        }
        Some(FaultKind::AccessDenied) => {
            let prefix = if service == ORGANIZATIONS { "organizations" } else { "ecr" };
            return Err(Refusal::new(
                "AccessDeniedException",
                format!(
                    "User: {} is not authorized to perform: {prefix}:{operation} because no identity-based \
                     policy allows the {prefix}:{operation} action",
                    caller.principal
                ),
            ));
        }
        Some(FaultKind::Timeout | FaultKind::Reset) => return Ok(Value::Null),
        Some(FaultKind::Truncated | FaultKind::Slow(_)) | None => {}
    }
    if !state.rates.take(&caller.account, &caller.region, operation, Instant::now()) {
        return Err(throttled());
    }
    let input = Input::read(body)?;
    let call = Call { caller, input: &input };
    match service {
        ECR_PUBLIC => operations::ecr_public(state, operation, &call),
        ORGANIZATIONS => operations::organizations(state, operation, &call),
        _ => operations::ecr(state, operation, &call),
    }
}

fn throttled() -> Refusal {
    Refusal::new("ThrottlingException", "Rate exceeded")
}
