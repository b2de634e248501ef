//! A resource policy as it was written: its statements, read but not yet judged.

use super::{AccessPolicyError, Actions, Condition, Principal, reader};

/// A policy of a repository or of a registry.
///
/// ```
/// # use demurrage_core::access::{AccessPolicy, Effect, Principal, Principals};
/// let policy = AccessPolicy::parse(r#"{"Version": "2012-10-17", "Statement": {
///   "Effect": "Allow", "Principal": "*", "Action": "ecr:BatchGetImage"}}"#)?;
/// assert_eq!(policy.statements.len(), 1);
/// assert_eq!(policy.statements[0].principals, Principals::Only(vec![Principal::Everyone]));
/// # Ok::<(), demurrage_core::access::AccessPolicyError>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AccessPolicy {
    /// The language in which it is written.
    pub version: PolicyVersion,
    /// Its `Id`.
    pub id: Option<String>,
    /// Its statements, in their order.
    pub statements: Vec<Statement>,
}

impl AccessPolicy {
    /// Reads the text of a policy.
    ///
    /// It is strict where IAM is: what it does not know is an error, so that nothing is granted unseen.
    ///
    /// # Errors
    /// When the text has more than 32 KiB, is not JSON, or is not of the grammar; the first place is named.
    pub fn parse(text: &str) -> Result<Self, AccessPolicyError> {
        reader::read(text)
    }
}

/// The version of the policy language.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum PolicyVersion {
    /// `2008-10-17`, also where the policy names none: `${…}` is ordinary text.
    V2008,
    /// `2012-10-17`: `${…}` is a variable.
    V2012,
}

/// One statement of a policy.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Statement {
    /// Which statement of the policy.
    pub place: StatementRef,
    /// Whether it grants or denies.
    pub effect: Effect,
    /// Whom it is about.
    pub principals: Principals,
    /// What it is about.
    pub actions: Actions,
    /// On which resources.
    pub resources: Resources,
    /// When it applies: all of them have to hold.
    pub conditions: Vec<Condition>,
}

/// Which statement of a policy.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct StatementRef {
    /// Its place, from 0.
    pub index: usize,
    /// Its `Sid`.
    pub sid: Option<String>,
}

/// Whether a statement grants or denies. What is denied by one statement is not granted by another.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Effect {
    /// It grants.
    Allow,
    /// It denies.
    Deny,
}

/// Whom a statement is about.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Principals {
    /// `Principal`: these.
    Only(Vec<Principal>),
    /// `NotPrincipal`: all but these.
    Except(Vec<Principal>),
}

/// On which resources a statement is.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Resources {
    /// It does not say so: on the repository that has the policy.
    Unstated,
    /// `Resource`: patterns of ARNs.
    Only(Vec<String>),
    /// `NotResource`: all but these.
    Except(Vec<String>),
}
