//! What was asked of AWS, as it is written down.

use demurrage_aws::CallLine;
use demurrage_contract::documents::Calls;

/// The line as documents have it.
pub fn calls(line: &CallLine) -> Calls {
    Calls {
        operation: line.operation.to_owned(),
        sent: line.tally.sent,
        throttled: line.tally.throttled,
        failed: line.tally.failed,
    }
}
