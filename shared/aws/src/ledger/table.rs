//! The calls of the ledger: items by their keys, ranges of them, and writes that happen together or not at all.
//!
//! Assumes a table whose partition key is `repository` and whose sort key is `item`, both text. Leaves out what items
//! mean.

use std::collections::HashMap;
use std::time::Duration;

use aws_config::SdkConfig;
use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::config::http::HttpResponse;
use aws_sdk_dynamodb::error::{BuildError, ProvideErrorMetadata, SdkError};
use aws_sdk_dynamodb::operation::transact_write_items::TransactWriteItemsError;
use aws_sdk_dynamodb::types::{AttributeValue, ConditionCheck, Put, TransactWriteItem, Update};
use aws_smithy_runtime::client::retries::{RetryPartition, TokenBucket};

use super::LedgerError;
use super::attributes::{FORMAT_VERSION, number, text};
use super::key::Key;
use super::tries::Setback;
use crate::{CallError, CallErrorKind, Pace};

/// The attributes of an item by their names.
pub(super) type Item = HashMap<String, AttributeValue>;

/// What lies between two calls of one operation. A partition of a table takes 3,000 units of reading a second, and a
/// page of a query up to 256.
///
/// Source: `DynamoDB` developer guide, "Service, account, and table quotas", read 2026-11-24; the number is ours.
const INTERVAL: Duration = Duration::from_millis(10);
/// What an item takes of the time of its partition, which has 1,000 units of writing a second; an item of up to a
/// kilobyte takes two of them in a transaction.
///
/// Source: `DynamoDB` developer guide, "Read and write operations", read 2026-11-24.
const ITEM_WRITE_TIME: Duration = Duration::from_millis(2);
/// Most items of a transaction.
///
/// Source: API model of `DynamoDB`, `TransactWriteItemList`, read 2026-11-24.
pub(super) const TRANSACTION_ITEMS_MAX: usize = 100;
/// Most pages of a query: a page has up to a megabyte.
const PAGES_MAX: usize = 1_000;
/// Items of a page of which the first may be enough.
const FEW: i32 = 16;
/// What a transaction is called in permissions: it has no action of its own.
const WRITING: &str = "dynamodb:PutItem";

/// The table of the ledger, as one caller sees it. Clones share its pace.
#[derive(Debug, Clone)]
pub(super) struct Table {
    client: Client,
    pace: Pace,
    name: String,
}

/// Items of one partition whose sort keys lie between two, both included.
#[derive(Debug)]
pub(super) struct Range<'a> {
    pub(super) repository: &'a str,
    pub(super) first: String,
    pub(super) last: String,
    pub(super) direction: Direction,
}

/// In which order the items of a range come.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Direction {
    /// Ascending, in pages as large as they may be.
    Ascending,
    /// Ascending, a few at a time: the first may be enough.
    FirstFew,
    /// Descending, a few at a time.
    LastFew,
}

/// Whether a reader wants more of a range.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Appetite {
    More,
    Enough,
}

/// One thing of several that happen together or not at all.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Action {
    /// A whole item is written.
    Put(Item, Only),
    /// Nothing is written to an item, and it has to be so.
    Check(Key, Only),
    /// The number of writes beside an item goes up by one, if the item has this version.
    Count(Key, u64),
}

/// What must be so of an item.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Only {
    /// Nothing.
    Always,
    /// There is none yet.
    New,
    /// Its `version` is this; it has none, where this is 0.
    Version(u64),
    /// Its `version` is this, and so many writes were counted since.
    Untouched { version: u64, writes: u64 },
}

impl Table {
    pub(super) fn new(config: &SdkConfig, name: &str) -> Self {
        // As the other clients have it: each call is repeated as often as it may, whatever the others have come to.
        let partition = RetryPartition::custom("ledger").token_bucket(TokenBucket::unlimited()).build();
        let config = aws_sdk_dynamodb::config::Builder::from(config).retry_partition(partition).build();
        Self { client: Client::from_conf(config), pace: Pace::every(INTERVAL), name: name.to_owned() }
    }

    pub(super) fn name(&self) -> &str {
        &self.name
    }

    /// To make tables with, in tests.
    #[cfg(test)]
    pub(super) const fn client(&self) -> &Client {
        &self.client
    }

    /// The item of this key as it is now, where there is one.
    pub(super) async fn get(&self, key: &Key) -> Result<Option<Item>, LedgerError> {
        let _turn = self.pace.turn("GetItem").await;
        let call = self.client.get_item().table_name(&self.name).consistent_read(true);
        let sent = call.set_key(Some(attributes_of(key))).send().await;
        let answer = sent.map_err(|error| self.failed("dynamodb:GetItem", &error))?;
        Ok(answer.item)
    }

