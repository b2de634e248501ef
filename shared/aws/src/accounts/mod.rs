//! Other accounts: which there are in an organization, and sessions in them by a role that each has.
//!
//! The own account is always asked as whoever asks, so that one account needs no role. A role that is refused is an
//! error of that account alone. It leaves out what is asked in an account.
//!
//! - [`AccountSessions`], [`AssumedRole`]: a session for each account, opened once.
//! - [`organization_accounts`]: the accounts of an organization, or of some of its units.

mod account_sessions;
mod actions;
mod organization;
mod role_credentials;

pub use account_sessions::AccountSessions;
pub use actions::{ASSUME_ACTIONS, ORGANIZATION_ACTIONS};
pub use organization::{OrganizationAccounts, organization_accounts};
pub use role_credentials::AssumedRole;
