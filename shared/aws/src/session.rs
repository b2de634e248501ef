//! Who makes the calls: credentials from the standard chain, or a role that they may assume.

use std::num::NonZeroU32;
use std::time::Duration;

use aws_config::retry::RetryConfig;
use aws_config::sts::AssumeRoleProvider;
use aws_config::{Region, SdkConfig};
use aws_sdk_ecr::config::SharedCredentialsProvider;
use aws_sdk_ecr::config::http::HttpResponse;
use aws_sdk_ecr::error::SdkError;
use aws_sdk_sts::operation::get_caller_identity::{GetCallerIdentityError, GetCallerIdentityOutput};

use crate::call_error::answer_behind;
use crate::exclusions::owner;
use crate::ledger::TagLedger;
use crate::pull_counts::PullCounter;
use crate::tries::Tries;
use crate::{CallError, CallErrorKind, Ecr, EcrPublic, Pace, Principal};

/// Attempts of the call that asks whose the credentials are.
const FIRST_ATTEMPTS_MAX: u32 = 4;
/// The question whose the credentials are.
const IDENTITY: &str = "sts:GetCallerIdentity";
/// The region in which the API of ECR Public is.
///
/// Source: ECR Public user guide, "Amazon ECR Public endpoints", read 2026-11-23.
const PUBLIC_REGION: &str = "us-east-1";

/// What a session may be asked to be.
#[derive(Debug, Clone, Default)]
pub struct SessionOptions {
    /// The role to assume with what the chain finds.
    pub role_arn: Option<String>,
    /// What the role's trust policy asks for.
    pub external_id: Option<String>,
    /// The principal's own ARN, with its path, where the caller knows it: that of a session has lost it.
    pub principal_arn: Option<String>,
    /// Calls per second of each operation in each region, where not the usual number.
    pub calls_per_second: Option<NonZeroU32>,
    /// How long one attempt of a call may take, where not a minute.
    pub attempt_timeout: Option<Duration>,
    /// Ask this server, and leave the standard chain alone.
    pub at: Option<Server>,
}

/// A server that answers in the place of AWS.
#[derive(Debug, Clone)]
pub struct Server {
    /// Its address, such as `http://127.0.0.1:4510`.
    pub url: String,
    /// The access key that it knows the caller by.
    pub access_key_id: String,
}

/// Credentials that AWS has accepted, and whose they are.
#[derive(Debug, Clone)]
pub struct Session {
    config: SdkConfig,
    options: SessionOptions,
    account: String,
    arn: String,
}

impl Session {
    /// Finds credentials, assumes the role if there is one, and asks AWS whose they are.
    ///
    /// # Errors
    /// When there are no credentials, the role may not be assumed, or AWS does not answer.
    pub async fn open(region: &str, options: SessionOptions) -> Result<Self, SessionError> {
        let of_session = Tries::OF_SESSION;
        let attempt_timeout = options.attempt_timeout.unwrap_or(of_session.attempt_timeout);
        let tries = Tries { attempt_timeout, ..of_session };
        let base = tries.settings(region, options.at.as_ref()).load().await;
        let config = match &options.role_arn {
            None => base,
            Some(role) => assume(role, options.external_id.as_deref(), &base).await,
        };
        let identity = identity(&config).await.map_err(|error| {
            let call = CallError::of(IDENTITY, &error);
            match &options.role_arn {
                // STS answered to the question for the role; without an answer the credentials before it lack.
                Some(role) if call.code.is_none() && answer_behind(&error).is_some() => {
                    SessionError::Role { role: role.clone(), call }
                }
                _ => SessionError::Call(call),
            }
        })?;
        let (Some(account), Some(arn)) = (identity.account, identity.arn) else {
            return Err(SessionError::Nobody);
        };
        Ok(Self { config, options, account, arn })
    }

    /// The session of a role whose credentials the configuration has, with the same options otherwise.
    pub(crate) async fn of_role(&self, config: SdkConfig, role_arn: &str) -> Result<Self, CallError> {
        let identity = identity(&config).await.map_err(|error| CallError::of(IDENTITY, &error))?;
        let (Some(account), Some(arn)) = (identity.account, identity.arn) else {
            let cause = SessionError::Nobody.to_string();
            let (operation, kind) = (IDENTITY.to_owned(), CallErrorKind::Server);
            return Err(CallError { operation, kind, code: None, cause });
        };
        let role_arn = Some(role_arn.to_owned());
        let options = SessionOptions { role_arn, principal_arn: None, ..self.options.clone() };
        Ok(Self { config, options, account, arn })
    }

    /// The partition of AWS that it is in: `aws`, `aws-cn`.
    pub(crate) fn partition(&self) -> &str {
        self.arn.split(':').nth(1).filter(|partition| !partition.is_empty()).unwrap_or("aws")
    }

    /// The twelve-digit account.
    pub fn account(&self) -> &str {
        &self.account
    }