    /// Hands the items of a range to `each`, page by page, as they are now. After a page with which it has enough there
    /// is no other.
    pub(super) async fn query(
        &self,
        range: &Range<'_>,
        mut each: impl FnMut(Vec<Item>) -> Result<Appetite, LedgerError>,
    ) -> Result<(), LedgerError> {
        let mut start = None;
        for _ in 0..PAGES_MAX {
            let _turn = self.pace.turn("Query").await;
            let call = self
                .client
                .query()
                .table_name(&self.name)
                .consistent_read(true)
                .key_condition_expression("#repository = :repository AND #item BETWEEN :first AND :last")
                .expression_attribute_names("#repository", "repository")
                .expression_attribute_names("#item", "item")
                .expression_attribute_values(":repository", text(range.repository))
                .expression_attribute_values(":first", text(&range.first))
                .expression_attribute_values(":last", text(&range.last));
            let call = match range.direction {
                Direction::Ascending => call,
                Direction::FirstFew => call.limit(FEW),
                Direction::LastFew => call.limit(FEW).scan_index_forward(false),
            };
            let sent = call.set_exclusive_start_key(start.take()).send().await;
            let answer = sent.map_err(|error| self.failed("dynamodb:Query", &error))?;
            start = answer.last_evaluated_key;
            let appetite = each(answer.items.unwrap_or_default())?;
            if start.is_none() || appetite == Appetite::Enough {
                return Ok(());
            }
        }
        let call = CallError::endless("dynamodb:Query", PAGES_MAX);
        Err(LedgerError::Call { table: self.name.clone(), call })
    }

    /// Does these together, or none of them. A request that is repeated because its answer was lost is recognised by
    /// its token, which the SDK makes.
    pub(super) async fn write(&self, actions: Vec<Action>) -> Result<Result<(), Setback>, LedgerError> {
        let time = ITEM_WRITE_TIME * u32::try_from(actions.len()).unwrap_or(u32::MAX);
        let actions: Result<Vec<_>, _> = actions.into_iter().map(|action| self.action(action)).collect();
        let actions = actions.map_err(|error| self.refused(&error.to_string()))?;
        let _turn = self.pace.turn("TransactWriteItems").await;
        let earliest_end = tokio::time::Instant::now() + time;
        let sent = self.client.transact_write_items().set_transact_items(Some(actions)).send().await;
        let Err(error) = sent else {
            tokio::time::sleep_until(earliest_end).await;
            return Ok(Ok(()));
        };
        self.setback(&error).map(Err).ok_or_else(|| self.failed(WRITING, &error))
    }

    /// Writes one item, if this is so of the one that is there.
    pub(super) async fn put(&self, item: Item, only: Only) -> Result<Result<(), Setback>, LedgerError> {
        let (condition, names, values) = expression(only);
        let _turn = self.pace.turn("PutItem").await;
        let call = self.client.put_item().table_name(&self.name).set_item(Some(item));
        let call = call.set_condition_expression(condition);
        let call = call.set_expression_attribute_names(names).set_expression_attribute_values(values);
        match call.send().await {
            Ok(_) => Ok(Ok(())),
            Err(error) if error.code() == Some("ConditionalCheckFailedException") => Ok(Err(Setback::Raced)),
            Err(error) if error.code() == Some("TransactionConflictException") => Ok(Err(Setback::Raced)),
            // A request whose answer was lost is repeated by the SDK, and then finds what it has written itself: the
            // caller looks again, and sees that there is nothing left to do.
            Err(error) => Err(self.failed("dynamodb:PutItem", &error)),
        }
    }

    fn action(&self, action: Action) -> Result<TransactWriteItem, BuildError> {
        let builder = TransactWriteItem::builder();
        Ok(match action {
            Action::Put(item, only) => {
                let (condition, names, values) = expression(only);
                let put = Put::builder().table_name(&self.name).set_item(Some(item));
                let put = put.set_condition_expression(condition);
                let put = put.set_expression_attribute_names(names).set_expression_attribute_values(values);
                builder.put(put.build()?).build()
            }
            Action::Check(key, only) => {
                let (condition, names, values) = expression(only);
                let check =
                    ConditionCheck::builder().table_name(&self.name).set_key(Some(attributes_of(&key)));
                let check = check.set_condition_expression(condition);
                let check =
                    check.set_expression_attribute_names(names).set_expression_attribute_values(values);
                builder.condition_check(check.build()?).build()
            }
            Action::Count(key, version) => {
                let (condition, names, values) = expression(Only::Version(version));
                let update = Update::builder().table_name(&self.name).set_key(Some(attributes_of(&key)));
                let update = update
                    .update_expression("SET #format_version = :format_version ADD #writes :one")
                    .set_condition_expression(condition)
                    .set_expression_attribute_names(names)
                    .set_expression_attribute_values(values)
                    .expression_attribute_names("#format_version", "format_version")
                    .expression_attribute_names("#writes", "writes")
                    .expression_attribute_values(":format_version", number(FORMAT_VERSION))
                    .expression_attribute_values(":one", number(1));
                builder.update(update.build()?).build()
            }
        })
    }

