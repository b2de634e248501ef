//! The options that say with which credentials and how fast AWS is asked.

use std::num::NonZeroU32;
use std::time::Duration;

use clap::Args;
use demurrage_aws::{Session, SessionError, SessionOptions};

use crate::failure::Failure;

/// Options of every command that asks AWS. Credentials come from the standard chain.
#[derive(Debug, Clone, Args)]
#[command(next_help_heading = "AWS")]
pub(crate) struct AwsArgs {
    /// Assume this role, with the credentials that the standard chain finds
    #[arg(long, value_name = "ARN")]
    pub(crate) role_arn: Option<String>,
    /// What the trust policy of the role asks for
    #[arg(long, value_name = "ID", requires = "role_arn")]
    external_id: Option<String>,
    /// Calls per second of each operation, in each account and region [default: 50]
    #[arg(long, value_name = "NUMBER")]
    calls_per_second: Option<NonZeroU32>,
    /// Seconds that one attempt of a call may take [default: 60]
    #[arg(long, value_name = "SECONDS")]
    call_timeout: Option<NonZeroU32>,
}

impl AwsArgs {
    /// The first of the options that was given: for commands that ask AWS only sometimes.
    pub(crate) const fn given(&self) -> Option<&'static str> {
        match self {
            Self { role_arn: Some(_), .. } => Some("--role-arn"),
            Self { external_id: Some(_), .. } => Some("--external-id"),
            Self { calls_per_second: Some(_), .. } => Some("--calls-per-second"),
            Self { call_timeout: Some(_), .. } => Some("--call-timeout"),
            Self { role_arn: None, external_id: None, calls_per_second: None, call_timeout: None } => None,
        }
    }

    /// Opens a session; its first questions go to this region.
    pub(crate) async fn session(
        &self,
        region: &str,
        principal_arn: Option<&str>,
    ) -> Result<Session, Failure> {
        let options = SessionOptions {
            role_arn: self.role_arn.clone(),
            external_id: self.external_id.clone(),
            calls_per_second: self.calls_per_second,
            attempt_timeout: self.call_timeout.map(|seconds| Duration::from_secs(seconds.get().into())),
            principal_arn: principal_arn.map(str::to_owned),
            at: None,
        };
        Session::open(region, options).await.map_err(|error| {
            let help = match &error {
                SessionError::Call(call) => call.help(),
                SessionError::Role { .. } => {
                    "look at the trust policy of the role, and at `--external-id`".to_owned()
                }
                SessionError::Nobody => String::new(),
            };
            Failure::aws(error.to_string(), help)
        })
    }
}
