//! What was asked of AWS, as it is written down.

use demurrage_aws::{CallLine, Tally};
use demurrage_contract::documents::Calls;

/// The line as documents have it.
pub fn calls(line: &CallLine) -> Calls {
    tallied(line.operation, line.tally)
}

/// What happened to the requests of an operation, as documents have it.
pub fn tallied(operation: &str, tally: Tally) -> Calls {
    let Tally { sent, throttled, failed } = tally;
    Calls { operation: operation.to_owned(), sent, throttled, failed }
}
