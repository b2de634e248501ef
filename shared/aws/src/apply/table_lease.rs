//! A lease in a table of `DynamoDB`: an item with its holder, when it ends, and a number that grows with every holder.
//!
//! The table has the keys of a tag ledger (`repository`, `item`), so that one may serve both. Every write has a condition
//! on what was read. Clocks may differ by [`SKEW`]; who is wrong by more meets the journal, whose numbers are given once.

use std::collections::HashMap;
use std::hash::{BuildHasher, RandomState};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use aws_config::SdkConfig;
use aws_config::retry::RetryConfig;
use aws_config::timeout::TimeoutConfig;
use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::types::AttributeValue;
use tokio::time::Instant;

use crate::tries::Tries;
use crate::{CallError, Server, Session};

/// How long a lease is had without being renewed.
const LENGTH: Duration = Duration::from_mins(2);
/// So much has to be left of it for a batch to begin.
const LEFT_MIN: Duration = Duration::from_secs(30);
/// By how much clocks may differ.
const SKEW: Duration = Duration::from_mins(1);
/// What leases have in the place of a repository.
const PARTITION: &str = "demurrage/leases";

/// Attempts of a call; short, as a lease ends meanwhile.
const TRIES: Tries = Tries {
    attempts_max: 4,
    pause_first: Duration::from_millis(50),
    pause_max: Duration::from_secs(2),
    connect_timeout: Duration::from_secs(3),
    attempt_timeout: Duration::from_secs(5),
};

/// A lease that is held.
#[derive(Debug)]
pub struct TableLease {
    client: Client,
    table: String,
    plan: String,
    holder: String,
    fence: u64,
    renewed_at: Instant,
}

/// Why a lease is not had.
#[derive(Debug, thiserror::Error)]
pub enum TableLeaseError {
    /// Somebody else has it.
    #[error("{holder} applies this plan, until about {seconds} seconds from now: two must not be at it")]
    Held {
        /// What they say about themselves.
        holder: String,
        /// How long at most, unless they renew it.
        seconds: u64,
    },
    /// Somebody else took it.
    #[error("the lease in the table `{table}` is somebody else's now")]
    Lost {
        /// The table.
        table: String,
    },
    /// The item is not one of a lease.
    #[error("the lease in the table `{table}` is not what was written: {cause}")]
    Damaged {
        /// The table.
        table: String,
        /// How that shows.
        cause: &'static str,
    },
    /// A call failed.
    #[error("the lease in the table `{table}` is not known: {call}")]
    Call {
        /// The table.
        table: String,
        /// What failed.
        call: CallError,
    },
}

/// What stands in the table.
struct Found {
    holder: String,
    fence: u64,
    ends_at_seconds: u64,
}

impl TableLease {
    /// Takes the lease of the plan of this hash in a table of this region, with the credentials of the standard chain.
    ///
    /// # Errors
    /// When somebody else has it, or a call failed.
    pub async fn take(region: &str, table: &str, plan: &str) -> Result<Self, TableLeaseError> {
        let config = TRIES.settings(region, None).load().await;
        Self::taken(&config, table, plan).await
    }

    /// The same, in a table of a server on this machine.
    ///
    /// # Errors
    /// As for [`Self::take`].
    pub async fn take_at(
        region: &str,
        server: &Server,
        table: &str,
        plan: &str,
    ) -> Result<Self, TableLeaseError> {
        let config = TRIES.settings(region, Some(server)).load().await;
        Self::taken(&config, table, plan).await
    }

    /// The same, with the credentials of a session, in its region.
    ///
    /// # Errors
    /// As for [`Self::take`].
    pub async fn take_as(session: &Session, table: &str, plan: &str) -> Result<Self, TableLeaseError> {
        let retries = RetryConfig::standard().with_max_attempts(TRIES.attempts_max);
        let timeouts = TimeoutConfig::builder().operation_attempt_timeout(TRIES.attempt_timeout).build();
        let config = session.config().to_builder().retry_config(retries).timeout_config(timeouts).build();
        Self::taken(&config, table, plan).await
    }

    async fn taken(config: &SdkConfig, table: &str, plan: &str) -> Result<Self, TableLeaseError> {
        let nonce = RandomState::new().hash_one(plan);
        let mut lease = Self {
            client: Client::new(config),
            table: table.to_owned(),
            plan: plan.to_owned(),
            holder: format!("process {} ({nonce:016x})", std::process::id()),
            fence: 0,
            renewed_at: Instant::now(),
        };
        let found = lease.found().await?;
        if let Some(found) = &found {
            let left = (found.ends_at_seconds + SKEW.as_secs()).saturating_sub(seconds_now());
            if 0 < left {
                return Err(TableLeaseError::Held { holder: found.holder.clone(), seconds: left });
            }
        }
        let before = found.map(|found| found.fence);
        lease.fence = before.unwrap_or_default() + 1;
        match lease.put(before, LENGTH).await {
            Err(TableLeaseError::Lost { .. }) => {
                Err(TableLeaseError::Held { holder: "somebody else".to_owned(), seconds: LENGTH.as_secs() })
            }
            put => put.map(|()| lease),
        }
    }

