//! How often repositories were pulled from, as `CloudWatch` has counted it: one figure for each repository.
//!
//! It assumes the metric `RepositoryPullCount`, which ECR puts for private repositories. Leaves out who pulled, what and
//! from where, which no metric says, and what that costs: [`demurrage_core::cost::pull_costs`].
//!
//! - [`PullCounter`]: asks for the pulls of many repositories.

mod counter;
mod figures;
#[cfg(test)]
mod tests;

pub use counter::PullCounter;

/// The calls that counting may make, as IAM names them.
pub const ACTIONS: [&str; 1] = ["cloudwatch:GetMetricData"];
