//! What a run has found, to where people look: figures to `CloudWatch`, a notice to a topic of SNS.
//!
//! It assumes that the figures are final and their texts short enough. Leaves out what they say: the catalogue
//! of metrics is the core's ([`demurrage_core::metric`]), the words of a notice are the report's.
//!
//! - [`Gauge`]: one figure, with whose it is.
//! - [`Publisher`]: sends figures and notices.

mod batches;
mod gauge;
mod publisher;
#[cfg(test)]
mod tests;

pub use gauge::{Gauge, GaugeError};
pub use publisher::Publisher;

/// The calls that publishing may make, as IAM names them.
pub const ACTIONS: [&str; 2] = ["cloudwatch:PutMetricData", "sns:Publish"];
