//! Sessions in the accounts that a deployment covers, by its settings.

use std::time::Duration;

use demurrage_aws::accounts::{AccountSessions, AssumedRole};
use demurrage_aws::{Session, SessionOptions, default_region};
use demurrage_contract::{Failure, FailureKind, Function, environment};

use crate::{of_session, settings};

/// Opens the session of the function itself, from which those of other accounts start: by the role that this variable
/// names, such as [`environment::READ_ROLE`], where it is set. No attempt of a call takes longer than this: one that hangs
/// must not take the time of the whole function.
///
/// # Errors
/// When there is no region, a variable is no text, or AWS does not accept the credentials.
pub async fn account_sessions(
    function: Function,
    role: &str,
    attempt_timeout: Duration,
) -> Result<AccountSessions, Failure> {
    let nowhere = || Failure::new(FailureKind::BadInput, "there is no region: set AWS_REGION");
    let region = default_region().await.ok_or_else(nowhere)?;
    let role = settings::text(role)?.map(|name| assumed(name, function)).transpose()?;
    let options = SessionOptions { attempt_timeout: Some(attempt_timeout), ..SessionOptions::default() };
    let own = Session::open(&region, options).await.map_err(|error| of_session(&error))?;
    Ok(AccountSessions::new(own, role))
}

/// The role of this name, by whose sessions the logs of other accounts tell which function asked.
fn assumed(name: String, function: Function) -> Result<AssumedRole, Failure> {
    Ok(AssumedRole {
        name,
        external_id: settings::text(environment::EXTERNAL_ID)?,
        session_name: format!("demurrage-{}", function.name()),
    })
}
