//! Access policies of repositories and registries: reading them, who may do what by them, and how far it reaches.
//!
//! [`AccessPolicy::parse`] reads a policy of IAM's grammar, [`grants`] says who may do what, and [`reach`] whether
//! that leaves the account and those who are allowed. All of it errs to the wide side: whoever gets something is
//! reached by some grant, and what is not sure has a [`Doubt`].
//!
//! It assumes one policy at a time, and leaves out every other kind of policy: those can only take away more.

mod account_id;
mod actions;
mod address_range;
mod allowed_principals;
mod arn_pattern;
mod condition;
mod deny;
mod ecr_action;
mod glob;
mod grant;
mod judge;
mod narrowing;
mod policy;
mod policy_error;
mod principal;
mod reach;
mod reader;

pub use account_id::{AccountId, AccountIdError};
pub use actions::{ActionPattern, Actions, GrantedActions};
pub use allowed_principals::AllowedPrincipals;
pub use arn_pattern::{ArnPattern, ArnPatternError};
pub use condition::{Absence, Condition, Operator, Quantifier};
pub use ecr_action::{ActionClass, EcrAction};
pub use grant::{Certainty, Doubt, Grant, Grantee, IdleCondition, WhyIdle, grants};
pub use narrowing::{Admitted, CallerKey, NarrowedBy, Narrowing, Network};
pub use policy::{AccessPolicy, Effect, PolicyVersion, Principals, Resources, Statement, StatementRef};
pub use policy_error::{AccessPolicyError, PolicyPlace};
pub use principal::{Principal, PrincipalArn};
pub use reach::{Outsider, Reach, reach};
