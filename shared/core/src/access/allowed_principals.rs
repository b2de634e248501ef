//! Who outside of an account may be granted something.

use std::collections::BTreeSet;

use super::{AccountId, ArnPattern};
use crate::Wildcard;

/// Those outside of an account to whom its policies may grant something; the account itself always may.
///
/// ```
/// # use demurrage_core::access::{AccountId, AllowedPrincipals};
/// let allowed = AllowedPrincipals {
///     accounts: [AccountId::parse("210987654321")?].into(),
///     organizations: ["o-a1b2c3d4e5".to_owned()].into(),
///     ..AllowedPrincipals::default()
/// };
/// assert!(allowed.services.is_empty());
/// # Ok::<(), demurrage_core::access::AccountIdError>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct AllowedPrincipals {
    /// Accounts, with all of their principals, and services that act for them.
    pub accounts: BTreeSet<AccountId>,
    /// Ids of organisations (`o-…`), with all of their accounts.
    pub organizations: BTreeSet<String>,
    /// AWS services, on whoever's behalf they act, as patterns of their names: `lambda.amazonaws.com`.
    pub services: Vec<Wildcard>,
    /// Users, roles, sessions and resources that services act for, as patterns of their ARNs.
    pub principals: Vec<ArnPattern>,
}