    /// The region that it was opened in, or that was given since.
    pub fn region(&self) -> &str {
        self.config.region().map_or("", Region::as_ref)
    }

    /// The same session, in another region.
    #[must_use]
    pub fn in_region(&self, region: &str) -> Self {
        let config = self.config.to_builder().region(Region::new(region.to_owned())).build();
        Self { config, ..self.clone() }
    }

    /// What clients are made of.
    pub(crate) const fn config(&self) -> &SdkConfig {
        &self.config
    }

    /// Calls per second of each operation, where not the usual number.
    pub(crate) const fn calls_per_second(&self) -> Option<NonZeroU32> {
        self.options.calls_per_second
    }

    /// Whose credentials they are, as STS names it.
    pub fn arn(&self) -> &str {
        &self.arn
    }

    /// Whose credentials they are.
    pub fn principal(&self) -> Principal {
        Principal::of_arn(&self.arn)
    }

    /// The principal's own ARN, where it is known whole: it was given, it is that of the role that was assumed,
    /// or AWS names it (a user).
    pub fn own_arn(&self) -> Option<&str> {
        let is_own =
            |arn: &&str| Principal::of_arn(arn) == self.principal() && owner(arn) == owner(&self.arn);
        let given = self.options.principal_arn.as_deref().filter(is_own);
        let named = Some(&*self.arn).filter(|arn| arn.split(':').nth(2) == Some("iam"));
        given.or(self.options.role_arn.as_deref()).or(named)
    }

    /// The ARN to register as a pull-time exclusion: the principal's own, or as far as it can be told from the
    /// session's.
    pub(crate) fn iam_arn(&self) -> Option<String> {
        let told = self.principal().iam_arn(self.partition(), &self.account)?;
        Some(self.own_arn().map_or(told, str::to_owned))
    }

    /// The private registry of the account in a region.
    pub fn ecr(&self, region: &str) -> Ecr {
        self.paced(region, Pace::new(self.options.calls_per_second))
    }

    /// The private registry of the account in a region, where this lies between two calls of an operation.
    pub fn ecr_every(&self, region: &str, interval: Duration) -> Ecr {
        self.paced(region, Pace::every(interval))
    }

    fn paced(&self, region: &str, pace: Pace) -> Ecr {
        let config = self.config.to_builder().region(Region::new(region.to_owned())).build();
        Ecr::new(&config, region, pace)
    }

    /// Who counts pulls from the private registry of the account in a region.
    pub fn pull_counter(&self, region: &str) -> PullCounter {
        let config = self.config.to_builder().region(Region::new(region.to_owned())).build();
        PullCounter::new(&config, &self.account, region, Pace::new(self.options.calls_per_second))
    }

    /// The tag ledger in a table of the account in a region.
    pub fn tag_ledger(&self, region: &str, table: &str) -> TagLedger {
        let config = self.config.to_builder().region(Region::new(region.to_owned())).build();
        TagLedger::new(&config, table)
    }

    /// The public registry of the account.
    pub fn ecr_public(&self) -> EcrPublic {
        let config = self.config.to_builder().region(Region::new(PUBLIC_REGION)).build();
        EcrPublic::new(&config, PUBLIC_REGION, Pace::new(self.options.calls_per_second))
    }
}

/// The region of the standard chain: `AWS_REGION`, or that of the profile.
pub async fn default_region() -> Option<String> {
    let region = aws_config::meta::region::RegionProviderChain::default_provider().region().await;
    region.map(|region| region.to_string())
}

/// Asks whose credentials these are.
async fn identity(
    config: &SdkConfig,
) -> Result<GetCallerIdentityOutput, SdkError<GetCallerIdentityError, HttpResponse>> {
    // The first question of all: who has no network, or no credentials, wants to know it soon.
    let first_retries = RetryConfig::standard().with_max_attempts(FIRST_ATTEMPTS_MAX);
    let sts = aws_sdk_sts::config::Builder::from(config).retry_config(first_retries).build();
    aws_sdk_sts::Client::from_conf(sts).get_caller_identity().send().await
}

async fn assume(role: &str, external_id: Option<&str>, base: &SdkConfig) -> SdkConfig {
    let mut provider = AssumeRoleProvider::builder(role).session_name("demurrage").configure(base);
    if let Some(external_id) = external_id {
        provider = provider.external_id(external_id);
    }
    let provider = provider.build().await;
    base.to_builder().credentials_provider(SharedCredentialsProvider::new(provider)).build()
}

/// Why there is no session.
#[derive(Debug, thiserror::Error)]
pub enum SessionError {
    /// A call failed.
    #[error(transparent)]
    Call(#[from] CallError),
    /// The role could not be assumed.
    #[error("the role `{role}` could not be assumed: {}", call.cause)]
    Role {
        /// Its ARN.
        role: String,
        /// What failed.
        call: CallError,
    },
    /// AWS answered without saying whose the credentials are.
    #[error("AWS does not say whose the credentials are")]
    Nobody,
}