    /// Why a transaction was not written, where it may be tried again.
    ///
    /// Source: API model of `DynamoDB`, `TransactionCanceledException`, read 2026-11-24.
    fn setback(&self, error: &SdkError<TransactWriteItemsError, HttpResponse>) -> Option<Setback> {
        let cancelled = match error.as_service_error()? {
            TransactWriteItemsError::TransactionCanceledException(cancelled) => cancelled,
            // The same request, sent before by the same call, is still under way.
            TransactWriteItemsError::TransactionInProgressException(_) => return Some(Setback::Raced),
            _ => return None,
        };
        let codes = || cancelled.cancellation_reasons().iter().filter_map(|reason| reason.code());
        let any = |of: &[&str]| codes().any(|code| of.contains(&code));
        if any(&["ValidationError", "ItemCollectionSizeLimitExceeded"]) {
            return None;
        }
        if any(&["ConditionalCheckFailed", "TransactionConflict"]) {
            return Some(Setback::Raced);
        }
        let is_exhausted = any(&["ProvisionedThroughputExceeded", "ThrottlingError"]);
        if is_exhausted {
            self.pace.throttled();
        }
        is_exhausted.then_some(Setback::Exhausted)
    }

    /// The failure of a call after its retries. `DynamoDB` has words of its own for what other services call otherwise.
    ///
    /// Source: `DynamoDB` developer guide, "Error handling", read 2026-11-24.
    fn failed<E>(&self, operation: &str, error: &SdkError<E, HttpResponse>) -> LedgerError
    where
        E: ProvideErrorMetadata + std::error::Error + 'static,
    {
        let call = CallError::of(operation, error);
        let kind = match call.code.as_deref() {
            Some("ProvisionedThroughputExceededException") => CallErrorKind::Throttled,
            Some(_) | None => call.kind,
        };
        if kind == CallErrorKind::Throttled {
            self.pace.throttled();
        }
        LedgerError::Call { table: self.name.clone(), call: CallError { kind, ..call } }
    }

    /// The failure of what was tried too often.
    pub(super) fn given_up(&self, setback: Setback, key: &Key, tries: u32) -> LedgerError {
        let table = self.name.clone();
        match setback {
            Setback::Raced => {
                let Key { repository, item } = key.clone();
                LedgerError::Contended { table, repository, item, tries }
            }
            Setback::Exhausted => {
                let call = CallError {
                    operation: WRITING.to_owned(),
                    kind: CallErrorKind::Throttled,
                    code: Some("TransactionCanceledException".to_owned()),
                    cause: format!("there was no capacity for a transaction in {tries} tries"),
                };
                LedgerError::Call { table, call }
            }
        }
    }

    fn refused(&self, cause: &str) -> LedgerError {
        let (operation, cause) = (WRITING.to_owned(), cause.to_owned());
        let call = CallError { operation, kind: CallErrorKind::Refused, code: None, cause };
        LedgerError::Call { table: self.name.clone(), call }
    }
}

/// A condition as an expression, with what its placeholders stand for. Every name has one: some are reserved.
fn expression(only: Only) -> (Option<String>, Option<HashMap<String, String>>, Option<Item>) {
    let (mut terms, mut names, mut values) = (Vec::new(), HashMap::new(), HashMap::new());
    let mut is = |name: &str, wanted: Option<u64>| {
        names.insert(format!("#{name}"), name.to_owned());
        match wanted {
            None => terms.push(format!("attribute_not_exists(#{name})")),
            Some(wanted) => {
                values.insert(format!(":{name}"), number(wanted));
                terms.push(format!("#{name} = :{name}"));
            }
        }
    };
    match only {
        Only::Always => return (None, None, None),
        Only::New => is("item", None),
        Only::Version(version) => is("version", Some(version).filter(|&version| version != 0)),
        Only::Untouched { version, writes } => {
            is("version", Some(version).filter(|&version| version != 0));
            is("writes", Some(writes).filter(|&writes| version != 0 || writes != 0));
        }
    }
    (Some(terms.join(" AND ")), Some(names), Some(values).filter(|values| !values.is_empty()))
}

fn attributes_of(key: &Key) -> Item {
    HashMap::from([("repository".to_owned(), text(&key.repository)), ("item".to_owned(), text(&key.item))])
}
