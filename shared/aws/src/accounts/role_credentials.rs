//! Credentials of a role in another account, fetched anew before they expire.
//!
//! The SDK has a provider that does this, too; but its calls share the SDK's budget of retries, which a thousand accounts
//! use up when STS throttles, and what STS answered is lost in what it says.

use std::num::NonZeroU32;
use std::sync::{Mutex, PoisonError};
use std::time::SystemTime;

use aws_credential_types::provider::error::CredentialsError;
use aws_credential_types::provider::{ProvideCredentials, future};
use aws_sdk_ecr::config::Credentials;

use crate::caller::Caller;
use crate::pace::retries;
use crate::{CallError, CallErrorKind, Pace, Session};

/// Calls per second of each operation of STS: those of all functions of a deployment share the quota of its account, and
/// ten functions at this rate use a third of it.
///
/// Source: IAM user guide, "IAM and AWS STS quotas", "STS requests": 600 a second for an account in a region; read
/// 2026-11-25.
const CALLS_PER_SECOND: NonZeroU32 = NonZeroU32::MIN.saturating_add(19);

/// A role of the same name in each account.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AssumedRole {
    /// Its name, with its path where it has one: `demurrage-read`, `teams/demurrage-read`.
    pub name: String,
    /// What its trust policy wants to be told, where it does.
    pub external_id: Option<String>,
    /// How sessions of it are called in the account's logs: letters, digits and `_+=,.@-`, 2 to 64 of them.
    pub session_name: String,
}

impl AssumedRole {
    /// The ARN that it has in an account.
    pub fn arn(&self, partition: &str, account: &str) -> String {
        format!("arn:{partition}:iam::{account}:role/{}", self.name)
    }
}

/// A client of STS that keeps to a pace; clones share it.
#[derive(Debug, Clone)]
pub(super) struct Sts {
    client: aws_sdk_sts::Client,
    caller: Caller,
}

impl Sts {
    /// A client that asks as the session.
    pub(super) fn new(own: &Session) -> Self {
        let caller = Caller::new(Pace::new(Some(CALLS_PER_SECOND)));
        let builder = aws_sdk_sts::config::Builder::from(own.config()).interceptor(caller.watch.clone());
        let client = aws_sdk_sts::Client::from_conf(builder.retry_partition(retries("sts")).build());
        Self { client, caller }
    }

    /// Credentials of a role, for an hour: more is not given to whoever is a session of a role already.
    ///
    /// Source: STS API reference, `AssumeRole`, `DurationSeconds`, read 2026-11-25.
    pub(super) async fn assume(&self, arn: &str, role: &AssumedRole) -> Result<Credentials, CallError> {
        let send = || {
            let asked = self.client.assume_role().role_arn(arn).role_session_name(&role.session_name);
            asked.set_external_id(role.external_id.clone()).send()
        };
        let answer = self.caller.call("sts:AssumeRole", send, || ()).await?;
        let nothing = || CallError {
            operation: "sts:AssumeRole".to_owned(),
            kind: CallErrorKind::Server,
            code: None,
            cause: "the answer has no credentials".to_owned(),
        };
        let given = answer.credentials.ok_or_else(nothing)?;
        let until = SystemTime::try_from(given.expiration).ok();
        Ok(Credentials::new(
            given.access_key_id,
            given.secret_access_key,
            Some(given.session_token),
            until,
            "demurrage role",
        ))
    }
}

/// The credentials of one role.
#[derive(Debug)]
pub(super) struct RoleCredentials {
    pub(super) sts: Sts,
    pub(super) arn: String,
    pub(super) role: AssumedRole,
    /// Those that were fetched to see whether there are any; they are given out first.
    pub(super) first: Mutex<Option<Credentials>>,
}

impl ProvideCredentials for RoleCredentials {
    fn provide_credentials<'a>(&'a self) -> future::ProvideCredentials<'a>
    where
        Self: 'a,
    {
        future::ProvideCredentials::new(async {
            let first = self.first.lock().unwrap_or_else(PoisonError::into_inner).take();
            match first {
                Some(first) => Ok(first),
                None => {
                    self.sts.assume(&self.arn, &self.role).await.map_err(CredentialsError::provider_error)
                }
            }
        })
    }
}
