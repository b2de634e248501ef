//! The tag ledger of a deployment: which image each tag is on, and was on, in a table of `DynamoDB`.
//!
//! It assumes a table whose partition key is `repository` and whose sort key is `item`, both text, and whose items
//! expire by `expires_at`. It leaves out every decision: what an observation of a tag changes is the core's business
//! ([`demurrage_core::ledger`]).
//!
//! - [`TagLedger`]: learns events and inventories, and hands out all that is kept of a repository.
//! - [`Learned`]: what that means for whoever raises an alarm.

mod attributes;
mod deletion_item;
mod event;
mod head_item;
mod inventory_item;
mod key;
mod learned;
mod ledger_error;
mod load;
mod mutability_item;
mod observation_item;
mod reconcile;
mod table;
mod tag_ledger;
#[cfg(test)]
mod tests;
mod tries;

pub use learned::{Learned, Telling};
pub use ledger_error::LedgerError;
pub use tag_ledger::TagLedger;

/// The calls that learning an event may make, as IAM names them. Transactions have no names of their own.
pub const EVENT_ACTIONS: [&str; 5] = [
    "dynamodb:ConditionCheckItem",
    "dynamodb:GetItem",
    "dynamodb:PutItem",
    "dynamodb:Query",
    "dynamodb:UpdateItem",
];

/// The calls that reconciling an inventory may make.
pub const RECONCILE_ACTIONS: [&str; 4] =
    ["dynamodb:ConditionCheckItem", "dynamodb:PutItem", "dynamodb:Query", "dynamodb:UpdateItem"];

/// The calls that reading all of a repository may make.
pub const LOAD_ACTIONS: [&str; 1] = ["dynamodb:Query"];
