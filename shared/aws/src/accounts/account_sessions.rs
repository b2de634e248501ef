//! A session for each account, opened when it is first wanted.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use aws_config::identity::IdentityCache;
use aws_sdk_ecr::config::SharedCredentialsProvider;
use tokio::sync::OnceCell;
use tokio::time::Instant;

use super::role_credentials::{RoleCredentials, Sts};
use super::{ASSUME_ACTIONS, AssumedRole};
use crate::{CallError, CallErrorKind, Session};

/// For how long a refusal is believed: many things ask for the same account in a burst, and a role that was made since
/// is found soon.
const REFUSED_FOR: Duration = Duration::from_secs(30);
/// How long credentials may take while STS throttles.
const CREDENTIALS_TIMEOUT: Duration = Duration::from_mins(2);

/// A session for each account: the own one as it is, others by assuming a role that each of them has. Clones share it.
#[derive(Debug, Clone)]
pub struct AccountSessions(Arc<Shared>);

#[derive(Debug)]
struct Shared {
    own: Session,
    role: Option<AssumedRole>,
    sts: Sts,
    opened: Mutex<BTreeMap<String, Arc<OnceCell<Session>>>>,
    refused: Mutex<BTreeMap<String, (Instant, CallError)>>,
}

impl AccountSessions {
    /// Sessions that start from this one; without a role those of other accounts are errors.
    pub fn new(own: Session, role: Option<AssumedRole>) -> Self {
        let (opened, refused) = (Mutex::default(), Mutex::default());
        Self(Arc::new(Shared { sts: Sts::new(&own), own, role, opened, refused }))
    }

    /// The session that they start from.
    pub fn own(&self) -> &Session {
        &self.0.own
    }

    /// The session of an account, in the region of the own one. It is opened once, and its credentials are renewed.
    ///
    /// # Errors
    /// When no role is configured, or it may not be assumed, or is of another account: of the kind
    /// [`CallErrorKind::Credentials`], and it names the role and the account. When STS throttles or does not answer,
    /// for good: of the kind that this is.
    pub async fn of(&self, account: &str) -> Result<Session, CallError> {
        let shared = &*self.0;
        if account == shared.own.account() {
            return Ok(shared.own.clone());
        }
        let opened = {
            let mut opened = shared.opened.lock().unwrap_or_else(PoisonError::into_inner);
            Arc::clone(opened.entry(account.to_owned()).or_default())
        };
        opened.get_or_try_init(|| shared.open_unless_refused(account)).await.cloned()
    }
}

impl Shared {
    /// Whoever waited for another one's attempt does not ask for what was refused to that one.
    async fn open_unless_refused(&self, account: &str) -> Result<Session, CallError> {
        if let Some(refusal) = self.refusal(account) {
            return Err(refusal);
        }
        self.open(account).await.inspect_err(|error| self.remember(account, error))
    }

    fn refusal(&self, account: &str) -> Option<CallError> {
        let refused = self.refused.lock().unwrap_or_else(PoisonError::into_inner);
        let (at, error) = refused.get(account)?;
        (at.elapsed() < REFUSED_FOR).then(|| error.clone())
    }

    fn remember(&self, account: &str, error: &CallError) {
        if error.kind == CallErrorKind::Credentials {
            let mut refused = self.refused.lock().unwrap_or_else(PoisonError::into_inner);
            refused.insert(account.to_owned(), (Instant::now(), error.clone()));
        }
    }

    async fn open(&self, account: &str) -> Result<Session, CallError> {
        if account.len() != 12 || !account.bytes().all(|byte| byte.is_ascii_digit()) {
            return Err(refused(format!("`{account}` is no account: one has twelve digits")));
        }
        let Some(role) = &self.role else {
            let own = self.own.account();
            let message =
                format!("there is no role by which account {account} could be read from account {own}");
            return Err(refused(message));
        };
        let arn = role.arn(self.own.partition(), account);
        let told = |error: CallError| of_role(error, &arn, account);
        let first = self.sts.assume(&arn, role).await.map_err(told)?;
        let (sts, role) = (self.sts.clone(), role.clone());
        let first = Mutex::new(Some(first));
        let credentials = RoleCredentials { sts, arn: arn.clone(), role, first };
        let cache = IdentityCache::lazy().load_timeout(CREDENTIALS_TIMEOUT).build();
        let config = self.own.config().to_builder().identity_cache(cache);
        let config = config.credentials_provider(SharedCredentialsProvider::new(credentials)).build();
        let session = self.own.of_role(config, &arn).await.map_err(told)?;
        if session.account() == account {
            return Ok(session);
        }
        let message = format!("the role `{arn}` is of account {}, and not of {account}", session.account());
        Err(refused(message))
    }
}

/// What STS said about a role; what does not pass by itself is about credentials.
fn of_role(error: CallError, arn: &str, account: &str) -> CallError {
    let kind = match error.kind {
        CallErrorKind::NotFound
        | CallErrorKind::Denied
        | CallErrorKind::Credentials
        | CallErrorKind::Refused => CallErrorKind::Credentials,
        kind @ (CallErrorKind::Throttled | CallErrorKind::Unreachable | CallErrorKind::Server) => kind,
    };
    let cause = format!("the role `{arn}` of account {account} could not be assumed: {}", error.cause);
    CallError { kind, cause, ..error }
}

fn refused(cause: String) -> CallError {
    let [operation] = ASSUME_ACTIONS.map(str::to_owned);
    CallError { operation, kind: CallErrorKind::Credentials, code: None, cause }
}
