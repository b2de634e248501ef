//! A state machine, started and looked at: executions whose names are given once.
//!
//! An execution is asked for before one of its name is started, because AWS takes the same call once more for its answer that
//! was lost: while an execution runs, a second start of the same name and input succeeds, and tells when the first one was.
//!
//! Source: Step Functions API reference, `StartExecution` ("idempotent for `STANDARD` workflows", "names can be reused after 90
//! days"), read 2026-11-25.

use std::num::NonZeroU32;

use aws_sdk_sfn::Client;
use aws_sdk_sfn::config::Builder;
use chrono::{DateTime, Utc};

use crate::caller::Caller;
use crate::ecr_time::instant;
use crate::pace::retries;
use crate::{CallError, Pace, Session};

/// What whoever approves a plan has to be allowed, as IAM names it.
pub const APPROVE_ACTIONS: [&str; 2] = ["states:DescribeExecution", "states:StartExecution"];

/// Calls per second of each operation; two calls are made.
const CALLS_PER_SECOND: NonZeroU32 = NonZeroU32::MIN.saturating_add(4);

/// The ARN of a state machine.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StateMachineArn {
    text: String,
    partition: String,
    region: String,
    account: String,
    name: String,
}

/// A text that names no state machine.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is not the ARN of a state machine, `arn:aws:states:REGION:ACCOUNT:stateMachine:NAME`")]
pub struct NoStateMachine(pub String);

impl StateMachineArn {
    /// The state machine that a text names.
    ///
    /// # Errors
    /// When it names none.
    pub fn parse(text: &str) -> Result<Self, NoStateMachine> {
        let parts: Vec<&str> = text.split(':').collect();
        match parts[..] {
            ["arn", partition, "states", region, account, "stateMachine", name]
                if [partition, region, name].iter().all(|part| !part.is_empty())
                    && account.len() == 12
                    && account.bytes().all(|byte| byte.is_ascii_digit()) =>
            {
                Ok(Self {
                    text: text.to_owned(),
                    partition: partition.to_owned(),
                    region: region.to_owned(),
                    account: account.to_owned(),
                    name: name.to_owned(),
                })
            }
            _ => Err(NoStateMachine(text.to_owned())),
        }
    }

    /// The region that it is in.
    pub fn region(&self) -> &str {
        &self.region
    }

    /// The account that it is of.
    pub fn account(&self) -> &str {
        &self.account
    }

    /// The text that names it.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// The ARN of its execution of this name.
    pub fn execution(&self, name: &str) -> String {
        let Self { partition, region, account, name: machine, .. } = self;
        format!("arn:{partition}:states:{region}:{account}:execution:{machine}:{name}")
    }
}

/// One execution.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Execution {
    /// Its ARN.
    pub arn: String,
    /// How it goes, as AWS says it: such as `RUNNING`, `SUCCEEDED` or `FAILED`.
    pub status: String,
    /// When it was started, where AWS says it.
    pub started_at: Option<DateTime<Utc>>,
    /// When it ended, where it did.
    pub ended_at: Option<DateTime<Utc>>,
}

/// A client of one state machine.
#[derive(Debug)]
pub struct StateMachine {
    arn: StateMachineArn,
    client: Client,
    caller: Caller,
}

impl StateMachine {
    /// A client with the credentials of a session, in the region of the machine.
    pub fn new(session: &Session, arn: StateMachineArn) -> Self {
        let caller = Caller::new(Pace::new(Some(CALLS_PER_SECOND)));
        let session = session.in_region(arn.region());
        let builder = Builder::from(session.config()).interceptor(caller.watch.clone());
        let client = Client::from_conf(builder.retry_partition(retries("states")).build());
        Self { arn, client, caller }
    }

    /// The execution of this name, where there is one, or was in the last 90 days.
    ///
    /// # Errors
    /// When AWS does not tell.
    pub async fn execution(&self, name: &str) -> Result<Option<Execution>, CallError> {
        let arn = self.arn.execution(name);
        let send = || self.client.describe_execution().execution_arn(&arn).send();
        match self.caller.call("states:DescribeExecution", send, || ()).await {
            Ok(found) => Ok(Some(Execution {
                status: found.status.as_str().to_owned(),
                started_at: instant(Some(&found.start_date)),
                ended_at: instant(found.stop_date.as_ref()),
                arn: found.execution_arn,
            })),
            Err(error) if error.is("ExecutionDoesNotExist") => Ok(None),
            Err(error) => Err(error),
        }
    }

    /// Starts an execution of this name with this input, JSON; nothing where one of the name was started with another input,
    /// or is over.
    ///
    /// # Errors
    /// When AWS refuses, or does not answer.
    pub async fn start(&self, name: &str, input: &str) -> Result<Option<Execution>, CallError> {
        let send = || {
            let start = self.client.start_execution().state_machine_arn(self.arn.text());
            start.name(name).input(input).send()
        };
        match self.caller.call("states:StartExecution", send, || ()).await {
            Ok(started) => Ok(Some(Execution {
                status: "RUNNING".to_owned(),
                started_at: instant(Some(&started.start_date)),
                ended_at: None,
                arn: started.execution_arn,
            })),
            Err(error) if error.is("ExecutionAlreadyExists") => Ok(None),
            Err(error) => Err(error),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::StateMachineArn;

    #[test]
    fn a_state_machine_is_named_by_its_arn_alone_and_tells_those_of_its_executions() {
        let arn =
            StateMachineArn::parse("arn:aws-cn:states:cn-north-1:123456789012:stateMachine:d-apply").unwrap();
        assert_eq!((arn.region(), arn.account()), ("cn-north-1", "123456789012"));
        assert_eq!(arn.execution("ab"), "arn:aws-cn:states:cn-north-1:123456789012:execution:d-apply:ab");
        for other in [
            "",
            "demurrage-apply",
            "arn:aws:states:eu-west-1:123456789012:execution:d-apply:ab",
            "arn:aws:states:eu-west-1:123456789012:stateMachine:",
            "arn:aws:states:eu-west-1:123456789012:stateMachine:d:1",
            "arn:aws:states:eu-west-1:12345678901:stateMachine:d",
            "arn:aws:states::123456789012:stateMachine:d",
            "arn:aws:lambda:eu-west-1:123456789012:stateMachine:d",
        ] {
            assert!(StateMachineArn::parse(other).is_err(), "{other}");
        }
    }
}