    /// The number of this holder: it grows with every one.
    pub const fn fence(&self) -> u64 {
        self.fence
    }

    /// Renews it, which tells at once whether it is had still.
    pub(super) async fn keep(&mut self) -> Result<(), TableLeaseError> {
        let asked_at = Instant::now();
        match self.put(Some(self.fence), LENGTH).await {
            Ok(()) => {
                self.renewed_at = asked_at;
                Ok(())
            }
            // It is held still, and there will be another try before the next batch.
            Err(TableLeaseError::Call { .. }) if self.renewed_at.elapsed() + LEFT_MIN < LENGTH => Ok(()),
            Err(error) => Err(error),
        }
    }

    /// Lets the next one have it at once. If that fails, they wait until it ends.
    pub(super) async fn release(self) {
        let _ = self.put(Some(self.fence), Duration::ZERO).await;
    }

    async fn found(&self) -> Result<Option<Found>, TableLeaseError> {
        let call = self.client.get_item().table_name(&self.table).consistent_read(true);
        let call = call.key("repository", text(PARTITION)).key("item", text(&self.plan));
        let answer = call.send().await.map_err(|error| self.failed("dynamodb:GetItem", &error))?;
        let Some(item) = answer.item else { return Ok(None) };
        let damaged = |cause| TableLeaseError::Damaged { table: self.table.clone(), cause };
        let number = |name: &str| {
            let value = item.get(name).and_then(|value| value.as_n().ok());
            value.and_then(|value| value.parse::<u64>().ok())
        };
        let holder = item.get("holder").and_then(|value| value.as_s().ok());
        Ok(Some(Found {
            holder: holder.ok_or_else(|| damaged("it has no holder"))?.clone(),
            fence: number("fence").ok_or_else(|| damaged("it has no number"))?,
            ends_at_seconds: number("ends_at_seconds").ok_or_else(|| damaged("it has no end"))?,
        }))
    }

    /// Writes this holder in, over the holder of this number, or where there was none.
    async fn put(&self, over: Option<u64>, length: Duration) -> Result<(), TableLeaseError> {
        let ends_at = if length.is_zero() { 0 } else { seconds_now() + length.as_secs() };
        let item = HashMap::from([
            ("repository".to_owned(), text(PARTITION)),
            ("item".to_owned(), text(&self.plan)),
            ("format_version".to_owned(), number(1)),
            ("holder".to_owned(), text(&self.holder)),
            ("fence".to_owned(), number(self.fence)),
            ("ends_at_seconds".to_owned(), number(ends_at)),
        ]);
        let call = self.client.put_item().table_name(&self.table).set_item(Some(item));
        let call = match over {
            None => call
                .condition_expression("attribute_not_exists(#item)")
                .expression_attribute_names("#item", "item"),
            Some(fence) => call
                .condition_expression("#fence = :fence")
                .expression_attribute_names("#fence", "fence")
                .expression_attribute_values(":fence", number(fence)),
        };
        match call.send().await {
            Ok(_) => Ok(()),
            Err(error) => match self.failed("dynamodb:PutItem", &error) {
                TableLeaseError::Call { call, .. } if call.is("ConditionalCheckFailedException") => {
                    self.is_ours(length).await
                }
                failed => Err(failed),
            },
        }
    }

    /// The condition failed: somebody else was first, or it was this holder, whose answer was lost.
    async fn is_ours(&self, length: Duration) -> Result<(), TableLeaseError> {
        match self.found().await? {
            Some(found) if found.holder == self.holder && !length.is_zero() => Ok(()),
            Some(_) | None => Err(TableLeaseError::Lost { table: self.table.clone() }),
        }
    }

    fn failed<E>(
        &self,
        operation: &str,
        error: &aws_sdk_dynamodb::error::SdkError<E, aws_sdk_dynamodb::config::http::HttpResponse>,
    ) -> TableLeaseError
    where
        E: aws_sdk_dynamodb::error::ProvideErrorMetadata + std::error::Error + 'static,
    {
        TableLeaseError::Call { table: self.table.clone(), call: CallError::of(operation, error) }
    }
}

fn text(value: &str) -> AttributeValue {
    AttributeValue::S(value.to_owned())
}

fn number(value: u64) -> AttributeValue {
    AttributeValue::N(value.to_string())
}

fn seconds_now() -> u64 {
    SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |since| since.as_secs())
}
